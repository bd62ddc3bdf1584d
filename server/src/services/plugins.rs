//! Plugins as the viewer's use cases: looking for them again.

use super::{ServiceResult, Services, audit, compute, permission};
use crate::domain::access::Viewer;
use crate::domain::audit::AuditAction;
use serde_json::json;

/// Looks for plugins again and uses what is found from the next call on; calls that run are not disturbed.
///
/// # Errors
/// `FORBIDDEN` for everyone but administrators: a plugin is code that the server runs.
pub async fn reload(services: &Services, viewer: &Viewer) -> ServiceResult<()> {
    permission::require_admin(viewer)?;
    audit::record(services.db.write(), viewer, AuditAction::PluginsReloaded, json!({})).await?;
    let plugins = services.plugins.clone();
    compute(move || plugins.reload()).await
}
