//! Damaged, lying and hostile files of the test data: nothing crashes, nothing is written outside the data directory,
//! what must be refused is refused by name, and the server goes on answering.

use crate::support::archives::{png, zip};
use crate::support::client::{Client, string};
use crate::support::{Server, test_data};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

#[test]
fn hostile_archives_are_refused_or_cleaned_and_nothing_leaves_the_data_directory() {
    let test = "hostile_archives_are_refused_or_cleaned_and_nothing_leaves_the_data_directory";
    let Some(root) = test_data::find(test) else { return };
    // Less than the bombs unpack to, and more than every honest archive here.
    let mut server = Server::with_settings(&[("LIGHTBOX_LIMITS__ARCHIVE_UNPACKED_BYTES", "300000000")]);
    let client = server.admin();
    let entries = test_data::entries(&root, "malformed/");
    let archives: Vec<&Value> = entries.iter().filter(|entry| string(&entry["path"]).ends_with(".zip")).collect();
    assert!(archives.len() > 60, "only {} archives", archives.len());
    let around = surroundings(&server);
    let mut breaches = Vec::new();
    for entry in archives {
        breaches.extend(breach_of_archive(&client, &root, entry));
        assert_eq!(client.get("/health/ready").status, 200, "after {}", entry["path"]);
    }
    assert_eq!(surroundings(&server), around);
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
    server.end_and_check();
}

/// Everything beside and above the data directory that an archive could have meant by `..`, and the files of the data
/// directory's own top.
fn surroundings(server: &Server) -> BTreeSet<PathBuf> {
    let list =
        |folder: &Path| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    let data = list(&server.data_dir());
    let data = data.into_iter().filter(|path| !path.to_string_lossy().contains("lightbox.db"));
    let mut all: BTreeSet<PathBuf> = data.collect();
    all.extend(list(server.folder()));
    all.extend(list(&std::env::current_dir().unwrap()));
    all
}

fn breach_of_archive(client: &Client, root: &Path, entry: &Value) -> Option<String> {
    let path = entry["path"].as_str().unwrap();
    let imported = client.import(path, &std::fs::read(root.join(path)).unwrap());
    let images = client.images(&imported.dataset, "path");
    if let Some(finding) = imported.findings.iter().find(|finding| is_fault_of_a_plugin(finding)) {
        return Some(format!("{path}: {finding}"));
    }
    let has_error = imported.findings.iter().any(|finding| finding["severity"] == "ERROR");
    for image in &images {
        let path = image["path"].as_str().unwrap();
        if path.starts_with('/') || path.contains('\\') || path.split('/').any(|part| matches!(part, ".." | "." | "")) {
            return Some(format!("{}: the image {path:?} has an unsafe path", entry["path"]));
        }
    }
    let told = format!("{path}: {} with {} images and {:?}", imported.job, images.len(), imported.codes());
    let breach = match entry["expect"].as_str().unwrap() {
        "reject" => imported.state() == "SUCCEEDED" && !has_error,
        "decode" => imported.state() != "SUCCEEDED",
        "hostile" => imported.state() == "SUCCEEDED" && imported.findings.is_empty(),
        _ => false,
    };
    let expected = entry["expected_images"].as_u64().filter(|_| entry["expect"] != "reject");
    (breach || expected.is_some_and(|count| count != images.len() as u64)).then_some(told)
}

/// A built-in plugin that dies of a file has a bug, whatever the file is.
fn is_fault_of_a_plugin(finding: &Value) -> bool {
    finding["code"].as_str().unwrap().starts_with("PLUGIN_")
}

#[test]
fn hostile_images_are_refused_by_name_and_the_others_stay() {
    let Some(root) = test_data::find("hostile_images_are_refused_by_name_and_the_others_stay") else { return };
    let mut server = Server::with_settings(&[("LIGHTBOX_LIMITS__FRAME_BYTES", "134217728")]);
    let client = server.admin();
    let entries = test_data::entries(&root, "malformed/");
    let images: Vec<&Value> = entries.iter().filter(|entry| !string(&entry["path"]).ends_with(".zip")).collect();
    assert!(images.len() > 130, "only {} images", images.len());
    let read =
        |entry: &&Value| (string(&entry["path"]), std::fs::read(root.join(entry["path"].as_str().unwrap())).unwrap());
    let mut files: Vec<(String, Vec<u8>)> = images.iter().map(read).collect();
    files.push(("good.png".to_owned(), png(8, 8, 1)));
    let imported = client.import("hostile", &zip(&files));
    assert_eq!(imported.state(), "SUCCEEDED", "{}", imported.job);
    let shown = client.images(&imported.dataset, "path renderedUrl(maxSize: 32) thumbnailUrl");
    let shown_paths: BTreeSet<&str> = shown.iter().map(|image| image["path"].as_str().unwrap()).collect();
    assert!(shown_paths.contains("good.png"));
    let faults = imported.findings.iter().filter(|finding| is_fault_of_a_plugin(finding));
    let mut breaches: Vec<String> = faults.map(Value::to_string).collect();
    for entry in images {
        let path = entry["path"].as_str().unwrap();
        let named = imported.findings.iter().any(|finding| finding["path"] == path);
        match (entry["expect"].as_str().unwrap(), shown_paths.contains(path)) {
            ("reject", true) => breaches.push(format!("{path} is shown: {}", entry["why"])),
            ("decode", false) => breaches.push(format!("{path} is not read")),
            (_, false) if !named => breaches.push(format!("{path} is neither shown nor named")),
            _ => {}
        }
    }
    for image in &shown {
        let reply = client.get(image["renderedUrl"].as_str().unwrap());
        if reply.status != 200 {
            breaches.push(format!("{}: its rendition answers {}: {}", image["path"], reply.status, reply.text()));
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
    assert!(server.is_running());
    server.end_and_check();
}
