//! The audit log: what somebody did is written with the change itself, and listed for administrators.

use super::{ServiceResult, Services, permission};
use crate::db;
use crate::domain::access::{Credential, Viewer};
use crate::domain::audit::{AuditAction, AuditEvent, AuditEventFilter};
use crate::domain::dataset::Dataset;
use crate::domain::ids::{self, AuditEventId, DatasetId};
use crate::domain::page::{Page, PageRequest};
use chrono::Utc;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use std::net::IpAddr;

/// Adds one event, in the transaction of what it tells of.
pub(super) async fn record(
    connection: &impl ConnectionTrait,
    viewer: &Viewer,
    action: AuditAction,
    details: Value,
) -> ServiceResult<()> {
    write(connection, viewer, action, None, details).await
}

/// The same of something that was done with a dataset.
pub(super) async fn record_of(
    connection: &impl ConnectionTrait,
    viewer: &Viewer,
    action: AuditAction,
    dataset: &Dataset,
    details: Value,
) -> ServiceResult<()> {
    write(connection, viewer, action, Some((dataset.id, dataset.name.clone())), details).await
}

async fn write(
    connection: &impl ConnectionTrait,
    viewer: &Viewer,
    action: AuditAction,
    dataset: Option<(DatasetId, String)>,
    details: Value,
) -> ServiceResult<()> {
    let is_operator = viewer.credential == Credential::Operator;
    let (dataset_id, dataset_name) = dataset.unzip();
    let event = AuditEvent {
        id: AuditEventId(ids::next()),
        happened_at: Utc::now(),
        action,
        user_id: (!is_operator).then_some(viewer.id),
        user_name: viewer.name.clone(),
        credential: Some(viewer.credential.to_string()),
        address: viewer.address.map(|address| address.to_string()),
        dataset_id,
        dataset_name,
        details,
    };
    Ok(db::audit_events::create(connection, &event).await?)
}

/// A sign-in that did not come to be; `name`: as it was given.
pub(super) async fn record_refused_sign_in(
    services: &Services,
    name: &str,
    address: Option<IpAddr>,
) -> ServiceResult<()> {
    let event = AuditEvent {
        id: AuditEventId(ids::next()),
        happened_at: Utc::now(),
        action: AuditAction::SignInFailed,
        user_id: None,
        user_name: String::new(),
        credential: None,
        address: address.map(|address| address.to_string()),
        dataset_id: None,
        dataset_name: None,
        // People type passwords where names belong: only so much of it as a name has.
        details: json!({ "user": name.chars().take(64).collect::<String>() }),
    };
    Ok(db::audit_events::create(services.db.write(), &event).await?)
}

/// Newest first.
///
/// # Errors
/// `FORBIDDEN` for everybody but administrators.
pub async fn list(
    services: &Services,
    viewer: &Viewer,
    filter: &AuditEventFilter,
    page: &PageRequest,
) -> ServiceResult<Page<AuditEvent>> {
    permission::require_admin(viewer)?;
    let positions = page.positions()?;
    Ok(db::audit_events::list(services.db.read(), filter, page, positions).await?)
}

/// # Errors
/// `FORBIDDEN` for everybody but administrators.
pub async fn count(services: &Services, viewer: &Viewer, filter: &AuditEventFilter) -> ServiceResult<u64> {
    permission::require_admin(viewer)?;
    Ok(db::audit_events::count(services.db.read(), filter).await?)
}
