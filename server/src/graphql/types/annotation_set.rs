//! `AnnotationSet`.

use super::annotated_image::connect_annotated;
use super::{AnnotatedImages, AnnotationType, Dataset, Derivative, Label, LabelDistribution, Usage};
use crate::domain::annotation_set::{self, AnnotationSource};
use crate::domain::ids::LabelId;
use crate::domain::page::Page;
use crate::graphql::connection::{Connected, TotalCount, connected, page_request};
use crate::graphql::context::RequestContext;
use crate::graphql::error::{ForClients, not_found};
use crate::graphql::ids::global;
use crate::graphql::loaders::{DerivativesOfSet, ImagesOfSet, LabelsOf, UsageOfSet};
use async_graphql::{Context, ID, Object, Result};
use chrono::{DateTime, Utc};
use futures_util::future::try_join;

/// Annotation data attached to a dataset; it may cover a subset of the studies.
#[derive(Clone)]
pub struct AnnotationSet(pub annotation_set::AnnotationSet);

#[Object]
impl AnnotationSet {
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    async fn name(&self) -> &str {
        &self.0.name
    }

    async fn dataset(&self, context: &Context<'_>) -> Result<Dataset> {
        let dataset = context.loads()?.load_one(self.0.dataset_id).await.for_clients(context)?;
        dataset.map(Dataset).ok_or_else(|| not_found("dataset"))
    }

    #[graphql(name = "type")]
    async fn of_type(&self, context: &Context<'_>) -> Result<AnnotationType> {
        Ok(AnnotationType::of(&context.services()?.plugins, &self.0.annotation_type))
    }

    async fn source(&self) -> AnnotationSource {
        self.0.source
    }

    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// In the order in which they were first named.
    async fn labels(&self, context: &Context<'_>) -> Result<Vec<Label>> {
        let labels = context.loads()?.load_one(LabelsOf(self.0.id)).await.for_clients(context)?;
        Ok(labels.unwrap_or_default().into_iter().map(Label).collect())
    }

    /// Studies with at least one covered image.
    async fn study_count(&self) -> i64 {
        self.0.study_count
    }

    /// Images that the set covers, those with nothing to label among them.
    async fn image_count(&self) -> i64 {
        self.0.image_count
    }

    /// Classifications, boxes or masks; a classification with value false does not count.
    async fn annotation_count(&self) -> i64 {
        self.0.annotation_count
    }

    async fn label_distribution(&self) -> LabelDistribution {
        LabelDistribution(self.0.clone())
    }

    /// In the order of the dataset, those that joined the set later behind them; at most 500 a page. `label`: only images
    /// that carry it.
    #[allow(clippy::too_many_arguments)] // a connection has four, and the contract adds one
    async fn images(
        &self,
        context: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        label: Option<ID>,
    ) -> Result<AnnotatedImages> {
        let page = page_request(context, first, after, last, before)?;
        let (label, total) = match label {
            None => (None, self.0.image_count),
            Some(id) => {
                let id = LabelId::parse(&id).ok_or_else(|| not_found("label"))?;
                let label = context.loads()?.load_one(id).await.for_clients(context)?;
                let label = label.filter(|label| label.annotation_set_id == self.0.id);
                (Some(id), label.ok_or_else(|| not_found("label"))?.image_count)
            }
        };
        let rows = context.loads()?.load_one(ImagesOfSet(self.0.id, label, page)).await.for_clients(context)?;
        connect_annotated(context, &self.0, rows.unwrap_or_else(Page::empty), TotalCount::Known(total)).await
    }

    async fn usage(&self, context: &Context<'_>) -> Result<Usage> {
        let usage = context.loads()?.load_one(UsageOfSet(self.0.id)).await.for_clients(context)?;
        Ok(usage.unwrap_or_default().into())
    }

    /// Oldest first, at most 500 a page.
    async fn derivatives(
        &self,
        context: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Connected<Derivative>> {
        let page = page_request(context, first, after, last, before)?;
        let loads = context.loads()?;
        // Asked for together, the count is in one batch with what `usage` asks for.
        let read =
            try_join(loads.load_one(DerivativesOfSet(self.0.id, page)), loads.load_one(UsageOfSet(self.0.id))).await;
        let (rows, usage) = read.for_clients(context)?;
        let rows = rows.unwrap_or_else(Page::empty).map(|row| (row.id.0.to_string(), Derivative(row)));
        Ok(connected(rows, TotalCount::Known(usage.unwrap_or_default().total())))
    }
}
