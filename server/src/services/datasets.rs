//! Datasets as a viewer may see them: finding, listing, renaming.

use super::events::{ChangeKind, DatasetEvent};
use super::{ServiceError, ServiceResult, Services, audit, permission};
use crate::db;
use crate::db::datasets::{DatasetKey, key_of};
use crate::domain::access::{DatasetRole, Viewer};
use crate::domain::audit::AuditAction;
use crate::domain::dataset::{CombinedSource, Dataset, DatasetFilter, DatasetOrder, DatasetStatus};
use crate::domain::ids::{DatasetId, UserId};
use crate::domain::names::require_name;
use crate::domain::page::{Page, PageRequest, invalid_cursor};
use crate::domain::user_error::UserErrorCode;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::json;
use std::collections::{HashMap, HashSet};

pub async fn find(services: &Services, viewer: &Viewer, id: DatasetId) -> ServiceResult<Option<Dataset>> {
    Ok(by_ids(services, viewer, &[id]).await?.pop())
}

/// Those of the datasets that the viewer may see; one that is being deleted is seen by nobody.
pub async fn by_ids(services: &Services, viewer: &Viewer, ids: &[DatasetId]) -> ServiceResult<Vec<Dataset>> {
    Ok(db::datasets::visible_by_ids(services.db.read(), ids, viewer.scope()).await?)
}

/// The ids of those datasets that the viewer may see.
pub(super) async fn visible_among(
    services: &Services,
    viewer: &Viewer,
    ids: impl Iterator<Item = DatasetId>,
) -> ServiceResult<HashSet<DatasetId>> {
    let ids: HashSet<DatasetId> = ids.collect();
    if ids.is_empty() {
        return Ok(ids);
    }
    let ids: Vec<DatasetId> = ids.into_iter().collect();
    Ok(by_ids(services, viewer, &ids).await?.into_iter().map(|dataset| dataset.id).collect())
}

/// The dataset, or the same error for what is not there and what the viewer may not see.
pub async fn require(services: &Services, viewer: &Viewer, id: &str, path: &[&str]) -> ServiceResult<Dataset> {
    let found = match DatasetId::parse(id) {
        Some(id) => find(services, viewer, id).await?,
        None => None,
    };
    found.ok_or_else(|| ServiceError::not_found("dataset", path))
}

/// The same for who wants to do something with it that needs `role`.
///
/// # Errors
/// `NOT_FOUND`, or `FORBIDDEN` for who may see it but not do that.
pub async fn require_as(
    services: &Services,
    viewer: &Viewer,
    role: DatasetRole,
    id: &str,
    path: &[&str],
) -> ServiceResult<Dataset> {
    let dataset = require(services, viewer, id, path).await?;
    permission::require_role(services, viewer, &dataset, role, path).await?;
    Ok(dataset)
}

/// What the viewer may do with each of the datasets that he was shown.
pub async fn roles(
    services: &Services,
    viewer: &Viewer,
    ids: &[DatasetId],
) -> ServiceResult<HashMap<DatasetId, DatasetRole>> {
    let datasets = by_ids(services, viewer, ids).await?;
    permission::roles(services, viewer, &datasets).await
}

/// Tells those who watch and may see the dataset that it came, changed or went.
pub async fn tell(services: &Services, kind: ChangeKind, dataset: &Dataset) {
    tell_of(services, kind, dataset.id, dataset.owner_id).await;
}

/// The same where no more is left of the dataset than its id.
pub async fn tell_of(services: &Services, kind: ChangeKind, dataset_id: DatasetId, owner_id: UserId) {
    if !services.events.datasets_are_watched() {
        return;
    }
    let audience = db::dataset_shares::list_audience(services.db.read(), dataset_id).await;
    let audience = audience.unwrap_or_else(|error| {
        tracing::error!(%error, dataset.id = %dataset_id, "only the owner hears of a change");
        Vec::new()
    });
    services.events.dataset_changed(DatasetEvent { kind, dataset_id, owner_id, audience: audience.into() });
}

/// A page of datasets with the cursor of each.
pub async fn list(
    services: &Services,
    viewer: &Viewer,
    filter: &DatasetFilter,
    order: DatasetOrder,
    page: &PageRequest,
) -> ServiceResult<Page<(String, Dataset)>> {
    let after = read_cursor(page.after.as_deref(), "after")?;
    let before = read_cursor(page.before.as_deref(), "before")?;
    let name = if after.is_some() { "after" } else { "before" };
    let found = db::datasets::list(services.db.read(), viewer.scope(), filter, order, page, (after, before)).await?;
    let found = found.ok_or_else(|| invalid_cursor(name))?;
    Ok(found.map(|dataset| (write_cursor(&key_of(&dataset, order)), dataset)))
}

pub async fn count(services: &Services, viewer: &Viewer, filter: &DatasetFilter) -> ServiceResult<u64> {
    Ok(db::datasets::count(services.db.read(), viewer.scope(), filter).await?)
}

fn write_cursor(key: &DatasetKey) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(key).unwrap_or_default())
}

fn read_cursor(cursor: Option<&str>, name: &str) -> ServiceResult<Option<DatasetKey>> {
    let read = |text: &str| {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        serde_json::from_slice(&bytes).ok()
    };
    cursor.map(|text| read(text).ok_or_else(|| invalid_cursor(name).into())).transpose()
}

/// What each dataset was combined from, in order.
pub async fn sources_of(services: &Services, ids: &[DatasetId]) -> ServiceResult<Vec<(DatasetId, CombinedSource)>> {
    Ok(db::combined_sources::by_datasets(services.db.read(), ids).await?)
}

/// # Errors
/// `NOT_FOUND`, `FORBIDDEN` without the role EDITOR, `INVALID`, or `NAME_TAKEN` among the owner's datasets.
pub async fn rename(services: &Services, viewer: &Viewer, id: &str, name: &str) -> ServiceResult<Dataset> {
    let dataset = require_as(services, viewer, DatasetRole::Editor, id, &["input", "dataset"]).await?;
    let name = require_name(name, &["input", "name"])?;
    // A dataset that failed holds no name that another could want.
    let holds_name = dataset.status != DatasetStatus::Failed;
    let transaction = services.db.begin().await?;
    match db::datasets::rename(&transaction, dataset.id, &name, holds_name).await {
        Err(db::DbError::Taken) => return Err(name_taken(&name, &["input", "name"])),
        result => result?,
    }
    audit::record_of(&transaction, viewer, AuditAction::DatasetRenamed, &dataset, json!({ "name": name })).await?;
    transaction.commit().await?;
    tell(services, ChangeKind::Updated, &dataset).await;
    Ok(Dataset { name, ..dataset })
}

pub(super) fn name_taken(name: &str, path: &[&str]) -> ServiceError {
    let message = format!("The owner has a dataset named {name:?} already: choose another name.");
    ServiceError::user(UserErrorCode::NameTaken, path, message)
}
