//! Every PNG and JPEG of the test data: read with the size that it has, or refused by name.

use crate::support::archives::zip;
use crate::support::client::string;
use crate::support::{shared, test_data};
use serde_json::{Value, json};
use std::collections::HashMap;

#[test]
fn every_picture_is_read_as_it_is_or_refused_by_name() {
    let Some(root) = test_data::find("every_picture_is_read_as_it_is_or_refused_by_name") else { return };
    let client = shared().user("image-files");
    let entries: Vec<Value> =
        test_data::entries(&root, "images/").into_iter().filter(|entry| entry["kind"] == "image").collect();
    assert!(entries.len() > 100, "only {} files", entries.len());
    let read =
        |entry: &Value| (string(&entry["path"]), std::fs::read(root.join(entry["path"].as_str().unwrap())).unwrap());
    let imported = client.import("pictures", &zip(&entries.iter().map(read).collect::<Vec<_>>()));
    assert_eq!(imported.state(), "SUCCEEDED", "{}", imported.job);
    let fields =
        "path format { id } width height bitsPerSample frameCount metadata renderedUrl(maxSize: 64) thumbnailUrl";
    let images = client.images(&imported.dataset, fields);
    let images: HashMap<String, Value> = images.into_iter().map(|image| (string(&image["path"]), image)).collect();
    let mut breaches = Vec::new();
    for entry in &entries {
        let path = entry["path"].as_str().unwrap();
        let told = imported.findings.iter().any(|finding| finding["path"] == path && finding["severity"] == "ERROR");
        match images.get(path) {
            None if entry["expect"] == "decode" => breaches.push(format!("{path} is not read")),
            None if !told => breaches.push(format!("{path} is neither read nor named")),
            None => {}
            Some(image) => breaches.extend(breach(entry, image)),
        }
        if let Some(image) = images.get(path) {
            for url in [&image["renderedUrl"], &image["thumbnailUrl"]] {
                let reply = client.get(url.as_str().unwrap());
                if reply.status != 200 {
                    breaches.push(format!("{path}: {url} answers {}: {}", reply.status, reply.text()));
                }
            }
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
    let turned = entries
        .iter()
        .filter(|entry| entry["image"]["exif_orientation"].as_i64().is_some_and(|each| each > 1 && each < 9));
    for entry in turned {
        let told = |finding: &Value| finding["path"] == entry["path"] && finding["code"] == "EXIF_ORIENTATION";
        assert!(imported.findings.iter().any(told), "{} is not upright, and nobody says so", entry["path"]);
    }
}

/// Size and depth are those of the stored pixels.
fn breach(entry: &Value, image: &Value) -> Option<String> {
    let facts = &entry["image"];
    let expected = json!([facts["format"], facts["width"], facts["height"]]);
    let actual = json!([image["format"]["id"], image["width"], image["height"]]);
    if facts.is_object() && actual != expected {
        return Some(format!("{} is {actual}, not {expected}", entry["path"]));
    }
    let depth = facts["bit_depth"].as_i64().or(facts["precision"].as_i64());
    if depth.is_some_and(|depth| image["bitsPerSample"] != depth) {
        return Some(format!("{} has {} bits, not {depth:?}", entry["path"], image["bitsPerSample"]));
    }
    (image["metadata"] != Value::Null).then(|| format!("{} has DICOM metadata", entry["path"]))
}
