//! Every DICOM file of the test data: it looks as independent decoders say, or it is refused by name.

use crate::pictures::Compared;
use crate::support::archives::zip;
use crate::support::client::{Client, string};
use crate::support::{shared, test_data};
use serde_json::Value;
use std::collections::HashMap;
use std::path::Path;

/// Files of one archive: many, so that there are few jobs.
const FILES_AN_ARCHIVE: usize = 60;

#[test]
fn every_dicom_file_looks_as_expected_or_is_refused_by_name() {
    let Some(root) = test_data::find("every_dicom_file_looks_as_expected_or_is_refused_by_name") else { return };
    let client = shared().user("dicom-files");
    let entries: Vec<Value> =
        test_data::entries(&root, "dicom/").into_iter().filter(|entry| entry["kind"] == "dicom").collect();
    assert!(entries.len() > 200, "only {} files", entries.len());
    let (mut breaches, mut shown, mut refused) = (Vec::new(), 0, Vec::new());
    for (number, batch) in entries.chunks(FILES_AN_ARCHIVE).enumerate() {
        let (images, findings) = import(&client, &root, batch, number);
        for entry in batch {
            let path = entry["path"].as_str().unwrap();
            let verdict = match (images.get(path), findings.get(path)) {
                (Some(image), _) => {
                    shown += 1;
                    hold_image(&client, &root, entry, image)
                }
                (None, Some(finding)) => {
                    refused.push(path.to_owned());
                    hold_refusal(entry, finding)
                }
                (None, None) => Err(format!("{path} is neither shown nor named in a finding")),
            };
            breaches.extend(verdict.err());
        }
    }
    eprintln!("{shown} DICOM files are shown, {} are refused", refused.len());
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
    assert!(shown >= 200, "only {shown} are shown; refused: {refused:?}");
}

/// Images and errors or notes, by path.
fn import(
    client: &Client,
    root: &Path,
    batch: &[Value],
    number: usize,
) -> (HashMap<String, Value>, HashMap<String, Value>) {
    let files: Vec<(String, Vec<u8>)> = batch
        .iter()
        .map(|entry| (string(&entry["path"]), std::fs::read(root.join(entry["path"].as_str().unwrap())).unwrap()))
        .collect();
    let imported = client.import(&format!("batch {number}"), &zip(&files));
    assert_eq!(imported.state(), "SUCCEEDED", "{}", imported.job);
    let fields =
        "path format { id } width height frameCount renderedUrl thumbnailUrl metadata study { studyInstanceUid }";
    let by_path = |values: Vec<Value>| values.into_iter().filter_map(|v| Some((v["path"].as_str()?.to_owned(), v)));
    (by_path(client.images(&imported.dataset, fields)).collect(), by_path(imported.findings).collect())
}

fn hold_image(client: &Client, root: &Path, entry: &Value, image: &Value) -> Result<(), String> {
    let path = entry["path"].as_str().unwrap();
    if matches!(entry["expect"].as_str(), Some("no-image" | "reject")) {
        return Err(format!("{path} is shown, but there is nothing to show: {}", entry["why"]));
    }
    let reply = client.get(image["renderedUrl"].as_str().unwrap());
    if reply.status != 200 {
        return Err(format!("{path}: its rendition answers {}: {}", reply.status, reply.text()));
    }
    let thumbnail = client.get(image["thumbnailUrl"].as_str().unwrap());
    if thumbnail.status != 200 || !thumbnail.body.starts_with(&[0xff, 0xd8]) {
        return Err(format!("{path}: its thumbnail answers {}", thumbnail.status));
    }
    let uid = &entry["dicom"]["study_instance_uid"];
    if uid.is_string() && image["study"]["studyInstanceUid"] != *uid {
        return Err(format!("{path} is of study {}, not {uid}", image["study"]["studyInstanceUid"]));
    }
    if !image["metadata"].is_object() || image["metadata"].get("7FE00010").is_some() {
        return Err(format!("{path}: its metadata is none, or holds pixels"));
    }
    if entry["render"].is_object() { Compared::with_expected(root, entry, &reply.body).hold() } else { Ok(()) }
}

fn hold_refusal(entry: &Value, finding: &Value) -> Result<(), String> {
    let path = entry["path"].as_str().unwrap();
    if entry["expect"] == "render" && entry["optional"] != true {
        return Err(format!("{path} is not shown: {finding}"));
    }
    let known = ["NO_PIXEL_DATA", "UNSUPPORTED_TRANSFER_SYNTAX", "IMAGE_UNREADABLE", "IMAGE_TOO_LARGE", "IGNORED_FILE"];
    let is_told = known.contains(&finding["code"].as_str().unwrap()) && finding["message"] != "";
    if is_told { Ok(()) } else { Err(format!("{path}: {finding} does not say why it is refused")) }
}
