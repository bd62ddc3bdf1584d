//! One receiver: what it is told and when. Events of one dataset go in the order in which they happened; one that is
//! not taken holds back the later ones of its dataset and nothing else.

use super::post::{Answer, Post};
use crate::config::WebhooksConfig;
use crate::db;
use crate::db::DbResult;
use crate::db::webhook_deliveries::PendingDelivery;
use crate::domain::ids::{DatasetId, WebhookDeliveryId};
use crate::domain::webhook_delivery::{Retries, WebhookDelivery, WebhookDeliveryState};
use crate::services::Services;
use chrono::{DateTime, Utc};
use std::collections::HashSet;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The outbox is looked into this often even when nobody says that something waits.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// Deliveries of which ids are held at a time.
const ROWS_PER_READ: u64 = 1_000;
/// After so many attempts in a row that nobody answers, the receiver is left alone for a while.
const MAX_UNANSWERED: u32 = 3;

pub(super) struct Receiver {
    services: Services,
    url: String,
    post: Post,
    retries: Retries,
    stop: CancellationToken,
}

/// One way through what the receiver has not been told of.
#[derive(Default)]
struct Pass {
    /// Datasets of which something earlier is still to be told.
    held_back: HashSet<DatasetId>,
    unanswered: u32,
    /// When something is to be tried next.
    next: Option<DateTime<Utc>>,
}

impl Pass {
    fn hold_back(&mut self, dataset: DatasetId, until: DateTime<Utc>) {
        self.held_back.insert(dataset);
        self.next = Some(self.next.map_or(until, |next| next.min(until)));
    }
}

impl Receiver {
    pub fn new(services: Services, url: String, post: Post, config: &WebhooksConfig, stop: CancellationToken) -> Self {
        let retries = Retries {
            first_retry_ms: config.first_retry_ms,
            give_up_after_ms: config.give_up_after_seconds.saturating_mul(1000),
        };
        Self { services, url, post, retries, stop }
    }

    /// Until it is stopped.
    pub async fn run(self) {
        let mut changes = self.services.events.watch_deliveries();
        while !self.stop.is_cancelled() {
            // What is told of from here on, even while the pass runs, begins another.
            changes.mark_unchanged();
            let pause = match self.pass().await {
                Ok(next) => next.map_or(LOOK_EVERY, |next| until(next).min(LOOK_EVERY)),
                Err(error) => {
                    tracing::error!(webhook.url = %self.url, %error, "webhooks could not be taken out of the outbox");
                    LOOK_EVERY
                }
            };
            tokio::select! {
                _ = changes.changed() => {}
                () = tokio::time::sleep(pause) => {}
                () = self.stop.cancelled() => {}
            }
        }
    }

    /// Sends everything that is due; returns when something is due next.
    async fn pass(&self) -> DbResult<Option<DateTime<Utc>>> {
        let (mut pass, mut after) = (Pass::default(), WebhookDeliveryId(0));
        loop {
            let pending =
                db::webhook_deliveries::list_pending(self.services.db.read(), &self.url, after, ROWS_PER_READ);
            let pending = pending.await?;
            let Some(last) = pending.last() else { return Ok(pass.next) };
            after = last.id;
            for each in &pending {
                self.consider(&mut pass, each).await?;
                if pass.unanswered == MAX_UNANSWERED {
                    return Ok(pass.next);
                }
                if self.stop.is_cancelled() {
                    return Ok(None);
                }
            }
        }
    }

    async fn consider(&self, pass: &mut Pass, pending: &PendingDelivery) -> DbResult<()> {
        if pass.held_back.contains(&pending.dataset_id) {
            return Ok(());
        }
        if pending.next_attempt_at > Utc::now() {
            pass.hold_back(pending.dataset_id, pending.next_attempt_at);
            return Ok(());
        }
        let found = db::webhook_deliveries::by_ids(self.services.db.read(), &[pending.id]).await?.pop();
        let Some(delivery) = found else { return Ok(()) };
        let message = delivery.message(Utc::now());
        let answer = tokio::select! {
            answer = self.post.send(message) => answer,
            // It counts as not tried, and is sent after the next start.
            () = self.stop.cancelled() => return Ok(()),
        };
        pass.unanswered = if matches!(answer, Answer::Nothing(_)) { pass.unanswered + 1 } else { 0 };
        let tried = self.after_attempt(delivery, answer);
        db::webhook_deliveries::record_attempt(self.services.db.write(), &tried).await?;
        if let Some(next) = tried.next_attempt_at {
            pass.hold_back(tried.dataset_id, next);
        }
        Ok(())
    }

    /// The delivery as it is now.
    fn after_attempt(&self, mut delivery: WebhookDelivery, answer: Answer) -> WebhookDelivery {
        let now = Utc::now();
        delivery.attempts += 1;
        delivery.last_attempt_at = Some(now);
        let (status, error) = match answer {
            Answer::Taken(status) => (Some(status), None),
            Answer::Refused(status) => (Some(status), Some(format!("The receiver answered with status {status}."))),
            Answer::Nothing(why) => (None, Some(format!("The receiver did not answer: {why}."))),
        };
        let next = self.retries.next_attempt(delivery.happened_at, delivery.attempts, now);
        delivery.next_attempt_at = if error.is_some() { next } else { None };
        delivery.state = match (&error, delivery.next_attempt_at) {
            (None, _) => WebhookDeliveryState::Delivered,
            (Some(_), Some(_)) => WebhookDeliveryState::Pending,
            (Some(_), None) => WebhookDeliveryState::Failed,
        };
        delivery.status = status.map(|status| i64::from(status.as_u16()));
        delivery.error = error;
        self.log(&delivery);
        delivery
    }

    fn log(&self, delivery: &WebhookDelivery) {
        let (id, url, attempt, error) = (delivery.id, &self.url, delivery.attempts, delivery.error.as_deref());
        match delivery.state {
            WebhookDeliveryState::Delivered => tracing::debug!(%id, webhook.url = %url, attempt, "webhook delivered"),
            WebhookDeliveryState::Pending => {
                tracing::warn!(%id, webhook.url = %url, attempt, error, "webhook not taken; it is tried again");
            }
            WebhookDeliveryState::Failed => {
                tracing::error!(%id, webhook.url = %url, attempt, error, "webhook given up");
            }
        }
    }
}

fn until(time: DateTime<Utc>) -> Duration {
    (time - Utc::now()).to_std().unwrap_or_default()
}
