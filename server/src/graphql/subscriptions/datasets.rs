//! `datasetsChanged`.

use crate::graphql::context::RequestContext;
use crate::graphql::ids::global;
use crate::graphql::types::Dataset;
use crate::services::datasets;
use crate::services::events::ChangeKind;
use async_graphql::{Context, ID, Result, SimpleObject, Subscription};
use futures_util::{Stream, StreamExt};
use tokio_stream::wrappers::BroadcastStream;

#[derive(Default)]
pub struct DatasetSubscriptions;

/// One dataset came, changed or went.
#[derive(SimpleObject)]
struct DatasetChange {
    kind: ChangeKind,
    dataset_id: ID,
    /// As it is now; null when it is gone.
    dataset: Option<Dataset>,
}

#[Subscription]
impl DatasetSubscriptions {
    /// Datasets that the viewer can see, as they appear, change or go.
    async fn datasets_changed(&self, context: &Context<'_>) -> Result<impl Stream<Item = DatasetChange>> {
        let (services, viewer) = (context.services()?.clone(), context.viewer()?.clone());
        let changes = BroadcastStream::new(services.events.watch_datasets());
        Ok(changes.filter_map(move |event| {
            let (services, viewer) = (services.clone(), viewer.clone());
            async move {
                let event = event.ok().filter(|event| event.is_for(&viewer))?;
                let dataset = datasets::find(&services, &viewer, event.dataset_id).await.ok().flatten();
                let dataset_id = global(event.dataset_id);
                Some(DatasetChange { kind: event.kind, dataset_id, dataset: dataset.map(Dataset) })
            }
        }))
    }
}
