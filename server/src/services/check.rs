//! `lightbox check`: counts again what is kept as a count, reads every stored file, finds what nobody needs. Run it
//! while no server uses the data directory.

use super::{ServiceResult, Services};
use crate::blobs::Verdict;
use crate::db;
use crate::db::datasets::DatasetCounts;
use crate::domain::annotation_set::AnnotationSet;
use crate::domain::annotation_tally::{AnnotationCounter, AnnotationTally, LabelTally};
use crate::domain::dataset::{Dataset, DatasetStatus};
use crate::domain::digest::Digest;
use crate::domain::ids::{ImageId, StudyId};
use crate::domain::image::Image;
use std::collections::{BTreeSet, HashMap, HashSet};

/// What was looked at and what was wrong.
#[derive(Debug, Default)]
pub struct Report {
    pub images: usize,
    pub files: usize,
    pub annotation_sets: usize,
    /// One sentence each.
    pub problems: Vec<String>,
    /// How many of the problems were put right.
    pub repaired: usize,
}

/// Rows of annotations read at a time.
const ROWS_PER_READ: u64 = 10_000;

/// With `repair`, wrong counts are corrected and files that nobody needs are removed; missing or damaged files can't be.
pub async fn run(services: &Services, repair: bool) -> ServiceResult<Report> {
    let mut report = Report::default();
    let mut files = Files::default();
    for dataset in db::datasets::list_all(services.db.read()).await? {
        let images = db::images::list_by_dataset(services.db.read(), dataset.id).await?;
        report.images += images.len();
        let of = if dataset.status == DatasetStatus::Deleting { &mut files.leaving } else { &mut files.needed };
        of.extend(images.iter().map(|image| image.sha256));
        check_dataset(services, &dataset, &images, repair, &mut report).await?;
    }
    check_files(services, files, repair, &mut report).await?;
    check_uploads(services, repair, &mut report).await?;
    Ok(report)
}

async fn check_dataset(
    services: &Services,
    dataset: &Dataset,
    images: &[Image],
    repair: bool,
    report: &mut Report,
) -> ServiceResult<()> {
    let sets = db::annotation_sets::list_by_dataset(services.db.read(), dataset.id).await?;
    let studies = db::studies::list_by_dataset(services.db.read(), dataset.id).await?;
    let formats: BTreeSet<String> = images.iter().map(|image| image.format.clone()).collect();
    let counted = DatasetCounts {
        image_formats: formats.into_iter().collect(),
        study_count: studies.len() as i64,
        image_count: images.len() as i64,
        annotation_set_count: sets.len() as i64,
        size_bytes: images.iter().map(|image| image.size_bytes).sum(),
    };
    let kept = DatasetCounts {
        image_formats: dataset.image_formats.clone(),
        study_count: dataset.study_count,
        image_count: dataset.image_count,
        annotation_set_count: dataset.annotation_set_count,
        size_bytes: dataset.size_bytes,
    };
    if dataset.status == DatasetStatus::Available && counted != kept {
        report.problems.push(format!("{} keeps {kept:?}, but has {counted:?}", dataset.id));
        if repair {
            db::datasets::set_counts(services.db.write(), dataset.id, counted).await?;
            report.repaired += 1;
        }
    }
    let study_of: HashMap<ImageId, StudyId> = images.iter().map(|image| (image.id, image.study_id)).collect();
    for set in sets {
        report.annotation_sets += 1;
        check_annotation_set(services, &set, &study_of, repair, report).await?;
    }
    Ok(())
}

async fn check_annotation_set(
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
    let counted = recount(services, set, study_of, labels.len(), report).await?;
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

async fn recount(
    services: &Services,
    set: &AnnotationSet,
    study_of: &HashMap<ImageId, StudyId>,
    label_count: usize,
    report: &mut Report,
) -> ServiceResult<AnnotationTally> {
    let mut counter = AnnotationCounter::new(label_count);
    let mut position = 0;
    loop {
        let rows = db::annotated_images::list_from(services.db.read(), set.id, position, ROWS_PER_READ).await?;
        let Some(last) = rows.last() else { return Ok(counter.finish()) };
        position = last.position + 1;
        for row in rows {
            let unknown = row.annotations.labels.iter().any(|label| *label as usize >= label_count);
            match study_of.get(&row.image_id) {
                Some(study) if !unknown => counter.count(*study, &row.annotations),
                _ => {
                    report.problems.push(format!("{}: what it says of {} fits no label or image", set.id, row.image_id))
                }
            }
        }
    }
}

/// What the images of all datasets say that must be stored.
#[derive(Default)]
struct Files {
    needed: HashSet<Digest>,
    /// Of datasets that a job deletes, which removes their files one after another.
    leaving: HashSet<Digest>,
}

impl Files {
    fn is_known(&self, file: &Digest) -> bool {
        self.needed.contains(file) || self.leaving.contains(file)
    }
}

async fn check_files(services: &Services, files: Files, repair: bool, report: &mut Report) -> ServiceResult<()> {
    let blobs = services.blobs.clone();
    let verdicts = tokio::task::spawn_blocking(move || {
        let bad = |file: Digest| match blobs.verify(file) {
            Ok(Verdict::Whole) => None,
            Ok(Verdict::Missing) => Some(Ok(format!("the file {file} is missing"))),
            Ok(Verdict::Damaged) => Some(Ok(format!("the file {file} is damaged: its bytes give another digest"))),
            Err(error) => Some(Err(error)),
        };
        let problems = files.needed.iter().filter_map(|file| bad(*file)).collect::<Result<Vec<String>, _>>()?;
        let (stored, foreign) = blobs.list()?;
        let orphans: Vec<Digest> = stored.iter().copied().filter(|file| !files.is_known(file)).collect();
        Ok::<_, crate::blobs::BlobError>((problems, orphans, foreign, stored.len()))
    });
    let (problems, orphans, foreign, stored) = verdicts.await.map_err(std::io::Error::other)??;
    report.files = stored;
    report.problems.extend(problems);
    report.problems.extend(foreign.iter().map(|path| format!("{} is no file of this store", path.display())));
    report.problems.extend(orphans.iter().map(|file| format!("no image needs the file {file}")));
    if repair && !orphans.is_empty() {
        report.repaired += orphans.len();
        let guard = services.blobs.begin_sweep().await;
        services.blobs.sweep(orphans, &guard).await?;
    }
    Ok(())
}

async fn check_uploads(services: &Services, repair: bool, report: &mut Report) -> ServiceResult<()> {
    let known: HashSet<_> = db::uploads::list_ids(services.db.read()).await?.into_iter().collect();
    for (upload, path) in services.uploads.list()? {
        if upload.is_some_and(|upload| known.contains(&upload)) {
            continue;
        }
        report.problems.push(format!("no upload needs the file {}", path.display()));
        if repair {
            tokio::fs::remove_file(&path).await?;
            report.repaired += 1;
        }
    }
    Ok(())
}
