//! Where plugin calls run: on threads made for blocking work, a bounded number at a time, never on async threads.

use super::circumstances::{Circumstances, late};
use super::{PluginError, PluginErrorKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// How long a call that is over its time may take to notice; then it is left to itself.
const GRACE: Duration = Duration::from_secs(2);

/// Bounds and times the work.
pub(super) struct Runner {
    permits: Arc<Semaphore>,
    timeout: Duration,
}

/// Tells the work to stop when nobody waits for it any more.
struct CancelOnDrop(Arc<AtomicBool>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Runner {
    pub(super) fn new(parallel_calls: usize, call_timeout_ms: u64) -> Self {
        let permits = parallel_calls.clamp(1, Semaphore::MAX_PERMITS);
        Self { permits: Arc::new(Semaphore::new(permits)), timeout: Duration::from_millis(call_timeout_ms) }
    }

    /// For work that a thread of its own does already. Time counts from now.
    pub(super) fn circumstances(&self) -> Circumstances {
        Circumstances::new(self.timeout, || false)
    }

    /// Waits for its turn, then for the work. Time counts from when the work starts.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        cancel: Option<&CancellationToken>,
        work: impl FnOnce(&Circumstances) -> Result<T, PluginError> + Send + 'static,
    ) -> Result<T, PluginError> {
        let never = CancellationToken::new();
        let cancel = cancel.unwrap_or(&never);
        let permit = tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(failed(PluginErrorKind::Cancelled, "the call was cancelled")),
            permit = self.permits.clone().acquire_owned() => permit,
        };
        let permit = permit.map_err(|error| failed(PluginErrorKind::Internal, error.to_string()))?;
        let stop = CancelOnDrop(Arc::default());
        let told = stop.0.clone();
        let circumstances = Circumstances::new(self.timeout, move || told.load(Ordering::Relaxed));
        let mut running = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work(&circumstances)
        });
        let left = tokio::time::sleep(self.timeout.saturating_add(GRACE));
        let mut left = std::pin::pin!(left);
        loop {
            tokio::select! {
                done = &mut running => {
                    return done.unwrap_or_else(|error| Err(failed(PluginErrorKind::Internal, error.to_string())));
                }
                () = cancel.cancelled(), if !stop.0.load(Ordering::Relaxed) => stop.0.store(true, Ordering::Relaxed),
                () = &mut left => return Err(failed(PluginErrorKind::TimedOut, late(self.timeout))),
            }
        }
    }
}

fn failed(kind: PluginErrorKind, message: impl Into<String>) -> PluginError {
    PluginError { kind, plugin: String::new(), message: message.into() }
}
