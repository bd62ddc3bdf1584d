//! The delete job: rows, then the files that no other dataset needs. Safe to run again after a crash.

use super::failure::JobResult;
use super::run::JobRun;
use crate::db;
use crate::domain::job::JobState;
use crate::services::deletion::DeleteInput;
use chrono::Utc;

/// Files removed at a time, between two looks at whether to stop.
const FILES_PER_STEP: usize = 1_000;

pub async fn run(run: &JobRun) -> JobResult<()> {
    let input: DeleteInput = serde_json::from_str(&run.job.input)?;
    let services = &run.services;
    // Nobody hands files over between finding them unneeded and removing them.
    let guard = services.blobs.begin_sweep().await;
    let mut files = db::images::list_files(services.db.read(), input.dataset).await?;
    let transaction = services.db.begin().await?;
    db::jobs::forget_dataset(&transaction, input.dataset).await?;
    db::datasets::delete(&transaction, input.dataset).await?;
    let needed = db::images::list_needed_files(&transaction, &files).await?;
    transaction.commit().await?;
    files.retain(|file| !needed.contains(file));
    run.set_total(files.len()).await;
    for step in files.chunks(FILES_PER_STEP) {
        services.blobs.sweep(step.to_vec(), &guard).await?;
        for _ in step {
            run.advance().await;
        }
    }
    let transaction = services.db.begin().await?;
    db::jobs::record_progress(&transaction, run.job.id, &run.progress()).await?;
    db::jobs::finish(&transaction, run.job.id, JobState::Succeeded, None, Utc::now()).await?;
    transaction.commit().await?;
    Ok(())
}
