//! Pages as Relay connections, with `totalCount`.

use super::context::RequestContext;
use super::error::ForClients;
use super::loaders::SetCountsOf;
use crate::domain::audit::AuditEventFilter;
use crate::domain::dataset::DatasetFilter;
use crate::domain::ids::DatasetId;
use crate::domain::job::JobFilter;
use crate::domain::page::{Page, PageRequest};
use crate::domain::user_error::UserError;
use crate::domain::webhook_delivery::WebhookDeliveryFilter;
use crate::services::{audit, datasets, jobs, users, webhooks};
use async_graphql::connection::{
    Connection, ConnectionNameType, DefaultConnectionName, DefaultEdgeName, Edge, EdgeNameType, EmptyFields,
};
use async_graphql::{Context, Object, ObjectType, OutputType, Result};

pub type Connected<T> = Connection<String, T, TotalCount, EmptyFields>;

/// Where the total comes from: kept, or counted when a client asks for it.
pub enum TotalCount {
    Known(i64),
    Datasets(DatasetFilter),
    Jobs(JobFilter),
    WebhookDeliveries(WebhookDeliveryFilter),
    Users(Option<String>),
    AuditEvents(AuditEventFilter),
    /// Annotation sets of one type in one dataset.
    AnnotationSets(DatasetId, String),
}

#[Object]
impl TotalCount {
    /// Rows of all pages together.
    async fn total_count(&self, context: &Context<'_>) -> Result<i64> {
        let services = context.services()?;
        match self {
            Self::Known(count) => Ok(*count),
            Self::Datasets(filter) => {
                let count = datasets::count(services, context.viewer()?, filter).await.for_clients(context)?;
                Ok(count as i64)
            }
            Self::Jobs(filter) => {
                Ok(jobs::count(services, context.viewer()?, filter).await.for_clients(context)? as i64)
            }
            Self::WebhookDeliveries(filter) => {
                let count = webhooks::count(services, context.viewer()?, filter).await.for_clients(context)?;
                Ok(count as i64)
            }
            Self::Users(search) => {
                let count = users::count(services, context.viewer()?, search.as_deref()).await.for_clients(context)?;
                Ok(count as i64)
            }
            Self::AuditEvents(filter) => {
                Ok(audit::count(services, context.viewer()?, filter).await.for_clients(context)? as i64)
            }
            Self::AnnotationSets(dataset, of_type) => {
                let counts = context.loads()?.load_one(SetCountsOf(*dataset)).await.for_clients(context)?;
                let of_type = counts.iter().flatten().filter(|(each, _)| each == of_type);
                Ok(of_type.map(|(_, count)| count).sum())
            }
        }
    }
}

/// The four arguments of a connection.
pub fn page_request(
    context: &Context<'_>,
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
) -> Result<PageRequest> {
    let page: std::result::Result<PageRequest, UserError> = PageRequest::new(first, after, last, before);
    page.for_clients(context)
}

/// A page of rows, each with its cursor and what its edge says besides.
pub fn connect<T, E, N, M>(page: Page<(String, T, E)>, total: TotalCount) -> Connection<String, T, TotalCount, E, N, M>
where
    T: OutputType,
    E: ObjectType,
    N: ConnectionNameType,
    M: EdgeNameType,
{
    let mut connection = Connection::with_additional_fields(page.has_previous, page.has_next, total);
    connection
        .edges
        .extend(page.rows.into_iter().map(|(cursor, node, fields)| Edge::with_additional_fields(cursor, node, fields)));
    connection
}

/// A page of rows, each with its cursor.
pub fn connected<T: OutputType>(page: Page<(String, T)>, total: TotalCount) -> Connected<T> {
    let page = page.map(|(cursor, node)| (cursor, node, EmptyFields));
    connect::<T, EmptyFields, DefaultConnectionName, DefaultEdgeName>(page, total)
}
