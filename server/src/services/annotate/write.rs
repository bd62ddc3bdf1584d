//! Writing what a call says: rows, new labels and kept counts, in one transaction. Counts are those of the studies that are
//! touched, after less before: exact, whoever else writes, and no work for the rest of the set.

use crate::db::annotated_images::AnnotatedImage;
use crate::db::{self, Transaction};
use crate::domain::access::Viewer;
use crate::domain::annotation::ImageAnnotations;
use crate::domain::annotation_set::AnnotationSet;
use crate::domain::annotation_tally::{AnnotationCounter, AnnotationTally, LabelTally};
use crate::domain::audit::AuditAction;
use crate::domain::dataset::Dataset;
use crate::domain::ids::{self, AnnotationSetId, ImageId, LabelId, StudyId};
use crate::domain::image::Image;
use crate::domain::label::Label;
use crate::services::{ServiceError, ServiceResult, Services, annotation_sets, audit};
use std::collections::{HashMap, HashSet};

/// Checked, and ready to be written.
pub struct NewAnnotations {
    pub images: Vec<Image>,
    /// Of each image, their labels positions in `labels`.
    pub annotations: Vec<ImageAnnotations>,
    pub labels: Vec<String>,
}

/// False when everything was there already.
pub async fn write(
    services: &Services,
    viewer: &Viewer,
    dataset: &Dataset,
    set: AnnotationSetId,
    new: NewAnnotations,
) -> ServiceResult<bool> {
    let transaction = services.db.begin().await?;
    let set = db::annotation_sets::by_ids(&transaction, &[set]).await?.pop();
    let set = set.ok_or_else(|| ServiceError::not_found("annotation set", &["input", "annotationSet"]))?;
    let studies: HashSet<StudyId> = new.images.iter().map(|image| image.study_id).collect();
    let studies: Vec<StudyId> = studies.into_iter().collect();
    let study_of: HashMap<ImageId, StudyId> =
        db::images::list_by_studies(&transaction, &studies).await?.into_iter().collect();
    let covered: Vec<ImageId> = study_of.keys().copied().collect();
    let before = db::annotated_images::by_images(&transaction, set.id, &covered).await?;
    let (labels, added) = labels(&transaction, &set, &new.labels).await?;
    let change = change(&set, new, &labels, before);
    if change.written.is_empty() && added.is_empty() {
        return Ok(false);
    }
    db::labels::create_many(&transaction, &added).await?;
    db::annotated_images::replace(&transaction, &change.replaced, &change.written).await?;
    let count = |rows: &[AnnotatedImage]| tally(rows, &study_of, labels.len());
    let (was, is) = (count(&change.before), count(&change.after));
    record_counts(&transaction, &set, &labels, &was, &is).await?;
    db::datasets::record_change(&transaction, set.dataset_id, 0).await?;
    let mut details = annotation_sets::told(&set);
    details["images"] = change.written.len().into();
    audit::record_of(&transaction, viewer, AuditAction::ImagesAnnotated, dataset, details).await?;
    transaction.commit().await?;
    Ok(true)
}

/// All labels of the set with those that are new, and the new ones.
async fn labels(
    transaction: &Transaction,
    set: &AnnotationSet,
    names: &[String],
) -> ServiceResult<(Vec<Label>, Vec<Label>)> {
    let mut labels = db::labels::by_annotation_sets(transaction, &[set.id]).await?;
    let known: HashSet<&str> = labels.iter().map(|label| label.name.as_str()).collect();
    let missing: Vec<String> = names.iter().filter(|name| !known.contains(name.as_str())).cloned().collect();
    let (first, position) = (ids::reserve(missing.len()), labels.len() as i64);
    let added: Vec<Label> = (missing.into_iter().zip(0..))
        .map(|(name, index)| Label {
            id: LabelId(first + index),
            annotation_set_id: set.id,
            position: position + index,
            name,
            image_count: 0,
            study_count: 0,
            annotation_count: 0,
        })
        .collect();
    labels.extend(added.iter().cloned());
    Ok((labels, added))
}

/// Rows of the studies that are touched.
struct Change {
    before: Vec<AnnotatedImage>,
    after: Vec<AnnotatedImage>,
    /// Rows that go, as they were.
    replaced: Vec<AnnotatedImage>,
    written: Vec<AnnotatedImage>,
}

fn change(set: &AnnotationSet, new: NewAnnotations, labels: &[Label], before: Vec<AnnotatedImage>) -> Change {
    let position_of: HashMap<&str, u32> =
        labels.iter().map(|label| (label.name.as_str(), label.position as u32)).collect();
    let positions: Vec<u32> = new.labels.iter().map(|name| position_of[name.as_str()]).collect();
    let mut rows: HashMap<ImageId, AnnotatedImage> = before.iter().map(|row| (row.image_id, row.clone())).collect();
    let (mut replaced, mut written, mut next) = (Vec::new(), Vec::new(), set.image_count);
    for (image, mut annotations) in new.images.into_iter().zip(new.annotations) {
        annotations.labels.iter_mut().for_each(|label| *label = positions[*label as usize]);
        let row = match rows.remove(&image.id) {
            Some(old) if old.annotations == annotations => {
                rows.insert(image.id, old);
                continue;
            }
            Some(old) => {
                let row = AnnotatedImage { annotations, ..old.clone() };
                replaced.push(old);
                row
            }
            // Images join a set behind those that it covers, so that positions stay without gaps.
            None => {
                next += 1;
                AnnotatedImage { annotation_set_id: set.id, position: next - 1, image_id: image.id, annotations }
            }
        };
        rows.insert(image.id, row.clone());
        written.push(row);
    }
    Change { before, after: rows.into_values().collect(), replaced, written }
}

fn tally(rows: &[AnnotatedImage], study_of: &HashMap<ImageId, StudyId>, labels: usize) -> AnnotationTally {
    let mut counter = AnnotationCounter::new(labels);
    for row in rows {
        if let Some(study) = study_of.get(&row.image_id) {
            counter.count(*study, &row.annotations);
        }
    }
    counter.finish()
}

async fn record_counts(
    transaction: &Transaction,
    set: &AnnotationSet,
    labels: &[Label],
    was: &AnnotationTally,
    is: &AnnotationTally,
) -> ServiceResult<()> {
    let tally = AnnotationTally {
        image_count: set.image_count + is.image_count - was.image_count,
        study_count: set.study_count + is.study_count - was.study_count,
        annotation_count: set.annotation_count + is.annotation_count - was.annotation_count,
        unlabelled_image_count: set.unlabelled_image_count + is.unlabelled_image_count - was.unlabelled_image_count,
        labels: Vec::new(),
    };
    db::annotation_sets::set_counts(transaction, set.id, &tally).await?;
    for (label, (was, is)) in labels.iter().zip(was.labels.iter().zip(&is.labels)) {
        if was != is {
            let counts = LabelTally {
                image_count: label.image_count + is.image_count - was.image_count,
                study_count: label.study_count + is.study_count - was.study_count,
                annotation_count: label.annotation_count + is.annotation_count - was.annotation_count,
            };
            db::labels::set_counts(transaction, label.id, counts).await?;
        }
    }
    Ok(())
}
