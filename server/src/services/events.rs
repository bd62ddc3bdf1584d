//! What happened, for those who watch: jobs that changed, datasets that came, changed or went, work and webhooks that
//! wait.

use crate::domain::access::Viewer;
use crate::domain::ids::{DatasetId, JobId, UserId};
use std::sync::Arc;
use tokio::sync::{Notify, broadcast, watch};

/// A watcher that falls this far behind misses events and reads the present state instead.
const CAPACITY: usize = 1024;

/// Cheap to clone.
#[derive(Clone)]
pub struct Events {
    jobs: broadcast::Sender<JobId>,
    cancels: broadcast::Sender<JobId>,
    datasets: broadcast::Sender<DatasetEvent>,
    work: Arc<Notify>,
    deliveries: watch::Sender<()>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum)]
pub enum ChangeKind {
    Created,
    Updated,
    Deleted,
}

#[derive(Debug, Clone)]
pub struct DatasetEvent {
    pub kind: ChangeKind,
    pub dataset_id: DatasetId,
    pub owner_id: UserId,
    /// Whom it is shared with; read once for all who watch.
    pub audience: Arc<[UserId]>,
}

impl DatasetEvent {
    pub fn is_for(&self, viewer: &Viewer) -> bool {
        viewer.scope().owns(self.owner_id) || self.audience.contains(&viewer.id)
    }
}

impl Default for Events {
    fn default() -> Self {
        Self {
            jobs: broadcast::Sender::new(CAPACITY),
            cancels: broadcast::Sender::new(CAPACITY),
            datasets: broadcast::Sender::new(CAPACITY),
            work: Arc::default(),
            deliveries: watch::Sender::new(()),
        }
    }
}

impl Events {
    // A send fails only when nobody watches, which is no failure.

    pub fn job_changed(&self, id: JobId) {
        let _ = self.jobs.send(id);
    }

    pub fn cancel_requested(&self, id: JobId) {
        let _ = self.cancels.send(id);
    }

    pub fn dataset_changed(&self, event: DatasetEvent) {
        let _ = self.datasets.send(event);
    }

    /// Whether anybody would hear of a dataset.
    pub fn datasets_are_watched(&self) -> bool {
        self.datasets.receiver_count() > 0
    }

    /// A job waits to be run.
    pub fn work_waits(&self) {
        self.work.notify_one();
    }

    /// Systems outside are to be told of something.
    pub fn deliveries_wait(&self) {
        self.deliveries.send_replace(());
    }

    pub fn watch_jobs(&self) -> broadcast::Receiver<JobId> {
        self.jobs.subscribe()
    }

    pub fn watch_cancels(&self) -> broadcast::Receiver<JobId> {
        self.cancels.subscribe()
    }

    pub fn watch_datasets(&self) -> broadcast::Receiver<DatasetEvent> {
        self.datasets.subscribe()
    }

    pub fn watch_deliveries(&self) -> watch::Receiver<()> {
        self.deliveries.subscribe()
    }

    pub async fn wait_for_work(&self) {
        self.work.notified().await;
    }
}
