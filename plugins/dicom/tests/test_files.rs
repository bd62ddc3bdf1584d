//! Every DICOM file of the shared test data against the picture that independent toolkits make of it.
//!
//! The data is not part of the project: `LIGHTBOX_TEST_DATA` names its folder, else `../shared/data` beside the
//! checkout is looked at. Without it the tests say SKIPPED.

#![allow(clippy::unwrap_used, reason = "a test whose files cannot be read has to fail")]

mod support;

use lightbox_sdk::{DecodeMode, Error};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use support::{decode, display, metadata};

/// Files that cannot be read yet, one path a line; the list may only shrink.
const NOT_YET: &str = include_str!("not_yet.txt");

fn root() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let root = std::env::var_os("LIGHTBOX_TEST_DATA").map_or_else(beside, PathBuf::from);
    if root.join("manifest.json").is_file() {
        return Some(root);
    }
    eprintln!("SKIPPED: {} has no manifest.json; set LIGHTBOX_TEST_DATA to the folder of test data", root.display());
    None
}

fn entries(root: &Path) -> Vec<Value> {
    let manifest: Value = serde_json::from_slice(&std::fs::read(root.join("manifest.json")).unwrap()).unwrap();
    manifest["entries"].as_array().unwrap().iter().filter(|entry| is_dicom(entry)).cloned().collect()
}

fn is_dicom(entry: &Value) -> bool {
    let (kind, path) = (entry["kind"].as_str().unwrap(), entry["path"].as_str().unwrap());
    let is_malformed = kind.starts_with("malformed") && (path.contains("dicom") || path.ends_with(".dcm"));
    kind == "dicom" || is_malformed
}

fn is_not_yet(path: &str) -> bool {
    NOT_YET.lines().any(|line| line == path)
}

/// Holds the picture of frame 0 against the expected one; `Err` says how far off it is.
fn compare(root: &Path, entry: &Value, bytes: &[u8]) -> Result<(), String> {
    let pixels = display(bytes).map_err(|error| format!("refused: {error}"))?;
    let render = &entry["render"];
    let (width, height, expected) = expected(&root.join(render["png"].as_str().unwrap()));
    if (pixels.width, pixels.height) != (width, height) {
        return Err(format!("{} × {} instead of {width} × {height}", pixels.width, pixels.height));
    }
    if pixels.samples.len() != expected.len() {
        return Err(format!("{} samples instead of {}", pixels.samples.len(), expected.len()));
    }
    let differences = pixels.samples.iter().zip(&expected).map(|(found, expected)| found.abs_diff(*expected));
    let largest = differences.clone().max().unwrap_or(0);
    let mean = differences.map(f64::from).sum::<f64>() / expected.len() as f64;
    let tolerance = &render["tolerance"];
    if f64::from(largest) <= tolerance["max_abs"].as_f64().unwrap() && mean <= tolerance["mean_abs"].as_f64().unwrap() {
        return Ok(());
    }
    Err(format!("off by {largest} at most and {mean:.3} on average, tolerance {tolerance}"))
}

fn expected(path: &Path) -> (u32, u32, Vec<u8>) {
    let mut decoder = png::Decoder::new(std::io::BufReader::new(std::fs::File::open(path).unwrap()));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    let mut samples = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut samples).unwrap();
    samples.truncate(info.buffer_size());
    (info.width, info.height, samples)
}

#[test]
fn every_file_gives_the_expected_picture_or_a_named_error() {
    let Some(root) = root() else { return };
    let (mut failures, mut counts) = (Vec::new(), BTreeMap::<(String, &str), usize>::new());
    for entry in entries(&root) {
        let path = entry["path"].as_str().unwrap();
        let expect = entry["expect"].as_str().unwrap();
        let bytes = std::fs::read(root.join(path)).unwrap();
        let outcome = match expect {
            "render" if is_not_yet(path) => refused(&bytes),
            "render" => compare(&root, &entry, &bytes).map(|()| "shown"),
            "render-lenient" => lenient(&root, &entry, &bytes),
            "either" => Ok(display(&bytes).map_or("refused", |_| "shown")),
            "no-image" | "reject" => refused(&bytes),
            other => Err(format!("the manifest expects {other}, which this test does not know")),
        };
        match outcome {
            Ok(outcome) => *counts.entry((expect.to_owned(), outcome)).or_default() += 1,
            Err(failure) => failures.push(format!("{path} ({expect}): {failure}")),
        }
    }
    eprintln!("{counts:#?}");
    assert!(failures.is_empty(), "{} files:\n{}", failures.len(), failures.join("\n"));
}

fn lenient(root: &Path, entry: &Value, bytes: &[u8]) -> Result<&'static str, String> {
    if display(bytes).is_err() { refused(bytes) } else { compare(root, entry, bytes).map(|()| "shown") }
}

/// Refused with a sentence, and never for a bug.
fn refused(bytes: &[u8]) -> Result<&'static str, String> {
    match display(bytes) {
        Ok(_) => Err("a picture was shown".to_owned()),
        Err(Error::Internal(message)) => Err(format!("internal error: {message}")),
        Err(error) if error.to_string().len() < 20 => Err(format!("refused without a sentence: {error}")),
        Err(_) => Ok("refused"),
    }
}

#[test]
fn files_without_a_picture_are_told_from_broken_ones() {
    let Some(root) = root() else { return };
    for entry in entries(&root).iter().filter(|entry| entry["expect"] == "no-image") {
        let path = entry["path"].as_str().unwrap();
        let bytes = std::fs::read(root.join(path)).unwrap();
        if let Err(error) = metadata(&bytes)
            && !matches!(error, Error::NoPixels(_))
        {
            eprintln!("{path}: {error}");
        }
    }
}

#[test]
fn every_frame_of_every_file_that_is_shown_decodes_in_every_mode() {
    let Some(root) = root() else { return };
    for entry in entries(&root).iter().filter(|entry| entry["expect"] == "render") {
        let path = entry["path"].as_str().unwrap();
        let bytes = std::fs::read(root.join(path)).unwrap();
        let Ok(metadata) = metadata(&bytes) else { continue };
        for frame in [0, metadata.frame_count - 1] {
            for mode in [DecodeMode::Display, DecodeMode::Modality16, DecodeMode::Stored] {
                if let Err(error) = decode(&bytes, frame, mode) {
                    assert!(is_not_yet(path), "{path}, frame {frame}, {mode:?}: {error}");
                }
            }
        }
    }
}

#[test]
fn probing_claims_every_dicom_file_and_no_other() {
    use lightbox_sdk::ImageFormat;
    let Some(root) = root() else { return };
    let manifest: Value = serde_json::from_slice(&std::fs::read(root.join("manifest.json")).unwrap()).unwrap();
    for entry in manifest["entries"].as_array().unwrap() {
        let path = entry["path"].as_str().unwrap();
        let bytes = std::fs::read(root.join(path)).unwrap();
        let head = &bytes[..bytes.len().min(4096)];
        let confidence = lightbox_plugin_dicom::Dicom.probe(head, bytes.len() as u64, path);
        let is_shown = matches!(entry["expect"].as_str(), Some("render" | "render-lenient"));
        if is_shown && is_dicom(entry) {
            assert!(confidence >= 70, "{path}: {confidence}");
        } else if !is_dicom(entry) {
            assert_eq!(confidence, 0, "{path}");
        }
    }
}

#[test]
fn header_and_identity_are_those_of_the_manifest() {
    let Some(root) = root() else { return };
    for entry in entries(&root).iter().filter(|entry| entry["expect"] == "render") {
        let path = entry["path"].as_str().unwrap();
        let told = metadata(&std::fs::read(root.join(path)).unwrap()).unwrap();
        let (dicom, identity) = (&entry["dicom"], told.dicom.unwrap());
        let numbers = [("rows", told.height), ("columns", told.width), ("samples_per_pixel", told.samples_per_pixel)];
        for (name, number) in numbers.into_iter().chain([("bits_stored", told.bits_per_sample)]) {
            let expected = dicom[name].as_u64();
            assert!(expected.is_none_or(|expected| expected == u64::from(number)), "{path}: {name} {number}");
        }
        let texts = [
            ("study_instance_uid", identity.study_instance_uid),
            ("series_instance_uid", identity.series_instance_uid),
            ("sop_instance_uid", identity.sop_instance_uid),
            ("modality", identity.modality),
        ];
        for (name, text) in texts {
            assert_eq!(text.as_deref(), dicom[name].as_str().filter(|text| !text.is_empty()), "{path}: {name}");
        }
    }
}

#[test]
fn elements_of_every_file_are_json_with_its_own_uid() {
    use lightbox_sdk::{Call, ImageFormat};
    let Some(root) = root() else { return };
    let call = Call::unlimited();
    for entry in entries(&root).iter().filter(|entry| entry["expect"] == "render") {
        let path = entry["path"].as_str().unwrap();
        let bytes = std::fs::read(root.join(path)).unwrap();
        let text = lightbox_plugin_dicom::Dicom.open(&bytes, &call).unwrap().elements(&call).unwrap().unwrap();
        let json: Value = serde_json::from_str(&text).unwrap();
        assert!(json.as_object().unwrap().len() > 5, "{path}");
        assert!(json.get("7FE00010").is_none(), "{path}");
        if let Some(uid) = entry["dicom"]["sop_instance_uid"].as_str() {
            assert_eq!(json["00080018"]["Value"][0], uid, "{path}");
        }
    }
}
