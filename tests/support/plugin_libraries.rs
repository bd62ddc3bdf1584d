//! The shared libraries of plugins, built by the cargo that runs the tests. Where cargo puts them is its own matter
//! and changes between versions, so that the paths come from its messages.

// Each test program uses some of it, and in a test a panic is the report.
#![allow(dead_code, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

const BUILT_IN: [&str; 5] = [
    "lightbox-plugin-raster",
    "lightbox-plugin-dicom",
    "lightbox-plugin-classification",
    "lightbox-plugin-detection",
    "lightbox-plugin-segmentation",
];

/// A directory with exactly the five built-in plugins, fresh.
pub fn built_in_plugin_dir() -> &'static Path {
    static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
    DIRECTORY.get_or_init(|| {
        // A bench and a test may run at the same time: each has the libraries of its own profile.
        let name = if cfg!(debug_assertions) { "built-in-plugins" } else { "built-in-plugins-release" };
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        for library in build(&BUILT_IN).values() {
            link(library, &directory);
        }
        directory
    })
}

/// Gives the shared libraries of packages of this workspace, by package, in the profile of the test.
pub fn build(packages: &[&str]) -> BTreeMap<String, PathBuf> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    if cfg!(debug_assertions) {
        // What `cargo test --workspace` has built already. Other packages would mean other features of what they depend
        // on, and that another build.
        cargo.args(["test", "--workspace", "--no-run"]);
    } else {
        cargo.args(["build", "--release"]);
        cargo.args(packages.iter().flat_map(|package| ["--package", package]));
    }
    cargo.args(["--quiet", "--message-format=json-render-diagnostics"]);
    let output = cargo.stderr(std::process::Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "cargo cannot build {packages:?}");
    let messages = String::from_utf8(output.stdout).unwrap();
    let libraries: BTreeMap<String, PathBuf> = messages.lines().filter_map(find_library).collect();
    packages.iter().map(|package| (package.to_string(), libraries[&package.replace('-', "_")].clone())).collect()
}

/// The target's name and its shared library, if the message is about one.
fn find_library(message: &str) -> Option<(String, PathBuf)> {
    let message: serde_json::Value = serde_json::from_str(message).ok()?;
    let crate_types = message["target"]["crate_types"].as_array()?;
    if message["reason"] != "compiler-artifact" || !crate_types.iter().any(|each| each == "cdylib") {
        return None;
    }
    let files = message["filenames"].as_array()?.iter().filter_map(|file| file.as_str().map(PathBuf::from));
    let extension = std::env::consts::DLL_EXTENSION;
    let library = files.into_iter().find(|file| file.extension().is_some_and(|found| found == extension))?;
    Some((message["target"]["name"].as_str()?.to_owned(), library))
}

/// Puts a library into a directory under its own name, in one step: another test process may do the same just now.
pub fn link(library: &Path, directory: &Path) {
    static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    std::fs::create_dir_all(directory).unwrap();
    let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let staged = directory.join(format!("staged-{}-{count}", std::process::id()));
    if std::fs::hard_link(library, &staged).is_err() {
        std::fs::copy(library, &staged).unwrap();
    }
    std::fs::rename(&staged, directory.join(library.file_name().unwrap())).unwrap();
    // A rename onto another link to the same file leaves both.
    let _ = std::fs::remove_file(staged);
}
