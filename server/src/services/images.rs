//! Images as a viewer may see them.

use super::{ServiceResult, Services, datasets};
use crate::db;
use crate::domain::access::Viewer;
use crate::domain::ids::{DatasetId, ImageId, StudyId};
use crate::domain::image::Image;
use crate::domain::page::{Page, PageRequest};

pub async fn find(services: &Services, viewer: &Viewer, id: ImageId) -> ServiceResult<Option<Image>> {
    Ok(by_ids(services, viewer, &[id]).await?.pop())
}

/// Those of the images whose datasets the viewer may see.
pub async fn by_ids(services: &Services, viewer: &Viewer, ids: &[ImageId]) -> ServiceResult<Vec<Image>> {
    let mut images = db::images::by_ids(services.db.read(), ids).await?;
    let visible = datasets::visible_among(services, viewer, images.iter().map(|image| image.dataset_id)).await?;
    images.retain(|image| visible.contains(&image.dataset_id));
    Ok(images)
}

/// Pages of images of datasets that the viewer was shown.
pub async fn pages_by_datasets(
    services: &Services,
    datasets: &[DatasetId],
    page: &PageRequest,
) -> ServiceResult<Vec<(DatasetId, Page<Image>)>> {
    let positions = page.positions()?;
    Ok(db::images::pages_by_datasets(services.db.read(), datasets, page, positions).await?)
}

/// Pages of images of studies that the viewer was shown.
pub async fn pages_by_studies(
    services: &Services,
    studies: &[StudyId],
    page: &PageRequest,
) -> ServiceResult<Vec<(StudyId, Page<Image>)>> {
    let positions = page.positions()?;
    Ok(db::images::pages_by_studies(services.db.read(), studies, page, positions).await?)
}

/// DICOM data elements as DICOM JSON; `None` for formats that have none. Reads the stored file.
pub async fn find_elements(services: &Services, image: &Image) -> ServiceResult<Option<String>> {
    Ok(services.plugins.elements(&image.format, services.blobs.path(image.sha256)).await?)
}
