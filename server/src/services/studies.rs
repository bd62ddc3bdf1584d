//! Studies as a viewer may see them.

use super::{ServiceResult, Services, datasets};
use crate::db;
use crate::domain::access::Viewer;
use crate::domain::ids::{DatasetId, StudyId};
use crate::domain::page::{Page, PageRequest};
use crate::domain::study::Study;

/// Those of the studies whose datasets the viewer may see.
pub async fn by_ids(services: &Services, viewer: &Viewer, ids: &[StudyId]) -> ServiceResult<Vec<Study>> {
    let mut studies = db::studies::by_ids(services.db.read(), ids).await?;
    let visible = datasets::visible_among(services, viewer, studies.iter().map(|study| study.dataset_id)).await?;
    studies.retain(|study| visible.contains(&study.dataset_id));
    Ok(studies)
}

/// Pages of studies of datasets that the viewer was shown.
pub async fn pages_by_datasets(
    services: &Services,
    datasets: &[DatasetId],
    page: &PageRequest,
) -> ServiceResult<Vec<(DatasetId, Page<Study>)>> {
    let positions = page.positions()?;
    Ok(db::studies::pages_by_datasets(services.db.read(), datasets, page, positions).await?)
}
