//! `lightbox backup` beside a running server, and `lightbox restore`, which checks before it brings back.

use crate::annotate::digest;
use crate::delete::{delete, stored_files};
use crate::support::Server;
use crate::support::archives::{labelled, pictures};
use crate::support::client::{Client, string};
use crate::support::server::{lightbox, text};
use serde_json::Value;
use std::path::Path;
use std::process::Output;
use tempfile::TempDir;

fn run(command: &str, folder: &Path, data_dir: &Path) -> Output {
    lightbox().arg(command).arg(folder).arg("--data-dir").arg(data_dir).output().unwrap()
}

/// Names and digests of the datasets that are whole.
fn digests(client: &Client) -> Vec<(String, String)> {
    let query = "{ datasets(first: 100, filter: { status: [AVAILABLE] }) { nodes { id name } } }";
    let datasets = client.data(query, Value::Null)["datasets"]["nodes"].take();
    let digest_of = |dataset: &Value| (string(&dataset["name"]), digest(client, dataset["id"].as_str().unwrap()));
    datasets.as_array().unwrap().iter().map(digest_of).collect()
}

#[test]
fn a_backup_of_a_server_that_works_comes_back_with_every_digest() {
    let server = Server::start();
    let client = server.admin();
    client.dataset("boxes", &labelled(3, 7001, "image/0.png,cell,1,1,2,2\nimage/2.png,cell,2,2,3,3\n"));
    let gone = client.dataset("gone", &pictures(2, 7002));
    assert_eq!(client.wait_for(&string(&delete(&client, &gone, "DELETE")["job"]["id"]))["state"], "SUCCEEDED");
    let before = digests(&client);
    client.create_upload("never.zip", 100);
    // What comes meanwhile is in the backup whole or not at all.
    let started: Vec<(String, String)> =
        (0..8).map(|number| client.start_import(&format!("while {number}"), &pictures(5, 7010 + number))).collect();
    let folder = TempDir::with_prefix("lightbox-test-").unwrap();
    let (backup, restored) = (folder.path().join("backup"), folder.path().join("data"));
    let made = run("backup", &backup, &server.data_dir());
    assert!(made.status.success(), "{}", text(&made.stderr));
    started.iter().for_each(|(_, job)| assert_eq!(client.wait_for(job)["state"], "SUCCEEDED"));
    let after = digests(&client);
    let again = run("backup", &backup, &server.data_dir());
    assert!(!again.status.success() && text(&again.stderr).contains("is there already"), "{}", text(&again.stderr));

    let brought = run("restore", &backup, &restored);
    assert!(brought.status.success(), "{}", text(&brought.stderr));
    let mut copy = Server::over(folder);
    let of_copy = Client::new(copy.address(), Some(server.admin_token()));
    let jobs = of_copy.data("{ jobs(first: 50) { nodes { id } } }", Value::Null)["jobs"]["nodes"].take();
    jobs.as_array().unwrap().iter().for_each(|job| drop(of_copy.wait_for(job["id"].as_str().unwrap())));
    let found = digests(&of_copy);
    let missing: Vec<_> = before.iter().filter(|dataset| !found.contains(dataset)).collect();
    let foreign: Vec<_> = found.iter().filter(|dataset| !after.contains(dataset)).collect();
    assert!(missing.is_empty() && foreign.is_empty(), "missing {missing:?}, other than they were {foreign:?}");
    copy.end_and_check();
}

#[test]
fn a_backup_that_is_damaged_or_not_whole_is_not_brought_back() {
    let server = Server::start();
    let client = server.admin();
    client.dataset("pictures", &pictures(2, 7050));
    let folder = TempDir::with_prefix("lightbox-test-").unwrap();
    let (backup, restored) = (folder.path().join("backup"), folder.path().join("restored"));
    assert!(run("backup", &backup, &server.data_dir()).status.success());
    let name = stored_files(&server).into_iter().next().unwrap();
    let stored = backup.join("blobs/files").join(&name[..2]).join(&name);
    let whole = std::fs::read(&stored).unwrap();
    let refused = |what: &str, sentence: &str| {
        let output = run("restore", &backup, &restored);
        let told = text(&output.stderr);
        assert!(!output.status.success() && told.contains(sentence), "{what}: {told}");
        assert!(!restored.exists(), "{what}");
    };
    std::fs::write(&stored, [&whole[..], b"x"].concat()).unwrap();
    refused("another byte", &name);
    std::fs::remove_file(&stored).unwrap();
    refused("a file less", &name);
    std::fs::write(&stored, &whole).unwrap();
    let database = std::fs::read(backup.join("lightbox.db")).unwrap();
    std::fs::write(backup.join("lightbox.db"), &database[..database.len() - 1]).unwrap();
    refused("a cut database", "lightbox.db is damaged");
    std::fs::write(backup.join("lightbox.db"), &database).unwrap();
    std::fs::create_dir(&restored).unwrap();
    std::fs::write(restored.join("mine"), "x").unwrap();
    let output = run("restore", &backup, &restored);
    assert!(!output.status.success() && text(&output.stderr).contains("is not empty"), "{}", text(&output.stderr));
    std::fs::remove_file(restored.join("mine")).unwrap();
    assert!(run("restore", &backup, &restored).status.success());
    let none = run("backup", &folder.path().join("other"), &folder.path().join("nothing"));
    assert!(!none.status.success() && text(&none.stderr).contains("no data directory"), "{}", text(&none.stderr));
}
