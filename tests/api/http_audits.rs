//! Other people's clients and audits, out of `tests/http_audits`, with the real server: graphql-http's audits, the clients
//! of graphql-ws and graphql-sse, Relay's compiler. Skipped where npm or its registry is not there; with
//! LIGHTBOX_REQUIRE_HTTP_AUDITS, that fails.

use crate::support::archives::pictures;
use crate::support::server::text;
use crate::support::shared;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The scripts beside their packages; why they are not there else.
fn installed() -> Result<&'static Path, &'static str> {
    static INSTALLED: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    INSTALLED.get_or_init(install).as_deref().map_err(String::as_str)
}

/// Not beside the sources, so that a checkout stays clean; kept as long as the lock file says the same.
fn install() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("http_audits");
    std::fs::create_dir_all(&folder).unwrap();
    let sources = std::fs::read_dir(project().join("tests/http_audits")).unwrap().map(|entry| entry.unwrap().path());
    for source in sources.filter(|path| path.is_file()) {
        std::fs::copy(&source, folder.join(source.file_name().unwrap())).unwrap();
    }
    let lock = std::fs::read(folder.join("package-lock.json")).unwrap();
    let done = folder.join("installed-lock.json");
    if std::fs::read(&done).is_ok_and(|installed| installed == lock) {
        return Ok(folder);
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]).current_dir(&folder);
    let output = npm.output().map_err(|error| format!("npm cannot be run: {error}"))?;
    if !output.status.success() {
        return Err(format!("npm ci failed: {}{}", text(&output.stdout), text(&output.stderr)));
    }
    std::fs::write(done, lock).unwrap();
    Ok(folder)
}

/// Runs a script, which must succeed; what it printed, or `None` if it cannot run here.
fn run(test: &str, script: &str, arguments: &[&str]) -> Option<String> {
    let folder = match installed() {
        Ok(folder) => folder,
        Err(reason) if std::env::var_os("LIGHTBOX_REQUIRE_HTTP_AUDITS").is_some() => panic!("{test}: {reason}"),
        Err(reason) => {
            eprintln!("SKIPPED: {test}: {reason}");
            return None;
        }
    };
    let Output { status, stdout, stderr } =
        Command::new("node").arg(script).args(arguments).current_dir(folder).output().unwrap();
    let printed = text(&stdout);
    assert!(status.success(), "{script}: {printed}{}", text(&stderr));
    println!("{printed}");
    Some(printed)
}

/// Runs a client's script as a new user with one dataset.
fn run_client(test: &str, script: &str) {
    let client = shared().user(test);
    client.dataset("audited", &pictures(1, 720));
    run(test, script, &[&shared().url(), client.token.as_deref().unwrap()]);
}

#[test]
fn every_audit_of_graphql_over_http_that_must_or_should_hold_does() {
    let client = shared().user("http-audits");
    let arguments = [&shared().url(), client.token.as_deref().unwrap()];
    run("every_audit_of_graphql_over_http_that_must_or_should_hold_does", "http.mjs", &arguments);
}

#[test]
fn the_client_of_graphql_ws_works_as_it_is() {
    run_client("the_client_of_graphql_ws_works_as_it_is", "ws.mjs");
}

#[test]
fn the_client_of_graphql_sse_works_as_it_is() {
    run_client("the_client_of_graphql_sse_works_as_it_is", "sse.mjs");
}

#[test]
fn relays_compiler_takes_the_schema_with_every_type_and_every_connection() {
    let made = tempfile::TempDir::new().unwrap();
    let schema = project().join("schema.graphql").canonicalize().unwrap();
    let arguments = [schema.to_str().unwrap(), made.path().to_str().unwrap()];
    run("relays_compiler_takes_the_schema_with_every_type_and_every_connection", "relay.mjs", &arguments);
}
