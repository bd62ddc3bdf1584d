//! `reloadPlugins`.

use crate::domain::user_error::UserError;
use crate::graphql::context::RequestContext;
use crate::graphql::error::payload;
use crate::graphql::types::{Plugin, RefusedPlugin};
use crate::services::plugins;
use async_graphql::{Context, Object, Result, SimpleObject};

#[derive(Default)]
pub struct PluginMutations;

#[derive(SimpleObject)]
struct ReloadPluginsPayload {
    /// What is loaded now; empty when it was refused.
    plugins: Vec<Plugin>,
    /// What is not used, and why.
    refused_plugins: Vec<RefusedPlugin>,
    user_errors: Vec<UserError>,
}

#[Object]
impl PluginMutations {
    /// Looks for plugins again: new ones are used, changed ones replaced, missing ones dropped. Calls that run end where
    /// they are, and no request is dropped. For administrators.
    async fn reload_plugins(&self, context: &Context<'_>) -> Result<ReloadPluginsPayload> {
        let (services, viewer) = (context.services()?, context.viewer()?);
        let reloaded = plugins::reload(services, viewer).await;
        let done = |()| {
            let catalog = services.plugins.catalog();
            let plugins = catalog.plugins().iter().cloned().map(Plugin).collect();
            let refused_plugins = catalog.refusals().iter().cloned().map(RefusedPlugin::from).collect();
            ReloadPluginsPayload { plugins, refused_plugins, user_errors: Vec::new() }
        };
        let refused =
            |user_errors| ReloadPluginsPayload { plugins: Vec::new(), refused_plugins: Vec::new(), user_errors };
        payload(context, reloaded, done, refused)
    }
}
