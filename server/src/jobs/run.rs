//! One running job: what it works with, how it reports progress, and when it must stop.

use super::failure::{Failure, JobResult};
use crate::blobs::Staging;
use crate::db;
use crate::domain::ids::DatasetId;
use crate::domain::job::{Job, Progress};
use crate::services::Services;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

pub struct JobRun {
    pub services: Services,
    pub job: Job,
    /// Ends every wait and every plugin call of this job.
    pub stop: CancellationToken,
    /// Set when `stop` means that the user cancelled.
    pub cancelled: AtomicBool,
    done: AtomicI64,
    total: AtomicI64,
    reported_at: Mutex<Instant>,
    /// What was handed over for something that was not published then.
    handed_over: Mutex<Option<Arc<Staging>>>,
}

/// Time between two reports of progress.
const REPORT_EVERY: Duration = Duration::from_millis(200);

impl JobRun {
    pub fn new(services: Services, job: Job, stop: CancellationToken) -> Self {
        Self {
            services,
            job,
            stop,
            cancelled: AtomicBool::new(false),
            done: AtomicI64::new(0),
            total: AtomicI64::new(-1),
            reported_at: Mutex::new(Instant::now()),
            handed_over: Mutex::default(),
        }
    }

    /// Publishing failed after files were handed over.
    pub fn leave_handed_over(&self, staging: Arc<Staging>) {
        *self.handed_over.lock().unwrap_or_else(PoisonError::into_inner) = Some(staging);
    }

    pub fn handed_over(&self) -> Option<Arc<Staging>> {
        self.handed_over.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// It is taken back.
    pub fn forget_handed_over(&self) {
        *self.handed_over.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The dataset that the job makes or adds to.
    pub fn require_dataset(&self) -> JobResult<DatasetId> {
        self.job.dataset_id.ok_or_else(|| Failure::Broken("the job names no dataset".to_owned()))
    }

    /// `Err` once the job must stop.
    pub fn check(&self) -> JobResult<()> {
        if self.stop.is_cancelled() { Err(self.stopped()) } else { Ok(()) }
    }

    /// Waits for work that ends when nobody waits for it any more, as calls of plugins do.
    pub async fn wait_for<T>(&self, work: impl Future<Output = T>) -> JobResult<T> {
        self.stop.run_until_cancelled(work).await.ok_or_else(|| self.stopped())
    }

    /// Why it stops.
    pub fn stopped(&self) -> Failure {
        if self.cancelled.load(Ordering::SeqCst) { Failure::Cancelled } else { Failure::Interrupted }
    }

    /// The work has been counted.
    pub async fn set_total(&self, total: usize) {
        self.total.store(total as i64, Ordering::Relaxed);
        self.report().await;
    }

    /// One more is done.
    pub async fn advance(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
        let due = {
            let mut reported_at = self.reported_at.lock().unwrap_or_else(PoisonError::into_inner);
            let due = reported_at.elapsed() >= REPORT_EVERY;
            if due {
                *reported_at = Instant::now();
            }
            due
        };
        if due {
            self.report().await;
        }
    }

    pub fn progress(&self) -> Progress {
        let total = self.total.load(Ordering::Relaxed);
        Progress {
            done: self.done.load(Ordering::Relaxed),
            total: (total >= 0).then_some(total),
            unit: self.job.progress.unit.clone(),
        }
    }

    /// Progress that cannot be written costs no job.
    async fn report(&self) {
        if let Err(error) = db::jobs::record_progress(self.services.db.write(), self.job.id, &self.progress()).await {
            tracing::warn!(job.id = %self.job.id, %error, "progress could not be recorded");
        }
        self.services.events.job_changed(self.job.id);
    }
}
