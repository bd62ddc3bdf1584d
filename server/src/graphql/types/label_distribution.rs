//! `LabelDistribution` and `LabelCount`, from kept counts.

use super::Label;
use crate::domain::annotation_set::AnnotationSet;
use crate::domain::label::fraction;
use crate::graphql::context::RequestContext;
use crate::graphql::error::ForClients;
use crate::graphql::loaders::LabelsOf;
use async_graphql::{Context, Object, Result, SimpleObject};

/// How the labels of a set are distributed; costs the same whatever the size of the set.
pub struct LabelDistribution(pub AnnotationSet);

#[Object]
impl LabelDistribution {
    /// Images that the set covers.
    async fn image_count(&self) -> i64 {
        self.0.image_count
    }

    /// Studies with at least one covered image.
    async fn study_count(&self) -> i64 {
        self.0.study_count
    }

    /// A classification with value false does not count.
    async fn annotation_count(&self) -> i64 {
        self.0.annotation_count
    }

    /// Covered images that carry no label.
    async fn unlabelled_image_count(&self) -> i64 {
        self.0.unlabelled_image_count
    }

    /// One per label, labels without any annotation among them, in the order of AnnotationSet.labels.
    async fn labels(&self, context: &Context<'_>) -> Result<Vec<LabelCount>> {
        let labels = context.loads()?.load_one(LabelsOf(self.0.id)).await.for_clients(context)?;
        let count = |label: crate::domain::label::Label| LabelCount {
            image_count: label.image_count,
            study_count: label.study_count,
            annotation_count: label.annotation_count,
            fraction: fraction(label.annotation_count, self.0.annotation_count),
            label: Label(label),
        };
        Ok(labels.unwrap_or_default().into_iter().map(count).collect())
    }

    /// The same as CSV with a header row; root-relative.
    async fn csv_url(&self) -> String {
        format!("/annotation-sets/{}/label-distribution.csv", self.0.id)
    }
}

/// The counts of one label.
#[derive(SimpleObject)]
pub struct LabelCount {
    label: Label,
    /// Images that carry it.
    image_count: i64,
    /// Studies with at least one such image.
    study_count: i64,
    annotation_count: i64,
    /// annotationCount over that of the whole set, 0 to 1.
    fraction: f64,
}
