//! Everything that combining refuses: each code with its place in the input, the same in the preview and in the
//! mutation.

use crate::combine::{Source, input, preview};
use crate::support::archives::{labelled, pictures};
use crate::support::client::{Client, string};
use crate::support::shared;
use serde_json::{Value, json};

const SINGLE: &str = "single-label-classification";

struct Scene {
    client: Client,
    first: Source,
    second: Source,
    boxes: Source,
}

fn scene(user: &str, seed: u32) -> Scene {
    let client = shared().user(user);
    let first = Source::import(&client, "first", &labelled(2, seed, "image/0.png,a\nimage/1.png,b\n"));
    let second = Source::import(&client, "second", &labelled(2, seed + 1, "image/0.png,a\n"));
    let boxes = Source::import(&client, "boxes", &labelled(1, seed + 2, "image/0.png,a,1,1,2,2\n"));
    Scene { client, first, second, boxes }
}

/// Code and path of every refusal, which preview and mutation agree on; nothing is made.
fn refusals(client: &Client, input: &Value) -> Vec<(String, Value)> {
    let told = |errors: &Value| -> Vec<(String, Value)> {
        let errors = errors.as_array().unwrap().iter();
        errors
            .map(|error| {
                assert!(!string(&error["message"]).is_empty());
                (string(&error["code"]), error["path"].clone())
            })
            .collect()
    };
    let before = client.data("{ datasets { totalCount } }", Value::Null);
    let payload = client.mutate("combineDatasets", input.clone(), "dataset { id } job { id }");
    assert_eq!((&payload["dataset"], &payload["job"]), (&Value::Null, &Value::Null), "{input}");
    assert_eq!(client.data("{ datasets { totalCount } }", Value::Null), before);
    let refused = told(&payload["userErrors"]);
    assert_eq!(told(&preview(client, input)["userErrors"]), refused, "{input}");
    refused
}

#[test]
fn every_mistake_in_a_request_has_its_code_and_its_place() {
    let Scene { client, first, second, boxes } = scene("errors-table", 500);
    let both = [first.whole(), second.whole()];
    let of_type = Some(SINGLE);
    let source = |dataset: &str, set: &str| json!({ "dataset": dataset, "annotationSet": set });
    let table = [
        (input("  ", &both, of_type, json!({})), "INVALID", json!(["input", "name"])),
        (input("FIRST", &both, of_type, json!({})), "NAME_TAKEN", json!(["input", "name"])),
        (input("x", &[], None, json!({})), "TOO_FEW_SOURCES", json!(["input", "sources"])),
        (input("x", &both[..1], of_type, json!({})), "TOO_FEW_SOURCES", json!(["input", "sources"])),
        (
            input("x", &[first.whole(), first.images_only()], of_type, json!({})),
            "DUPLICATE_SOURCE",
            json!(["input", "sources", "1", "dataset"]),
        ),
        (
            input("x", &[first.whole(), json!({ "dataset": "dataset-1" })], of_type, json!({})),
            "NOT_FOUND",
            json!(["input", "sources", "1", "dataset"]),
        ),
        (
            input("x", &[source(&first.dataset, "nonsense"), second.whole()], of_type, json!({})),
            "NOT_FOUND",
            json!(["input", "sources", "0", "annotationSet"]),
        ),
        (
            input("x", &[source(&first.dataset, &second.set), second.whole()], of_type, json!({})),
            "ANNOTATION_SET_NOT_IN_DATASET",
            json!(["input", "sources", "0", "annotationSet"]),
        ),
        (
            input("x", &[first.whole(), boxes.whole()], of_type, json!({})),
            "ANNOTATION_TYPE_MISMATCH",
            json!(["input", "sources", "1", "annotationSet"]),
        ),
        (
            input("x", &[first.images_only(), second.whole()], None, json!({})),
            "INVALID",
            json!(["input", "sources", "1", "annotationSet"]),
        ),
        (
            input("x", &[first.images_only(), second.images_only()], Some("poems"), json!({})),
            "NOT_FOUND",
            json!(["input", "annotationType"]),
        ),
        (
            input("x", &both, of_type, json!({ "annotationSetName": null })),
            "INVALID",
            json!(["input", "annotationSetName"]),
        ),
        (
            input("x", &both, of_type, json!({ "pngBitsPerSample": 12 })),
            "INVALID",
            json!(["input", "pngBitsPerSample"]),
        ),
        (
            input("x", &both, of_type, json!({ "labelMap": [{ "from": "nothing", "to": "a" }] })),
            "INVALID",
            json!(["input", "labelMap", "0", "from"]),
        ),
        (
            input("x", &both, of_type, json!({ "labelMap": [{ "from": "a", "to": "" }] })),
            "INVALID",
            json!(["input", "labelMap", "0", "to"]),
        ),
        (
            input("x", &both, of_type, json!({ "labelMap": [{ "annotationSet": boxes.set, "from": "a", "to": "b" }] })),
            "INVALID",
            json!(["input", "labelMap", "0", "annotationSet"]),
        ),
        (
            input("x", &both, of_type, json!({ "expectedDigest": "0" })),
            "SOURCE_CHANGED",
            json!(["input", "expectedDigest"]),
        ),
    ];
    for (asked, code, path) in table {
        assert_eq!(refusals(&client, &asked), [(code.to_owned(), path)], "{asked}");
    }
}

#[test]
fn all_mistakes_are_named_at_once() {
    let Scene { client, first, boxes, .. } = scene("errors-all", 510);
    let sources = [first.whole(), boxes.whole(), json!({ "dataset": "x" })];
    let asked = input("first", &sources, Some(SINGLE), json!({ "pngBitsPerSample": 1 }));
    let codes: Vec<String> = refusals(&client, &asked).into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, ["NAME_TAKEN", "ANNOTATION_TYPE_MISMATCH", "NOT_FOUND", "INVALID"]);
}

#[test]
fn a_dataset_that_failed_or_is_still_made_is_no_source() {
    let client = shared().user("errors-status");
    let failed = client.import("failed", b"no zip").dataset;
    let good = client.dataset("good", &pictures(1, 520));
    let asked = input("x", &[json!({ "dataset": good }), json!({ "dataset": failed })], None, json!({}));
    let place = json!(["input", "sources", "1", "dataset"]);
    assert_eq!(refusals(&client, &asked), [("NOT_AVAILABLE".to_owned(), place)]);
}
