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
    let mut cargo = cargo();
    cargo.arg("build");
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    cargo.args(packages.iter().flat_map(|package| ["--package", package]));
    let found = libraries_of(cargo);
    packages.iter().map(|package| (package.to_string(), found[&package.replace('-', "_")].clone())).collect()
}

/// What cargo tells its tests would look like a changed environment to build scripts that watch theirs (ring's does), and
/// half of the workspace would be built again, each time to and fro.
fn cargo() -> Command {
    let of_package = ["CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_"];
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| of_package.iter().any(|start| name.starts_with(start))) {
            cargo.env_remove(name);
        }
    }
    cargo.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    cargo
}

/// Shared libraries by target, as cargo's messages name them.
fn libraries_of(mut cargo: Command) -> BTreeMap<String, PathBuf> {
    cargo.args(["--quiet", "--message-format=json-render-diagnostics"]);
    let output = cargo.stderr(std::process::Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "cargo cannot build the plugins: {cargo:?}");
    String::from_utf8(output.stdout).unwrap().lines().filter_map(find_library).collect()
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

/// The system's C compiler, with the header of the ABI and these sources of the repository.
pub fn cc<'a>(sources: impl IntoIterator<Item = &'a str>) -> Command {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut cc = Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()));
    cc.arg("-std=c99").arg("-I").arg(repository.join("plugins/abi"));
    cc.args(sources.into_iter().map(|source| repository.join(source)));
    cc
}

/// Makes a shared library of what the compiler was given, in one step: what stood there before is untouched until then.
pub fn link_shared(mut cc: Command, library: &Path) {
    let staged = library.with_extension("staged");
    let status = cc.args(["-shared", "-fPIC", "-o"]).arg(&staged).status().unwrap();
    assert!(status.success(), "the C compiler cannot build {}: {cc:?}", library.display());
    std::fs::rename(staged, library).unwrap();
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
