//! Directories of plugins for the tests: built from Rust, and from C with one thing broken.

pub use crate::plugin_libraries::cc;
use crate::plugin_libraries::{build, link, link_shared};
use lightbox::plugin_host::{PluginHost, PluginHostSettings};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use tempfile::TempDir;

const RUST: [&str; 4] =
    ["lightbox-plugin-raster", "example-plugin-nifti", "example-plugin-keypoints", "fixture-plugin-panics"];
/// The example in C, as its Makefile builds it.
const C_EXAMPLE: [&str; 3] = ["pgm.c", "netpbm.c", "plugin.c"];
const STRICT: [&str; 4] = ["-Wall", "-Wextra", "-Werror", "-fvisibility=hidden"];

/// The Rust plugins that these tests use, built once.
fn rust_libraries() -> &'static BTreeMap<String, PathBuf> {
    static LIBRARIES: OnceLock<BTreeMap<String, PathBuf>> = OnceLock::new();
    LIBRARIES.get_or_init(|| build(&RUST))
}

pub fn rust_library(package: &str) -> &'static Path {
    &rust_libraries()[package]
}

/// The compiler with the example in C, all warnings being errors.
pub fn cc_of_example(more: &[&str]) -> Command {
    let sources: Vec<String> =
        C_EXAMPLE.iter().chain(more).map(|source| format!("plugins/examples/pgm-c/{source}")).collect();
    let mut cc = cc(sources.iter().map(String::as_str));
    cc.args(STRICT);
    cc
}

/// Where these tests run plugins, and nothing else out of the ordinary.
pub fn settings() -> PluginHostSettings {
    PluginHostSettings {
        isolation: crate::ISOLATION,
        worker_executable: Some(env!("CARGO_BIN_EXE_lightbox").into()),
        ..PluginHostSettings::default()
    }
}

/// A directory of plugins that vanishes with its owner.
pub struct Plugins {
    directory: TempDir,
}

impl Plugins {
    pub fn none() -> Self {
        Self { directory: TempDir::new().unwrap() }
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Adds a plugin of this workspace.
    pub fn with_rust(self, package: &str) -> Self {
        link(rust_library(package), self.path());
        self
    }

    /// Adds PNG and JPEG.
    pub fn with_raster(self) -> Self {
        self.with_rust("lightbox-plugin-raster")
    }

    /// Adds the C example.
    pub fn with_c_example(self) -> Self {
        self.with_library(cc_of_example(&[]), "pgm")
    }

    /// Adds `misbehaving.c` as `<name>.so`, broken by these definitions.
    pub fn with_misbehaving(self, name: &str, definitions: &[&str]) -> Self {
        self.with_source("tests/fixtures/plugins/misbehaving.c", name, definitions)
    }

    pub fn with_bytes(self, name: &str, bytes: &[u8]) -> Self {
        std::fs::write(self.library(name), bytes).unwrap();
        self
    }

    pub fn library(&self, name: &str) -> PathBuf {
        self.path().join(name).with_extension(std::env::consts::DLL_EXTENSION)
    }

    /// Adds a plugin in C as `<name>.so`. `source`: within the repository.
    pub fn with_source(self, source: &str, name: &str, definitions: &[&str]) -> Self {
        let mut cc = cc([source]);
        cc.args(definitions.iter().map(|each| format!("-D{each}")));
        self.with_library(cc, name)
    }

    /// Adds what the compiler makes as `<name>.so`.
    fn with_library(self, cc: Command, name: &str) -> Self {
        link_shared(cc, &self.library(name));
        self
    }

    pub fn settings(&self) -> PluginHostSettings {
        PluginHostSettings { directories: Some(vec![self.path().to_owned()]), ..settings() }
    }

    pub fn load(&self) -> PluginHost {
        PluginHost::load(self.settings())
    }

    /// A file of these bytes beside the plugins.
    pub fn file(&self, bytes: &[u8]) -> PathBuf {
        static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let path = self.path().join(format!("image-{count}"));
        std::fs::write(&path, bytes).unwrap();
        path
    }
}
