//! Checking files: what images need is there and whole, and nothing else is.

use super::Report;
use crate::blobs::Verdict;
use crate::db;
use crate::domain::digest::Digest;
use crate::services::{ServiceResult, Services};
use std::collections::HashSet;

/// What the images of all datasets say that must be stored.
#[derive(Default)]
pub(super) struct Files {
    pub needed: HashSet<Digest>,
    /// Of datasets that a job deletes, which removes their files one after another.
    pub leaving: HashSet<Digest>,
}

impl Files {
    fn is_known(&self, file: &Digest) -> bool {
        self.needed.contains(file) || self.leaving.contains(file)
    }
}

pub(super) async fn check(services: &Services, files: Files, repair: bool, report: &mut Report) -> ServiceResult<()> {
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

pub(super) async fn check_uploads(services: &Services, repair: bool, report: &mut Report) -> ServiceResult<()> {
    let known: HashSet<_> = db::uploads::list_ids(services.db.read()).await?.into_iter().collect();
    for (upload, path) in services.uploads.list()? {
        if upload.is_some_and(|upload| known.contains(&upload)) {
            continue;
        }
        report.problems.push(format!("no upload needs the file {}", path.display()));
        if repair && path.is_file() {
            tokio::fs::remove_file(&path).await?;
            report.repaired += 1;
        }
    }
    Ok(())
}
