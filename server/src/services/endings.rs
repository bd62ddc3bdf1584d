//! What goes with a dataset or an annotation set: derivatives end, and systems outside are told of all of it. Inside
//! the transaction that removes the rows, and before it does; whoever commits calls `services.events.deliveries_wait()`.

use super::{ServiceResult, Services, webhooks};
use crate::db::{self, Transaction};
use crate::domain::annotation_set::AnnotationSet;
use crate::domain::dataset::Dataset;
use crate::domain::derivative::Derivative;
use crate::domain::ids::DatasetId;
use crate::domain::webhook_event::{EndedWith, WebhookEvent};

/// A dataset goes with its annotation sets. Told in this order: the end of each derivative, then of each set, then of
/// the dataset.
pub async fn with_dataset(services: &Services, transaction: &Transaction, id: DatasetId) -> ServiceResult<()> {
    let ended = db::derivatives::delete_of_dataset(transaction, id).await?;
    let Some(dataset) = db::datasets::by_ids(transaction, &[id]).await?.pop() else { return Ok(()) };
    let sets = db::annotation_sets::list_by_dataset(transaction, id).await?;
    let mut events = derivatives_ended(&ended, &dataset, &sets, EndedWith::Dataset);
    events.extend(sets.iter().map(|set| WebhookEvent::annotation_set_deleted(set, &dataset)));
    events.push(WebhookEvent::dataset_deleted(&dataset));
    webhooks::tell(services, transaction, events).await
}

/// An annotation set that goes while its dataset stays. Told: the end of each derivative of it, then its own.
pub async fn with_annotation_set(
    services: &Services,
    transaction: &Transaction,
    set: &AnnotationSet,
) -> ServiceResult<()> {
    let ended = db::derivatives::delete_of_annotation_set(transaction, set.id).await?;
    let Some(dataset) = db::datasets::by_ids(transaction, &[set.dataset_id]).await?.pop() else { return Ok(()) };
    let mut events = derivatives_ended(&ended, &dataset, std::slice::from_ref(set), EndedWith::AnnotationSet);
    events.push(WebhookEvent::annotation_set_deleted(set, &dataset));
    webhooks::tell(services, transaction, events).await
}

fn derivatives_ended(
    ended: &[Derivative],
    dataset: &Dataset,
    sets: &[AnnotationSet],
    with: EndedWith,
) -> Vec<WebhookEvent> {
    let set_of = |derivative: &Derivative| sets.iter().find(|set| Some(set.id) == derivative.annotation_set_id);
    ended.iter().map(|each| WebhookEvent::derivative_ended(each, dataset, set_of(each), with)).collect()
}
