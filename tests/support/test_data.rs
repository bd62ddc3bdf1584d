//! Where the real test files are. They are no part of the project: without them, their tests say so and end.

use serde_json::Value;
use std::path::{Path, PathBuf};

/// The folder of the real files; `None` when it is not there, which is said on standard error.
///
/// # Panics
/// When it is not there and `LIGHTBOX_REQUIRE_TEST_DATA` asks for it.
pub fn find(test: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let root = std::env::var_os("LIGHTBOX_TEST_DATA").map_or(beside, PathBuf::from);
    if root.join("manifest.json").is_file() {
        return Some(root);
    }
    let reason = format!("SKIPPED: {test}: the test files are not at {} (LIGHTBOX_TEST_DATA)", root.display());
    assert!(std::env::var_os("LIGHTBOX_REQUIRE_TEST_DATA").is_none(), "{reason}");
    eprintln!("{reason}");
    None
}

/// What the manifest says of each file whose path begins like this.
pub fn entries(root: &Path, folder: &str) -> Vec<Value> {
    let manifest: Value = serde_json::from_slice(&std::fs::read(root.join("manifest.json")).unwrap()).unwrap();
    let all = manifest["entries"].as_array().unwrap().iter();
    all.filter(|entry| entry["path"].as_str().unwrap().starts_with(folder)).cloned().collect()
}

pub fn read_json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}
