//! What is known of a plugin without calling it: its name and capabilities, or why it is not there.

use crate::domain::digest::Digest;
use std::path::PathBuf;
use std::time::Duration;

/// A plugin that is loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginInfo {
    pub id: String,
    /// For people.
    pub name: String,
    pub version: String,
    pub vendor: String,
    pub path: PathBuf,
    /// Of the file, which another build of the same version does not share; `None` without a file.
    pub sha256: Option<Digest>,
    /// What holds the plugin in, such as "worker process: limits, no new privileges, landlock 6, system calls".
    pub isolation: String,
    /// Part of Lightbox itself.
    pub built_in: bool,
    /// Ids of the image formats that calls to this plugin reach.
    pub image_formats: Vec<String>,
    /// Ids of the annotation types that calls to this plugin reach.
    pub annotation_types: Vec<String>,
}

/// A library, or one of its capabilities, that is not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub path: PathBuf,
    /// The plugin's or capability's id as far as it is known, else the file's name.
    pub name: String,
    /// What was found and what was expected, in one sentence.
    pub reason: String,
}

/// Whether calls reach a plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PluginState {
    Ready,
    /// It kept failing and is switched off for so much longer.
    Suspended {
        rest: Duration,
    },
}
