//! The host as a whole: what is loaded, what was refused, and who has which capability.

use super::{PluginHostSettings, PluginInfo, Refusal};
use lightbox_sdk::{AnnotationTypeDescriptor, ImageFormatDescriptor};
use std::sync::Arc;

/// Every plugin of this server. Cheap to clone; all clones share the plugins and the bound on parallel calls.
#[derive(Clone)]
pub struct PluginHost {
    inner: Arc<Inner>,
}

struct Inner {
    plugins: Vec<PluginInfo>,
    refusals: Vec<Refusal>,
    image_formats: Vec<(ImageFormatDescriptor, usize)>,
    annotation_types: Vec<(AnnotationTypeDescriptor, usize)>,
}

impl PluginHost {
    /// Loads what it finds. Never fails: what is broken, foreign or double is refused by name and reason, and logged.
    pub fn load(settings: PluginHostSettings) -> Self {
        let _ = settings;
        let inner =
            Inner { plugins: Vec::new(), refusals: Vec::new(), image_formats: Vec::new(), annotation_types: Vec::new() };
        Self { inner: Arc::new(inner) }
    }

    /// By id.
    pub fn plugins(&self) -> &[PluginInfo] {
        &self.inner.plugins
    }

    pub fn refusals(&self) -> &[Refusal] {
        &self.inner.refusals
    }

    /// By id; one entry an id: the one that calls reach.
    pub fn image_formats(&self) -> impl Iterator<Item = (&ImageFormatDescriptor, &PluginInfo)> {
        self.inner.image_formats.iter().map(|(descriptor, plugin)| (descriptor, &self.inner.plugins[*plugin]))
    }

    /// By id; one entry an id: the one that calls reach.
    pub fn annotation_types(&self) -> impl Iterator<Item = (&AnnotationTypeDescriptor, &PluginInfo)> {
        self.inner.annotation_types.iter().map(|(descriptor, plugin)| (descriptor, &self.inner.plugins[*plugin]))
    }

    pub fn find_image_format(&self, id: &str) -> Option<(&ImageFormatDescriptor, &PluginInfo)> {
        self.image_formats().find(|(descriptor, _)| descriptor.id == id)
    }

    pub fn find_annotation_type(&self, id: &str) -> Option<(&AnnotationTypeDescriptor, &PluginInfo)> {
        self.annotation_types().find(|(descriptor, _)| descriptor.id == id)
    }
}
