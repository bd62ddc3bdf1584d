//! The plugin that is checked: what it offers, samples of what it reads, and processes to try it in.

use super::bench::Bench;
use super::capability::Capability;
use super::report::Verdict;
use super::samples::{self, Found};
use crate::plugin_host::generation::Generation;
use crate::plugin_host::{Isolation, PluginHostSettings, PluginInfo, discovery};
use std::collections::BTreeMap;
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::{Path, PathBuf};

/// What the server writes pictures with, unless the plugin does it itself.
const ENCODERS: &str = "lightbox_plugin_raster";

pub struct Subject {
    settings: PluginHostSettings,
    /// The plugin's, and that of what writes pictures.
    files: Vec<PathBuf>,
    pub plugin: PluginInfo,
    pub capabilities: Vec<Capability>,
    /// Ids of the image formats, in the order in which a probe answers.
    pub probed: Vec<String>,
    /// Whether PNG and JPEG can be written, by this plugin or the built-in one.
    pub can_write_pictures: bool,
    /// By the capability's id.
    pub samples: BTreeMap<String, Found>,
}

impl Subject {
    /// # Errors
    /// Why the plugin is refused.
    pub fn load(settings: &PluginHostSettings, file: &Path, samples: Option<&Path>) -> Result<Self, String> {
        let isolation = Isolation::Workers;
        let (allow, disable, prefer) = Default::default();
        let alone = PluginHostSettings { isolation, allow, disable, prefer, ..settings.clone() };
        let catalog = Generation::load_files(&alone, vec![file.to_owned()]).catalog;
        let plugin = catalog.plugins().first().cloned();
        let refusal = || catalog.refusals().first().map_or("it is not there".to_owned(), |each| each.reason.clone());
        let plugin = plugin.ok_or_else(|| format!("the plugin is refused: {}", refusal()))?;
        let formats = catalog.image_formats().map(|(format, _)| Capability::Image(format.clone()));
        let types = catalog.annotation_types().map(|(each, _)| Capability::Annotations(each.clone()));
        let capabilities = formats.chain(types).collect();
        let mut places = catalog.formats_by_plugin().remove(&0).unwrap_or_default();
        places.sort_unstable();
        let probed = places.into_iter().map(|(_, _, id)| id.to_owned()).collect();
        let settings = PluginHostSettings { prefer: vec![plugin.id.clone()], ..alone };
        let files = std::iter::once(file.to_owned()).chain(find_encoders(&settings)).collect();
        let (can_write_pictures, found) = (false, BTreeMap::new());
        let mut subject = Self { settings, files, plugin, capabilities, probed, can_write_pictures, samples: found };
        subject.can_write_pictures = subject.find_writers();
        subject.samples = samples::find(&subject, samples)?;
        Ok(subject)
    }

    fn find_writers(&self) -> bool {
        let catalog = Generation::load_files(&self.settings, self.files.clone()).catalog;
        ["png", "jpeg"].into_iter().all(|format| catalog.require_encoder(format).is_ok())
    }

    /// In processes of their own.
    ///
    /// # Errors
    /// Why they cannot be started.
    pub fn bench(&self) -> Result<Bench, String> {
        Bench::new(&self.settings, &self.files, &self.plugin.id)
    }

    /// As [`Self::bench`], with less memory for pictures.
    pub fn bench_for_pictures_of(&self, max_pixels_bytes: u64) -> Result<Bench, String> {
        let settings = PluginHostSettings { max_pixels_bytes, ..self.settings.clone() };
        Bench::new(&settings, &self.files, &self.plugin.id)
    }

    /// Files that the capability reads, as far as they are known.
    pub fn samples_of(&self, capability: &Capability) -> &Found {
        static NONE: Found = Found::none();
        self.samples.get(capability.id()).unwrap_or(&NONE)
    }

    pub fn introduction(&self) -> Verdict {
        let PluginInfo { name, version, isolation, .. } = &self.plugin;
        Verdict::pass(format!("{name} {version} was loaded in a {isolation}"))
    }
}

fn find_encoders(settings: &PluginHostSettings) -> Option<PathBuf> {
    let wanted = format!("{DLL_PREFIX}{ENCODERS}{DLL_SUFFIX}");
    let (candidates, _) = discovery::find_candidates(settings);
    candidates.into_iter().find(|path| path.file_name().is_some_and(|name| name == wanted.as_str()))
}
