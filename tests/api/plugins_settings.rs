//! What an operator says of plugins: which may be loaded, which are not used, which go first, and where they run.

use crate::cli::told;
use crate::support::PluginFolder;
use crate::support::archives::{jpeg, pictures, png, zip};
use crate::support::client::Client;
use crate::support::plugin_folder::MISBEHAVING;
use crate::support::server::lightbox;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::path::Path;

fn sha256(path: &Path) -> String {
    Sha256::digest(std::fs::read(path).unwrap()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn names(client: &Client) -> Vec<String> {
    let plugins = client.data("{ plugins { name } }", Value::Null)["plugins"].take();
    plugins.as_array().unwrap().iter().map(|plugin| plugin["name"].as_str().unwrap().to_owned()).collect()
}

/// The reason why a plugin or one of its formats is not used.
fn refusal(client: &Client, name: &str) -> String {
    let refused = client.data("{ refusedPlugins { name reason path } }", Value::Null)["refusedPlugins"].take();
    let found = refused.as_array().unwrap().iter().find(|each| each["name"] == name);
    found.unwrap_or_else(|| panic!("{name} is not in {refused}"))["reason"].as_str().unwrap().to_owned()
}

/// What `lightbox plugins list` prints with these settings, lines joined so that no cell is broken.
fn list(folder: &PluginFolder, settings: &[(&str, &str)]) -> String {
    let data_dir = tempfile::TempDir::new().unwrap();
    let mut command = lightbox();
    command.env("LIGHTBOX_PLUGINS__DIRECTORIES", folder.directories()).envs(settings.iter().copied());
    let (code, out, error) =
        told(command.args(["plugins", "list", "--data-dir"]).arg(data_dir.path()).output().unwrap());
    assert_eq!(code, 0, "{error}");
    out
}

#[test]
fn only_libraries_that_the_operator_lists_by_their_digest_are_loaded() {
    let folder = PluginFolder::built_in().with_source(MISBEHAVING, "stranger", &[]);
    let files = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let stranger = folder.library("stranger");
    let allowed: Vec<String> =
        files.filter(|path| *path != stranger).map(|path| sha256(&path).to_uppercase()).collect();
    let allow = json!(allowed).to_string();
    let mut server = folder.serve(&[("LIGHTBOX_PLUGINS__ALLOW", &allow)]);
    let client = server.admin();
    assert_eq!(names(&client).len(), 5, "{:?}", names(&client));
    let reason = refusal(&client, "stranger.so");
    assert!(reason.contains(&sha256(&stranger)) && reason.contains("plugins.allow"), "{reason}");
    let listed = list(&folder, &[("LIGHTBOX_PLUGINS__ALLOW", &allow)]);
    assert!(listed.contains("stranger") && listed.contains("SHA-256"), "{listed}");
    assert_eq!(client.import("allowed", &pictures(2, 60)).codes(), Vec::<&str>::new());
    server.end_and_check();
}

#[test]
fn a_disabled_plugin_is_not_used_and_shown_as_such() {
    let folder = PluginFolder::built_in();
    let disable = ("LIGHTBOX_PLUGINS__DISABLE", "[\"lightbox.detection\"]");
    let mut server = folder.serve(&[disable]);
    let client = server.admin();
    assert_eq!(names(&client).len(), 4);
    let types = client.data("{ annotationTypes { id } }", Value::Null)["annotationTypes"].take();
    assert!(!types.as_array().unwrap().iter().any(|each| each["id"] == "detection"), "{types}");
    assert!(refusal(&client, "lightbox.detection").contains("plugins.disable"));
    assert!(list(&folder, &[disable]).contains("Refused"));
    server.end_and_check();
}

#[test]
fn of_two_plugins_for_one_format_the_preferred_one_is_used_and_the_other_shown() {
    let one = ["PLUGIN_ID=\"test.one\"", "PLUGIN_NAME=\"One\"", "PRIORITY=5"];
    let two = ["PLUGIN_ID=\"test.two\"", "PLUGIN_NAME=\"Two\"", "SHADE=9"];
    let folder = PluginFolder::built_in().with_source(MISBEHAVING, "one", &one).with_source(MISBEHAVING, "two", &two);
    let table = [
        (None, "One", "test.two/bad", "priority 5 over 0"),
        (Some("[\"test.two\"]"), "Two", "test.one/bad", "plugins.prefer"),
    ];
    for (prefer, winner, loser, why) in table {
        let settings: Vec<_> = prefer.map(|prefer| ("LIGHTBOX_PLUGINS__PREFER", prefer)).into_iter().collect();
        let mut server = folder.serve(&settings);
        let client = server.admin();
        let formats = client.data("{ imageFormats { id plugin { name } } }", Value::Null)["imageFormats"].take();
        assert!(
            formats.as_array().unwrap().contains(&json!({ "id": "bad", "plugin": { "name": winner } })),
            "{formats}"
        );
        assert!(refusal(&client, loser).contains(why), "{}", refusal(&client, loser));
        let listed = list(&folder, &settings);
        assert!(listed.contains(loser), "{listed}");
        server.end_and_check();
    }
}

#[test]
fn plugins_inside_the_server_import_and_show_the_same() {
    let folder = PluginFolder::built_in().with_example("example-plugin-keypoints");
    let mut server = folder.serve(&[("LIGHTBOX_PLUGINS__ISOLATION", "in-process")]);
    let client = server.admin();
    let plugins = client.data("{ plugins { isolation state } }", Value::Null)["plugins"].take();
    for plugin in plugins.as_array().unwrap() {
        assert_eq!((&plugin["isolation"], &plugin["state"]), (&json!("none: inside the server"), &json!("READY")));
    }
    let archive =
        zip(&[("a.png", png(8, 6, 1)), ("b.jpg", jpeg(9, 7, 1)), ("label.csv", b"a.png,x\nb.jpg,y\n".to_vec())]);
    let imported = client.import("inside", &archive);
    assert_eq!(imported.state(), "SUCCEEDED", "{}", imported.job);
    assert_eq!(client.images(&imported.dataset, "id").len(), 2, "{:?}", imported.findings);
    for image in client.images(&imported.dataset, "renderedUrl thumbnailUrl(size: 32)") {
        for field in ["renderedUrl", "thumbnailUrl"] {
            assert_eq!(client.get(image[field].as_str().unwrap()).status, 200);
        }
    }
    assert_eq!(client.annotation_sets(&imported.dataset)[0]["annotationCount"], 2);
    client.data("mutation { reloadPlugins { userErrors { message } } }", Value::Null);
    assert_eq!(client.import("again", &archive).state(), "SUCCEEDED");
    server.end_and_check();
}
