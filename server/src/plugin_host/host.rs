//! The host as a whole: what is loaded, what was refused, and who has which capability.

use super::annotation_type::AnnotationTypeCalls;
use super::image_format::ImageFormatCalls;
use super::registry::Registry;
use super::runner::Runner;
use super::{PluginError, PluginErrorKind, PluginHostSettings, PluginInfo, Refusal, discovery, library};
use lightbox_sdk::{AnnotationTypeDescriptor, ImageFormatDescriptor};
use std::path::Path;
use std::sync::Arc;

/// Every plugin of this server. Cheap to clone; all clones share the plugins and the bound on parallel calls.
#[derive(Clone)]
pub struct PluginHost {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) registry: Registry,
    pub(super) runner: Runner,
    pub(super) max_pixels_bytes: u64,
}

impl PluginHost {
    /// Loads what it finds. Never fails: what is broken, foreign or double is refused by name and reason, and logged.
    pub fn load(settings: PluginHostSettings) -> Self {
        let (files, mut refusals) = discovery::find_candidates(&settings);
        let mut found = Vec::new();
        for path in files {
            match library::load(&path) {
                Ok(description) => found.push(description),
                Err(reason) => refusals.push(Refusal { name: file_name(&path), path, reason }),
            }
        }
        let registry = Registry::new(found, refusals);
        log(&registry);
        let runner = Runner::new(settings.parallel_calls, settings.call_timeout_ms);
        Self { inner: Arc::new(Inner { registry, runner, max_pixels_bytes: settings.max_pixels_bytes }) }
    }

    /// By id.
    pub fn plugins(&self) -> &[PluginInfo] {
        &self.inner.registry.plugins
    }

    /// Libraries that are not used, and capabilities that another plugin offers with more right.
    pub fn refusals(&self) -> &[Refusal] {
        &self.inner.registry.refusals
    }

    /// By id; one entry an id: the one that calls reach.
    pub fn image_formats(&self) -> impl Iterator<Item = (&ImageFormatDescriptor, &PluginInfo)> {
        let registry = &self.inner.registry;
        registry.image_formats.iter().map(|chosen| (&chosen.descriptor, &registry.plugins[chosen.plugin]))
    }

    /// By id; one entry an id: the one that calls reach.
    pub fn annotation_types(&self) -> impl Iterator<Item = (&AnnotationTypeDescriptor, &PluginInfo)> {
        let registry = &self.inner.registry;
        registry.annotation_types.iter().map(|chosen| (&chosen.descriptor, &registry.plugins[chosen.plugin]))
    }

    pub fn find_image_format(&self, id: &str) -> Option<(&ImageFormatDescriptor, &PluginInfo)> {
        self.image_formats().find(|(descriptor, _)| descriptor.id == id)
    }

    pub fn find_annotation_type(&self, id: &str) -> Option<(&AnnotationTypeDescriptor, &PluginInfo)> {
        self.annotation_types().find(|(descriptor, _)| descriptor.id == id)
    }
}

impl Inner {
    pub(super) fn require_image_format(&self, id: &str) -> Result<Arc<ImageFormatCalls>, PluginError> {
        let found = self.registry.image_formats.iter().find(|chosen| chosen.descriptor.id == id);
        found.map(|chosen| chosen.calls.clone()).ok_or_else(|| missing(format!("the image format {id}")))
    }

    pub(super) fn require_annotation_type(&self, id: &str) -> Result<Arc<AnnotationTypeCalls>, PluginError> {
        let found = self.registry.annotation_types.iter().find(|chosen| chosen.descriptor.id == id);
        found.map(|chosen| chosen.calls.clone()).ok_or_else(|| missing(format!("the annotation type {id}")))
    }

    /// The format that writes pictures; its plugin need not be the one that reads them.
    pub(super) fn require_encoder(&self, id: &str) -> Result<Arc<ImageFormatCalls>, PluginError> {
        let found =
            self.registry.image_formats.iter().find(|chosen| chosen.descriptor.id == id && chosen.descriptor.encodes);
        found.map(|chosen| chosen.calls.clone()).ok_or_else(|| missing(format!("writing the image format {id}")))
    }
}

fn missing(what: String) -> PluginError {
    let message = format!("no plugin of this server offers {what}: install one, or see why it was refused");
    PluginError { kind: PluginErrorKind::Unsupported, plugin: String::new(), message }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn log(registry: &Registry) {
    for plugin in &registry.plugins {
        let PluginInfo { id, version, image_formats, annotation_types, path, .. } = plugin;
        tracing::info!(%id, %version, ?image_formats, ?annotation_types, path = %path.display(), "plugin loaded");
    }
    for Refusal { path, name, reason } in &registry.refusals {
        tracing::warn!(%name, path = %path.display(), "plugin refused: {reason}");
    }
}
