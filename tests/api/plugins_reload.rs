//! Plugins that come, go and change while the server runs.

use crate::cli::told;
use crate::support::archives::{decode_png, pictures, zip};
use crate::support::client::Client;
use crate::support::plugin_folder::{MISBEHAVING, example};
use crate::support::plugin_libraries::link;
use crate::support::server::lightbox;
use crate::support::{PluginFolder, Server};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const RELOAD: &str =
    "mutation { reloadPlugins { plugins { name } refusedPlugins { name } userErrors { code message } } }";

fn reload_by_command(server: &Server) -> (i32, String, String) {
    let mut command = lightbox();
    command.args(["plugins", "reload", "--server", &server.url()]).env("LIGHTBOX_TOKEN", server.admin_token());
    told(command.output().unwrap())
}

fn version_of(client: &Client, name: &str) -> Option<String> {
    let plugins = client.data("{ plugins { name version } }", Value::Null)["plugins"].take();
    let found = plugins.as_array().unwrap().iter().find(|plugin| plugin["name"] == name)?;
    Some(found["version"].as_str().unwrap().to_owned())
}

fn formats(client: &Client) -> Vec<String> {
    let formats = client.data("{ imageFormats { id } }", Value::Null)["imageFormats"].take();
    formats.as_array().unwrap().iter().map(|format| format["id"].as_str().unwrap().to_owned()).collect()
}

/// Signals are answered by nothing: what they lead to is asked for until it is there.
fn wait_for(what: &str, mut is_there: impl FnMut() -> bool) {
    let given_up = Instant::now() + Duration::from_secs(60);
    while !is_there() {
        assert!(Instant::now() < given_up, "in vain: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_new_plugin_is_there_after_the_command_and_a_removed_one_gone() {
    let folder = PluginFolder::built_in();
    let mut server = folder.serve(&[]);
    let client = server.admin();
    link(example("example-plugin-nifti"), folder.path());
    assert!(!formats(&client).contains(&"nifti".to_owned()));
    let (code, out, error) = reload_by_command(&server);
    assert_eq!(code, 0, "{error}");
    assert!(out.contains("libexample_plugin_nifti"), "{out}");
    assert!(formats(&client).contains(&"nifti".to_owned()));
    folder.remove("libexample_plugin_nifti");
    std::fs::write(folder.library("broken"), "no library").unwrap();
    let (code, out, error) = reload_by_command(&server);
    assert_eq!(code, 0, "{error}");
    assert!(!out.contains("libexample_plugin_nifti") && out.contains("Refused") && out.contains("broken"), "{out}");
    assert!(!formats(&client).contains(&"nifti".to_owned()));
    server.end_and_check();
}

#[test]
fn a_hangup_signal_reloads_too() {
    let folder = PluginFolder::built_in();
    let mut server = folder.serve(&[]);
    let client = server.admin();
    let process = rustix::process::Pid::from_raw(server.process_id() as i32).unwrap();
    let hang_up = || rustix::process::kill_process(process, rustix::process::Signal::HUP).unwrap();
    link(example("example-plugin-nifti"), folder.path());
    hang_up();
    wait_for("the new format", || formats(&client).contains(&"nifti".to_owned()));
    folder.remove("libexample_plugin_nifti");
    hang_up();
    wait_for("the end of the format", || !formats(&client).contains(&"nifti".to_owned()));
    assert!(server.is_running());
    server.end_and_check();
}

#[test]
fn only_an_administrator_may_reload() {
    let folder = PluginFolder::built_in();
    let mut server = folder.serve(&[]);
    let user = server.user("ann");
    let refused = user.data(RELOAD, Value::Null)["reloadPlugins"].take();
    assert_eq!(refused["userErrors"][0]["code"], "FORBIDDEN");
    assert_eq!((&refused["plugins"], &refused["refusedPlugins"]), (&json!([]), &json!([])));
    let stranger = server.anonymous().graphql(RELOAD, Value::Null);
    assert_eq!(stranger["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    let mut command = lightbox();
    command.args(["plugins", "reload", "--server", &server.url()]).env("LIGHTBOX_TOKEN", user.token.clone().unwrap());
    let (code, _, error) = told(command.output().unwrap());
    assert!(code != 0 && error.contains("administrator"), "{error}");
    server.end_and_check();
}

#[test]
fn a_replaced_plugin_answers_as_before_until_it_is_reloaded() {
    let folder = PluginFolder::built_in().with_source(MISBEHAVING, "shade", &["VERSION=\"1\"", "SHADE=7"]);
    let mut server = folder.serve(&[]);
    let client = server.admin();
    let dataset = client.dataset("shade", &zip(&[("a.bad", "any bytes")]));
    let shown = || {
        let url = client.images(&dataset, "renderedUrl")[0]["renderedUrl"].as_str().unwrap().to_owned();
        let reply = client.get(&url);
        assert_eq!(reply.status, 200, "{}", reply.text());
        let tag = reply.header("etag").to_owned();
        (decode_png(&reply.body).3[0], version_of(&client, "Misbehaving").unwrap(), tag, url)
    };
    let before = shown();
    assert_eq!((before.0, before.1.as_str()), (7, "1"));
    folder.put_source(MISBEHAVING, "shade", &["VERSION=\"2\"", "SHADE=9"]);
    assert_eq!(shown(), before);
    assert_eq!(reload_by_command(&server).0, 0);
    let after = shown();
    assert_eq!((after.0, after.1.as_str()), (9, "2"));
    assert_ne!(after.2, before.2, "the tag of what a browser keeps");
    assert_ne!(after.3, before.3, "the address of what a browser keeps for good");
    let old = client.get(&before.3);
    assert_eq!(decode_png(&old.body).3[0], 9);
    assert!(!old.header("cache-control").contains("immutable"), "{:?}", old.headers);
    server.end_and_check();
}

#[test]
fn no_request_fails_while_plugins_are_reloaded_again_and_again() {
    let folder = PluginFolder::built_in();
    let mut server = folder.serve(&[]);
    let client = server.admin();
    let dataset = client.dataset("busy", &pictures(4, 40));
    let urls: Vec<String> = client
        .images(&dataset, "renderedUrl(maxSize: 5)")
        .iter()
        .map(|image| image["renderedUrl"].as_str().unwrap().to_owned())
        .collect();
    let (is_over, asked) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for url in &urls {
            let (client, is_over, asked) = (client.clone(), &is_over, &asked);
            scope.spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    let reply = client.get(url);
                    assert_eq!(reply.status, 200, "{}", reply.text());
                    asked.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let reloads = || {
            for _ in 0..20 {
                let reloaded = client.data(RELOAD, Value::Null)["reloadPlugins"].take();
                assert_eq!(reloaded["userErrors"], json!([]));
                assert_eq!(reloaded["plugins"].as_array().unwrap().len(), 5, "{reloaded}");
            }
        };
        let reloaded = std::panic::catch_unwind(std::panic::AssertUnwindSafe(reloads));
        is_over.store(true, Ordering::Relaxed);
        reloaded.unwrap();
    });
    assert!(asked.load(Ordering::Relaxed) >= 20, "{asked:?} requests beside 20 reloads");
    let imported = client.import("after", &pictures(2, 41));
    assert_eq!((imported.state(), imported.findings.len()), ("SUCCEEDED", 0));
    server.end_and_check();
}

#[test]
fn an_import_goes_on_while_plugins_are_reloaded() {
    let folder = PluginFolder::built_in();
    let mut server = folder.serve(&[]);
    let client = server.admin();
    let (dataset, job) = client.start_import("long", &pictures(300, 42));
    for _ in 0..5 {
        client.data(RELOAD, Value::Null);
    }
    assert_eq!(client.wait_for(&job)["state"], "SUCCEEDED");
    assert_eq!(client.findings(&job), Vec::<Value>::new());
    assert_eq!(client.images(&dataset, "id").len(), 300);
    server.end_and_check();
}
