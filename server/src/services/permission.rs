//! The one check of what a viewer may do. What he may see is decided by [`Viewer::scope`], which every query takes;
//! what he may change is decided here.

use super::{ServiceError, ServiceResult, Services};
use crate::db;
use crate::domain::access::{Access, DatasetRole, Viewer};
use crate::domain::dataset::Dataset;
use crate::domain::ids::DatasetId;
use crate::domain::user_error::UserErrorCode;
use std::collections::HashMap;

/// # Errors
/// `FORBIDDEN` when the credential is for reading alone.
pub fn require_write(viewer: &Viewer) -> ServiceResult<()> {
    require_access(viewer, Access::Write)
}

/// # Errors
/// `FORBIDDEN` when the credential may be used for less.
pub fn require_access(viewer: &Viewer, access: Access) -> ServiceResult<()> {
    if viewer.access >= access {
        return Ok(());
    }
    let message =
        format!("This access token has the scope {}: {} is needed here.", viewer.access.as_str(), access.as_str());
    Err(forbidden(&[], message))
}

/// # Errors
/// `FORBIDDEN` for everybody but administrators.
pub fn require_admin(viewer: &Viewer) -> ServiceResult<()> {
    if viewer.is_admin {
        return Ok(());
    }
    Err(forbidden(&[], "This is for administrators, signed in or with a token of the scope ADMIN."))
}

/// For a dataset that the viewer was shown: whether he may do what needs `role`, which is more than seeing it.
///
/// # Errors
/// `FORBIDDEN`.
pub async fn require_role(
    services: &Services,
    viewer: &Viewer,
    dataset: &Dataset,
    role: DatasetRole,
    path: &[&str],
) -> ServiceResult<()> {
    require_write(viewer)?;
    let has = roles(services, viewer, std::slice::from_ref(dataset)).await?.remove(&dataset.id);
    if has.is_some_and(|has| has >= role) {
        return Ok(());
    }
    let has = has.map_or("none", DatasetRole::as_str);
    let message = format!(
        "Your role on the dataset {:?} is {has}: {} is needed for this. Ask its owner.",
        dataset.name,
        role.as_str()
    );
    Err(forbidden(path, message))
}

/// What the viewer may do with each of the datasets; those that he may not see are left out.
pub async fn roles(
    services: &Services,
    viewer: &Viewer,
    datasets: &[Dataset],
) -> ServiceResult<HashMap<DatasetId, DatasetRole>> {
    let owns = |dataset: &Dataset| viewer.is_admin || dataset.owner_id == viewer.id;
    let (own, others): (Vec<&Dataset>, Vec<&Dataset>) = datasets.iter().partition(|dataset| owns(dataset));
    let mut roles: HashMap<_, _> = own.iter().map(|dataset| (dataset.id, DatasetRole::Owner)).collect();
    if others.is_empty() {
        return Ok(roles);
    }
    let others: Vec<DatasetId> = others.iter().map(|dataset| dataset.id).collect();
    for (dataset, role) in db::dataset_shares::roles(services.db.read(), viewer.id, &others).await? {
        // By several groups, say: the most that any of them gives.
        roles.entry(dataset).and_modify(|known| *known = role.max(*known)).or_insert(role);
    }
    Ok(roles)
}

pub(super) fn forbidden(path: &[&str], message: impl Into<String>) -> ServiceError {
    ServiceError::user(UserErrorCode::Forbidden, path, message)
}
