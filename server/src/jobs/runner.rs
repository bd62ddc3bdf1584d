//! Takes jobs that wait, runs them, and records how they ended. Recovers what a stopped server left.

use super::failure::{Failure, JobResult};
use super::publish::{take_back, take_back_unpublished};
use super::run::JobRun;
use super::{combine, delete, export, import};
use crate::config::JobsConfig;
use crate::db::{self, Transaction};
use crate::domain::access::Scope;
use crate::domain::dataset::DatasetStatus;
use crate::domain::findings::Finding;
use crate::domain::ids::{DatasetId, JobId};
use crate::domain::job::{Job, JobKind, JobState};
use crate::services::events::ChangeKind;
use crate::services::imports::ImportInput;
use crate::services::{DISK_FULL, ServiceError, ServiceResult, Services, compute, datasets, uploads};
use chrono::Utc;
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Jobs are looked for this often even when nobody says that one waits.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Pause before what a failing disk prevented is tried again.
const AGAIN_AFTER: Duration = Duration::from_secs(5);

/// Runs jobs in the background until it is stopped.
pub struct Runner {
    stop: CancellationToken,
    looking: JoinHandle<()>,
    running: TaskTracker,
}

impl Runner {
    /// Puts back what a stopped server left running, drops what it left staged, and starts to work.
    pub async fn start(services: Services, config: &JobsConfig) -> ServiceResult<Self> {
        let (left, foreign) = services.blobs.list_staging()?;
        for path in foreign {
            tracing::warn!(path = %path.display(), "this is no staging folder of a job; it is left alone");
        }
        for folder in left {
            take_back(&services, services.blobs.list_handed_over(&folder)?).await?;
            tokio::fs::remove_dir_all(folder).await?;
        }
        let resumed = db::jobs::requeue_running(services.db.write()).await?;
        if resumed > 0 {
            tracing::info!(jobs = resumed, "interrupted jobs wait to be resumed");
        }
        let (stop, running) = (CancellationToken::new(), TaskTracker::new());
        let work = Work { services, stop: stop.clone(), running: running.clone(), max_attempts: config.max_attempts };
        let looking = tokio::spawn(work.look(config.parallel));
        Ok(Self { stop, looking, running })
    }

    /// Interrupts running jobs, so that they are resumed at the next start, and waits for them.
    pub async fn stop(self) {
        self.stop.cancel();
        if let Err(error) = self.looking.await {
            tracing::error!(%error, "the job runner ended badly");
        }
        self.running.close();
        self.running.wait().await;
    }
}

struct Work {
    services: Services,
    stop: CancellationToken,
    running: TaskTracker,
    max_attempts: i64,
}

impl Work {
    async fn look(self, parallel: usize) {
        let places = Arc::new(Semaphore::new(parallel));
        loop {
            let place = tokio::select! {
                place = places.clone().acquire_owned() => place,
                () = self.stop.cancelled() => return,
            };
            let Ok(place) = place else { return };
            match db::jobs::claim_next(self.services.db.write(), Utc::now()).await {
                Ok(Some(job)) => {
                    let (services, stop, max_attempts) = (self.services.clone(), self.stop.clone(), self.max_attempts);
                    self.running.spawn(async move {
                        let run = Arc::new(JobRun::new(services, job, stop.child_token()));
                        let end = run_to_end(&run, &stop, max_attempts).await;
                        // Others have their turn while what a failing disk prevents is tried again.
                        drop(place);
                        match end {
                            End::Over => clear_up(&run, &stop).await,
                            End::Unfinished => put_back(&run, &stop).await,
                            End::Unrecorded => {}
                        }
                    });
                    continue;
                }
                Ok(None) => drop(place),
                Err(error) => tracing::error!(%error, "no job could be claimed"),
            }
            tokio::select! {
                () = self.services.events.wait_for_work() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = self.stop.cancelled() => return,
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// It has ended, or it was put back because the server stops.
    Over,
    /// It failed, and is to be tried again.
    Unfinished,
    /// The server stopped before its end could be written. The next start takes it up, and what it left.
    Unrecorded,
}

/// A job that can only go on waits for its next turn.
async fn put_back(run: &JobRun, stop: &CancellationToken) {
    let (services, id) = (&run.services, run.job.id);
    while pause(stop).await {
        match db::jobs::release(services.db.write(), id).await {
            Ok(()) => return services.events.work_waits(),
            Err(error) => tracing::error!(job.id = %id, %error, "a job could not be put back; it is tried again"),
        }
    }
}

/// What a failing disk kept of a job that is over: files that were handed over for nothing, and staged ones.
async fn clear_up(run: &JobRun, stop: &CancellationToken) {
    loop {
        if take_back_unpublished(run).await && unstage(run).await {
            return;
        }
        if !pause(stop).await {
            return;
        }
    }
}

async fn unstage(run: &JobRun) -> bool {
    let (blobs, id) = (run.services.blobs.clone(), run.job.id);
    match compute(move || blobs.unstage(id)).await {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            tracing::error!(job.id = %id, %error, "what a job staged could not be removed; it is tried again");
            false
        }
        Err(error) => {
            tracing::error!(job.id = %id, %error, "what a job staged could not be removed");
            true
        }
    }
}

/// False when the server stops, and the next start does what is left.
async fn pause(stop: &CancellationToken) -> bool {
    tokio::select! {
        () = tokio::time::sleep(AGAIN_AFTER) => true,
        () = stop.cancelled() => false,
    }
}

/// From claimed to recorded.
async fn run_to_end(run: &Arc<JobRun>, server_stop: &CancellationToken, max_attempts: i64) -> End {
    let (services, job, id) = (&run.services, &run.job, run.job.id);
    services.events.job_changed(id);
    tracing::info!(job.id = %id, job.kind = job.kind.as_str(), job.attempt = job.attempts, "job started");
    let listener = tokio::spawn(listen_for_cancel(run.clone(), services.events.watch_cancels()));
    let mut findings = Vec::new();
    let performed = AssertUnwindSafe(perform(run, &mut findings, max_attempts)).catch_unwind().await;
    let end = performed.unwrap_or_else(|_| Err(Failure::Broken("the job panicked".to_owned())));
    listener.abort();
    let mut gone = false;
    match end {
        Ok(()) => {}
        Err(failure) if job.kind == JobKind::Delete && failure.is_of_server() => {
            // Nobody sees the dataset any more, so the only way is forward, however often it takes.
            tracing::error!(job.id = %id, error = ?failure, "a dataset could not be deleted; it is tried again");
            return End::Unfinished;
        }
        Err(failure) => match record_failure_at_last(run, &failure, &findings, server_stop).await {
            Some(removed) => gone = removed,
            None => return End::Unrecorded,
        },
    }
    services.events.job_changed(id);
    // An export changes nothing of its dataset.
    if let Some(dataset) = run.job.dataset_id.filter(|_| run.job.kind != JobKind::Export) {
        let kind = if gone { ChangeKind::Deleted } else { ChangeKind::Updated };
        // An administrator may have added to somebody else's.
        let found = db::datasets::by_ids(services.db.read(), &[dataset]).await.unwrap_or_default().pop();
        let owner = found.map_or(run.job.owner_id, |dataset| dataset.owner_id);
        datasets::tell_of(services, kind, dataset, owner).await;
    }
    End::Over
}

/// A disk that fails or is full fails the record as it failed the job: without it the job would seem to run for ever.
/// `None` when the server stops first; the next start takes the job up again.
async fn record_failure_at_last(
    run: &JobRun,
    failure: &Failure,
    findings: &[Finding],
    stop: &CancellationToken,
) -> Option<bool> {
    loop {
        match record_failure(run, failure, findings).await {
            Ok(removed) => {
                take_back_unpublished(run).await;
                return Some(removed);
            }
            Err(error) => {
                tracing::error!(job.id = %run.job.id, %error, "the end of a job could not be recorded; it is tried again");
            }
        }
        if !pause(stop).await {
            return None;
        }
    }
}

/// A finished job has recorded its success itself, with what it published.
async fn perform(run: &Arc<JobRun>, findings: &mut Vec<Finding>, max_attempts: i64) -> JobResult<()> {
    if run.job.kind == JobKind::Delete {
        return delete::run(run).await;
    }
    // Read again, now that cancels are listened for: one may have come since the job was claimed.
    let now = db::jobs::by_ids(run.services.db.read(), &[run.job.id], Scope::Everything).await?;
    if now.iter().any(|job| job.cancel_requested) {
        return Err(Failure::Cancelled);
    }
    if run.job.attempts > max_attempts {
        let message = format!("the server stopped {max_attempts} times while it ran; it is not tried again");
        return Err(Failure::Refused(message));
    }
    match run.job.kind {
        JobKind::Import => import::run(run.clone(), findings).await,
        JobKind::Combine => combine::run(run.clone(), findings).await,
        JobKind::Delete => delete::run(run).await,
        JobKind::Export => export::run(run.clone(), findings).await,
    }
}

async fn listen_for_cancel(run: Arc<JobRun>, mut cancels: tokio::sync::broadcast::Receiver<JobId>) {
    loop {
        match cancels.recv().await {
            Ok(id) if id != run.job.id => continue,
            Ok(_) => break,
            Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => continue,
            Err(tokio::sync::broadcast::error::RecvError::Closed) => return,
        }
    }
    run.cancelled.store(true, Ordering::SeqCst);
    run.stop.cancel();
}

/// The dataset that stands and falls with the job; not one that it only reads or adds to.
async fn made_dataset(transaction: &Transaction, job: &Job) -> ServiceResult<Option<DatasetId>> {
    let Some(id) = job.dataset_id else { return Ok(None) };
    let found = db::datasets::by_ids(transaction, &[id]).await?;
    Ok(found.iter().any(|dataset| dataset.creation_job_id == Some(job.id)).then_some(id))
}

/// Rolls back what the job began and says how it ended. True when the dataset that it made went with it.
async fn record_failure(run: &JobRun, failure: &Failure, findings: &[Finding]) -> ServiceResult<bool> {
    let (services, job) = (&run.services, &run.job);
    let (state, error) = match failure {
        Failure::Interrupted => {
            tracing::info!(job.id = %job.id, "job interrupted; it is resumed at the next start");
            db::jobs::release(services.db.write(), job.id).await?;
            return Ok(false);
        }
        Failure::Cancelled => (JobState::Cancelled, None),
        Failure::Refused(message) => (JobState::Failed, Some(message.clone())),
        Failure::Broken(message) => {
            tracing::error!(job.id = %job.id, error = %message, "job failed");
            let told = format!("The server failed at this job; its log says why under {}.", job.id);
            (JobState::Failed, Some(told))
        }
        Failure::DiskFull(message) => {
            tracing::error!(job.id = %job.id, error = %message, "job failed: the disk is full");
            (JobState::Failed, Some(format!("{DISK_FULL} Then start again.")))
        }
    };
    let transaction = services.db.begin().await?;
    let made = made_dataset(&transaction, job).await?;
    if let Some(dataset) = made {
        match state {
            JobState::Cancelled => {
                db::jobs::forget_dataset(&transaction, dataset).await?;
                db::datasets::delete(&transaction, dataset).await?;
            }
            _ => db::datasets::retire(&transaction, dataset, DatasetStatus::Failed).await?,
        }
    }
    db::findings::replace(&transaction, job.id, findings.to_vec()).await?;
    db::jobs::record_progress(&transaction, job.id, &run.progress()).await?;
    db::jobs::finish(&transaction, job.id, state, error, Utc::now()).await?;
    db::uploads::delete_of_job(&transaction, job.id).await?;
    transaction.commit().await?;
    tracing::info!(job.id = %job.id, job.state = state.as_str(), "job ended");
    remove_upload(run).await;
    Ok(made.is_some() && state == JobState::Cancelled)
}

/// An import that ended has read its upload for the last time. Its row went with the job's end; a file that a crash or
/// an error leaves is removed at the next start.
pub(super) async fn remove_upload(run: &JobRun) {
    if run.job.kind != JobKind::Import {
        return;
    }
    let removed = match serde_json::from_str::<ImportInput>(&run.job.input) {
        Ok(input) => uploads::remove_file(&run.services, input.upload).await,
        Err(error) => Err(ServiceError::Broken(error.to_string())),
    };
    if let Err(error) = removed {
        tracing::warn!(job.id = %run.job.id, %error, "the file of an upload that was read could not be removed");
    }
}
