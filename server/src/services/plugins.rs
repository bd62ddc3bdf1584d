//! Plugins as the viewer's use cases: looking for them again.

use super::{ServiceError, ServiceResult, Services, compute};
use crate::domain::access::Viewer;
use crate::domain::user_error::UserErrorCode;

/// Looks for plugins again and uses what is found from the next call on; calls that run are not disturbed.
///
/// # Errors
/// `FORBIDDEN` for everyone but administrators: a plugin is code that the server runs.
pub async fn reload(services: &Services, viewer: &Viewer) -> ServiceResult<()> {
    if !viewer.is_admin {
        let message = "Only an administrator may reload plugins.";
        return Err(ServiceError::user(UserErrorCode::Forbidden, &[], message));
    }
    let plugins = services.plugins.clone();
    compute(move || plugins.reload()).await
}
