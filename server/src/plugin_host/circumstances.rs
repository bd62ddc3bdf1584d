//! What holds for one piece of work: how long it may take, and whether somebody wants it to stop.

use super::PluginErrorKind;
use std::time::{Duration, Instant};

/// How long a piece of work may take, and whether it should stop.
pub(super) struct Circumstances {
    is_cancelled: Box<dyn Fn() -> bool + Send + Sync>,
    timeout: Duration,
    deadline: Option<Instant>,
}

impl Circumstances {
    /// Time counts from now. A timeout that no clock can count to is none.
    pub(super) fn new(timeout: Duration, is_cancelled: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self { is_cancelled: Box::new(is_cancelled), timeout, deadline: Instant::now().checked_add(timeout) }
    }

    pub(super) fn is_late(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    pub(super) fn is_over(&self) -> bool {
        (self.is_cancelled)() || self.is_late()
    }

    /// 0 when there is no deadline, 1 at least when there is one.
    pub(super) fn remaining_ms(&self) -> u64 {
        let remaining = self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        remaining.map_or(0, |remaining| u64::try_from(remaining.as_millis()).unwrap_or(u64::MAX).max(1))
    }

    /// That there was not enough time.
    pub(super) fn late(&self) -> String {
        late(self.timeout)
    }

    /// Why work ended that is over.
    pub(super) fn end(&self) -> (PluginErrorKind, String) {
        if self.is_late() {
            (PluginErrorKind::TimedOut, self.late())
        } else {
            (PluginErrorKind::Cancelled, "the call was cancelled".to_owned())
        }
    }
}

pub(super) fn late(timeout: Duration) -> String {
    format!("the call took longer than the {} ms that a plugin call may take", timeout.as_millis())
}
