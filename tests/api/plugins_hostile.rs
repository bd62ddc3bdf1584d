//! Files that make their plugin crash, hang, hog or talk nonsense, imported beside good ones: each is one finding, and
//! the server goes on. What becomes of the calls themselves is in `tests/plugins/hostile.rs`.

use crate::support::archives::{png, zip};
use crate::support::client::{Client, string};
use crate::support::plugin_folder::{HOSTILE, MISBEHAVING};
use crate::support::{PluginFolder, Server};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// For what never ends; long enough for everything else even on a busy machine.
const SHORT: (&str, &str) = ("LIGHTBOX_PLUGINS__CALL_TIMEOUT_MS", "3000");
const LITTLE_MEMORY: (&str, &str) = ("LIGHTBOX_PLUGINS__MEMORY_LIMIT_BYTES", "268435456");

/// Behaviour, the code of the finding, and what its sentence names.
type Deadly = (&'static str, &'static str, &'static str);

const DEADLY: [Deadly; 7] = [
    ("null write", "PLUGIN_CRASHED", "SIGSEGV"),
    ("abort", "PLUGIN_CRASHED", "SIGABRT"),
    ("stack overflow", "PLUGIN_CRASHED", "SIG"),
    ("null write @ probe", "PLUGIN_CRASHED", "SIGSEGV"),
    ("memory, then abort", "PLUGIN_MEMORY", "268435456 bytes"),
    ("garbage", "PLUGIN_PROTOCOL", "protocol"),
    ("close all", "PLUGIN_PROTOCOL", "protocol"),
];
const ENDLESS: [Deadly; 2] = [("spin", "PLUGIN_TIMEOUT", "3000 ms"), ("sleep", "PLUGIN_TIMEOUT", "3000 ms")];

fn hostile_file(behaviour: &str) -> (String, Vec<u8>) {
    (format!("bad/{behaviour}.hostile"), format!("hostile {behaviour}").into_bytes())
}

fn archive(deadly: &[Deadly]) -> Vec<u8> {
    let mut files: Vec<(String, Vec<u8>)> = vec![("first.png".to_owned(), png(8, 6, 1))];
    files.extend(deadly.iter().map(|(behaviour, ..)| hostile_file(behaviour)));
    files.push(("good.hostile".to_owned(), b"GOOD".to_vec()));
    files.push(("last.png".to_owned(), png(8, 6, 2)));
    zip(&files)
}

fn paths(client: &Client, dataset: &str) -> Vec<String> {
    client.images(dataset, "path").iter().map(|image| string(&image["path"])).collect()
}

fn plugin(client: &Client, name: &str) -> Value {
    let plugins =
        client.data("{ plugins { name version path state suspendedSeconds } }", Value::Null)["plugins"].take();
    plugins.as_array().unwrap().iter().find(|plugin| plugin["name"] == name).unwrap().clone()
}

fn assert_answers(server: &mut Server) {
    assert!(server.is_running(), "{}", server.log());
    assert_eq!(server.admin().get("/health/ready").status, 200);
}

#[test]
fn each_hostile_file_is_one_finding_and_the_good_ones_beside_it_are_there() {
    let folder = PluginFolder::built_in().with_source(HOSTILE, "hostile", &[]);
    for (setting, deadly) in [(LITTLE_MEMORY, &DEADLY[..]), (SHORT, &ENDLESS[..])] {
        let mut server = folder.serve(&[setting]);
        let client = server.admin();
        let imported = client.import("hostile", &archive(deadly));
        assert_eq!(imported.state(), "SUCCEEDED", "{}", imported.job);
        assert_eq!(paths(&client, &imported.dataset), ["first.png", "good.hostile", "last.png"]);
        let told: Vec<(String, String)> =
            imported.findings.iter().map(|each| (string(&each["path"]), string(&each["code"]))).collect();
        let expected: Vec<(String, String)> =
            deadly.iter().map(|(behaviour, code, _)| (hostile_file(behaviour).0, code.to_string())).collect();
        assert_eq!(told, expected, "{:?}", imported.findings);
        for (finding, (_, _, cause)) in imported.findings.iter().zip(deadly) {
            let message = finding["message"].as_str().unwrap();
            assert!(message.contains(cause) && message.contains("test.hostile"), "{cause}: {finding}");
            assert_eq!(finding["severity"], "ERROR");
        }
        for image in client.images(&imported.dataset, "renderedUrl(maxSize: 32) thumbnailUrl") {
            assert_eq!(client.get(image["renderedUrl"].as_str().unwrap()).status, 200);
            assert_eq!(client.get(image["thumbnailUrl"].as_str().unwrap()).status, 200);
        }
        assert_answers(&mut server);
        server.end_and_check();
    }
}

#[test]
fn an_image_that_its_plugin_fails_at_later_is_an_error_with_a_code_for_who_asks() {
    for (setting, deadly) in [(LITTLE_MEMORY, &DEADLY[..]), (SHORT, &ENDLESS[..])] {
        // At import it is read by a plugin that takes everything; the next version of that plugin attacks.
        let definitions = ["PLUGIN_ID=\"test.hostile\"", "FORMAT_ID=\"hostile\""];
        let folder = PluginFolder::built_in().with_source(MISBEHAVING, "hostile", &definitions);
        let mut server = folder.serve(&[setting]);
        let client = server.admin();
        let dataset = client.dataset("later", &archive(deadly));
        let images = client.images(&dataset, "path renderedUrl thumbnailUrl(size: 64)");
        assert_eq!(images.len(), deadly.len() + 3);
        folder.put_source(HOSTILE, "hostile", &[]);
        client.data("mutation { reloadPlugins { userErrors { message } } }", Value::Null);
        for (behaviour, code, _) in deadly.iter().filter(|(behaviour, ..)| !behaviour.contains('@')) {
            let image = images.iter().find(|image| image["path"] == hostile_file(behaviour).0).unwrap();
            for field in ["renderedUrl", "thumbnailUrl"] {
                let reply = client.get(image[field].as_str().unwrap());
                assert_eq!(reply.status, 422, "{behaviour}: {}", reply.text());
                assert_eq!(reply.json()["code"], *code, "{behaviour}: {}", reply.text());
                assert!(reply.text().contains("test.hostile"), "{behaviour}: {}", reply.text());
            }
        }
        for image in images.iter().filter(|image| !image["path"].as_str().unwrap().starts_with("bad/")) {
            let reply = client.get(image["renderedUrl"].as_str().unwrap());
            assert_eq!(reply.status, 200, "{image}: {}", reply.text());
        }
        assert_answers(&mut server);
        server.end_and_check();
    }
}

#[test]
fn a_plugin_that_keeps_crashing_is_suspended_and_the_other_formats_go_on() {
    let folder = PluginFolder::built_in().with_source(HOSTILE, "hostile", &[]);
    let mut server = folder.serve(&[("LIGHTBOX_LIMITS__PLUGIN_WAIT_SECONDS", "0")]);
    let client = server.admin();
    let ready = plugin(&client, "Hostile");
    assert_eq!((&ready["state"], &ready["suspendedSeconds"]), (&json!("READY"), &Value::Null));
    let mut files: Vec<(String, Vec<u8>)> =
        (0..60).map(|number| (format!("{number}.hostile"), b"hostile null write @ probe".to_vec())).collect();
    files.extend((0..5).map(|number| (format!("{number}.png"), png(8, 6, number))));
    let imported = client.import("crashing", &zip(&files));
    assert_eq!(imported.state(), "SUCCEEDED", "{}", imported.job);
    assert_eq!(client.images(&imported.dataset, "path").len(), 5);
    let count = |code: &str| imported.codes().iter().filter(|each| **each == code).count();
    let (crashed, suspended) = (count("PLUGIN_CRASHED"), count("PLUGIN_SUSPENDED"));
    assert_eq!(crashed + suspended, 60, "{:?}", imported.codes());
    assert!(crashed >= 20 && suspended >= 20, "{crashed} crashed, {suspended} suspended");
    let state = plugin(&client, "Hostile");
    assert_eq!(state["state"], "SUSPENDED");
    assert!((1..=60).contains(&state["suspendedSeconds"].as_i64().unwrap()), "{state}");
    for name in client.data("{ plugins { name state } }", Value::Null)["plugins"].as_array().unwrap() {
        assert!(name["name"] == "Hostile" || name["state"] == "READY", "{name}");
    }
    let other = client.dataset("others go on", &zip(&[("a.png", png(8, 6, 9))]));
    let image = &client.images(&other, "renderedUrl")[0];
    assert_eq!(client.get(image["renderedUrl"].as_str().unwrap()).status, 200);
    // What an operator does who has repaired it.
    client.data("mutation { reloadPlugins { userErrors { message } } }", Value::Null);
    assert_eq!(plugin(&client, "Hostile")["state"], "READY");
    assert_answers(&mut server);
    server.end_and_check();
}

#[test]
fn an_import_waits_for_a_plugin_that_is_switched_off_and_reads_its_files_then() {
    let folder = PluginFolder::built_in().with_source(HOSTILE, "hostile", &[]);
    let mut server = folder.serve(&[]);
    let client = server.admin();
    let bad: Vec<(String, Vec<u8>)> =
        (0..40).map(|number| (format!("{number:02}.hostile"), b"hostile null write @ probe".to_vec())).collect();
    let good = [("good.hostile", b"GOOD")];
    let (_, crashing) = client.start_import("crashing", &zip(&bad));
    let given_up = Instant::now() + Duration::from_secs(120);
    while plugin(&client, "Hostile")["state"] != "SUSPENDED" {
        assert!(Instant::now() < given_up, "it is never switched off");
        std::thread::sleep(Duration::from_millis(20));
    }
    let (dataset, waiting) = client.start_import("waiting", &zip(&good));
    client.wait_until(&waiting, |job| job["state"] == "RUNNING");
    // Somebody who does not want to wait for its minute to end.
    client.mutate("cancelJob", json!({ "job": crashing }), "job { id }");
    client.wait_for(&crashing);
    client.data("mutation { reloadPlugins { userErrors { message } } }", Value::Null);
    assert_eq!(client.wait_for(&waiting)["state"], "SUCCEEDED");
    assert_eq!(client.findings(&waiting), Vec::<Value>::new());
    assert_eq!(paths(&client, &dataset), ["good.hostile"]);
    assert_answers(&mut server);
    server.end_and_check();
}
