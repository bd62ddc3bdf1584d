//! Checking what annotation sets keep: counts of sets and labels, and which images carry which label.

use super::Report;
use crate::db;
use crate::db::annotated_images::LabelledPosition;
use crate::domain::annotation_set::AnnotationSet;
use crate::domain::annotation_tally::{AnnotationCounter, AnnotationTally, LabelTally};
use crate::domain::ids::{ImageId, StudyId};
use crate::services::{ServiceError, ServiceResult, Services};
use std::collections::HashMap;

/// Rows read at a time.
const ROWS_PER_READ: u64 = 10_000;

pub(super) async fn check(
    services: &Services,
    set: &AnnotationSet,
    study_of: &HashMap<ImageId, StudyId>,
    repair: bool,
    report: &mut Report,
) -> ServiceResult<()> {
    let labels = db::labels::by_annotation_sets(services.db.read(), &[set.id]).await?;
    let tally = |label: &crate::domain::label::Label| LabelTally {
        image_count: label.image_count,
        study_count: label.study_count,
        annotation_count: label.annotation_count,
    };
    let kept = AnnotationTally {
        image_count: set.image_count,
        study_count: set.study_count,
        annotation_count: set.annotation_count,
        unlabelled_image_count: set.unlabelled_image_count,
        labels: labels.iter().map(tally).collect(),
    };
    let (counted, carried) = recount(services, set, study_of, labels.len(), report).await?;
    check_labelled_images(services, set, carried, repair, report).await?;
    if counted == kept {
        return Ok(());
    }
    report.problems.push(format!("{} keeps {kept:?}, but has {counted:?}", set.id));
    if repair {
        let transaction = services.db.begin().await?;
        db::annotation_sets::set_counts(&transaction, set.id, &counted).await?;
        for (label, tally) in labels.iter().zip(counted.labels) {
            db::labels::set_counts(&transaction, label.id, tally).await?;
        }
        transaction.commit().await?;
        report.repaired += 1;
    }
    Ok(())
}

/// The counts, and which images carry which label, from the annotations themselves.
async fn recount(
    services: &Services,
    set: &AnnotationSet,
    study_of: &HashMap<ImageId, StudyId>,
    label_count: usize,
    report: &mut Report,
) -> ServiceResult<(AnnotationTally, Vec<LabelledPosition>)> {
    let (mut counter, mut carried) = (AnnotationCounter::new(label_count), Vec::new());
    db::annotated_images::for_each(services.db.read(), set.id, |row| {
        carried.extend(row.labelled_positions());
        let unknown = row.annotations.labels.iter().any(|label| *label as usize >= label_count);
        match study_of.get(&row.image_id) {
            Some(study) if !unknown => counter.count(*study, &row.annotations),
            _ => report.problems.push(format!("{}: what it says of {} fits no label or image", set.id, row.image_id)),
        }
        Ok::<(), ServiceError>(())
    })
    .await?;
    carried.sort_unstable();
    Ok((counter.finish(), carried))
}

/// What pages filtered by label are read from must say the same as the annotations.
async fn check_labelled_images(
    services: &Services,
    set: &AnnotationSet,
    carried: Vec<LabelledPosition>,
    repair: bool,
    report: &mut Report,
) -> ServiceResult<()> {
    if are_kept(services, set, &carried).await? {
        return Ok(());
    }
    let message = format!("{} keeps other images for its labels than the annotations have", set.id);
    report.problems.push(message);
    if repair {
        let transaction = services.db.begin().await?;
        db::annotated_images::replace_labels(&transaction, set.id, &carried).await?;
        transaction.commit().await?;
        report.repaired += 1;
    }
    Ok(())
}

async fn are_kept(services: &Services, set: &AnnotationSet, carried: &[LabelledPosition]) -> ServiceResult<bool> {
    let (mut left, mut after) = (carried, (i64::MIN, i64::MIN));
    loop {
        let kept = db::annotated_images::list_labels_after(services.db.read(), set.id, after, ROWS_PER_READ).await?;
        let Some(last) = kept.last() else { return Ok(left.is_empty()) };
        after = *last;
        let Some(rest) = left.strip_prefix(kept.as_slice()) else { return Ok(false) };
        left = rest;
    }
}
