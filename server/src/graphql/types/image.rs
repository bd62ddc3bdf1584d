//! `Image`.

use super::annotation::annotations_of;
use super::{Annotation, Dataset, ImageFormat, Study};
use crate::domain::ids::AnnotationSetId;
use crate::domain::image;
use crate::graphql::context::RequestContext;
use crate::graphql::error::{Code, ForClients, not_found, plain};
use crate::graphql::ids::global;
use crate::graphql::loaders::AnnotationsOf;
use crate::graphql::scalars::Long;
use crate::services::bytes::renderer_revision;
use crate::services::images;
use async_graphql::{Context, ID, Json, Object, Result};

/// One stored file of a dataset.
#[derive(Clone)]
pub struct Image(pub image::Image);

#[Object]
impl Image {
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    async fn dataset(&self, context: &Context<'_>) -> Result<Dataset> {
        let dataset = context.loads()?.load_one(self.0.dataset_id).await.for_clients(context)?;
        dataset.map(Dataset).ok_or_else(|| not_found("dataset"))
    }

    async fn study(&self, context: &Context<'_>) -> Result<Study> {
        let study = context.loads()?.load_one(self.0.study_id).await.for_clients(context)?;
        study.map(Study).ok_or_else(|| not_found("study"))
    }

    /// Path inside the uploaded archive, '/' separated; unique in the dataset.
    async fn path(&self) -> &str {
        &self.0.path
    }

    async fn format(&self, context: &Context<'_>) -> Result<ImageFormat> {
        Ok(ImageFormat::of(&context.services()?.plugins, &self.0.format))
    }

    /// Pixels of one frame.
    async fn width(&self) -> i64 {
        self.0.width
    }

    /// Pixels of one frame.
    async fn height(&self) -> i64 {
        self.0.height
    }

    async fn frame_count(&self) -> i64 {
        self.0.frame_count
    }

    /// Bits that carry the value: DICOM's BitsStored, PNG's bit depth.
    async fn bits_per_sample(&self) -> i64 {
        self.0.bits_per_sample
    }

    /// Bytes of the stored file.
    async fn byte_size(&self) -> Long {
        Long(self.0.size_bytes)
    }

    /// Lower-case hex SHA-256 of the stored file.
    async fn sha256(&self) -> String {
        self.0.sha256.to_string()
    }

    /// The stored file, byte for byte. Root-relative, like every URL here.
    async fn url(&self) -> String {
        format!("/images/{}/original", self.0.id)
    }

    /// 8-bit PNG of one frame, zero-based. `windowCenter` and `windowWidth` (above 0, both or none) are in modality
    /// units (CT: Hounsfield); `maxSize`: longest side in pixels, 1 to 16384.
    async fn rendered_url(
        &self,
        context: &Context<'_>,
        #[graphql(default = 0)] frame: i32,
        window_center: Option<f64>,
        window_width: Option<f64>,
        max_size: Option<i32>,
    ) -> Result<String> {
        if i64::from(frame) < 0 || i64::from(frame) >= self.0.frame_count {
            let message = format!("`frame` is {frame}; this image has frames 0 to {}.", self.0.frame_count - 1);
            return Err(plain(Code::BadUserInput, message));
        }
        let mut url = format!("/images/{}/rendition?frame={frame}", self.0.id);
        match (window_center, window_width) {
            (None, None) => {}
            (Some(center), Some(width)) if center.is_finite() && width.is_finite() && width > 0.0 => {
                url.push_str(&format!("&windowCenter={center}&windowWidth={width}"));
            }
            _ => {
                let message = "Give `windowCenter` and `windowWidth` together, finite, and the width above 0.";
                return Err(plain(Code::BadUserInput, message));
            }
        }
        match max_size {
            None => {}
            Some(size @ 1..=16384) => url.push_str(&format!("&maxSize={size}")),
            Some(size) => {
                return Err(plain(Code::BadUserInput, format!("`maxSize` is {size}; 1 to 16384 are allowed.")));
            }
        }
        let revision = renderer_revision(context.services()?, &self.0.format);
        Ok(format!("{url}&v={revision}"))
    }

    /// JPEG of frame 0; `size`: longest side in pixels, 8 to 1024.
    async fn thumbnail_url(&self, context: &Context<'_>, #[graphql(default = 256)] size: i32) -> Result<String> {
        if !(8..=1024).contains(&size) {
            return Err(plain(Code::BadUserInput, format!("`size` is {size}; 8 to 1024 are allowed.")));
        }
        let revision = renderer_revision(context.services()?, &self.0.format);
        Ok(format!("/images/{}/thumbnail?size={size}&v={revision}", self.0.id))
    }

    /// DICOM data elements as DICOM JSON (PS3.18 F); null for other formats. No pixel data.
    async fn metadata(&self, context: &Context<'_>) -> Result<Option<Json<serde_json::Value>>> {
        let elements = images::find_elements(context.services()?, &self.0).await.for_clients(context)?;
        let Some(elements) = elements else { return Ok(None) };
        let value = serde_json::from_str(&elements)
            .map_err(|error| plain(Code::PluginFailed, format!("The plugin's DICOM JSON does not parse: {error}.")))?;
        Ok(Some(Json(value)))
    }

    /// The image this one was copied or converted from when datasets were combined; null when it is gone or not for
    /// the viewer.
    async fn origin(&self, context: &Context<'_>) -> Result<Option<Image>> {
        let Some(id) = self.0.origin_image_id else { return Ok(None) };
        Ok(context.loads()?.load_one(id).await.for_clients(context)?.map(Image))
    }

    /// Empty when the set has nothing for this image.
    async fn annotations(&self, context: &Context<'_>, annotation_set: ID) -> Result<Vec<Annotation>> {
        let id = AnnotationSetId::parse(&annotation_set).ok_or_else(|| not_found("annotation set"))?;
        let set = context.loads()?.load_one(id).await.for_clients(context)?;
        let set = set.ok_or_else(|| not_found("annotation set"))?;
        match context.loads()?.load_one(AnnotationsOf(id, self.0.id)).await.for_clients(context)? {
            Some(annotated) => annotations_of(context, &set.annotation_type, &self.0, annotated).await,
            None => Ok(Vec::new()),
        }
    }
}
