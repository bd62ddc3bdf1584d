//! Reading a call: its images, and its annotations as one batch. Every mistake is named, not just the first.

use super::{MAX_ANNOTATIONS, invalid};
use crate::db;
use crate::domain::annotation_input::AnnotationInput;
use crate::domain::annotation_set::AnnotationSet;
use crate::domain::findings::Finding;
use crate::domain::ids::ImageId;
use crate::domain::image::Image;
use crate::domain::names::require_name;
use crate::domain::user_error::{UserError, UserErrorCode};
use crate::services::{ServiceError, ServiceResult, Services, compute};
use lightbox_sdk::{AnnotationShape, Batch, ImageRef};
use std::collections::{HashMap, HashSet};

/// An image with all the annotations that it is to have in the set.
#[derive(Debug, Clone)]
pub struct RequestedImage {
    /// Id, as a client sent it.
    pub image: String,
    pub annotations: Vec<AnnotationInput>,
}

/// A call that reads.
pub struct Asked {
    pub images: Vec<Image>,
    /// Its images are `images`, its lines count the annotations from 1.
    pub batch: Batch,
    /// Number of the annotations of all images before each image.
    starts: Vec<usize>,
}

pub async fn read(services: &Services, set: &AnnotationSet, requested: Vec<RequestedImage>) -> ServiceResult<Asked> {
    let count: usize = requested.iter().map(|image| image.annotations.len()).sum();
    if count > MAX_ANNOTATIONS {
        let message = format!("The call has {count} annotations, at most {MAX_ANNOTATIONS} are allowed: send several.");
        return Err(invalid(&["input", "images"], message).into());
    }
    let shape = require_shape(services, set)?;
    let images = require_images(services, set, &requested).await?;
    let existing = db::labels::by_annotation_sets(services.db.read(), &[set.id]).await?;
    let labels = existing.into_iter().map(|label| label.name).collect();
    let asked = compute(move || put_together(shape, images, labels, &requested)).await?;
    asked.map_err(ServiceError::User)
}

fn require_shape(services: &Services, set: &AnnotationSet) -> ServiceResult<AnnotationShape> {
    let catalog = services.plugins.catalog();
    let found = catalog.find_annotation_type(&set.annotation_type);
    found.map(|(descriptor, _)| descriptor.shape).ok_or_else(|| {
        let message = format!("The plugin of the annotation type {} is not loaded.", set.annotation_type);
        ServiceError::user(UserErrorCode::NotAvailable, &["input", "annotationSet"], message)
    })
}

/// Those of the set's dataset, in the order asked for, each once.
async fn require_images(
    services: &Services,
    set: &AnnotationSet,
    requested: &[RequestedImage],
) -> ServiceResult<Vec<Image>> {
    let ids: Vec<Option<ImageId>> = requested.iter().map(|each| ImageId::parse(&each.image)).collect();
    let known: Vec<ImageId> = ids.iter().flatten().copied().collect();
    let found = db::images::by_ids(services.db.read(), &known).await?;
    let mut found: HashMap<ImageId, Image> =
        found.into_iter().filter(|image| image.dataset_id == set.dataset_id).map(|image| (image.id, image)).collect();
    let (mut images, mut mistakes, mut taken) = (Vec::with_capacity(ids.len()), Vec::new(), HashSet::new());
    for (index, id) in ids.iter().enumerate() {
        let index = index.to_string();
        let path = ["input", "images", &index, "image"];
        match id.and_then(|id| found.remove(&id)) {
            Some(image) => {
                taken.insert(image.id);
                images.push(image);
            }
            None if id.is_some_and(|id| taken.contains(&id)) => {
                mistakes.push(invalid(&path, "The image is named twice: put all its annotations into one entry."));
            }
            None => {
                let message = "There is no such image in the set's dataset.";
                mistakes.push(UserError::new(UserErrorCode::NotFound, &path, message));
            }
        }
    }
    if mistakes.is_empty() { Ok(images) } else { Err(ServiceError::User(mistakes)) }
}

fn put_together(
    shape: AnnotationShape,
    images: Vec<Image>,
    labels: Vec<String>,
    requested: &[RequestedImage],
) -> Result<Asked, Vec<UserError>> {
    let mut positions: HashMap<String, u32> = labels.iter().cloned().zip(0..).collect();
    let mut batch = Batch { labels, ..Batch::default() };
    let (mut starts, mut mistakes) = (Vec::with_capacity(images.len()), Vec::new());
    for (index, (image, requested)) in images.iter().zip(requested).enumerate() {
        starts.push(batch.len());
        let (width, height) = (image.width as u32, image.height as u32);
        batch.images.push(ImageRef { path: image.path.clone(), width, height, line: 0 });
        for (number, annotation) in requested.annotations.iter().enumerate() {
            let place = [index.to_string(), number.to_string()];
            let path = |field| ["input", "images", &place[0], "annotations", &place[1], field];
            let name = match require_name(&annotation.label, &path("label")) {
                Ok(name) => name,
                Err(mistake) => {
                    mistakes.push(mistake);
                    continue;
                }
            };
            if let Err((field, message)) = annotation.append_to(&mut batch, shape, width, height) {
                mistakes.push(invalid(&path(field), message));
                continue;
            }
            let next = batch.labels.len() as u32;
            let label = *positions.entry(name.clone()).or_insert(next);
            if label == next {
                batch.labels.push(name);
            }
            batch.label.push(label);
            batch.image.push(index as u32);
            batch.line.push(batch.image.len() as u32);
        }
    }
    if mistakes.is_empty() { Ok(Asked { images, batch, starts }) } else { Err(mistakes) }
}

impl Asked {
    /// What the type refused, with its place in the arguments.
    pub fn user_error(&self, finding: &Finding) -> UserError {
        let message = format!("{}: {}", finding.code, finding.message);
        let number = finding.line.and_then(|line| usize::try_from(line).ok()).and_then(|line| line.checked_sub(1));
        let Some(number) = number else { return invalid(&["input", "images"], message) };
        let image = self.starts.partition_point(|start| *start <= number).saturating_sub(1);
        let (image, number) = (image, number - self.starts.get(image).copied().unwrap_or(number));
        invalid(&["input", "images", &image.to_string(), "annotations", &number.to_string()], message)
    }
}
