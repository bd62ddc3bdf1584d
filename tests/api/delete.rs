//! Deleting: only with the word, at once out of sight, and only the files that nobody else needs.

use crate::support::Server;
use crate::support::archives::{numbered, pictures, zip};
use crate::support::client::Client;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

pub fn delete(client: &Client, dataset: &str, confirmation: &str) -> Value {
    client.mutate("deleteDataset", json!({ "dataset": dataset, "confirmation": confirmation }), "job { id kind }")
}

/// Names of all files below a folder.
pub fn files_below(folder: &Path) -> BTreeSet<String> {
    let (mut folders, mut files): (Vec<PathBuf>, BTreeSet<String>) = (vec![folder.to_owned()], BTreeSet::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => assert!(files.insert(path.file_name().unwrap().to_string_lossy().into_owned())),
            }
        }
    }
    files
}

/// SHA-256 of every stored file.
pub fn stored_files(server: &Server) -> BTreeSet<String> {
    files_below(&server.data_dir().join("blobs/files"))
}

#[test]
fn a_dataset_goes_only_with_the_word_and_at_once() {
    let mut server = Server::start();
    let client = server.admin();
    let dataset = client.dataset("doomed", &pictures(3, 1400));
    let image = client.images(&dataset, "id url thumbnailUrl study { id }").remove(0);
    for word in ["", "delete", "DELETE ", "yes"] {
        let refused = delete(&client, &dataset, word);
        assert_eq!(refused["userErrors"][0]["code"], "CONFIRMATION_REQUIRED", "{word:?}");
        assert_eq!(refused["userErrors"][0]["path"], json!(["input", "confirmation"]));
        assert_eq!(refused["job"], Value::Null);
    }
    let deleted = delete(&client, &dataset, "DELETE");
    assert_eq!(deleted["job"]["kind"], "DELETE");
    let seen = client.data(
        "query($dataset: ID!, $image: ID!, $study: ID!) { dataset(id: $dataset) { id } image(id: $image) { id }
            study: node(id: $study) { id } datasets { totalCount } }",
        json!({ "dataset": dataset, "image": image["id"], "study": image["study"]["id"] }),
    );
    assert_eq!(seen, json!({ "dataset": null, "image": null, "study": null, "datasets": { "totalCount": 0 } }));
    assert_eq!(client.get(image["url"].as_str().unwrap()).status, 404);
    assert_eq!(client.get(image["thumbnailUrl"].as_str().unwrap()).status, 404);
    assert_eq!(delete(&client, &dataset, "DELETE")["userErrors"][0]["code"], "NOT_FOUND");
    // The name is free at once.
    client.dataset("doomed", &pictures(1, 1401));
    let job = client.wait_for(deleted["job"]["id"].as_str().unwrap());
    assert_eq!((&job["state"], &job["dataset"]), (&json!("SUCCEEDED"), &Value::Null));
    server.end_and_check();
}

#[test]
fn files_that_another_dataset_needs_stay_and_the_others_go() {
    let mut server = Server::start();
    let client = server.admin();
    let (mut first, mut second) = (numbered(2, 1410), numbered(2, 1411));
    let shared = ("shared.png".to_owned(), crate::support::archives::png(9, 9, 1412));
    first.push(shared.clone());
    second.push(shared);
    let first = client.dataset("first", &zip(&first));
    let second = client.dataset("second", &zip(&second));
    let sources = json!([{ "dataset": first }, { "dataset": second }]);
    let (_, both) = client.combine(json!({ "name": "both", "sources": sources }));
    let all = stored_files(&server);
    assert_eq!(all.len(), 5);
    let gone = |dataset: &str| {
        let job = delete(&client, dataset, "DELETE")["job"]["id"].take();
        assert_eq!(client.wait_for(job.as_str().unwrap())["state"], "SUCCEEDED");
    };
    gone(&first);
    assert_eq!(stored_files(&server), all, "the combined dataset needs them");
    gone(&both);
    assert_eq!(stored_files(&server).len(), 3, "what the second has stays");
    for image in client.images(&second, "url thumbnailUrl") {
        assert_eq!(client.get(image["url"].as_str().unwrap()).status, 200);
        assert_eq!(client.get(image["thumbnailUrl"].as_str().unwrap()).status, 200);
    }
    gone(&second);
    assert_eq!(files_below(&server.data_dir().join("blobs")), BTreeSet::new());
    server.end_and_check();
}

#[test]
fn the_preview_tells_what_would_go_and_what_was_made_from_it() {
    let server = Server::start();
    let client = server.admin();
    let archive = crate::support::archives::labelled(3, 1420, "image/0.png,a\n");
    let first = client.dataset("first", &archive);
    let second = client.dataset("second", &pictures(1, 1421));
    let sources = json!([{ "dataset": first }, { "dataset": second }]);
    let (_, both) = client.combine(json!({ "name": "both", "sources": sources }));
    let query = "query($id: ID!) { deletionPreview(dataset: $id) { dataset { id } studyCount imageCount
        annotationSets { name } combinedDatasets { id } } }";
    let preview = client.data(query, json!({ "id": first }))["deletionPreview"].take();
    let expected = json!({ "dataset": { "id": first }, "studyCount": 3, "imageCount": 3,
        "annotationSets": [{ "name": "label.csv" }], "combinedDatasets": [{ "id": both }] });
    assert_eq!(preview, expected);
    let unknown = client.graphql(query, json!({ "id": "dataset-1" }));
    assert_eq!(unknown["errors"][0]["extensions"]["code"], "NOT_FOUND");
}

#[test]
fn a_server_killed_while_it_deletes_leaves_nothing_lost_and_nothing_over() {
    let mut server = Server::start();
    for round in 0..4 {
        let client = server.admin();
        let kept = client.dataset(&format!("kept {round}"), &pictures(5, 1430 + round));
        let dataset = client.dataset("doomed", &pictures(400, 1440 + round));
        let job = delete(&client, &dataset, "DELETE")["job"]["id"].take();
        // Each round a little later.
        for _ in 0..round {
            client.data("{ viewer { id } }", Value::Null);
        }
        server.kill();
        server = server.restart();
        let client = server.admin();
        assert_eq!(
            client.data("query($id: ID!) { dataset(id: $id) { id } }", json!({ "id": dataset }))["dataset"],
            Value::Null
        );
        assert_eq!(client.wait_for(job.as_str().unwrap())["state"], "SUCCEEDED");
        assert_eq!(client.images(&kept, "id").len(), 5);
        assert_eq!(stored_files(&server).len(), 5 * (round as usize + 1));
    }
    server.end_and_check();
}
