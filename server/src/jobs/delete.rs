//! The delete job: the files that no other dataset needs, then the rows. The rows name the files until the last one is
//! gone, so that a job that a crash interrupted finds again what is left to do.

use super::failure::JobResult;
use super::run::JobRun;
use crate::db;
use crate::domain::job::JobState;
use crate::services::deletion::DeleteInput;
use crate::services::endings;
use crate::services::exports;
use chrono::Utc;

/// Files removed at a time, between two reports of progress.
const FILES_PER_STEP: usize = 1_000;

pub async fn run(run: &JobRun) -> JobResult<()> {
    let input: DeleteInput = serde_json::from_str(&run.job.input)?;
    let services = &run.services;
    // Nobody hands files over between finding them unneeded and removing them, and of two deletions that share a file
    // the second finds the rows of the first gone.
    let guard = services.blobs.begin_sweep().await;
    let mut files = db::images::list_files(services.db.read(), input.dataset).await?;
    let needed = db::images::list_needed_files(services.db.read(), &files, Some(input.dataset)).await?;
    files.retain(|file| !needed.contains(file));
    run.set_total(files.len()).await;
    for step in files.chunks(FILES_PER_STEP) {
        services.blobs.sweep(step.to_vec(), &guard).await?;
        for _ in step {
            run.advance().await;
        }
    }
    exports::remove_of_dataset(services, input.dataset).await?;
    let transaction = services.db.begin().await?;
    endings::with_dataset(services, &transaction, input.dataset).await?;
    db::jobs::forget_dataset(&transaction, input.dataset).await?;
    db::datasets::delete(&transaction, input.dataset).await?;
    db::jobs::record_progress(&transaction, run.job.id, &run.progress()).await?;
    db::jobs::finish(&transaction, run.job.id, JobState::Succeeded, None, Utc::now()).await?;
    transaction.commit().await?;
    services.events.deliveries_wait();
    Ok(())
}
