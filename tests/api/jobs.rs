//! Jobs that are cancelled, and servers that are killed while jobs run: nothing half-made shows or stays.

use crate::combine::input;
use crate::delete::stored_files;
use crate::support::Server;
use crate::support::archives::{labelled, pictures, png, zip};
use crate::support::client::Client;
use crate::support::dicom::Dicom;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// An archive that takes a while: large pictures, each another file for the bytes behind its end.
fn heavy(count: u32) -> Vec<u8> {
    let one = png(700, 700, 1);
    let entries: Vec<(String, Vec<u8>)> = (0..count)
        .map(|number| {
            let mut bytes = one.clone();
            bytes.extend(number.to_le_bytes());
            (format!("{number}.png"), bytes)
        })
        .collect();
    zip(&entries)
}

const HEAVY: u32 = 150;

/// A DICOM file of many frames and a picture, as datasets to combine: frames become PNG.
fn heavy_sources(client: &Client) -> Value {
    let scan = Dicom {
        rows: 256,
        columns: 256,
        values: (0..65536).map(|at| (at % 4096) as u16).collect(),
        frames: 300,
        ..Dicom::new(90)
    };
    let scans = client.dataset("scans", &zip(&[("scan.dcm", scan.bytes())]));
    let picture = client.dataset("picture", &pictures(1, 1500));
    input("combined", &[json!({ "dataset": scans }), json!({ "dataset": picture })], None, json!({}))
}

/// A running job that has done some of its work, but not all.
fn wait_for_the_middle(client: &Client, job: &str, total: i64) {
    let seen =
        client.wait_until(job, |job| job["progress"]["done"].as_i64().unwrap() > 0 || job["finishedAt"].is_string());
    assert_eq!(seen["state"], "RUNNING", "{seen}");
    assert!(seen["progress"]["done"].as_i64().unwrap() < total, "{seen}");
}

fn cancel(client: &Client, job: &str) -> Value {
    client.mutate("cancelJob", json!({ "job": job }), "job { id state }")
}

/// No dataset of this id or name, no staged file, no upload, and only these stored files.
fn assert_nothing_left(server: &Server, client: &Client, dataset: &str, name: &str, files: usize) {
    let found = client.data(
        "query($id: ID!, $name: String!) { dataset(id: $id) { id } datasets(filter: { search: $name }) { totalCount } }",
        json!({ "id": dataset, "name": name }),
    );
    assert_eq!(found, json!({ "dataset": null, "datasets": { "totalCount": 0 } }));
    assert_eq!(stored_files(server).len(), files);
    assert_goes(server, "blobs/staging");
    assert_uploads_go(server);
}

/// The file of an upload goes right after the job's end is told.
fn assert_uploads_go(server: &Server) {
    assert_goes(server, "uploads");
}

/// What a job staged goes with the last read that was under way when it was told to stop.
fn assert_goes(server: &Server, folder: &str) {
    let folder = server.data_dir().join(folder);
    let left = || -> Vec<_> { std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect() };
    let given_up = Instant::now() + Duration::from_secs(60);
    while !left().is_empty() {
        assert!(Instant::now() < given_up, "{:?}", left());
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_cancelled_import_leaves_nothing_behind() {
    let mut server = Server::start();
    let client = server.admin();
    let (dataset, job) = client.start_import("heavy", &heavy(HEAVY));
    wait_for_the_middle(&client, &job, i64::from(HEAVY));
    assert_eq!(cancel(&client, &job)["userErrors"], json!([]));
    let ended = client.wait_for(&job);
    assert_eq!(
        (&ended["state"], &ended["dataset"], &ended["error"]),
        (&json!("CANCELLED"), &Value::Null, &Value::Null)
    );
    assert_nothing_left(&server, &client, &dataset, "heavy", 0);
    let again = cancel(&client, &job);
    assert_eq!(
        (&again["userErrors"][0]["code"], &again["userErrors"][0]["path"]),
        (&json!("INVALID"), &json!(["input", "job"]))
    );
    client.dataset("heavy", &pictures(1, 1501));
    server.end_and_check();
}

#[test]
fn a_cancelled_combination_leaves_nothing_behind() {
    let mut server = Server::start();
    let client = server.admin();
    let asked = heavy_sources(&client);
    let started = client.mutate("combineDatasets", asked.clone(), "dataset { id } job { id }");
    let job = started["job"]["id"].as_str().unwrap();
    wait_for_the_middle(&client, job, 301);
    cancel(&client, job);
    assert_eq!(client.wait_for(job)["state"], "CANCELLED");
    assert_nothing_left(&server, &client, started["dataset"]["id"].as_str().unwrap(), "combined", 2);
    server.end_and_check();
}

#[test]
fn a_job_that_still_waits_is_cancelled_too() {
    let mut server = Server::with_settings(&[("LIGHTBOX_JOBS__PARALLEL", "1")]);
    let client = server.admin();
    let (_, running) = client.start_import("running", &heavy(HEAVY));
    let (dataset, waiting) = client.start_import("waiting", &pictures(2, 1502));
    assert_eq!(cancel(&client, &waiting)["userErrors"], json!([]));
    cancel(&client, &running);
    assert_eq!(client.wait_for(&waiting)["state"], "CANCELLED");
    assert_eq!(client.wait_for(&running)["state"], "CANCELLED");
    assert_nothing_left(&server, &client, &dataset, "waiting", 0);
    server.end_and_check();
}

#[test]
fn an_import_that_a_kill_interrupts_is_resumed() {
    let mut server = Server::start();
    let client = server.admin();
    let (dataset, job) = client.start_import("heavy", &heavy(HEAVY));
    wait_for_the_middle(&client, &job, i64::from(HEAVY));
    server.kill();
    let mut server = server.restart();
    let client = server.admin();
    let ended = client.wait_until(&job, |job| {
        let seen = client.data(
            "query($id: ID!) { dataset(id: $id) { status imageCount images { nodes { id } } } }",
            json!({ "id": dataset }),
        );
        let is_half = seen["dataset"]["status"] != "AVAILABLE" && seen["dataset"]["images"]["nodes"] != json!([]);
        assert!(!is_half, "{seen}");
        job["finishedAt"].is_string()
    });
    assert_eq!(ended["state"], "SUCCEEDED", "{ended}");
    assert_eq!(ended["progress"], json!({ "done": HEAVY, "total": HEAVY, "unit": "images" }));
    assert_eq!(client.images(&dataset, "id").len(), HEAVY as usize);
    assert_eq!(stored_files(&server).len(), HEAVY as usize);
    assert_uploads_go(&server);
    server.end_and_check();
}

#[test]
fn a_combination_that_a_kill_interrupts_is_resumed() {
    let mut server = Server::start();
    let client = server.admin();
    let started = client.mutate("combineDatasets", heavy_sources(&client), "dataset { id } job { id }");
    let job = started["job"]["id"].as_str().unwrap();
    wait_for_the_middle(&client, job, 301);
    server.kill();
    let mut server = server.restart();
    let client = server.admin();
    assert_eq!(client.wait_for(job)["state"], "SUCCEEDED");
    assert_eq!(client.images(started["dataset"]["id"].as_str().unwrap(), "id").len(), 301);
    server.end_and_check();
}

#[test]
fn a_job_that_every_start_dies_of_is_given_up_and_marked() {
    let mut server = Server::with_settings(&[("LIGHTBOX_JOBS__MAX_ATTEMPTS", "2")]);
    let client = server.admin();
    let (dataset, job) = client.start_import("heavy", &heavy(HEAVY));
    for _ in 0..2 {
        let client = server.admin();
        wait_for_the_middle(&client, &job, i64::from(HEAVY));
        server.kill();
        server = server.restart();
    }
    let client = server.admin();
    let ended = client.wait_for(&job);
    assert_eq!((&ended["state"], &ended["dataset"]["status"]), (&json!("FAILED"), &json!("FAILED")));
    assert!(ended["error"].as_str().unwrap().contains("2 times"), "{ended}");
    assert_eq!(stored_files(&server).len(), 0);
    assert_eq!(client.images(&dataset, "id").len(), 0);
    client.dataset("heavy", &pictures(1, 1503));
    server.end_and_check();
}

#[test]
fn a_server_that_is_told_to_stop_resumes_its_jobs_at_the_next_start() {
    let mut server = Server::start();
    let client = server.admin();
    let (dataset, job) = client.start_import("heavy", &heavy(HEAVY));
    wait_for_the_middle(&client, &job, i64::from(HEAVY));
    assert!(server.terminate().success(), "{}", server.log());
    let mut server = server.restart();
    let client = server.admin();
    assert_eq!(client.wait_for(&job)["state"], "SUCCEEDED");
    assert_eq!(client.images(&dataset, "id").len(), HEAVY as usize);
    server.end_and_check();
}

#[test]
fn a_cancel_that_was_asked_for_before_a_kill_still_holds() {
    let mut server = Server::start();
    let client = server.admin();
    let (dataset, job) = client.start_import("heavy", &heavy(HEAVY));
    wait_for_the_middle(&client, &job, i64::from(HEAVY));
    cancel(&client, &job);
    server.kill();
    let mut server = server.restart();
    let client = server.admin();
    assert_eq!(client.wait_for(&job)["state"], "CANCELLED");
    assert_nothing_left(&server, &client, &dataset, "heavy", 0);
    server.end_and_check();
}

#[test]
fn a_source_that_is_deleted_while_it_is_combined_fails_the_combination_whole() {
    let mut server = Server::start();
    let client = server.admin();
    let asked = heavy_sources(&client);
    let started = client.mutate("combineDatasets", asked.clone(), "dataset { id } job { id }");
    let job = started["job"]["id"].as_str().unwrap();
    wait_for_the_middle(&client, job, 301);
    let source = asked["sources"][1]["dataset"].as_str().unwrap();
    let deleted = client.mutate("deleteDataset", json!({ "dataset": source, "confirmation": "DELETE" }), "job { id }");
    let ended = client.wait_for(job);
    assert_eq!((&ended["state"], &ended["dataset"]["status"]), (&json!("FAILED"), &json!("FAILED")), "{ended}");
    assert_eq!(client.wait_for(deleted["job"]["id"].as_str().unwrap())["state"], "SUCCEEDED");
    assert_eq!(stored_files(&server).len(), 1, "the scan alone is left");
    server.end_and_check();
}

#[test]
fn jobs_are_listed_newest_first_and_by_kind_and_state() {
    let server = Server::start();
    let client = server.admin();
    let good = client.import("good", &labelled(1, 1510, "image/0.png,a\n"));
    let bad = client.import("bad", b"no zip");
    client.mutate("deleteDataset", json!({ "dataset": bad.dataset, "confirmation": "DELETE" }), "job { id }");
    let list = |filter: Value| {
        let query = "query($filter: JobFilter) { jobs(filter: $filter) { totalCount nodes { id kind state } } }";
        client.data(query, json!({ "filter": filter }))["jobs"].take()
    };
    let all = list(Value::Null);
    let kinds: Vec<&Value> = all["nodes"].as_array().unwrap().iter().map(|job| &job["kind"]).collect();
    assert_eq!((kinds, &all["totalCount"]), (vec![&json!("DELETE"), &json!("IMPORT"), &json!("IMPORT")], &json!(3)));
    let failed = list(json!({ "kind": ["IMPORT"], "state": ["FAILED"] }));
    assert_eq!((&failed["nodes"][0]["id"], &failed["totalCount"]), (&bad.job["id"], &json!(1)));
    assert_eq!(list(json!({ "state": ["SUCCEEDED"], "kind": ["IMPORT"] }))["nodes"][0]["id"], good.job["id"]);
    assert_eq!(list(json!({ "kind": ["EXPORT"] }))["totalCount"], 0);
}

#[test]
fn files_that_a_crash_left_handed_over_are_taken_back_unless_something_needs_them() {
    let mut server = Server::start();
    let client = server.admin();
    client.dataset("kept", &pictures(1, 1520));
    let needed = stored_files(&server).pop_first().unwrap();
    server.kill();
    let blobs = server.data_dir().join("blobs");
    // As a server leaves it that dies between handing files over and committing the rows that need them.
    let orphan = "ab".repeat(32);
    std::fs::create_dir_all(blobs.join("files/ab")).unwrap();
    std::fs::write(blobs.join("files/ab").join(&orphan), b"x").unwrap();
    std::fs::create_dir_all(blobs.join("staging/job-1")).unwrap();
    std::fs::write(blobs.join("staging/job-1/handed-over"), format!("{orphan}\n{needed}\n")).unwrap();
    let mut server = server.restart();
    assert_eq!(stored_files(&server), std::collections::BTreeSet::from([needed]));
    assert_eq!(std::fs::read_dir(blobs.join("staging")).unwrap().count(), 0);
    server.end_and_check();
}

#[test]
fn the_upload_of_an_import_that_ended_goes_with_it_whatever_became_of_its_file() {
    let mut server = Server::start();
    let client = server.admin();
    let id = client.upload("archive.zip", &pictures(40, 1530));
    let started = client.mutate("importDataset", json!({ "upload": id }), "dataset { id } job { id }");
    let job = client.wait_for(started["job"]["id"].as_str().unwrap());
    assert_eq!(job["state"], "SUCCEEDED");
    let node = client.data("query($id: ID!) { node(id: $id) { id } }", json!({ "id": id }));
    assert_eq!(node["node"], Value::Null, "its row goes in the transaction that ends the job");
    server.kill();
    // As a server leaves it that dies after that transaction.
    std::fs::write(server.data_dir().join("uploads").join(&id), b"bytes").unwrap();
    let mut server = server.restart();
    assert_uploads_go(&server);
    assert_eq!(server.admin().images(started["dataset"]["id"].as_str().unwrap(), "id").len(), 40);
    server.end_and_check();
}

const DOCUMENTS: usize = 40;

/// Annotations of one image, in documents that take a while each.
fn heavy_documents() -> Vec<u8> {
    let box_of =
        |id: usize| json!({ "id": id, "image_id": 0, "category_id": 1, "bbox": [1, 1, 2, f64::from(id as u32) / 1e3] });
    let boxes: Vec<Value> = (1..2000).map(box_of).collect();
    let document = json!({
        "images": [{ "id": 0, "file_name": "image/0.png", "width": 8, "height": 6 }],
        "annotations": boxes,
        "categories": [{ "id": 1, "name": "cell" }],
    });
    let document = document.to_string().into_bytes();
    zip(&(0..DOCUMENTS).map(|number| (format!("{number:02}.json"), document.clone())).collect::<Vec<_>>())
}

fn start_heavy_documents(client: &Client, dataset: &str) -> String {
    let input = json!({ "dataset": dataset, "upload": client.upload("heavy.zip", &heavy_documents()) });
    let started = client.mutate("importAnnotationSet", input, "job { id }");
    let job = started["job"]["id"].as_str().unwrap().to_owned();
    wait_for_the_middle(client, &job, DOCUMENTS as i64);
    job
}

#[test]
fn annotations_for_a_dataset_come_whole_or_not_at_all() {
    let mut server = Server::start();
    let client = server.admin();
    let dataset = client.dataset("kept", &pictures(1, 1560));
    let state = |client: &Client| {
        let query = "query($id: ID!) { dataset(id: $id) { status imageCount annotationSetCount digest } }";
        client.data(query, json!({ "id": dataset }))["dataset"].take()
    };
    let before = state(&client);
    let job = start_heavy_documents(&client, &dataset);
    cancel(&client, &job);
    assert_eq!(client.wait_for(&job)["state"], "CANCELLED");
    assert_eq!(state(&client), before);
    assert_uploads_go(&server);

    let job = start_heavy_documents(&client, &dataset);
    server.kill();
    let mut server = server.restart();
    let client = server.admin();
    assert_eq!(state(&client), before, "nothing half-made shows");
    let ended = client.wait_for(&job);
    assert_eq!((&ended["state"], &ended["progress"]["done"]), (&json!("SUCCEEDED"), &json!(DOCUMENTS)), "{ended}");
    assert_eq!(state(&client)["annotationSetCount"], 1, "documents of one format make one set");
    assert_goes(&server, "blobs/staging");

    let job = start_heavy_documents(&client, &dataset);
    let deleted = client.mutate("deleteDataset", json!({ "dataset": dataset, "confirmation": "DELETE" }), "job { id }");
    let ended = client.wait_for(&job);
    assert_eq!(ended["state"], "FAILED", "{ended}");
    assert!(ended["error"].as_str().unwrap().contains("was deleted"), "{ended}");
    assert_eq!(client.wait_for(deleted["job"]["id"].as_str().unwrap())["state"], "SUCCEEDED");
    assert_uploads_go(&server);
    server.end_and_check();
}
