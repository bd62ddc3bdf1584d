//! `importAnnotationSet`: annotations for a dataset that is there, from a document or an archive.

use crate::exports::exported;
use crate::support::archives::{labelled, mask_text, pictures, png, zip};
use crate::support::client::{Client, string};
use crate::support::{Server, shared};
use serde_json::{Value, json};

/// The job's end and its findings.
fn import_into(client: &Client, dataset: &str, file: (&str, &[u8]), more: Value) -> (Value, Vec<Value>) {
    let mut input = json!({ "dataset": dataset, "upload": client.upload(file.0, file.1) });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let started = client.mutate("importAnnotationSet", input, "job { id kind dataset { id } }");
    assert_eq!(started["userErrors"], json!([]));
    assert_eq!((&started["job"]["kind"], &started["job"]["dataset"]["id"]), (&json!("IMPORT"), &json!(dataset)));
    let job = string(&started["job"]["id"]);
    (client.wait_for(&job), client.findings(&job))
}

fn labels(set: &Value) -> Vec<Value> {
    let labels = set["labelDistribution"]["labels"].as_array().unwrap();
    let mut all: Vec<Value> =
        labels.iter().map(|each| json!([each["label"]["name"], each["annotationCount"]])).collect();
    all.sort_by_key(Value::to_string);
    all
}

fn state_of(client: &Client, dataset: &str) -> Value {
    let query = "query($id: ID!) { dataset(id: $id) { status imageCount annotationSetCount digest } }";
    client.data(query, json!({ "id": dataset }))["dataset"].take()
}

/// COCO with a box on each of the images.
fn coco(images: &[&str]) -> Vec<u8> {
    let list = |each: &dyn Fn(usize, &str) -> Value| -> Vec<Value> {
        images.iter().enumerate().map(|(index, path)| each(index, path)).collect()
    };
    let document = json!({
        "images": list(&|index, path| json!({ "id": index, "file_name": path, "width": 8, "height": 6 })),
        "annotations": list(&|index, _| json!({ "id": index, "image_id": index, "category_id": 3, "bbox": [1, 1, 2.5, 2] })),
        "categories": [{ "id": 3, "name": "cell" }, { "id": 9, "name": "unused" }],
    });
    document.to_string().into_bytes()
}

#[test]
fn a_document_alone_becomes_a_set_of_a_dataset_that_is_there() {
    let mut server = Server::start();
    let client = server.admin();
    let dataset = client.dataset("plain", &pictures(3, 6100));
    let before = state_of(&client, &dataset);
    let file = coco(&["image/0.png", "image/2.png", "image/7.png"]);
    let (job, findings) = import_into(&client, &dataset, ("boxes.json", &file), json!({ "name": "by hand" }));
    assert_eq!((&job["state"], &job["progress"]["done"]), (&json!("SUCCEEDED"), &json!(1)), "{findings:?}");
    assert_eq!(findings.iter().map(|finding| string(&finding["code"])).collect::<Vec<_>>(), ["MISSING_IMAGE"]);
    let sets = client.annotation_sets(&dataset);
    assert_eq!(sets.len(), 1);
    assert_eq!((&sets[0]["name"], &sets[0]["type"]["id"]), (&json!("by hand"), &json!("detection")));
    assert_eq!(labels(&sets[0]), [json!(["cell", 2]), json!(["unused", 0])]);
    let after = state_of(&client, &dataset);
    assert_eq!((&after["imageCount"], &after["annotationSetCount"]), (&json!(3), &json!(1)));
    assert_ne!(after["digest"], before["digest"]);
    let csv = client.get(&string(&client.data("query($id: ID!) { job(id: $id) { findingsCsvUrl } }", json!({ "id": job["id"] }))["job"]["findingsCsvUrl"]));
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    let csv = csv.text();
    let rows: Vec<&str> = csv.lines().collect();
    assert_eq!((rows.len(), rows[0]), (2, "severity,code,path,line,message"));
    assert!(rows[1].contains("MISSING_IMAGE"), "{csv}");
    server.end_and_check();
}

#[test]
fn a_dataset_takes_back_every_archive_that_it_was_exported_as() {
    let client = shared().user("set-imports-back");
    let single = "image/0.png,cell\nimage/1.png,nucleus\n".to_owned();
    let multi = "image/0.png,cell,1\nimage/0.png,nucleus,0\nimage/1.png,nucleus,1\n".to_owned();
    let boxes = "image/0.png,cell,1,1,2,2\nimage/0.png,nucleus,0,0,4,4\nimage/2.png,cell,2,2,4,4\n".to_owned();
    let masks =
        format!("image/0.png,cell,8,6,{}\nimage/1.png,nucleus,8,6,{}\n", mask_text(&[1, 1]), mask_text(&[0, 0, 1]));
    for (name, rows) in [("single", single), ("multi", multi), ("boxes", boxes), ("masks", masks)] {
        let dataset = client.dataset(name, &labelled(3, 6200, &rows));
        let set = client.annotation_sets(&dataset).remove(0);
        let types = client.data("{ annotationTypes { id exportFormats } }", Value::Null)["annotationTypes"].take();
        let of_type = types.as_array().unwrap().iter().find(|each| each["id"] == set["type"]["id"]).unwrap();
        for format in of_type["exportFormats"].as_array().unwrap() {
            let format = format.as_str().unwrap();
            let archive = exported(&client, &dataset, set["id"].clone(), format);
            let (job, findings) = import_into(
                &client,
                &dataset,
                ("back.zip", &archive),
                json!({ "name": format, "annotationType": set["type"]["id"] }),
            );
            assert_eq!(job["state"], "SUCCEEDED", "{name} by {format}: {job} {findings:?}");
            let sets = client.annotation_sets(&dataset);
            let back = sets.iter().find(|each| each["name"] == format);
            let back = back.unwrap_or_else(|| panic!("{name} by {format}: {findings:?} {sets:?}"));
            assert_eq!(labels(back), labels(&set), "{name} by {format}");
            assert_eq!(back["type"]["id"], set["type"]["id"], "{name} by {format}");
        }
        assert_eq!(client.images(&dataset, "id").len(), 3, "{name}");
    }
}

#[test]
fn what_says_nothing_of_the_dataset_fails_with_the_reasons_and_changes_nothing() {
    let client = shared().user("set-imports-nothing");
    let dataset = client.dataset("untouched", &pictures(1, 6300));
    let before = state_of(&client, &dataset);
    for (file, content, more, code, said) in [
        ("notes.txt", &b"nothing to see"[..], json!({}), "BAD_DOCUMENT", "no "),
        ("a.json", &b"{\"a\": 1}"[..], json!({}), "IGNORED_FILE", "no annotation file"),
        ("b.json", &b"{\"a\": "[..], json!({ "format": "coco" }), "BAD_DOCUMENT", ""),
        ("c.json", &coco(&["elsewhere.png"])[..], json!({}), "EMPTY_ANNOTATION_SET", "nothing to attach"),
        ("d.zip", &zip(&[("readme.md", b"x".to_vec())])[..], json!({}), "", ""),
    ] {
        let (job, findings) = import_into(&client, &dataset, (file, content), more);
        assert_eq!(job["state"], "FAILED", "{file}: {findings:?}");
        assert!(job["error"].as_str().unwrap().contains("no annotation set"), "{file}: {job}");
        let named = |finding: &Value| {
            finding["code"] == code && finding["message"].as_str().is_some_and(|message| message.contains(said))
        };
        assert!(code.is_empty() || findings.iter().any(named), "{file}: {findings:?}");
        assert_eq!(state_of(&client, &dataset), before, "{file}");
    }
}

#[test]
fn what_cannot_be_asked_for_is_refused_with_its_place() {
    let client = shared().user("set-imports-refused");
    let dataset = client.dataset("refused", &pictures(1, 6400));
    let upload = client.upload("boxes.json", &coco(&["image/0.png"]));
    let (unfinished, _) = client.create_upload("later.json", 10);
    for (change, code, field) in [
        (json!({ "dataset": "dataset-1" }), "NOT_FOUND", "dataset"),
        (json!({ "upload": "upload-1" }), "NOT_FOUND", "upload"),
        (json!({ "upload": unfinished }), "UPLOAD_INCOMPLETE", "upload"),
        (json!({ "annotationType": "poetry" }), "NOT_FOUND", "annotationType"),
        (json!({ "format": "poetry" }), "UNSUPPORTED_FORMAT", "format"),
        (json!({ "format": "class-folders", "annotationType": "detection" }), "UNSUPPORTED_FORMAT", "format"),
        (json!({ "name": " " }), "INVALID", "name"),
    ] {
        let mut input = json!({ "dataset": dataset, "upload": upload });
        input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let refused = client.mutate("importAnnotationSet", input, "job { id }");
        assert_eq!(refused["job"], Value::Null, "{change}");
        let error = &refused["userErrors"][0];
        assert_eq!((&error["code"], &error["path"]), (&json!(code), &json!(["input", field])), "{change}");
    }
    let (job, findings) = {
        let input = json!({ "dataset": dataset, "upload": upload, "format": "coco" });
        let job = string(&client.mutate("importAnnotationSet", input, "job { id }")["job"]["id"]);
        (client.wait_for(&job), client.findings(&job))
    };
    assert_eq!(job["state"], "SUCCEEDED", "a refusal does not use the upload up: {findings:?}");
    let again = client.mutate("importAnnotationSet", json!({ "dataset": dataset, "upload": upload }), "job { id }");
    assert_eq!(again["job"], Value::Null, "an upload is read once");
}

#[test]
fn class_folders_of_the_archive_count_and_those_of_the_dataset_do_not_again() {
    let client = shared().user("set-imports-folders");
    let picture = |name: &str, seed: u32| (name.to_owned(), png(8, 6, seed));
    let dataset =
        client.dataset("folders", &zip(&[picture("classes/a/0.png", 6501), picture("classes/b/1.png", 6502)]));
    assert_eq!(client.annotation_sets(&dataset).len(), 1);
    let (job, findings) = import_into(&client, &dataset, ("boxes.json", &coco(&["classes/a/0.png"])), json!({}));
    assert_eq!(job["state"], "SUCCEEDED", "{findings:?}");
    let types = |dataset: &str| -> Vec<String> {
        client.annotation_sets(dataset).iter().map(|set| string(&set["type"]["id"])).collect()
    };
    assert_eq!(types(&dataset).len(), 2, "{:?}", types(&dataset));
    let table = ("label.csv".to_owned(), b"classes/a/0.png,other\n".to_vec());
    let folders = [picture("classes/a/0.png", 6501), picture("classes/b/1.png", 6502)];
    let tabled = client.dataset("tabled", &zip(&[&folders[..], &[table]].concat()));
    let (job, findings) = import_into(&client, &tabled, ("folders.zip", &zip(&folders)), json!({ "name": "folders" }));
    assert_eq!(job["state"], "SUCCEEDED", "{findings:?}");
    let sets = client.annotation_sets(&tabled);
    let added = sets.iter().find(|set| set["name"] == "folders").unwrap();
    assert_eq!(labels(added), [json!(["a", 1]), json!(["b", 1])]);
    // Asked for boxes, they say nothing.
    let boxes = json!({ "annotationType": "detection" });
    let (job, _) = import_into(&client, &tabled, ("folders.zip", &zip(&folders)), boxes);
    assert_eq!((&job["state"], client.annotation_sets(&tabled).len()), (&json!("FAILED"), 2));
}

#[test]
fn a_document_is_known_by_its_content_whatever_its_name_and_length() {
    let client = shared().user("set-imports-names");
    let dataset = client.dataset("named", &pictures(2, 6700));
    let boxes = coco(&["image/0.png", "image/1.png"]);
    // Long enough to be unpacked into a file.
    let long = [&boxes[..], &vec![b' '; 5 << 20]].concat();
    let table = b"image/0.png,PK,1,1,2,2\n".to_vec();
    let pk = b"PK_1.png,cell,1,1,2,2\nimage/1.png,cell,1,1,2,2\n".to_vec();
    for (name, content) in
        [("/home/me/boxes.json", &boxes), ("C:\\x\\label.csv", &table), ("label.csv", &pk), ("long.json", &long)]
    {
        let (job, findings) = import_into(&client, &dataset, (name, content), json!({}));
        assert_eq!(job["state"], "SUCCEEDED", "{name}: {findings:?}");
    }
    let zipped = zip(&[("annotations/long.json", long), ("readme.txt", b"by hand".to_vec())]);
    let (job, findings) = import_into(&client, &dataset, ("archive.zip", &zipped), json!({}));
    assert_eq!(job["state"], "SUCCEEDED", "{findings:?}");
    assert_eq!(findings.iter().map(|finding| string(&finding["path"])).collect::<Vec<_>>(), ["readme.txt"]);
    assert_eq!(client.annotation_sets(&dataset).len(), 5);
}
