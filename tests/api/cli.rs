//! The command line: importing, and what a server says and leaves when it starts and stops.

use crate::support::Server;
use crate::support::archives::{labelled, numbered, pictures, png};
use crate::support::server::{lightbox, text};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};
use tempfile::TempDir;

fn import(server: &Server, arguments: &[&str]) -> (i32, String, String) {
    let mut command = lightbox();
    command.arg("import").args(arguments).args(["--server", &server.url()]).env("LIGHTBOX_TOKEN", server.admin_token());
    told(command.output().unwrap())
}

pub fn told(output: Output) -> (i32, String, String) {
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn an_archive_is_imported_with_a_table_of_counts_and_findings() {
    let server = Server::start();
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("chest.zip");
    std::fs::write(&path, labelled(3, 1800, "image/0.png,a\nnowhere.png,b\n")).unwrap();
    let (code, out, error) = import(&server, &[path.to_str().unwrap()]);
    assert_eq!(code, 0, "{out}{error}");
    for expected in ["chest", "3 (png)", "single-label-classification", "MISSING_IMAGE", "label.csv:2"] {
        assert!(out.contains(expected), "{expected} is not in {out}");
    }
    let (code, out, _) = import(&server, &[path.to_str().unwrap(), "--name", "named"]);
    assert_eq!(code, 0, "{out}");
    let names = server.admin().data("{ datasets { nodes { name imageCount } } }", Value::Null);
    assert_eq!(
        names["datasets"]["nodes"],
        serde_json::json!([{ "name": "named", "imageCount": 3 }, { "name": "chest", "imageCount": 3 }])
    );
}

#[test]
fn a_folder_and_single_images_are_imported_too() {
    let server = Server::start();
    let folder = TempDir::new().unwrap();
    let scans = folder.path().join("scans");
    std::fs::create_dir_all(scans.join("image")).unwrap();
    for (path, bytes) in numbered(2, 1810) {
        std::fs::write(scans.join(path), bytes).unwrap();
    }
    std::fs::write(scans.join("label.csv"), "image/0.png,a\n").unwrap();
    let (code, out, error) = import(&server, &[scans.to_str().unwrap()]);
    assert_eq!(code, 0, "{out}{error}");
    let client = server.admin();
    let seen = client.data("{ datasets { nodes { id name imageCount annotationSetCount } } }", Value::Null);
    let dataset = &seen["datasets"]["nodes"][0];
    assert_eq!(
        (&dataset["name"], &dataset["imageCount"], &dataset["annotationSetCount"]),
        (&"scans".into(), &2.into(), &1.into())
    );
    let paths = client.images(dataset["id"].as_str().unwrap(), "path");
    assert_eq!(
        paths.iter().map(|image| image["path"].as_str().unwrap()).collect::<Vec<_>>(),
        ["image/0.png", "image/1.png"]
    );
    let (one, two) = (folder.path().join("one.png"), folder.path().join("two.png"));
    std::fs::write(&one, png(5, 5, 1)).unwrap();
    std::fs::write(&two, png(5, 5, 2)).unwrap();
    let (code, out, error) = import(&server, &[one.to_str().unwrap(), two.to_str().unwrap(), "--name", "loose"]);
    assert_eq!(code, 0, "{out}{error}");
    assert!(out.contains("loose") && out.contains("2 (png)"), "{out}");
}

#[test]
fn an_import_that_fails_or_cannot_begin_ends_with_a_code_and_a_reason() {
    let server = Server::start();
    let folder = TempDir::new().unwrap();
    let (bad, good) = (folder.path().join("bad.zip"), folder.path().join("good.zip"));
    std::fs::write(&bad, crate::support::archives::zip(&[("a.txt", "no image")])).unwrap();
    std::fs::write(&good, pictures(1, 1820)).unwrap();
    let (code, out, _) = import(&server, &[bad.to_str().unwrap(), good.to_str().unwrap()]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("The import failed") && out.contains("good"), "{out}");
    let (code, _, error) = import(&server, &[folder.path().join("nowhere.zip").to_str().unwrap()]);
    assert!(code == 1 && error.contains("nowhere.zip"), "{error}");
    let (code, _, error) = import(&server, &[bad.to_str().unwrap(), good.to_str().unwrap(), "--name", "x"]);
    assert!(code == 2 && error.contains("--name"), "{error}");
    let mut wrong = lightbox();
    wrong.args(["import", good.to_str().unwrap(), "--server", &server.url(), "--token", "lbx_wrong"]);
    let (code, _, error) = told(wrong.output().unwrap());
    assert!(code == 1 && error.contains("token"), "{error}");
    assert_eq!(told(lightbox().arg("import").output().unwrap()).0, 2);
}

#[test]
fn a_server_introduces_itself_gives_its_first_token_once_and_stops_when_told() {
    let mut server = Server::start();
    let introduction = server.introduction().to_owned();
    let data_dir = server.data_dir();
    assert!(introduction.contains(&format!("Data is in {}", data_dir.display())), "{introduction}");
    let mode = |name: &str| std::fs::metadata(data_dir.join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("admin-token"), mode(".")), (0o600, 0o700));
    let token = server.admin_token();
    assert_eq!(server.admin().data("{ viewer { name isAdmin } }", Value::Null)["viewer"]["isAdmin"], true);
    assert!(server.terminate().success(), "{}", server.log());
    let server = server.restart();
    assert_eq!(server.admin_token(), token);
    assert_eq!(server.admin().data("{ datasets { totalCount } }", Value::Null)["datasets"]["totalCount"], 0);
    let second = told(server.run(&["serve", "--listen", "127.0.0.1:0"]));
    assert!(second.0 == 1 && second.2.contains("in use by another lightbox"), "{}", second.2);
}

#[test]
fn unknown_settings_are_refused_by_name() {
    let folder = TempDir::new().unwrap();
    let data_dir = folder.path().join("data");
    let serve = |configure: &dyn Fn(&mut Command) -> &mut Command| {
        let mut command = lightbox();
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(&data_dir);
        configure(&mut command);
        told(command.output().unwrap())
    };
    let (code, _, error) = serve(&|command| command.env("LIGHTBOX_LIMITS__UPLAOD_BYTES", "5"));
    assert!(code == 1 && error.to_lowercase().contains("uplaod_bytes"), "{error}");
    let file = folder.path().join("lightbox.toml");
    std::fs::write(&file, "[jobs]\nparalel = 3\n").unwrap();
    let (code, _, error) = serve(&|command| command.arg("--config").arg(&file));
    assert!(code == 1 && error.contains("paralel"), "{error}");
    let (code, _, error) = serve(&|command| command.args(["--config", "nowhere.toml"]));
    assert!(code == 1 && error.contains("nowhere.toml"), "{error}");
    let (code, _, error) = serve(&|command| command.env("LIGHTBOX_JOBS__PARALLEL", "0"));
    assert!(code == 1 && error.contains("jobs.parallel"), "{error}");
    assert!(!data_dir.exists());
}

#[test]
fn help_lists_every_setting() {
    let (code, out, _) = told(lightbox().args(["serve", "--help"]).output().unwrap());
    assert_eq!(code, 0);
    for expected in
        ["--listen", "--data-dir", "--config", "limits.upload_bytes", "LIGHTBOX_JOBS__PARALLEL", "[default: 2]"]
    {
        assert!(out.contains(expected), "{expected} is not in {out}");
    }
    let (_, out, _) = told(lightbox().arg("--help").output().unwrap());
    for command in ["serve", "import", "schema", "migrate", "plugins", "check", "user"] {
        assert!(out.contains(command), "{command} is not in {out}");
    }
}

#[test]
fn plugins_are_listed_with_what_they_bring_and_broken_ones_with_the_reason() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("liblightbox_plugin_broken.so"), b"no library").unwrap();
    let directories = serde_json::json!([crate::support::plugin_libraries::built_in_plugin_dir(), folder.path()]);
    let mut command = lightbox();
    command.env("LIGHTBOX_PLUGINS__DIRECTORIES", directories.to_string()).args(["plugins", "list", "--data-dir"]);
    let (code, out, error) = told(command.arg(folder.path()).output().unwrap());
    assert_eq!(code, 0, "{error}");
    for expected in
        ["dicom", "jpeg, png", "detection", "segmentation", "multi-label-classification", "Refused", "broken"]
    {
        assert!(out.contains(expected), "{expected} is not in {out}");
    }
}

#[test]
fn migrate_brings_a_new_folder_to_the_newest_shape_once() {
    let folder = TempDir::new().unwrap();
    let migrate = || told(lightbox().args(["migrate", "--data-dir"]).arg(folder.path().join("data")).output().unwrap());
    let (first, again) = (migrate(), migrate());
    assert_eq!((first.0, again.0), (0, 0), "{}{}", first.2, again.2);
    assert!(folder.path().join("data/lightbox.db").is_file());
    assert_ne!(first.1, again.1, "the second time there is nothing to do");
}

#[test]
fn a_second_user_needs_a_name_of_his_own() {
    let server = Server::start();
    let token = server.create_user("ann");
    assert_eq!(
        server.admin().with_token(Some(&token)).data("{ viewer { name isAdmin } }", Value::Null)["viewer"]["name"],
        "ann"
    );
    let (code, _, error) = told(server.run(&["user", "create", "ann"]));
    assert!(code == 1 && error.contains("ann"), "{error}");
    let admin = told(server.run(&["user", "create", "root", "--admin"]));
    assert!(admin.0 == 0 && admin.1.contains("administrator"), "{}", admin.1);
}
