//! `Study`.

use super::{Dataset, Image};
use crate::domain::page::Page;
use crate::domain::study;
use crate::graphql::connection::{Connected, TotalCount, connected, page_request};
use crate::graphql::context::RequestContext;
use crate::graphql::error::{ForClients, not_found};
use crate::graphql::ids::global;
use crate::graphql::loaders::ImagesOfStudy;
use async_graphql::{Context, ID, Object, Result};

/// DICOM: one StudyInstanceUID. JPG and PNG: one image is one study.
pub struct Study(pub study::Study);

#[Object]
impl Study {
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// DICOM: StudyDescription, else the UID. Pictures: the image's path.
    async fn name(&self) -> &str {
        &self.0.name
    }

    async fn dataset(&self, context: &Context<'_>) -> Result<Dataset> {
        let dataset = context.loads()?.load_one(self.0.dataset_id).await.for_clients(context)?;
        dataset.map(Dataset).ok_or_else(|| not_found("dataset"))
    }

    async fn image_count(&self) -> i64 {
        self.0.image_count
    }

    async fn study_instance_uid(&self) -> Option<&str> {
        self.0.study_instance_uid.as_deref()
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
        let rows = context.loads()?.load_one(ImagesOfStudy(self.0.id, page)).await.for_clients(context)?;
        let rows = rows.unwrap_or_else(Page::empty);
        let rows = rows.map(|image| (image.study_position.to_string(), Image(image)));
        Ok(connected(rows, TotalCount::Known(self.0.image_count)))
    }
}
