//! What systems outside are told of: which events there are, and what each says.

use super::annotation_set::AnnotationSet;
use super::dataset::Dataset;
use super::derivative::Derivative;
use super::ids::DatasetId;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WebhookEventKind {
    DatasetDeleted,
    /// By itself or with its dataset.
    AnnotationSetDeleted,
    DerivativeRegistered,
    /// Whoever registered it took it back.
    DerivativeRemoved,
    /// What it was made from is deleted.
    DerivativeEnded,
}

impl WebhookEventKind {
    pub const ALL: [Self; 5] = [
        Self::DatasetDeleted,
        Self::AnnotationSetDeleted,
        Self::DerivativeRegistered,
        Self::DerivativeRemoved,
        Self::DerivativeEnded,
    ];

    /// The word in the database and in the message's `type`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DatasetDeleted => "dataset.deleted",
            Self::AnnotationSetDeleted => "annotation_set.deleted",
            Self::DerivativeRegistered => "derivative.registered",
            Self::DerivativeRemoved => "derivative.removed",
            Self::DerivativeEnded => "derivative.ended",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// One thing that happened, as every receiver is told of it.
#[derive(Debug, Clone)]
pub struct WebhookEvent {
    pub kind: WebhookEventKind,
    /// What happened to one dataset is told in order.
    pub dataset_id: DatasetId,
    /// The message's `data`.
    pub data: Value,
}

/// What a derivative ended with.
#[derive(Debug, Clone, Copy)]
pub enum EndedWith {
    Dataset,
    AnnotationSet,
}

impl EndedWith {
    fn kind(self) -> WebhookEventKind {
        match self {
            Self::Dataset => WebhookEventKind::DatasetDeleted,
            Self::AnnotationSet => WebhookEventKind::AnnotationSetDeleted,
        }
    }
}

impl WebhookEvent {
    pub fn dataset_deleted(dataset: &Dataset) -> Self {
        Self {
            kind: WebhookEventKind::DatasetDeleted,
            dataset_id: dataset.id,
            data: json!({ "dataset": dataset_data(dataset) }),
        }
    }

    pub fn annotation_set_deleted(set: &AnnotationSet, dataset: &Dataset) -> Self {
        let data = json!({ "annotationSet": set_data(set), "dataset": dataset_data(dataset) });
        Self { kind: WebhookEventKind::AnnotationSetDeleted, dataset_id: dataset.id, data }
    }

    /// `set`: that of the derivative, if it has one.
    pub fn derivative_registered(derivative: &Derivative, dataset: &Dataset, set: Option<&AnnotationSet>) -> Self {
        Self::of_derivative(WebhookEventKind::DerivativeRegistered, derivative, dataset, set)
    }

    pub fn derivative_removed(derivative: &Derivative, dataset: &Dataset, set: Option<&AnnotationSet>) -> Self {
        Self::of_derivative(WebhookEventKind::DerivativeRemoved, derivative, dataset, set)
    }

    pub fn derivative_ended(
        derivative: &Derivative,
        dataset: &Dataset,
        set: Option<&AnnotationSet>,
        with: EndedWith,
    ) -> Self {
        let mut event = Self::of_derivative(WebhookEventKind::DerivativeEnded, derivative, dataset, set);
        event.data["reason"] = json!(with.kind().as_str());
        event
    }

    fn of_derivative(
        kind: WebhookEventKind,
        derivative: &Derivative,
        dataset: &Dataset,
        set: Option<&AnnotationSet>,
    ) -> Self {
        let data = json!({
            "derivative": {
                "id": derivative.id.to_string(),
                "kind": derivative.kind.as_str(),
                "name": derivative.name,
                "url": derivative.url,
                "createdAt": time_text(derivative.created_at),
            },
            "dataset": dataset_data(dataset),
            "annotationSet": set.map(set_data),
        });
        Self { kind, dataset_id: dataset.id, data }
    }
}

fn dataset_data(dataset: &Dataset) -> Value {
    json!({ "id": dataset.id.to_string(), "name": dataset.name })
}

fn set_data(set: &AnnotationSet) -> Value {
    json!({ "id": set.id.to_string(), "name": set.name, "type": set.annotation_type })
}

/// RFC 3339 in UTC, with milliseconds.
pub fn time_text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_reads_back_from_its_word() {
        for kind in WebhookEventKind::ALL {
            assert_eq!(WebhookEventKind::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(WebhookEventKind::parse("dataset"), None);
    }
}
