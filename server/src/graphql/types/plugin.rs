//! `Plugin`, `ImageFormat` and `AnnotationType`.

use crate::graphql::context::RequestContext;
use crate::graphql::scalars::Long;
use crate::plugin_host::{self, PluginHost, PluginInfo, Refusal};
use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use lightbox_sdk::{AnnotationTypeDescriptor, ImageFormatDescriptor};

/// A shared library that brought image formats or annotation types.
#[derive(Clone)]
pub struct Plugin(pub PluginInfo);

#[Object]
impl Plugin {
    /// Such as `DICOM`.
    async fn name(&self) -> &str {
        &self.0.name
    }

    async fn version(&self) -> &str {
        &self.0.version
    }

    /// The file that it was loaded from.
    async fn path(&self) -> String {
        self.0.path.display().to_string()
    }

    /// SHA-256 of that file in hexadecimal, as `plugins.allow` of the configuration lists it; null for a plugin that is
    /// not there.
    async fn sha256(&self) -> Option<String> {
        self.0.sha256.map(|sha256| sha256.to_string())
    }

    /// What holds it in, for people: `worker process: ` and what the system enforces there, or `none: inside the
    /// server`.
    async fn isolation(&self) -> &str {
        &self.0.isolation
    }

    /// Whether calls reach it.
    async fn state(&self, context: &Context<'_>) -> Result<PluginState> {
        Ok(match context.services()?.plugins.state(&self.0.id) {
            plugin_host::PluginState::Ready => PluginState::Ready,
            plugin_host::PluginState::Suspended { .. } => PluginState::Suspended,
        })
    }

    /// SUSPENDED: seconds until it is tried again.
    async fn suspended_seconds(&self, context: &Context<'_>) -> Result<Option<Long>> {
        Ok(match context.services()?.plugins.state(&self.0.id) {
            plugin_host::PluginState::Ready => None,
            plugin_host::PluginState::Suspended { rest } => Some(Long(rest.as_secs().try_into().unwrap_or(i64::MAX))),
        })
    }

    /// Came with the server.
    async fn built_in(&self) -> bool {
        self.0.built_in
    }

    async fn image_formats(&self, context: &Context<'_>) -> Result<Vec<ImageFormat>> {
        let plugins = &context.services()?.plugins;
        Ok(self.0.image_formats.iter().map(|id| ImageFormat::of(plugins, id)).collect())
    }

    async fn annotation_types(&self, context: &Context<'_>) -> Result<Vec<AnnotationType>> {
        let plugins = &context.services()?.plugins;
        Ok(self.0.annotation_types.iter().map(|id| AnnotationType::of(plugins, id)).collect())
    }
}

/// Whether calls reach a plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum PluginState {
    Ready,
    /// It kept failing and is switched off for a while; calls fail with PLUGIN_SUSPENDED.
    Suspended,
}

/// A library that is not used, or one of its capabilities that another plugin offers with more right.
#[derive(SimpleObject)]
pub struct RefusedPlugin {
    /// The plugin's or capability's id as far as it is known, else the file's name.
    name: String,
    /// What was found and what was expected.
    reason: String,
    path: String,
}

impl From<Refusal> for RefusedPlugin {
    fn from(Refusal { path, name, reason }: Refusal) -> Self {
        Self { name, reason, path: path.display().to_string() }
    }
}

/// A kind of image file that a plugin reads.
#[derive(SimpleObject)]
pub struct ImageFormat {
    /// As its plugin names it: dicom, png, jpeg, …
    id: ID,
    name: String,
    /// Lower case, without the dot.
    extensions: Vec<String>,
    media_type: String,
    plugin: Plugin,
}

/// A kind of annotation that a plugin reads, checks and merges.
#[derive(SimpleObject)]
pub struct AnnotationType {
    /// As its plugin names it: single-label-classification, multi-label-classification, detection, segmentation, …
    id: ID,
    name: String,
    description: String,
    /// Ids of the document formats that it reads, such as deepq-csv or coco.
    import_formats: Vec<String>,
    /// Ids of the formats that its sets are exported as, images alone not counted.
    export_formats: Vec<String>,
    plugin: Plugin,
}

impl ImageFormat {
    pub fn new(descriptor: &ImageFormatDescriptor, plugin: &PluginInfo) -> Self {
        Self {
            id: ID(descriptor.id.clone()),
            name: descriptor.name.clone(),
            extensions: descriptor.extensions.clone(),
            media_type: descriptor.media_type.clone(),
            plugin: Plugin(plugin.clone()),
        }
    }

    /// The format with this id, or what is left to say when its plugin is not loaded any more.
    pub fn of(plugins: &PluginHost, id: &str) -> Self {
        match plugins.catalog().find_image_format(id) {
            Some((descriptor, plugin)) => Self::new(descriptor, plugin),
            None => Self {
                id: ID(id.to_owned()),
                name: id.to_owned(),
                extensions: Vec::new(),
                media_type: "application/octet-stream".to_owned(),
                plugin: Plugin(missing(id)),
            },
        }
    }
}

impl AnnotationType {
    pub fn new(descriptor: &AnnotationTypeDescriptor, plugin: &PluginInfo) -> Self {
        Self {
            id: ID(descriptor.id.clone()),
            name: descriptor.name.clone(),
            description: descriptor.description.clone(),
            import_formats: descriptor.formats.clone(),
            export_formats: descriptor.exports.clone(),
            plugin: Plugin(plugin.clone()),
        }
    }

    /// The type with this id, or what is left to say when its plugin is not loaded any more.
    pub fn of(plugins: &PluginHost, id: &str) -> Self {
        match plugins.catalog().find_annotation_type(id) {
            Some((descriptor, plugin)) => Self::new(descriptor, plugin),
            None => Self {
                id: ID(id.to_owned()),
                name: id.to_owned(),
                description: "The plugin of this type is not loaded.".to_owned(),
                import_formats: Vec::new(),
                export_formats: Vec::new(),
                plugin: Plugin(missing(id)),
            },
        }
    }
}

/// Stands for a plugin that brought `capability` once and is not there now.
fn missing(capability: &str) -> PluginInfo {
    PluginInfo {
        id: format!("missing:{capability}"),
        name: format!("missing plugin of {capability}"),
        version: String::new(),
        vendor: String::new(),
        path: std::path::PathBuf::new(),
        sha256: None,
        isolation: String::new(),
        built_in: false,
        image_formats: Vec::new(),
        annotation_types: Vec::new(),
    }
}
