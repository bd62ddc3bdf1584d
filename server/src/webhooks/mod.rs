//! Telling systems outside what happened: a task for each receiver takes deliveries out of the outbox and sends them,
//! and one forgets what has been in the log for long. What is told is written elsewhere, with the change itself.

mod post;
mod receiver;

use crate::config::WebhooksConfig;
use crate::db;
use crate::services::Services;
use anyhow::Context;
use chrono::{DateTime, Utc};
use post::Post;
use receiver::Receiver;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Sends in the background until it is stopped.
pub struct Deliverer {
    stop: CancellationToken,
    running: TaskTracker,
}

impl Deliverer {
    /// Takes up what a stopped server left to be sent.
    ///
    /// # Errors
    /// When the outbox cannot be read, or this machine has nothing to trust an https address by.
    pub async fn start(services: &Services, config: &WebhooksConfig) -> anyhow::Result<Self> {
        give_up_others(services).await?;
        let (stop, running) = (CancellationToken::new(), TaskTracker::new());
        for endpoint in &config.endpoints {
            let post = Post::new(endpoint, Duration::from_millis(config.timeout_ms));
            let post = post.with_context(|| format!("nothing can be sent to the webhook {}", endpoint.url))?;
            let receiver = Receiver::new(services.clone(), endpoint.url.clone(), post, config, stop.clone());
            running.spawn(receiver.run());
        }
        let keep = prune(services.clone(), config.log_lifetime_seconds);
        running.spawn(stop.clone().run_until_cancelled_owned(keep));
        running.close();
        Ok(Self { stop, running })
    }

    /// Ends after the attempts that are under way; what is left is sent after the next start.
    pub async fn stop(self) {
        self.stop.cancel();
        self.running.wait().await;
    }
}

/// What is still to be sent to an address that the configuration does not name any more.
async fn give_up_others(services: &Services) -> anyhow::Result<()> {
    let (urls, why) = (&services.webhook_urls, "The configuration does not name this address any more.");
    let given_up = db::webhook_deliveries::give_up_other_urls(services.db.write(), urls, why, Utc::now());
    let count = given_up.await.context("the outbox of webhooks cannot be read")?;
    if count > 0 {
        tracing::warn!(count, "webhooks were given up: the configuration does not name their addresses any more");
    }
    Ok(())
}

const PRUNE_EVERY: Duration = Duration::from_secs(600);

/// Forgets what ended long ago; never returns.
async fn prune(services: Services, lifetime_seconds: u64) {
    loop {
        if let Some(time) = seconds_ago(lifetime_seconds) {
            match db::webhook_deliveries::delete_ended_before(services.db.write(), time).await {
                Ok(0) => {}
                Ok(count) => tracing::info!(count, "old webhook deliveries are forgotten"),
                Err(error) => tracing::error!(%error, "old webhook deliveries could not be forgotten"),
            }
        }
        tokio::time::sleep(PRUNE_EVERY).await;
    }
}

/// `None` when that was before there was time.
fn seconds_ago(seconds: u64) -> Option<DateTime<Utc>> {
    let past = chrono::TimeDelta::try_seconds(i64::try_from(seconds).ok()?)?;
    Utc::now().checked_sub_signed(past)
}
