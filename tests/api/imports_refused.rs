//! What an import refuses: rows and images one by one, archives whole, and requests.

use crate::support::archives::{labelled, numbered, png, zip};
use crate::support::client::string;
use crate::support::shared;
use serde_json::{Value, json};

#[test]
fn bad_rows_and_bad_images_are_named_and_the_good_ones_stay() {
    let client = shared().user("imports-bad");
    let mut entries = numbered(3, 9);
    entries.push(("image/broken.png".to_owned(), png(8, 6, 1)[..60].to_vec()));
    entries.push(("../evil.png".to_owned(), png(8, 6, 2)));
    let rows = "image/0.png,a\nimage/1.png,\nnowhere.png,a\nimage/broken.png,a\nimage/2.png,b,c,d\n";
    entries.push(("label.csv".to_owned(), rows.as_bytes().to_vec()));
    let imported = client.import("bad rows", &zip(&entries));
    assert_eq!(imported.state(), "SUCCEEDED", "{}", imported.job);
    let told: Vec<(String, Value)> =
        imported.findings.iter().map(|finding| (string(&finding["code"]), finding["line"].clone())).collect();
    for expected in [
        ("UNSAFE_PATH", Value::Null),
        ("IMAGE_UNREADABLE", Value::Null),
        ("EMPTY_CLASS", json!(2)),
        ("MISSING_IMAGE", json!(3)),
        ("COLUMN_COUNT", json!(5)),
    ] {
        assert!(told.contains(&(expected.0.to_owned(), expected.1.clone())), "{expected:?} is not among {told:?}");
    }
    assert!(told.iter().any(|(_, line)| *line == 4), "{told:?}");
    assert_eq!(client.images(&imported.dataset, "id").len(), 3);
    assert_eq!(client.annotation_sets(&imported.dataset)[0]["annotationCount"], 1);
}

#[test]
fn an_archive_without_a_usable_image_fails_and_says_why() {
    let client = shared().user("imports-none");
    let table = [
        ("no zip", b"plain text".to_vec()),
        ("empty", zip::<&str, &[u8]>(&[])),
        ("no image", zip(&[("label.csv", "a.png,b\n")])),
        ("broken", zip(&[("a.png", &png(4, 4, 1)[..40])])),
    ];
    for (name, bytes) in table {
        let imported = client.import(name, &bytes);
        assert_eq!(imported.state(), "FAILED", "{name}");
        assert!(!string(&imported.job["error"]).is_empty());
        assert_eq!(imported.job["dataset"]["status"], "FAILED", "{name}");
        // Its name is free again.
        client.dataset(name, &labelled(1, 1, ""));
    }
}

#[test]
fn what_cannot_be_imported_is_refused_with_its_code_and_path() {
    let client = shared().user("imports-refused");
    let taken = client.dataset("taken", &labelled(1, 3, ""));
    assert!(taken.starts_with("dataset-"));
    let refused = |input: Value| {
        let payload = client.mutate("importDataset", input, "dataset { id } job { id }");
        assert_eq!((&payload["dataset"], &payload["job"]), (&Value::Null, &Value::Null));
        let error = payload["userErrors"][0].clone();
        assert!(!string(&error["message"]).is_empty());
        (string(&error["code"]), error["path"].clone())
    };
    let whole = client.upload("a.zip", &labelled(1, 4, ""));
    let (part, url) = client.create_upload("b.zip", 100);
    client.patch(&url, 0, &[0; 40]);
    let path = |field: &str| json!(["input", field]);
    assert_eq!(refused(json!({ "upload": "upload-1" })), ("NOT_FOUND".to_owned(), path("upload")));
    assert_eq!(refused(json!({ "upload": "nonsense" })), ("NOT_FOUND".to_owned(), path("upload")));
    assert_eq!(refused(json!({ "upload": part })), ("UPLOAD_INCOMPLETE".to_owned(), path("upload")));
    assert_eq!(refused(json!({ "upload": whole, "name": "TAKEN" })), ("NAME_TAKEN".to_owned(), path("name")));
    assert_eq!(refused(json!({ "upload": whole, "name": " " })), ("INVALID".to_owned(), path("name")));
    let started = client.mutate("importDataset", json!({ "upload": whole, "name": "free" }), "job { id }");
    assert_eq!(refused(json!({ "upload": whole, "name": "again" })).0, "NOT_AVAILABLE");
    client.wait_for(started["job"]["id"].as_str().unwrap());
}
