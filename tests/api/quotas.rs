//! How much a user may keep: refused before bytes are sent, and again when an import turns out to be more.

use crate::combine::input;
use crate::support::Server;
use crate::support::archives::pictures;
use serde_json::{Value, json};

fn set_quota(server: &Server, user: &str, arguments: &[&str]) {
    let all: Vec<&str> = ["user", "update", user].iter().chain(arguments).copied().collect();
    let output = server.run(&all);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn create_upload(client: &crate::support::Client, filename: &str, size_bytes: usize) -> Value {
    let input = json!({ "filename": filename, "byteSize": size_bytes });
    client.mutate("createUpload", input, "upload { id }")
}

#[test]
fn an_upload_that_would_pass_the_quota_is_refused_before_it_is_sent() {
    let server = Server::with_settings(&[("LIGHTBOX_QUOTAS__USER_BYTES", "100000")]);
    let ann = server.user("ann");
    assert_eq!(create_upload(&ann, "a.zip", 60_000)["userErrors"], json!([]));
    let refused = create_upload(&ann, "b.zip", 60_000);
    assert_eq!(refused["userErrors"][0]["code"], "QUOTA_EXCEEDED");
    let message = refused["userErrors"][0]["message"].as_str().unwrap();
    assert!(message.contains("60000 bytes more") && message.contains("60000 of 100000"), "{message}");
    let tus = [("tus-resumable", "1.0.0"), ("upload-length", "60000"), ("upload-metadata", "filename YQ==")];
    assert_eq!(ann.request("POST", "/uploads", &tus, b"").status, 413);
    assert_eq!(create_upload(&server.user("bob"), "b.zip", 60_000)["userErrors"], json!([]), "his own room");

    set_quota(&server, "ann", &["--quota-bytes", "200000"]);
    assert_eq!(create_upload(&ann, "b.zip", 60_000)["userErrors"], json!([]));
    let used = ann.data("{ viewer { quota { usedBytes limitBytes usedImages limitImages } } }", Value::Null);
    let expected = json!({ "usedBytes": 120_000, "limitBytes": 200_000, "usedImages": 0, "limitImages": null });
    assert_eq!(used["viewer"]["quota"], expected);
}

#[test]
fn an_import_and_a_combination_of_more_images_than_allowed_fail_and_leave_nothing() {
    let server = Server::start();
    let ann = server.user("ann");
    set_quota(&server, "ann", &["--quota-images", "5"]);
    let three = ann.dataset("three", &pictures(3, 2300));
    let failed = ann.import("four", &pictures(4, 2301));
    assert_eq!(failed.state(), "FAILED");
    let error = failed.job["error"].as_str().unwrap();
    assert!(error.contains("4 images more") && error.contains("3 of 5 images"), "{error}");
    let two = ann.dataset("two", &pictures(2, 2302));
    assert_eq!(create_upload(&ann, "more.zip", 10)["userErrors"][0]["code"], "QUOTA_EXCEEDED");
    assert_eq!(create_upload(&ann, "labels.csv", 10)["userErrors"], json!([]), "a document brings no images");
    let sources = [three, two].map(|dataset| json!({ "dataset": dataset }));
    let (job, combined) = ann.combine(input("both", &sources, None, json!({})));
    assert_eq!(job["state"], "FAILED", "{job}");
    assert!(job["error"].as_str().unwrap().contains("5 images more"), "{job}");
    let left = ann.data("query($id: ID!) { dataset(id: $id) { status imageCount } }", json!({ "id": combined }));
    assert_eq!(left["dataset"], json!({ "status": "FAILED", "imageCount": 0 }));
}
