//! `Dataset` and `CombinedSource`.

use super::{AnnotationSet, DatasetShare, Derivative, Image, ImageFormat, Job, Study, Usage, User};
use crate::domain::access::DatasetRole;
use crate::domain::dataset::{self, DatasetStatus};
use crate::domain::page::{Page, PageRequest};
use crate::graphql::connection::{Connected, TotalCount, connected, page_request};
use crate::graphql::context::RequestContext;
use crate::graphql::error::{Code, ForClients, broken, plain};
use crate::graphql::ids::global;
use crate::graphql::loaders::{
    DerivativesOf, ImagesOfDataset, RoleOn, SetsOf, SharesOf, SourcesOf, StudiesOf, UsageOf,
};
use crate::graphql::scalars::Long;
use crate::services::dataset_digest;
use async_graphql::{Context, ID, Object, Result};
use chrono::{DateTime, Utc};
use futures_util::future::try_join;

/// Images and what is attached to them.
#[derive(Clone)]
pub struct Dataset(pub dataset::Dataset);

#[Object]
impl Dataset {
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    async fn name(&self) -> &str {
        &self.0.name
    }

    async fn status(&self) -> DatasetStatus {
        self.0.status
    }

    async fn owner(&self, context: &Context<'_>) -> Result<User> {
        let owner = context.loads()?.load_one(self.0.owner_id).await.for_clients(context)?;
        owner.map(User).ok_or_else(|| broken(context, format!("the owner of {} is not there", self.0.id)))
    }

    /// What the viewer may do with it; an administrator is everybody's owner.
    async fn viewer_role(&self, context: &Context<'_>) -> Result<DatasetRole> {
        let role = context.loads()?.load_one(RoleOn(self.0.id)).await.for_clients(context)?;
        // Whoever sees it has a role, unless it was just taken from him.
        Ok(role.unwrap_or(DatasetRole::Viewer))
    }

    /// Whom it is shared with, in the order in which that was done; null for who may not share it.
    async fn shares(&self, context: &Context<'_>) -> Result<Option<Vec<DatasetShare>>> {
        let shares = context.loads()?.load_one(SharesOf(self.0.id)).await.for_clients(context)?;
        Ok(shares.map(|shares| shares.into_iter().map(DatasetShare).collect()))
    }

    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// The image formats present, such as dicom, png, jpeg.
    async fn image_formats(&self, context: &Context<'_>) -> Result<Vec<ImageFormat>> {
        let plugins = &context.services()?.plugins;
        Ok(self.0.image_formats.iter().map(|id| ImageFormat::of(plugins, id)).collect())
    }

    async fn study_count(&self) -> i64 {
        self.0.study_count
    }

    async fn image_count(&self) -> i64 {
        self.0.image_count
    }

    async fn annotation_set_count(&self) -> i64 {
        self.0.annotation_set_count
    }

    /// Bytes of all its files; a file that stands in it twice counts twice.
    async fn byte_size(&self) -> Long {
        Long(self.0.size_bytes)
    }

    /// A few images to show beside the name in a list; 0 to 20.
    async fn preview_images(&self, context: &Context<'_>, #[graphql(default = 3)] first: i32) -> Result<Vec<Image>> {
        let Some(first) = usize::try_from(first).ok().filter(|first| *first <= 20) else {
            return Err(plain(Code::BadUserInput, format!("`first` is {first}; 0 to 20 are allowed.")));
        };
        let key = ImagesOfDataset(self.0.id, PageRequest::first(first));
        let page = context.loads()?.load_one(key).await.for_clients(context)?;
        Ok(page.map(|page| page.rows.into_iter().map(Image).collect()).unwrap_or_default())
    }

    /// In the order of the upload; at most 500 a page.
    async fn studies(
        &self,
        context: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Connected<Study>> {
        let page = page_request(context, first, after, last, before)?;
        let rows = context.loads()?.load_one(StudiesOf(self.0.id, page)).await.for_clients(context)?;
        let rows = rows.unwrap_or_else(Page::empty);
        let rows = rows.map(|study| (study.position.to_string(), Study(study)));
        Ok(connected(rows, TotalCount::Known(self.0.study_count)))
    }

    /// In the order of the upload; at most 500 a page.
    async fn images(
        &self,
        context: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Connected<Image>> {
        let page = page_request(context, first, after, last, before)?;
        let rows = context.loads()?.load_one(ImagesOfDataset(self.0.id, page)).await.for_clients(context)?;
        let rows = rows.unwrap_or_else(Page::empty);
        let rows = rows.map(|image| (image.position.to_string(), Image(image)));
        Ok(connected(rows, TotalCount::Known(self.0.image_count)))
    }

    /// Oldest first; `type`: id of an AnnotationType.
    #[allow(clippy::too_many_arguments)] // a connection has four, and the contract adds one
    async fn annotation_sets(
        &self,
        context: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        #[graphql(name = "type")] of_type: Option<ID>,
    ) -> Result<Connected<AnnotationSet>> {
        let page = page_request(context, first, after, last, before)?;
        let of_type = of_type.map(|id| id.0);
        let total = match &of_type {
            None => TotalCount::Known(self.0.annotation_set_count),
            Some(of_type) => TotalCount::AnnotationSets(self.0.id, of_type.clone()),
        };
        let rows = context.loads()?.load_one(SetsOf(self.0.id, of_type, page)).await.for_clients(context)?;
        let rows = rows.unwrap_or_else(Page::empty);
        Ok(connected(rows.map(|set| (set.id.0.to_string(), AnnotationSet(set))), total))
    }

    /// Of the whole dataset, its annotation sets among it.
    async fn usage(&self, context: &Context<'_>) -> Result<Usage> {
        let usage = context.loads()?.load_one(UsageOf(self.0.id)).await.for_clients(context)?;
        Ok(usage.unwrap_or_default().into())
    }

    /// Those of its annotation sets among them; oldest first, at most 500 a page.
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
        let read = try_join(loads.load_one(DerivativesOf(self.0.id, page)), loads.load_one(UsageOf(self.0.id))).await;
        let (rows, usage) = read.for_clients(context)?;
        let rows = rows.unwrap_or_else(Page::empty).map(|row| (row.id.0.to_string(), Derivative(row)));
        Ok(connected(rows, TotalCount::Known(usage.unwrap_or_default().total())))
    }

    /// The datasets that this one was combined from, in order; empty for an upload.
    async fn sources(&self, context: &Context<'_>) -> Result<Vec<CombinedSource>> {
        let sources = context.loads()?.load_one(SourcesOf(self.0.id)).await.for_clients(context)?;
        Ok(sources.unwrap_or_default().into_iter().map(CombinedSource).collect())
    }

    /// Of every image, study, label and annotation in it and how they hang together, lower-case hex SHA-256: equal
    /// digests, equal content, on any server and under any name. Null until AVAILABLE. Computed when it is first asked for
    /// after a change, in time proportional to the dataset.
    async fn digest(&self, context: &Context<'_>) -> Result<Option<String>> {
        dataset_digest::find(context.services()?, &self.0).await.for_clients(context)
    }

    /// The job that made this dataset, with what it refused or repaired.
    async fn creation_job(&self, context: &Context<'_>) -> Result<Option<Job>> {
        let Some(id) = self.0.creation_job_id else { return Ok(None) };
        Ok(context.loads()?.load_one(id).await.for_clients(context)?.map(Job))
    }
}

/// One dataset that another was combined from.
pub struct CombinedSource(pub dataset::CombinedSource);

#[Object]
impl CombinedSource {
    /// Null when it is gone or not for the viewer.
    async fn dataset(&self, context: &Context<'_>) -> Result<Option<Dataset>> {
        Ok(context.loads()?.load_one(self.0.dataset_id).await.for_clients(context)?.map(Dataset))
    }

    /// As it was when they were combined.
    async fn dataset_name(&self) -> &str {
        &self.0.dataset_name
    }

    /// Null when none was given, or when it is gone or not for the viewer.
    async fn annotation_set(&self, context: &Context<'_>) -> Result<Option<AnnotationSet>> {
        let Some(id) = self.0.annotation_set_id else { return Ok(None) };
        Ok(context.loads()?.load_one(id).await.for_clients(context)?.map(AnnotationSet))
    }

    /// As it was when they were combined; null when none was given.
    async fn annotation_set_name(&self) -> Option<&str> {
        self.0.annotation_set_name.as_deref()
    }

    /// Images that it brought.
    async fn image_count(&self) -> i64 {
        self.0.image_count
    }
}
