//! `auditEvents`.

use crate::domain::audit::{self as domain, AuditAction};
use crate::domain::ids::{DatasetId, UserId};
use crate::graphql::connection::{Connected, TotalCount, connected, page_request};
use crate::graphql::context::RequestContext;
use crate::graphql::error::{Code, ForClients, plain};
use crate::graphql::types::AuditEvent;
use crate::services::audit;
use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::{DateTime, Utc};

#[derive(Default)]
pub struct AuditQueries;

#[derive(InputObject, Default)]
struct AuditEventFilter {
    action: Option<Vec<AuditAction>>,
    user: Option<ID>,
    /// It may be gone.
    dataset: Option<ID>,
    /// At that time or later.
    since: Option<DateTime<Utc>>,
    /// Before that time.
    until: Option<DateTime<Utc>>,
}

impl AuditEventFilter {
    fn read(self) -> Result<domain::AuditEventFilter> {
        let wrong = |what: &str| plain(Code::BadUserInput, format!("`filter.{what}` is no {what}'s id."));
        let user_id = self.user.map(|id| UserId::parse(&id).ok_or_else(|| wrong("user"))).transpose()?;
        let dataset_id = self.dataset.map(|id| DatasetId::parse(&id).ok_or_else(|| wrong("dataset"))).transpose()?;
        let Self { action: actions, since, until, .. } = self;
        Ok(domain::AuditEventFilter { actions, user_id, dataset_id, since, until })
    }
}

#[Object]
impl AuditQueries {
    /// Who did what to which dataset, and who signed in, newest first; at most 500 a page. For administrators.
    async fn audit_events(
        &self,
        context: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        filter: Option<AuditEventFilter>,
    ) -> Result<Connected<AuditEvent>> {
        let page = page_request(context, first, after, last, before)?;
        let filter = filter.unwrap_or_default().read()?;
        let rows = audit::list(context.services()?, context.viewer()?, &filter, &page).await.for_clients(context)?;
        let rows = rows.map(|row| (row.id.0.to_string(), AuditEvent(row)));
        Ok(connected(rows, TotalCount::AuditEvents(filter)))
    }
}
