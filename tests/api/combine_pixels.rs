//! DICOM that became PNG: the pixels themselves, and what was said of frames.

use crate::combine::{Source, combine_as_previewed, input};
use crate::pictures::Compared;
use crate::support::archives::{decode_png, labelled, zip};
use crate::support::client::{Client, string};
use crate::support::dicom::Dicom;
use crate::support::{shared, test_data};
use serde_json::{Value, json};
use std::collections::HashMap;

const SINGLE: &str = "single-label-classification";

/// The stored file of each image that is no copy of the picture source, by the path of its origin.
fn converted(client: &Client, dataset: &str) -> Vec<(Value, Vec<u8>)> {
    let images = client.images(dataset, "id path url width height bitsPerSample frameCount sha256 format { id } origin { path frameCount format { id } }");
    let of_dicom = images.into_iter().filter(|image| image["origin"]["format"]["id"] == "dicom");
    of_dicom
        .map(|image| {
            let body = client.get(image["url"].as_str().unwrap()).body;
            (image, body)
        })
        .collect()
}

/// What `formats.md` makes of a grey value without a window.
fn whole_range(values: &[u16]) -> Vec<u16> {
    let (least, most) = (f64::from(*values.iter().min().unwrap()), f64::from(*values.iter().max().unwrap()));
    values.iter().map(|value| ((f64::from(*value) - least) / (most - least) * 255.0 + 0.5).floor() as u16).collect()
}

/// PS3.3 C.11.2.1.2, LINEAR.
fn linear(values: &[u16], slope: f64, intercept: f64, (centre, width): (f64, f64)) -> Vec<u16> {
    let shown = |value: &u16| {
        let x = f64::from(*value) * slope + intercept;
        let y = if x <= centre - 0.5 - (width - 1.0) / 2.0 {
            0.0
        } else if x > centre - 0.5 + (width - 1.0) / 2.0 {
            255.0
        } else {
            ((x - (centre - 0.5)) / (width - 1.0) + 0.5) * 255.0
        };
        (y + 0.5).floor() as u16
    };
    values.iter().map(shown).collect()
}

#[test]
fn dicom_becomes_eight_bits_as_shown_on_screen_when_formats_are_mixed() {
    let client = shared().user("pixels-8");
    let plain = Dicom::new(60);
    let windowed = Dicom { window: Some((400.0, 900.0)), slope: 2.0, intercept: -1000.0, ..Dicom::new(61) };
    let inverted = Dicom { is_inverted: true, ..Dicom::new(62) };
    let expected = HashMap::from([
        ("plain.dcm", whole_range(&plain.values)),
        ("windowed", linear(&windowed.values, 2.0, -1000.0, (400.0, 900.0))),
        ("inverted.dcm", whole_range(&inverted.values).into_iter().map(|grey| 255 - grey).collect()),
    ]);
    let archive =
        zip(&[("plain.dcm", plain.bytes()), ("windowed", windowed.bytes()), ("inverted.dcm", inverted.bytes())]);
    let scans = Source::import(&client, "scans", &archive);
    let pictures = Source::import(&client, "pictures", &labelled(1, 60, ""));
    let sources = [scans.images_only(), pictures.images_only()];
    let dataset = combine_as_previewed(&client, input("mixed", &sources, None, json!({})));
    let made = converted(&client, &dataset);
    assert_eq!(made.len(), 3);
    for (image, bytes) in made {
        let origin = string(&image["origin"]["path"]);
        let (width, height, bits, samples) = decode_png(&bytes);
        assert_eq!((width, height, bits), (8, 6, 8), "{origin}");
        assert_eq!(samples, expected[origin.as_str()], "{origin}");
        assert_eq!(image["bitsPerSample"], 8);
    }
}

#[test]
fn sixteen_bits_keep_the_whole_range_after_the_modality_lut() {
    let client = shared().user("pixels-16");
    let plain = Dicom { window: Some((10.0, 20.0)), ..Dicom::new(63) };
    let sloped = Dicom { slope: 2.0, intercept: -1024.0, ..Dicom::new(64) };
    let archive = zip(&[("plain.dcm", plain.bytes()), ("sloped.dcm", sloped.bytes())]);
    let scans = Source::import(&client, "scans", &archive);
    let pictures = Source::import(&client, "pictures", &labelled(1, 61, ""));
    let sources = [scans.images_only(), pictures.images_only()];
    let asked = input("mixed", &sources, None, json!({ "pngBitsPerSample": 16 }));
    let dataset = combine_as_previewed(&client, asked);
    // A level is the value minus the lowest that the header allows: here the stored value times the slope.
    let doubled: Vec<u16> = sloped.values.iter().map(|value| value * 2).collect();
    let expected = HashMap::from([("plain.dcm", plain.values.clone()), ("sloped.dcm", doubled)]);
    for (image, bytes) in converted(&client, &dataset) {
        let (_, _, bits, samples) = decode_png(&bytes);
        assert_eq!((bits, &image["bitsPerSample"]), (16, &json!(16)));
        assert_eq!(samples, expected[image["origin"]["path"].as_str().unwrap()], "{}", image["path"]);
    }
}

#[test]
fn every_frame_becomes_a_picture_and_what_was_said_of_the_file_is_said_of_each() {
    let client = shared().user("pixels-frames");
    let scan = Dicom::new(65).with_frames(3);
    let archive = zip(&[("scan.dcm", scan.bytes()), ("label.csv", b"scan.dcm,heart\n".to_vec())]);
    let scans = Source::import(&client, "scans", &archive);
    let pictures = Source::import(&client, "pictures", &labelled(1, 62, "image/0.png,lung\n"));
    let sources = [scans.whole(), pictures.whole()];
    let dataset = combine_as_previewed(&client, input("mixed", &sources, Some(SINGLE), json!({})));
    let made = converted(&client, &dataset);
    let paths: Vec<&str> = made.iter().map(|(image, _)| image["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["scans/scan.0000.png", "scans/scan.0001.png", "scans/scan.0002.png"]);
    for (frame, (image, bytes)) in made.iter().enumerate() {
        assert_eq!(image["frameCount"], 1);
        assert_eq!(decode_png(bytes).3, whole_range(&scan.values[frame * 48..(frame + 1) * 48]), "frame {frame}");
    }
    let set = client.annotation_sets(&dataset).remove(0);
    let counts = set["labelDistribution"]["labels"].as_array().unwrap();
    assert_eq!((&counts[0]["label"]["name"], &counts[0]["imageCount"]), (&json!("heart"), &json!(3)));
    assert_eq!(counts[0]["studyCount"], 1, "the frames stay one study");
    assert_eq!(set["imageCount"], 4);
}

#[test]
fn dicom_alone_stays_as_it_is() {
    let client = shared().user("pixels-dicom");
    let first = Source::import(&client, "f", &zip(&[("a.dcm", Dicom::new(66).bytes())]));
    let second = Source::import(&client, "s", &zip(&[("a.dcm", Dicom::new(68).with_frames(2).bytes())]));
    let sources = [first.images_only(), second.images_only()];
    let dataset = combine_as_previewed(&client, input("scans", &sources, None, json!({ "pngBitsPerSample": 16 })));
    let images = client.images(&dataset, "url sha256 origin { sha256 url }");
    assert_eq!(images.len(), 2);
    for image in images {
        assert_eq!(image["sha256"], image["origin"]["sha256"]);
        assert_eq!(
            client.get(image["url"].as_str().unwrap()).body,
            client.get(image["origin"]["url"].as_str().unwrap()).body
        );
    }
}

#[test]
fn converted_files_of_the_test_data_look_like_their_expected_pictures() {
    let Some(root) = test_data::find("converted_files_of_the_test_data_look_like_their_expected_pictures") else {
        return;
    };
    let client = shared().user("pixels-real");
    let entries: Vec<Value> =
        test_data::entries(&root, "dicom/").into_iter().filter(|entry| entry["expect"] == "render").collect();
    // One of each transfer syntax and photometric interpretation, the smallest.
    let mut chosen: HashMap<(String, String), Value> = HashMap::new();
    for entry in entries {
        let dicom = &entry["dicom"];
        let key = (dicom["transfer_syntax"].to_string(), dicom["photometric"].to_string());
        let smaller = chosen.get(&key).is_none_or(|other| entry["size"].as_u64() < other["size"].as_u64());
        if smaller {
            chosen.insert(key, entry);
        }
    }
    assert!(chosen.len() > 20, "only {} kinds", chosen.len());
    let by_path: HashMap<String, Value> = chosen.into_values().map(|entry| (string(&entry["path"]), entry)).collect();
    let files: Vec<(String, Vec<u8>)> =
        by_path.keys().map(|path| (path.clone(), std::fs::read(root.join(path)).unwrap())).collect();
    let scans = Source::import(&client, "scans", &zip(&files));
    let pictures = Source::import(&client, "pictures", &labelled(1, 63, ""));
    let sources = [scans.images_only(), pictures.images_only()];
    let dataset = combine_as_previewed(&client, input("mixed", &sources, None, json!({})));
    let mut seen = 0;
    for (image, bytes) in converted(&client, &dataset) {
        let is_later_frame = image["origin"]["frameCount"] != 1 && !string(&image["path"]).ends_with(".0000.png");
        if is_later_frame {
            continue;
        }
        let entry = &by_path[image["origin"]["path"].as_str().unwrap()];
        Compared::with_expected(&root, entry, &bytes).hold().unwrap_or_else(|breach| panic!("{breach}"));
        seen += 1;
    }
    assert!(seen > 20, "only {seen} pictures");
}
