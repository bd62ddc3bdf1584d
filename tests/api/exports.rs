//! Exports: an archive of what a dataset has, the same bytes every time, for who may see it and as long as it is kept.

use crate::delete::files_below;
use crate::support::Server;
use crate::support::archives::{numbered, pictures, zip};
use crate::support::client::{Client, string};
use crate::support::shared;
use serde_json::{Value, json};
use std::io::Read;
use std::time::{Duration, Instant};

/// The ended job of an export, with its address.
pub fn export(client: &Client, dataset: &str, annotation_set: Value, format: &str) -> Value {
    let input = json!({ "dataset": dataset, "annotationSet": annotation_set, "format": format });
    let started = client.mutate("exportDataset", input, "job { id kind progress { unit } }");
    assert_eq!(started["userErrors"], json!([]), "{format}");
    assert_eq!(started["job"]["kind"], "EXPORT");
    let job = client.wait_for(started["job"]["id"].as_str().unwrap());
    assert_eq!(job["state"], "SUCCEEDED", "{job}");
    let query = "query($id: ID!) { job(id: $id) { id downloadUrl dataset { id } progress { done total } } }";
    client.data(query, json!({ "id": job["id"] }))["job"].take()
}

/// Path and bytes of every entry, in the archive's order.
pub fn entries(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(archive)).unwrap();
    let count = zip.len();
    let entry = |index| {
        let mut entry = zip.by_index(index).unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        (entry.name().unwrap().into_owned(), bytes)
    };
    (0..count).map(entry).collect()
}

/// The archive of an export.
pub fn exported(client: &Client, dataset: &str, annotation_set: Value, format: &str) -> Vec<u8> {
    let job = export(client, dataset, annotation_set, format);
    let reply = client.get(job["downloadUrl"].as_str().unwrap());
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.body
}

#[test]
fn images_are_exported_as_they_were_sent_and_the_archive_is_the_same_every_time() {
    let client = shared().user("exports-images");
    let sent = numbered(3, 3100);
    let dataset = client.dataset("Pictures: all", &zip(&sent));
    let job = export(&client, &dataset, Value::Null, "images");
    assert_eq!((&job["progress"], &job["dataset"]["id"]), (&json!({ "done": 3, "total": 3 }), &json!(dataset)));
    let url = string(&job["downloadUrl"]);
    let reply = client.get(&url);
    assert_eq!((reply.status, reply.header("content-type")), (200, "application/zip"));
    assert_eq!(reply.header("content-disposition"), "attachment; filename=\"Pictures_ all-images.zip\"");
    assert_eq!(entries(&reply.body), sent);
    assert!(exported(&client, &dataset, Value::Null, "images") == reply.body);
    // Another dataset of the same content gives the same archive.
    let again = client.dataset("again", &reply.body);
    assert!(exported(&client, &again, Value::Null, "images") == reply.body);

    let part = client.get_with(&url, &[("range", "bytes=100-199")]);
    assert_eq!((part.status, part.body.as_slice()), (206, &reply.body[100..200]));
    let rest = client.get_with(&url, &[("range", "bytes=200-"), ("if-range", reply.header("etag"))]);
    assert_eq!((rest.status, rest.body.as_slice()), (206, &reply.body[200..]));
}

#[test]
fn formats_put_images_where_their_readers_look_for_them() {
    let client = shared().user("exports-places");
    let dataset = client.dataset("places", &zip(&[("a/b.png", crate::support::archives::png(4, 4, 3200))]));
    let places = [
        ("images", "a/b.png"),
        ("deepq", "a/b.png"),
        ("labelme", "a/b.png"),
        ("coco", "images/a/b.png"),
        ("yolo", "images/a/b.png"),
        ("pascal-voc", "JPEGImages/a/b.png"),
    ];
    for (format, path) in places {
        let paths: Vec<String> =
            entries(&exported(&client, &dataset, Value::Null, format)).into_iter().map(|(path, _)| path).collect();
        let layout = paths.iter().filter(|path| *path == "lightbox.json").count();
        assert_eq!(layout, usize::from(path != "a/b.png"), "{format}: told when the images lie elsewhere than before");
        assert_eq!(paths[..paths.len() - layout], [path], "{format}");
    }
}

#[test]
fn what_cannot_be_exported_is_refused_with_what_can() {
    let client = shared().user("exports-refused");
    let (dataset, other) = (
        client.dataset("one", &pictures(1, 3300)),
        client.dataset("two", &crate::support::archives::labelled(1, 3301, "image/0.png,cat\n")),
    );
    let set = client.annotation_sets(&other).remove(0);
    let start = |dataset: &str, set: Value, format: &str| {
        let input = json!({ "dataset": dataset, "annotationSet": set, "format": format });
        let mut refused = client.mutate("exportDataset", input, "job { id }");
        assert_eq!(refused["job"], Value::Null);
        refused["userErrors"][0].take()
    };
    let unknown = start(&dataset, Value::Null, "papyrus");
    assert_eq!((&unknown["code"], &unknown["path"]), (&json!("UNSUPPORTED_FORMAT"), &json!(["input", "format"])));
    assert!(unknown["message"].as_str().unwrap().contains("images"), "{unknown}");
    let foreign = start(&dataset, set["id"].clone(), "images");
    assert_eq!(foreign["code"], "ANNOTATION_SET_NOT_IN_DATASET");
    assert_eq!(start("dataset-1", Value::Null, "images")["code"], "NOT_FOUND");
    assert_eq!(start(&dataset, json!("annotationset-1"), "images")["code"], "NOT_FOUND");
}

#[test]
fn an_export_ends_with_its_dataset() {
    let mut server = Server::start();
    let client = server.admin();
    let dataset = client.dataset("doomed", &pictures(2, 3400));
    let url = string(&export(&client, &dataset, Value::Null, "images")["downloadUrl"]);
    assert_eq!(files_below(&server.data_dir().join("exports")).len(), 1);
    let input = json!({ "dataset": dataset, "confirmation": "DELETE" });
    let deleted = client.mutate("deleteDataset", input, "job { id }");
    assert_eq!(client.get(&url).status, 404, "at once");
    client.wait_for(deleted["job"]["id"].as_str().unwrap());
    assert!(files_below(&server.data_dir().join("exports")).is_empty());
    server.end_and_check();
}

#[test]
fn an_export_that_has_expired_is_gone() {
    let server = Server::with_settings(&[("LIGHTBOX_EXPORTS__LIFETIME_SECONDS", "0")]);
    let client = server.admin();
    let dataset = client.dataset("short", &pictures(1, 3500));
    let job = export(&client, &dataset, Value::Null, "images");
    assert_eq!(job["downloadUrl"], Value::Null);
    assert_eq!(client.get(&format!("/exports/{}", string(&job["id"]))).status, 404);
    let mut server = server.restart();
    let gone = || files_below(&server.data_dir().join("exports")).is_empty();
    let given_up = Instant::now() + Duration::from_secs(20);
    while !gone() {
        assert!(Instant::now() < given_up, "nobody removes it");
        std::thread::sleep(Duration::from_millis(20));
    }
    server.end_and_check();
}
