//! `datasets` and `dataset`.

use crate::domain::dataset::{self, DatasetOrderField, DatasetStatus, OrderDirection};
use crate::domain::ids::DatasetId;
use crate::graphql::connection::{Connected, TotalCount, connected, page_request};
use crate::graphql::context::RequestContext;
use crate::graphql::error::ForClients;
use crate::graphql::types::Dataset;
use crate::services::datasets;
use async_graphql::{Context, ID, InputObject, Object, Result};

#[derive(Default)]
pub struct DatasetQueries;

/// All conditions hold together.
#[derive(InputObject, Default)]
struct DatasetFilter {
    /// Case-insensitive substring of the name.
    search: Option<String>,
    /// true: only datasets with annotation data; false: only those without.
    has_annotations: Option<bool>,
    status: Option<Vec<DatasetStatus>>,
}

#[derive(InputObject)]
struct DatasetOrder {
    field: DatasetOrderField,
    direction: OrderDirection,
}

#[Object]
impl DatasetQueries {
    /// Newest first unless ordered otherwise; at most 500 a page. Page 1 and page 10,000 cost the same.
    #[allow(clippy::too_many_arguments)] // a connection has four, and the contract adds two
    async fn datasets(
        &self,
        context: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        filter: Option<DatasetFilter>,
        order_by: Option<DatasetOrder>,
    ) -> Result<Connected<Dataset>> {
        let page = page_request(context, first, after, last, before)?;
        let filter = filter.unwrap_or_default();
        let filter = dataset::DatasetFilter {
            search: filter.search.filter(|text| !text.is_empty()),
            has_annotations: filter.has_annotations,
            status: filter.status,
        };
        let order = order_by.map(|order| dataset::DatasetOrder { field: order.field, direction: order.direction });
        let (services, viewer) = (context.services()?, context.viewer()?);
        let rows = datasets::list(services, viewer, &filter, order.unwrap_or_default(), &page).await;
        let rows = rows.for_clients(context)?.map(|(cursor, row)| (cursor, Dataset(row)));
        Ok(connected(rows, TotalCount::Datasets(filter)))
    }

    /// Null when it is not there or not for the viewer.
    async fn dataset(&self, context: &Context<'_>, id: ID) -> Result<Option<Dataset>> {
        let Some(id) = DatasetId::parse(&id) else { return Ok(None) };
        Ok(context.loads()?.load_one(id).await.for_clients(context)?.map(Dataset))
    }
}
