//! Which files might be plugins. Nothing is opened here.

use super::{PluginHostSettings, Refusal};
use std::env::consts::{DLL_EXTENSION, DLL_PREFIX};
use std::path::{Path, PathBuf};

/// Files in the order in which they are loaded: directory by directory, by name within one.
pub(super) fn find_candidates(settings: &PluginHostSettings) -> (Vec<PathBuf>, Vec<Refusal>) {
    let mut refusals = Vec::new();
    if let Some(directories) = &settings.directories {
        let files = directories.iter().flat_map(|directory| {
            list(directory, is_library).unwrap_or_else(|error| {
                let reason = format!("the directory of plugins cannot be read: {error}");
                refusals.push(Refusal { path: directory.clone(), name: directory.display().to_string(), reason });
                Vec::new()
            })
        });
        return (files.collect(), refusals);
    }
    let beside = std::env::current_exe().ok().and_then(|exe| Some(exe.canonicalize().ok()?.parent()?.to_owned()));
    let mut files = Vec::new();
    if let Some(beside) = beside {
        files.extend(list(&beside.join("plugins"), is_library).unwrap_or_default());
        files.extend(list(&beside, is_named_as_plugin).unwrap_or_default());
    }
    if let Some(data_dir) = &settings.data_dir {
        files.extend(list(&data_dir.join("plugins"), is_library).unwrap_or_default());
    }
    (files, refusals)
}

fn list(directory: &Path, wanted: fn(&str) -> bool) -> std::io::Result<Vec<PathBuf>> {
    let directory = std::path::absolute(directory)?;
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(wanted) {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

fn is_library(name: &str) -> bool {
    let extension = Path::new(name).extension().and_then(|extension| extension.to_str());
    extension == Some(DLL_EXTENSION) || (cfg!(target_os = "macos") && extension == Some("so"))
}

/// Beside the executable lie other libraries too.
fn is_named_as_plugin(name: &str) -> bool {
    is_library(name) && name.starts_with(&format!("{DLL_PREFIX}lightbox_plugin_"))
}
