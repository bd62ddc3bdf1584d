//! `lightbox check`: counts again what is kept as a count, reads every stored file, finds what nobody needs. Run it
//! while no server uses the data directory. Here are the whole and the counts of datasets, studies and jobs.

mod annotation_sets;
mod files;

use super::{ServiceResult, Services};
use crate::db;
use crate::db::datasets::DatasetCounts;
use crate::domain::dataset::{Dataset, DatasetStatus};
use crate::domain::ids::{ImageId, JobId, StudyId};
use crate::domain::image::Image;
use crate::domain::study::Study;
use files::Files;
use std::collections::{BTreeSet, HashMap};

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
    check_finding_counts(services, repair, &mut report).await?;
    files::check(services, files, repair, &mut report).await?;
    files::check_uploads(services, repair, &mut report).await?;
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
    if dataset.status == DatasetStatus::Available {
        check_studies(services, &studies, images, repair, report).await?;
    }
    let study_of: HashMap<ImageId, StudyId> = images.iter().map(|image| (image.id, image.study_id)).collect();
    for set in sets {
        report.annotation_sets += 1;
        annotation_sets::check(services, &set, &study_of, repair, report).await?;
    }
    Ok(())
}

async fn check_studies(
    services: &Services,
    studies: &[Study],
    images: &[Image],
    repair: bool,
    report: &mut Report,
) -> ServiceResult<()> {
    let mut counted: HashMap<StudyId, i64> = HashMap::new();
    images.iter().for_each(|image| *counted.entry(image.study_id).or_default() += 1);
    for study in studies {
        let (kept, counted) = (study.image_count, counted.get(&study.id).copied().unwrap_or(0));
        if kept == counted {
            continue;
        }
        report.problems.push(format!("{} keeps {kept} images, but has {counted}", study.id));
        if repair {
            db::studies::set_image_count(services.db.write(), study.id, counted).await?;
            report.repaired += 1;
        }
    }
    Ok(())
}

async fn check_finding_counts(services: &Services, repair: bool, report: &mut Report) -> ServiceResult<()> {
    let counted: HashMap<JobId, i64> = db::findings::count_by_jobs(services.db.read()).await?.into_iter().collect();
    for (job, kept) in db::jobs::list_finding_counts(services.db.read()).await? {
        let counted = counted.get(&job).copied().unwrap_or(0);
        if kept == counted {
            continue;
        }
        report.problems.push(format!("{job} keeps {kept} findings, but has {counted}"));
        if repair {
            db::findings::set_count(services.db.write(), job, counted).await?;
            report.repaired += 1;
        }
    }
    Ok(())
}
