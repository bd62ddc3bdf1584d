//! Folders of plugins for servers of their own: the built-in ones, and third parties' and hostile ones beside them.

use super::plugin_libraries::{build, built_in_plugin_dir, cc, link, link_shared};
use super::server::Server;
use std::collections::BTreeMap;
use std::env::consts::DLL_EXTENSION;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

const EXAMPLES: [&str; 2] = ["example-plugin-keypoints", "example-plugin-nifti"];
pub const HOSTILE: &str = "tests/fixtures/plugins/hostile/hostile.c";
pub const MISBEHAVING: &str = "tests/fixtures/plugins/misbehaving.c";

/// A folder that vanishes with its owner.
pub struct PluginFolder {
    folder: TempDir,
}

/// The shared library of a plugin of `plugins/examples`, built once.
pub fn example(package: &str) -> &'static Path {
    static LIBRARIES: OnceLock<BTreeMap<String, PathBuf>> = OnceLock::new();
    &LIBRARIES.get_or_init(|| build(&EXAMPLES))[package]
}

impl PluginFolder {
    pub fn built_in() -> Self {
        let folder = TempDir::new().unwrap();
        for entry in std::fs::read_dir(built_in_plugin_dir()).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == DLL_EXTENSION) {
                link(&path, folder.path());
            }
        }
        Self { folder }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn library(&self, name: &str) -> PathBuf {
        self.path().join(name).with_extension(DLL_EXTENSION)
    }

    pub fn with_example(self, package: &str) -> Self {
        link(example(package), self.path());
        self
    }

    pub fn with_source(self, source: &str, name: &str, definitions: &[&str]) -> Self {
        self.put_source(source, name, definitions);
        self
    }

    /// Compiles a plugin in C and renames it to `<name>.so`, over whatever was there. `source`: within the repository.
    pub fn put_source(&self, source: &str, name: &str, definitions: &[&str]) {
        let mut cc = cc([source]);
        cc.args(definitions.iter().map(|each| format!("-D{each}")));
        link_shared(cc, &self.library(name));
    }

    pub fn remove(&self, name: &str) {
        std::fs::remove_file(self.library(name)).unwrap();
    }

    /// For `LIGHTBOX_PLUGINS__DIRECTORIES`.
    pub fn directories(&self) -> String {
        serde_json::json!([self.path()]).to_string()
    }

    /// A server with these plugins alone, and more settings.
    pub fn serve(&self, settings: &[(&str, &str)]) -> Server {
        let directories = self.directories();
        let mut all = vec![("LIGHTBOX_PLUGINS__DIRECTORIES", directories.as_str())];
        all.extend(settings);
        Server::with_settings(&all)
    }
}
