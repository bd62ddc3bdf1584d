//! `jobUpdated`.

use crate::domain::access::Viewer;
use crate::domain::ids::JobId;
use crate::domain::job;
use crate::graphql::context::RequestContext;
use crate::graphql::error::{ForClients, not_found};
use crate::graphql::types::Job;
use crate::services::{Services, jobs};
use async_graphql::{Context, ID, Result, Subscription};
use futures_util::{Stream, StreamExt, stream};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

#[derive(Default)]
pub struct JobSubscriptions;

/// One watched job: whose it is, what was last seen of it, and where its changes are heard.
struct Watch {
    services: Services,
    viewer: Viewer,
    changes: Receiver<JobId>,
    seen: job::Job,
}

#[Subscription]
impl JobSubscriptions {
    /// The job now, then at every change until it ends; then the stream completes.
    async fn job_updated(&self, context: &Context<'_>, id: ID) -> Result<impl Stream<Item = Job>> {
        let (services, viewer) = (context.services()?.clone(), context.viewer()?.clone());
        // Listen before the first read, so that no change falls between them.
        let changes = services.events.watch_jobs();
        let id = JobId::parse(&id).ok_or_else(|| not_found("job"))?;
        let job = jobs::find(&services, &viewer, id).await.for_clients(context)?.ok_or_else(|| not_found("job"))?;
        let first = Job(job.clone());
        let watch = Watch { services, viewer, changes, seen: job };
        Ok(stream::once(async move { first }).chain(stream::unfold(watch, next_change)))
    }
}

/// The job after its next change; `None` once it has ended or is gone.
async fn next_change(mut watch: Watch) -> Option<(Job, Watch)> {
    if watch.seen.state.has_ended() {
        return None;
    }
    loop {
        match watch.changes.recv().await {
            Ok(changed) if changed != watch.seen.id => {}
            // Who fell behind reads the present state, which is what he wants anyway.
            Ok(_) | Err(RecvError::Lagged(_)) => break,
            Err(RecvError::Closed) => return None,
        }
    }
    let found = jobs::find(&watch.services, &watch.viewer, watch.seen.id).await;
    watch.seen =
        found.inspect_err(|error| tracing::error!(%error, "a watched job could not be read")).ok().flatten()?;
    Some((Job(watch.seen.clone()), watch))
}
