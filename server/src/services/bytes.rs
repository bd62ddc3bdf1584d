//! Bytes for the HTTP routes: originals, renditions, thumbnails, masks, distributions as CSV. Every function checks
//! that the viewer may see the dataset, as GraphQL does.

use super::csv_rows::{csv_rows, spreadsheet_text};
use super::{ServiceError, ServiceResult, Services, annotation_sets, images};
use crate::db;
use crate::domain::access::Viewer;
use crate::domain::digest::Digest;
use crate::domain::ids::{AnnotationId, AnnotationSetId, ImageId};
use crate::domain::image::Image;
use crate::domain::label::{Label, fraction};
use crate::plugin_host::{RenderOutput, RenderRequest};
use bytes::Bytes;
use lightbox_sdk::AnnotationShape;
use lightbox_sdk::mask::Mask;
use sha2::{Digest as _, Sha256};
use std::path::PathBuf;

/// A stored file with what a response needs to know of it.
pub struct Original {
    pub path: PathBuf,
    pub image: Image,
    pub media_type: String,
}

/// Longest side of the thumbnails that imports make.
pub const THUMBNAIL_SIZE: u32 = 256;

pub async fn find_original(services: &Services, viewer: &Viewer, id: ImageId) -> ServiceResult<Option<Original>> {
    let Some(image) = images::find(services, viewer, id).await? else { return Ok(None) };
    let catalog = services.plugins.catalog();
    let format = catalog.find_image_format(&image.format);
    let media_type = format.map_or("application/octet-stream", |(format, _)| &format.media_type).to_owned();
    Ok(Some(Original { path: services.blobs.path(image.sha256), image, media_type }))
}

/// Counts the changes of our own rendering, so that what was cached before a change is not taken for what it gives now.
const RENDERER_REVISION: u32 = 1;

/// What a picture of this format depends on beside the file and the request: our revision, and the plugin's file.
pub fn renderer(services: &Services, format: &str) -> String {
    let catalog = services.plugins.catalog();
    let plugin = catalog.find_image_format(format).and_then(|(_, plugin)| plugin.sha256);
    let plugin = plugin.map_or_else(String::new, |sha256| sha256.to_string());
    format!("{RENDERER_REVISION}/{plugin}")
}

/// The same, short, for addresses: pictures of an address are kept by browsers for as long as it is given out.
pub fn renderer_revision(services: &Services, format: &str) -> String {
    let mut digest = Digest(Sha256::digest(renderer(services, format)).into()).to_string();
    digest.truncate(12);
    digest
}

/// One frame, as PNG or JPEG, of an image that the viewer was shown.
pub async fn render(services: &Services, image: &Image, request: RenderRequest) -> ServiceResult<Bytes> {
    Ok(services.plugins.render(&image.format, services.blobs.path(image.sha256), request).await?)
}

/// A JPEG of frame 0, its longest side at most `size` pixels, of an image that the viewer was shown: the one made at
/// import if it fits, else a new one.
pub async fn thumbnail(services: &Services, image: &Image, size: u32) -> ServiceResult<Bytes> {
    if size == THUMBNAIL_SIZE
        && let Ok(bytes) = tokio::fs::read(services.blobs.thumbnail_path(image.sha256)).await
    {
        return Ok(bytes.into());
    }
    render(services, image, RenderRequest { frame: 0, window: None, max_size: Some(size), output: RenderOutput::Jpeg })
        .await
}

/// A mask as it is stored, with the size of its image.
pub struct StoredMask {
    pub width: u32,
    pub height: u32,
    /// COCO's compressed counts.
    pub counts: Vec<u8>,
}

/// The mask of one annotation; `None` also for an annotation that has none.
pub async fn find_mask(services: &Services, viewer: &Viewer, id: AnnotationId) -> ServiceResult<Option<StoredMask>> {
    let Some(set) = annotation_sets::find(services, viewer, id.annotation_set).await? else { return Ok(None) };
    if !has_masks(services, &set.annotation_type) {
        return Ok(None);
    }
    let Some(annotated) = db::annotated_images::find_at(services.db.read(), set.id, id.position).await? else {
        return Ok(None);
    };
    let mut payloads = annotated.annotations.payloads.into_iter();
    let Some(counts) = payloads.nth(id.index as usize) else { return Ok(None) };
    let Some(image) = images::find(services, viewer, annotated.image_id).await? else { return Ok(None) };
    Ok(Some(StoredMask { width: image.width as u32, height: image.height as u32, counts }))
}

/// Of a type whose plugin is away, the name of our own says it.
fn has_masks(services: &Services, annotation_type: &str) -> bool {
    let catalog = services.plugins.catalog();
    let found = catalog.find_annotation_type(annotation_type);
    found.map_or(annotation_type == "segmentation", |(each, _)| each.shape == AnnotationShape::Mask)
}

/// A PNG of the image's size: 255 where the mask is set, 0 elsewhere.
pub async fn mask_png(services: &Services, mask: StoredMask) -> ServiceResult<Bytes> {
    let StoredMask { width, height, counts } = mask;
    let draw = move || Mask::from_coco(width, height, &counts).map(|mask| mask.to_pixels(255));
    let drawn = tokio::task::spawn_blocking(draw).await.map_err(std::io::Error::other)?;
    let grey = drawn.map_err(|error| ServiceError::Broken(format!("a stored mask does not read back: {error}")))?;
    Ok(services.plugins.encode_png(width, height, grey).await?)
}

/// The label distribution as CSV with a header row.
pub async fn find_label_distribution_csv(
    services: &Services,
    viewer: &Viewer,
    id: AnnotationSetId,
) -> ServiceResult<Option<Vec<u8>>> {
    let Some(set) = annotation_sets::find(services, viewer, id).await? else { return Ok(None) };
    let labels = annotation_sets::labels_of(services, &[id]).await?;
    let header = ["label", "images", "studies", "annotations", "fraction"].map(str::to_owned);
    let row = |label: Label| {
        [
            spreadsheet_text(&label.name),
            label.image_count.to_string(),
            label.study_count.to_string(),
            label.annotation_count.to_string(),
            format!("{:.6}", fraction(label.annotation_count, set.annotation_count)),
        ]
    };
    csv_rows(std::iter::once(header).chain(labels.into_iter().map(row))).map(Some)
}
