//! What an archive with one mistake is told: each file of `findings/` is a case, and a new one is a new file.

use crate::support::archives::{mask_text, png, zip};
use crate::support::client::Client;
use crate::support::shared;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Every finding that an archive of tables and plain pictures can give. Those of DICOM and of limits have tests of
/// their own: `dicom.rs`, `imports_limits.rs`, `pictures.rs`, `imports_embedded.rs`.
const CODES: [&str; 23] = [
    "AMBIGUOUS_PATH",
    "BAD_ENCODING",
    "BAD_MASK",
    "BAD_NUMBER",
    "BOX_CLIPPED",
    "BOX_EMPTY",
    "BOX_OUTSIDE",
    "CLASS_BELOW_MINIMUM",
    "CLASS_FOLDERS_IGNORED",
    "COLUMN_COUNT",
    "DUPLICATE_IMAGE",
    "DUPLICATE_ROW",
    "EMPTY_CLASS",
    "ENCODING_GUESSED",
    "HEADER_ROW",
    "IGNORED_FILE",
    "IMAGE_UNREADABLE",
    "MASK_SIZE",
    "MISSING_IMAGE",
    "MULTI_LABEL",
    "PATH_CASE",
    "SEMICOLONS",
    "UNSAFE_PATH",
];

fn cases() -> Vec<(String, Value)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/api/findings");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |path: &PathBuf| {
        let case = serde_json::from_slice(&std::fs::read(path).unwrap());
        (
            path.file_stem().unwrap().to_str().unwrap().to_owned(),
            case.unwrap_or_else(|error| panic!("{path:?}: {error}")),
        )
    };
    files.iter().map(read).collect()
}

fn archive(case: &Value) -> Vec<u8> {
    let files = case["files"].as_object().unwrap();
    zip(&files.iter().map(|(path, content)| (path, bytes(content))).collect::<Vec<_>>())
}

/// A text, in which `{mask 1 0 1}` is a mask with these first pixels; or a picture by its seed, whole or cut; or bytes.
fn bytes(content: &Value) -> Vec<u8> {
    if let Some(text) = content.as_str() {
        return with_masks(text).into_bytes();
    }
    let seed = |key: &str| content[key].as_u64().map(|seed| png(8, 6, 77_000 + seed as u32));
    if let Some(picture) = seed("png") {
        return picture;
    }
    if let Some(picture) = seed("cut_png") {
        return picture[..picture.len() / 2].to_vec();
    }
    let hex = content["hex"].as_str().unwrap();
    let pair = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(pair).collect()
}

fn with_masks(text: &str) -> String {
    let Some((before, rest)) = text.split_once("{mask ") else { return text.to_owned() };
    let (pixels, after) = rest.split_once('}').unwrap();
    let pixels: Vec<u8> = pixels.split(' ').map(|pixel| pixel.parse().unwrap()).collect();
    format!("{before}{}{}", mask_text(&pixels), with_masks(after))
}

fn told(client: &Client, name: &str, archive: &[u8]) -> Vec<Value> {
    client.import(name, archive).findings
}

#[test]
fn every_mistake_is_told_by_its_code_and_place_and_the_same_way_again() {
    let client = shared().user("findings");
    let (mut codes, mut breaches) = (BTreeSet::new(), Vec::new());
    for (name, case) in cases() {
        let archive = archive(&case);
        let findings = told(&client, &name, &archive);
        let short = |each: &Value| json!([each["severity"], each["code"], each["path"], each["line"]]);
        let short: Vec<Value> = findings.iter().map(short).collect();
        if json!(short) != case["findings"] {
            breaches.push(format!("{name}: {} instead of {}: {findings:?}", json!(short), case["findings"]));
        }
        for finding in &findings {
            codes.insert(finding["code"].as_str().unwrap().to_owned());
            let message = finding["message"].as_str().unwrap();
            assert!(message.len() > 15, "{name}: {message}");
        }
        assert_eq!(told(&client, &format!("{name} again"), &archive), findings, "{name}");
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
    let missing: Vec<&&str> = CODES.iter().filter(|code| !codes.contains(**code)).collect();
    assert!(missing.is_empty(), "no case tells {missing:?}");
}
