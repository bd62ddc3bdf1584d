//! Bundles GraphiQL into OUT_DIR with npm, for `src/http/graphiql.rs` to embed. The page itself is in `graphiql/`.
//! A machine without Node.js, or one that cannot fetch the packages, gets a server without GraphiQL and a warning.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

/// What the bundle is made of, within `graphiql/`. Cargo watches folders with all that is in them.
const INPUTS: [&str; 6] = [".npmrc", "package.json", "package-lock.json", "tsconfig.json", "bundle.mjs", "src"];

/// Exactly what the lock file names, none of it run while installing, and soon given up where there is no network.
const INSTALL: [&str; 10] = [
    "ci",
    "--omit=dev",
    "--ignore-scripts",
    "--prefer-offline",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
    "--fetch-retries=1",
    "--fetch-retry-mintimeout=1000",
    "--fetch-retry-maxtimeout=3000",
];

/// The oldest major version of Node.js that the bundle is built with.
const OLDEST_NODE: u32 = 20;

fn main() -> Result<(), String> {
    println!("cargo::rerun-if-changed=build.rs");
    for input in INPUTS {
        println!("cargo::rerun-if-changed=graphiql/{input}");
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set: start this through cargo")?);
    let left_out = bundle(&out)?;
    if let Some(reason) = &left_out {
        println!("cargo::warning=GraphiQL is left out of this build: {reason}.");
        println!(
            "cargo::warning=To have it: install Node.js {OLDEST_NODE} or newer with npm, `touch server/build.rs`, build again."
        );
    }
    let table = table(&out.join("graphiql"), left_out.as_deref())?;
    fs::write(out.join("graphiql.rs"), table).map_err(|error| format!("cannot write the table of files: {error}"))
}

/// Bundles into `out/graphiql`, or says why this machine cannot. A mistake in the page's own sources is an error.
fn bundle(out: &Path) -> Result<Option<String>, String> {
    let bundled = out.join("graphiql");
    remove_folder(&bundled)?;
    if let Some(reason) = missing_tool() {
        return Ok(Some(reason));
    }
    // The packages live beside the output only for as long as the bundling takes: they weigh a hundred times as much.
    let project = out.join("graphiql-project");
    remove_folder(&project)?;
    for input in INPUTS {
        copy(&Path::new("graphiql").join(input), &project.join(input))
            .map_err(|error| format!("cannot copy graphiql/{input} to OUT_DIR: {error}"))?;
    }
    if let Err(failure) = run("npm", &INSTALL, &project) {
        println!("cargo::warning={}", failure.lines().take(6).collect::<Vec<_>>().join("; "));
        remove_folder(&project)?;
        return Ok(Some("npm could not install GraphiQL's packages".to_owned()));
    }
    run("node", &["bundle.mjs", &bundled.to_string_lossy()], &project)?;
    remove_folder(&project)?;
    Ok(None)
}

/// Why nothing can be bundled here, if so.
fn missing_tool() -> Option<String> {
    let Ok(version) = run("node", &["--version"], Path::new(".")) else {
        return Some("Node.js was not there".to_owned());
    };
    let version = version.trim();
    let major = version.trim_start_matches('v').split('.').next().and_then(|text| text.parse::<u32>().ok());
    if major.is_none_or(|major| major < OLDEST_NODE) {
        return Some(format!("Node.js {OLDEST_NODE} or newer was not there, only {version}"));
    }
    let npm = run("npm", &["--version"], Path::new("."));
    npm.is_err().then(|| "npm was not there".to_owned())
}

/// Standard output of a program that succeeded; otherwise what it was and what it said.
fn run(program: &str, arguments: &[&str], folder: &Path) -> Result<String, String> {
    let called = || format!("`{program} {}`", arguments.join(" "));
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .output()
        .map_err(|error| format!("{} could not be started: {error}", called()))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(format!("{} failed ({}): {}", called(), output.status, String::from_utf8_lossy(&output.stderr).trim()))
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if !from.is_dir() {
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent)?;
        }
        return fs::copy(from, to).map(drop);
    }
    for entry in fs::read_dir(from)? {
        let name = entry?.file_name();
        copy(&from.join(&name), &to.join(&name))?;
    }
    Ok(())
}

fn remove_folder(folder: &Path) -> Result<(), String> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(format!("cannot remove {}: {error}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// Rust source: why GraphiQL was left out, if so, and each file's name with its gzip bytes.
fn table(bundled: &Path, left_out: Option<&str>) -> Result<String, String> {
    let mut rows = String::new();
    for name in file_names(bundled)? {
        let served_as = name.trim_end_matches(".gz");
        rows +=
            &format!("    ({served_as:?}, include_bytes!(concat!(env!(\"OUT_DIR\"), \"/graphiql/\", {name:?}))),\n");
    }
    Ok(format!(
        "pub(super) const LEFT_OUT: Option<&str> = {left_out:?};\npub(super) static FILES: &[(&str, &[u8])] = &[\n{rows}];\n"
    ))
}

/// The bundle's files in the order of their names; none if there is no bundle.
fn file_names(bundled: &Path) -> Result<Vec<String>, String> {
    if !bundled.exists() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(bundled).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let entries = entries.map_err(|error| format!("cannot list {}: {error}", bundled.display()))?;
    let mut names: Vec<String> = entries.iter().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    Ok(names)
}
