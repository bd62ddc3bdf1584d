//! `plugins`, `imageFormats` and `annotationTypes`.

use crate::graphql::context::RequestContext;
use crate::graphql::types::{AnnotationType, ImageFormat, Plugin};
use async_graphql::{Context, Object, Result};

#[derive(Default)]
pub struct PluginQueries;

#[Object]
impl PluginQueries {
    /// The plugins that are loaded.
    async fn plugins(&self, context: &Context<'_>) -> Result<Vec<Plugin>> {
        context.viewer()?;
        Ok(context.services()?.plugins.plugins().iter().cloned().map(Plugin).collect())
    }

    /// What images can be read.
    async fn image_formats(&self, context: &Context<'_>) -> Result<Vec<ImageFormat>> {
        context.viewer()?;
        let formats = context.services()?.plugins.image_formats();
        Ok(formats.map(|(descriptor, plugin)| ImageFormat::new(descriptor, plugin)).collect())
    }

    /// What annotations can be read.
    async fn annotation_types(&self, context: &Context<'_>) -> Result<Vec<AnnotationType>> {
        context.viewer()?;
        let types = context.services()?.plugins.annotation_types();
        Ok(types.map(|(descriptor, plugin)| AnnotationType::new(descriptor, plugin)).collect())
    }
}
