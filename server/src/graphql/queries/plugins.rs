//! `plugins`, `imageFormats` and `annotationTypes`.

use crate::graphql::context::RequestContext;
use crate::graphql::types::{AnnotationType, ImageFormat, Plugin, RefusedPlugin};
use async_graphql::{Context, Object, Result};

#[derive(Default)]
pub struct PluginQueries;

#[Object]
impl PluginQueries {
    /// The plugins that are loaded.
    async fn plugins(&self, context: &Context<'_>) -> Result<Vec<Plugin>> {
        context.viewer()?;
        Ok(context.services()?.plugins.catalog().plugins().iter().cloned().map(Plugin).collect())
    }

    /// Libraries that are not used, and what another plugin offers with more right.
    async fn refused_plugins(&self, context: &Context<'_>) -> Result<Vec<RefusedPlugin>> {
        context.viewer()?;
        Ok(context.services()?.plugins.catalog().refusals().iter().cloned().map(RefusedPlugin::from).collect())
    }

    /// What images can be read.
    async fn image_formats(&self, context: &Context<'_>) -> Result<Vec<ImageFormat>> {
        context.viewer()?;
        let catalog = context.services()?.plugins.catalog();
        Ok(catalog.image_formats().map(|(descriptor, plugin)| ImageFormat::new(descriptor, plugin)).collect())
    }

    /// What annotations can be read.
    async fn annotation_types(&self, context: &Context<'_>) -> Result<Vec<AnnotationType>> {
        context.viewer()?;
        let catalog = context.services()?.plugins.catalog();
        Ok(catalog.annotation_types().map(|(descriptor, plugin)| AnnotationType::new(descriptor, plugin)).collect())
    }
}
