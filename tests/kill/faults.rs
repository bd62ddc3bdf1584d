//! Disks that fail or are full: requests and jobs say so, what was acknowledged stays, and once the fault is gone the
//! server is whole, by itself or after it was killed in the middle of it.

use crate::board::Board;
use crate::disk::{self, Needed};
use crate::failing_disk::{CREATE, EIO, ENOSPC, FLUSH, FailingDisk, Fault, REMOVE, RENAME, SmallDisk, WRITE};
use crate::settings;
use crate::support::Server;
use crate::support::archives::{labelled, pictures, png, zip};
use crate::world::{OnFault, World};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

const ALL: u32 = WRITE | FLUSH | RENAME | REMOVE | CREATE;

#[test]
fn a_store_of_files_that_fails_now_and_then_costs_what_was_asked_for_then_and_nothing_else() {
    let fault = Fault { error: EIO, calls: ALL, path: "/data/blobs/", per_million: 30_000 };
    work_on_a_failing_disk(fault, "blobs");
}

#[test]
fn a_database_whose_files_fail_now_and_then_keeps_every_change_that_it_said_it_has() {
    let fault = Fault { error: EIO, calls: WRITE | FLUSH, path: "/data/lightbox.db", per_million: 30_000 };
    work_on_a_failing_disk(fault, "database");
}

#[test]
fn uploads_on_a_disk_that_fails_now_and_then_keep_the_bytes_that_were_acknowledged() {
    let fault = Fault { error: EIO, calls: ALL, path: "/data/uploads/", per_million: 100_000 };
    work_on_a_failing_disk(fault, "uploads");
}

#[test]
fn a_disk_without_room_costs_what_was_asked_for_then_and_nothing_else() {
    let fault = Fault { error: ENOSPC, calls: WRITE | CREATE, path: "/data/", per_million: 200_000 };
    work_on_a_failing_disk(fault, "no room");
}

/// Users work while it fails, and while it does not; they find everything when it is well again, and after a kill in the
/// middle of its failing.
fn work_on_a_failing_disk(fault: Fault, name: &str) {
    let seed = settings::seed();
    println!("LIGHTBOX_KILL_SEED={seed} ({name})");
    let disk = FailingDisk::new();
    let mut server = Server::with_settings(&disk.settings());
    let board = Arc::new(Board::default());
    let mut worlds: Vec<World> = (0..2)
        .map(|number| {
            let name = format!("{name}-{number}");
            let token = server.create_user(&name);
            World::new(&name, token, seed.wrapping_add(number), board.clone())
        })
        .collect();
    work(&server, &mut worlds, &board, OnFault::Lose, Duration::from_millis(700));
    let rounds = (settings::kills() / 24).max(1);
    for round in 0..rounds {
        disk.begin(fault, seed as u32 + round as u32);
        work(&server, &mut worlds, &board, OnFault::GoOn, Duration::from_millis(1500));
        disk.end();
        find_everything(&server, &mut worlds, usize::MAX);
        // Whether a request that failed was done is known only after the server came back: each user stops at his first.
        disk.begin(fault, seed as u32 - round as u32);
        work(&server, &mut worlds, &board, OnFault::Stop, Duration::from_millis(1000));
        server.kill();
        disk.end();
        server.start_again();
        // Files of uploads that could not be removed go at a start; no user's doubt is settled before he looks.
        let lost_uploads = 2 + worlds.iter().map(|world| world.model.lost_uploads).sum::<usize>();
        find_everything(&server, &mut worlds, lost_uploads);
        server.end_and_check();
        server.start_again();
    }
    assert!(disk.failed() > 0, "nothing failed");
    println!("{name}: {} calls failed in {rounds} rounds\n{}", disk.failed(), board.figures());
}

fn work(server: &Server, worlds: &mut [World], board: &Board, on_fault: OnFault, time: Duration) {
    board.clear();
    std::thread::scope(|scope| {
        for world in worlds.iter_mut() {
            world.on_fault = on_fault;
            let wire = world.wire(server.address());
            scope.spawn(move || world.work(&wire));
        }
        std::thread::sleep(time);
        board.stop();
    });
}

/// `lost_uploads`: files of uploads that may be there though nobody knows them.
fn find_everything(server: &Server, worlds: &mut [World], lost_uploads: usize) {
    for world in worlds.iter_mut() {
        // Jobs may have failed while the disk did.
        world.on_fault = OnFault::GoOn;
        let wire = world.wire(server.address());
        assert!(
            world.find_everything(&wire).is_ok(),
            "the server fails though the disk is well again: {}",
            server.log()
        );
    }
    let needed = Needed {
        files: worlds.iter().flat_map(World::needed_files).collect(),
        uploads: worlds.iter().flat_map(|world| world.model.uploads.keys().cloned()).collect(),
        lost_uploads,
        exports: worlds.iter().flat_map(|world| world.model.exports.keys().cloned()).collect(),
    };
    disk::check(&server.data_dir(), &needed, &BTreeSet::new());
}

#[test]
fn a_change_that_cannot_be_written_is_never_acknowledged() {
    let disk = FailingDisk::new();
    let mut server = Server::with_settings(&disk.settings());
    let client = server.admin();
    let dataset = client.dataset("as it was", &pictures(1, 9090));
    let set = json!({ "dataset": dataset, "name": "s", "annotationType": "detection", "labels": [] });
    let changes = [
        ("renameDataset", json!({ "dataset": dataset, "name": "another" })),
        ("createAnnotationSet", set),
        ("registerDerivative", json!({ "dataset": dataset, "name": "d", "kind": "INFERENCE" })),
        ("createUpload", json!({ "filename": "x", "byteSize": 5 })),
        ("exportDataset", json!({ "dataset": dataset, "format": "images" })),
        ("deleteDataset", json!({ "dataset": dataset, "confirmation": "DELETE" })),
    ];
    for (calls, round) in [(WRITE, 1), (FLUSH, 2)] {
        disk.begin(Fault { error: EIO, calls, path: "/data/lightbox.db", per_million: 1_000_000 }, round);
        for (field, input) in &changes {
            let kind = format!("{}{}Input", field[..1].to_uppercase(), &field[1..]);
            let query =
                format!("mutation($input: {kind}!) {{ {field}(input: $input) {{ userErrors {{ code message }} }} }}");
            let answer = client.graphql(&query, json!({ "input": input }));
            assert_eq!(answer["errors"][0]["extensions"]["code"], "INTERNAL", "{field}: {answer}");
        }
        disk.end();
        let query = "query($id: ID!) { dataset(id: $id) { name annotationSetCount usage { inferences } }
            jobs { totalCount } }";
        let shown = client.data(query, json!({ "id": dataset }));
        let before = json!({ "name": "as it was", "annotationSetCount": 0, "usage": { "inferences": 0 } });
        assert_eq!(shown, json!({ "dataset": before, "jobs": { "totalCount": 1 } }));
    }
    server.end_and_check();
}

#[test]
fn a_dataset_is_deleted_in_the_end_whatever_the_disk_says_first() {
    let disk = FailingDisk::new();
    let mut server = Server::with_settings(&disk.settings());
    let client = server.admin();
    let dataset = client.dataset("going", &pictures(3, 9100));
    disk.begin(Fault { error: EIO, calls: REMOVE, path: "/data/blobs/files/", per_million: 1_000_000 }, 1);
    let input = json!({ "dataset": dataset, "confirmation": "DELETE" });
    let job = client.mutate("deleteDataset", input, "job { id }")["job"]["id"].take();
    while disk.failed() == 0 {
        std::thread::sleep(Duration::from_millis(20));
    }
    // Other jobs go on meanwhile.
    client.dataset("other", &pictures(1, 9101));
    disk.end();
    assert_eq!(client.wait_for(job.as_str().unwrap())["state"], "SUCCEEDED");
    server.end_and_check();
}

#[test]
fn a_job_whose_end_cannot_be_written_ends_as_soon_as_it_can() {
    let disk = FailingDisk::new();
    let mut server = Server::with_settings(&disk.settings());
    let client = server.admin();
    let started = client.start_import("cut off", &labelled(30, 91, "image/0.png,a\n"));
    disk.begin(Fault { error: EIO, calls: WRITE | FLUSH, path: "/data/lightbox.db", per_million: 1_000_000 }, 1);
    std::thread::sleep(Duration::from_millis(1500));
    disk.end();
    let ended = client.wait_for(&started.1);
    let found = client.data("query($id: ID!) { dataset(id: $id) { status imageCount } }", json!({ "id": started.0 }));
    let expected = match ended["state"].as_str() {
        // It was done before, or not begun.
        Some("SUCCEEDED") => json!({ "status": "AVAILABLE", "imageCount": 30 }),
        Some("FAILED") => json!({ "status": "FAILED", "imageCount": 0 }),
        _ => panic!("{ended}"),
    };
    assert_eq!(found["dataset"], expected);
    server.end_and_check();
}

/// A commit that fails at the flush stands in the log all the same: a server that is killed then finds it there.
#[test]
fn a_commit_that_failed_and_shows_after_a_kill_finds_its_files() {
    let disk = FailingDisk::new();
    let mut server = Server::with_settings(&disk.settings());
    for round in 0..2 + settings::kills() / 50 {
        let client = server.admin();
        let (dataset, job) = client.start_import(&format!("flushed {round}"), &pictures(12, 9200 + round as u32));
        client.wait_until(&job, |job| job["state"] != "QUEUED");
        std::thread::sleep(Duration::from_millis(60 * (round % 5)));
        disk.begin(Fault { error: EIO, calls: FLUSH, path: "/data/lightbox.db-wal", per_million: 1_000_000 }, 1);
        std::thread::sleep(Duration::from_millis(1200));
        server.kill();
        disk.end();
        server.start_again();
        let client = server.admin();
        // The failure may have been written to the log in its turn.
        let ended = client.wait_for(&job);
        let images = client.images(&dataset, "url");
        let expected = if ended["state"] == "SUCCEEDED" { 12 } else { 0 };
        assert_eq!((images.len(), ended["dataset"]["id"].as_str()), (expected, Some(dataset.as_str())), "{ended}");
        for image in images {
            assert_eq!(client.get(image["url"].as_str().unwrap()).status, 200, "round {round}");
        }
        server.end_and_check();
        server.start_again();
    }
}

#[test]
fn a_full_disk_is_told_of_and_the_server_goes_on_when_there_is_room() {
    let name = "a_full_disk_is_told_of_and_the_server_goes_on_when_there_is_room";
    let disk = match SmallDisk::mount(48) {
        Ok(disk) => disk,
        Err(why) => return println!("SKIPPED {name}: no file system of its own can be mounted: {why}"),
    };
    let folder = tempfile::Builder::new().prefix("lightbox-test-").tempdir_in(disk.path()).unwrap();
    let mut server = Server::in_folder(folder, &[settings::COST]);
    let client = server.admin();
    let kept = client.dataset("kept", &labelled(3, 9300, "image/0.png,a\n"));
    let digest = |client: &crate::support::Client| {
        let query = "query($id: ID!) { dataset(id: $id) { status imageCount digest } }";
        client.data(query, json!({ "id": kept }))["dataset"].take()
    };
    let before = digest(&client);
    // As much as fits once, but not twice: the upload and what is unpacked from it.
    let entries: Vec<(String, Vec<u8>)> =
        (0..14).map(|number| (format!("{number}.png"), png(1400, 1400, 9310 + number))).collect();
    let (upload, url) = client.create_upload("large.zip", zip(&entries).len());
    let archive = zip(&entries);
    assert_eq!(client.patch(&url, 0, &archive).status, 204);
    let started = client.mutate("importDataset", json!({ "upload": upload, "name": "large" }), "job { id }");
    let ended = client.wait_for(started["job"]["id"].as_str().unwrap());
    assert_eq!(ended["state"], "FAILED", "{ended}");
    assert!(ended["error"].as_str().unwrap().contains("disk is full"), "{ended}");
    assert_eq!(digest(&client), before);

    // An upload for which there is no room leaves what there is.
    let filler = vec![7; 60 << 20];
    let (_, url) = client.create_upload("filler", filler.len());
    let refused = client.patch(&url, 0, &filler);
    assert_eq!(refused.status, 507, "{}", refused.text());
    assert!(refused.text().contains("disk is full"), "{}", refused.text());
    let offset = client.request("HEAD", &url, &[("tus-resumable", "1.0.0")], b"");
    assert_eq!(offset.header("upload-offset"), "0", "what found no room leaves it to others");
    let told = client
        .graphql("mutation { createUpload(input: { filename: \"x\", byteSize: 9 }) { upload { id } } }", Value::Null);
    assert_eq!(told["errors"], Value::Null, "{told}");
    assert_eq!(digest(&client), before, "reading goes on");
    let ended = client.request("DELETE", &url, &[("tus-resumable", "1.0.0")], b"");
    assert_eq!(ended.status, 204, "who has no room must be able to make some: {}", ended.text());
    client.dataset("after", &pictures(2, 9350));
    assert_eq!(digest(&client), before);
    server.end_and_check();
}
