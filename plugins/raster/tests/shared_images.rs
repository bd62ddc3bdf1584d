//! Real and damaged files with answers from independent decoders, where the folder of shared test files is there.

// In a test a panic is the report.
#![allow(clippy::unwrap_used)]

mod support;

use lightbox_sdk::pixels::OwnedPixels;
use lightbox_sdk::{DecodeMode, PixelFormat};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::path::Path;
use support::{find_test_data, read, recognise};

const ALL_MODES: [DecodeMode; 3] = [DecodeMode::Stored, DecodeMode::Display, DecodeMode::Modality16];

fn entries(folder: &Path, starts: &[&str]) -> Vec<Value> {
    let manifest: Value = serde_json::from_slice(&std::fs::read(folder.join("manifest.json")).unwrap()).unwrap();
    let wanted = |entry: &Value| {
        let path = entry["path"].as_str().unwrap();
        let is_picture = [".png", ".jpg", ".jpeg"].iter().any(|end| path.ends_with(end));
        is_picture && starts.iter().any(|start| path.starts_with(start)) && entry["expect"] != "reference"
    };
    manifest["entries"].as_array().unwrap().iter().filter(|entry| wanted(entry)).cloned().collect()
}

/// What is wrong with what this plugin makes of a file; `None` when all is as the manifest says.
fn find_difference(folder: &Path, entry: &Value) -> Option<String> {
    let path = entry["path"].as_str()?;
    let bytes = std::fs::read(folder.join(path)).unwrap();
    let outcome = match recognise(&bytes) {
        Some(format) => read(format, &bytes, &ALL_MODES).map_err(|error| error.to_string()),
        None => Err("no format knows it".to_owned()),
    };
    match (entry["expect"].as_str().unwrap(), outcome) {
        ("decode", Err(error)) => Some(format!("{path} should be read: {error}")),
        ("reject", Ok(_)) => Some(format!("{path} should be refused ({})", entry["why"])),
        ("decode", Ok((_, pictures))) => {
            find_wrong_pixels(folder, entry, &pictures).map(|what| format!("{path} {what}"))
        }
        _ => None,
    }
}

fn find_wrong_pixels(folder: &Path, entry: &Value, pictures: &[OwnedPixels]) -> Option<String> {
    let (stored, shown) = (&pictures[0], &pictures[1]);
    let image = &entry["image"];
    if let Some(expected) = image["rgba8_sha256"].as_str() {
        let found = hex(&Sha256::digest(to_rgba(shown)));
        return (found != expected).then(|| format!("has other RGBA pixels: {found}"));
    }
    if let Some(expected) = image["samples16be_sha256"].as_str() {
        let found = hex(&Sha256::digest(to_big_endian(stored, image["color"].as_str().unwrap())));
        return (found != expected).then(|| format!("has other 16-bit samples: {found}"));
    }
    if let Some(reference) = entry["reference_png"].as_str() {
        let bytes = std::fs::read(folder.join(reference)).unwrap();
        let (_, expected) = read(recognise(&bytes).unwrap(), &bytes, &[DecodeMode::Display]).unwrap();
        let (found, expected) = (to_rgba(shown), to_rgba(&expected[0]));
        let worst = found.iter().zip(&expected).map(|(one, other)| one.abs_diff(*other)).max();
        return (found.len() != expected.len() || worst > Some(2)).then(|| format!("differs by {worst:?}"));
    }
    let expected = image["mean_rgb"].as_array()?;
    let found = mean(&to_rgba(shown));
    let near = expected.iter().zip(found).all(|(expected, found)| (expected.as_f64().unwrap() - found).abs() < 0.05);
    (!near).then(|| format!("has the mean {found:?} instead of {expected:?}"))
}

/// 16-bit samples of the channels that the file's colour type has; transparency by a single colour adds one.
fn to_big_endian(picture: &OwnedPixels, color: &str) -> Vec<u8> {
    let kept = match color {
        "gray" => 1,
        "gray+alpha" => 2,
        "rgb" => 3,
        _ => 4,
    };
    let pixels = picture.samples.chunks_exact(picture.format.unwrap().bytes_per_pixel());
    pixels.flat_map(|pixel| pixel[..kept * 2].chunks_exact(2).flat_map(|pair| [pair[1], pair[0]])).collect()
}

fn mean(rgba: &[u8]) -> [f64; 3] {
    let count = rgba.len() as f64 / 4.0;
    [0, 1, 2].map(|channel| rgba.iter().skip(channel).step_by(4).map(|sample| f64::from(*sample)).sum::<f64>() / count)
}

fn to_rgba(picture: &OwnedPixels) -> Vec<u8> {
    let format = picture.format.unwrap();
    let expand = |pixel: &[u8]| match format {
        PixelFormat::Gray8 => [pixel[0], pixel[0], pixel[0], 255],
        PixelFormat::GrayAlpha8 => [pixel[0], pixel[0], pixel[0], pixel[1]],
        PixelFormat::Rgb8 => [pixel[0], pixel[1], pixel[2], 255],
        PixelFormat::Rgba8 => [pixel[0], pixel[1], pixel[2], pixel[3]],
        other => panic!("{other:?} is no 8-bit format"),
    };
    picture.samples.chunks_exact(format.bytes_per_pixel()).flat_map(expand).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn ordinary_pictures_are_read_as_other_decoders_read_them() {
    let Some(folder) = find_test_data("ordinary pictures") else { return };
    let entries = entries(&folder, &["images/"]);
    assert!(entries.len() > 100, "the manifest lists {} pictures", entries.len());
    let wrong: Vec<String> = entries.iter().filter_map(|entry| find_difference(&folder, entry)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn damaged_pictures_are_refused_and_nothing_panics() {
    let Some(folder) = find_test_data("damaged pictures") else { return };
    let entries = entries(&folder, &["malformed/"]);
    assert!(entries.len() > 80, "the manifest lists {} damaged pictures", entries.len());
    let wrong: Vec<String> = entries.iter().filter_map(|entry| find_difference(&folder, entry)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_jpeg_that_is_cut_in_its_pixels_is_refused_and_never_shown_grey() {
    let Some(folder) = find_test_data("cut JPEG") else { return };
    let bytes = std::fs::read(folder.join("malformed/generated-jpg/truncated-half.jpg")).unwrap();
    let error = read(recognise(&bytes).unwrap(), &bytes, &ALL_MODES).unwrap_err();
    assert!(matches!(error, lightbox_sdk::Error::Corrupt(_)), "{error:?}");
}

#[test]
fn the_orientation_of_exif_is_told_and_not_applied() {
    let Some(folder) = find_test_data("EXIF orientation") else { return };
    for entry in entries(&folder, &["images/exif-orientation/"]) {
        let bytes = std::fs::read(folder.join(entry["path"].as_str().unwrap())).unwrap();
        let (metadata, _) = read(recognise(&bytes).unwrap(), &bytes, &[]).unwrap();
        let expected = entry["image"]["exif_orientation"].as_u64().filter(|value| *value > 1);
        assert_eq!(metadata.exif_orientation.map(u64::from), expected, "{}", entry["path"]);
        assert_eq!(metadata.findings.len(), usize::from(expected.is_some()));
        assert_eq!(Some(u64::from(metadata.width)), entry["image"]["width"].as_u64());
    }
}

#[test]
fn a_picture_in_cmyk_has_the_colours_of_its_twin_in_ycbcr() {
    let Some(folder) = find_test_data("CMYK") else { return };
    let means = ["flower_small.cmyk.jpg", "flower_small.q85_420_non_interleaved.jpg"].map(|name| {
        let bytes = std::fs::read(folder.join("images/jpg").join(name)).unwrap();
        mean(&to_rgba(&read(recognise(&bytes).unwrap(), &bytes, &[DecodeMode::Display]).unwrap().1[0]))
    });
    assert!((0..3).all(|channel| (means[0][channel] - means[1][channel]).abs() < 1.0), "{means:?}");
}
