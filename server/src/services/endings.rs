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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::App;
    use crate::config::Config;
    use crate::db::datasets::{DatasetCounts, NewDataset};
    use crate::db::users::NewUser;
    use crate::domain::access::Viewer;
    use crate::domain::annotation_set::AnnotationSource;
    use crate::domain::derivative::DerivativeKind;
    use crate::domain::ids::{self, AnnotationSetId, DerivativeId, JobId};
    use crate::domain::page::PageRequest;
    use crate::domain::webhook_delivery::{WebhookDelivery, WebhookDeliveryFilter};
    use chrono::Utc;

    /// With two receivers and no plugins.
    async fn open(folder: &std::path::Path) -> App {
        let mut config = Config { data_dir: folder.to_owned(), ..Config::default() };
        config.plugins.directories = Some(Vec::new());
        let endpoint = |url| serde_json::json!({ "url": url, "secret": "0123456789abcdef" });
        let endpoints = serde_json::json!([endpoint("https://first/"), endpoint("https://second/")]);
        config.webhooks.endpoints = serde_json::from_value(endpoints).unwrap();
        App::open(config).await.unwrap()
    }

    async fn administrator(services: &Services) -> Viewer {
        let new = NewUser { name: "admin", is_admin: true, ..NewUser::default() };
        let user = db::users::create(services.db.write(), &new, 0).await.unwrap();
        Viewer { id: user.id, name: user.name, ..Viewer::operator() }
    }

    async fn dataset(services: &Services, owner: &Viewer) -> DatasetId {
        let id = DatasetId(ids::next());
        let new = NewDataset { id, owner_id: owner.id, name: "d".to_owned(), creation_job_id: JobId(1) };
        db::datasets::create(services.db.write(), new, Utc::now()).await.unwrap();
        db::datasets::publish(services.db.write(), id, DatasetCounts::default()).await.unwrap();
        id
    }

    async fn annotation_set(services: &Services, dataset_id: DatasetId, name: &str) -> AnnotationSet {
        let set = AnnotationSet {
            id: AnnotationSetId(ids::next()),
            dataset_id,
            name: name.to_owned(),
            annotation_type: "detection".to_owned(),
            source: AnnotationSource::Api,
            created_at: Utc::now(),
            study_count: 0,
            image_count: 0,
            unlabelled_image_count: 0,
            annotation_count: 0,
        };
        db::annotation_sets::create(services.db.write(), &set).await.unwrap();
        set
    }

    async fn derivative(services: &Services, dataset_id: DatasetId, set: Option<&AnnotationSet>, name: &str) {
        let derivative = Derivative {
            id: DerivativeId(ids::next()),
            dataset_id,
            annotation_set_id: set.map(|set| set.id),
            kind: DerivativeKind::TrainingTask,
            name: name.to_owned(),
            url: None,
            created_at: Utc::now(),
        };
        db::derivatives::create(services.db.write(), &derivative).await.unwrap();
    }

    /// What is to be told, in order: receiver, event, derivative, reason.
    async fn told(services: &Services, viewer: &Viewer) -> Vec<[String; 4]> {
        let page = PageRequest::first(100);
        let list = webhooks::list(services, viewer, &WebhookDeliveryFilter::default(), &page).await.unwrap();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let row = |each: WebhookDelivery| {
            let (name, reason) = (text(&each.data["derivative"]["name"]), text(&each.data["reason"]));
            [each.url, each.event.as_str().to_owned(), name, reason]
        };
        list.rows.into_iter().rev().map(row).collect()
    }

    #[tokio::test]
    async fn an_annotation_set_that_goes_ends_what_was_made_from_it_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let app = open(folder.path()).await;
        let services = &app.services;
        let viewer = administrator(services).await;
        let id = dataset(services, &viewer).await;
        let (going, staying) = (annotation_set(services, id, "going").await, annotation_set(services, id, "s").await);
        for (set, name) in [(Some(&going), "a"), (None, "of the dataset"), (Some(&staying), "b"), (Some(&going), "c")] {
            derivative(services, id, set, name).await;
        }
        let transaction = services.db.begin().await.unwrap();
        with_annotation_set(services, &transaction, &going).await.unwrap();
        transaction.rollback().await.unwrap();
        assert_eq!(told(services, &viewer).await, Vec::<[String; 4]>::new(), "nothing happened");

        let transaction = services.db.begin().await.unwrap();
        with_annotation_set(services, &transaction, &going).await.unwrap();
        transaction.commit().await.unwrap();
        let left = db::derivatives::list_by_dataset(services.db.read(), id).await.unwrap();
        assert_eq!(left.iter().map(|each| each.name.as_str()).collect::<Vec<_>>(), ["of the dataset", "b"]);
        let mut expected = Vec::new();
        for (event, name, reason) in [
            ("derivative.ended", "a", "annotation_set.deleted"),
            ("derivative.ended", "c", "annotation_set.deleted"),
            ("annotation_set.deleted", "", ""),
        ] {
            for url in ["https://first/", "https://second/"] {
                expected.push([url, event, name, reason].map(str::to_owned));
            }
        }
        assert_eq!(told(services, &viewer).await, expected);
    }
}
