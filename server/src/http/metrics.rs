//! `GET /metrics`: what the server counts, as Prometheus text, for administrators.

use super::failure::Failure;
use super::signed_in::SignedIn;
use super::state::HttpState;
use crate::domain::access::Viewer;
use crate::domain::job::{JobFilter, JobState};
use crate::services::{Services, jobs, permission};
use actix_web::http::Method;
use actix_web::{HttpResponse, web};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;
use std::time::Duration;

const REQUEST_SECONDS: &str = "lightbox_http_request_duration_seconds";
const BUCKETS_SECONDS: [f64; 10] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0, 120.0];
/// How often samples are folded into their histograms, when nobody asks for them.
const UPKEEP: Duration = Duration::from_secs(5);

/// The process's one recorder, installed by the first who asks.
pub fn recorder() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    let install = || {
        let builder = PrometheusBuilder::new();
        let buckets = Matcher::Full(REQUEST_SECONDS.to_owned());
        // Fails for an empty list of buckets alone; without buckets, a summary would be shown.
        let builder = builder.set_buckets_for_metric(buckets, &BUCKETS_SECONDS).unwrap_or_else(|error| {
            tracing::warn!(%error, "durations are shown without buckets");
            PrometheusBuilder::new()
        });
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        if let Err(error) = ::metrics::set_global_recorder(recorder) {
            tracing::warn!(%error, "metrics go to another recorder of this process");
        }
        describe();
        handle
    };
    HANDLE.get_or_init(install).clone()
}

fn describe() {
    ::metrics::describe_histogram!(REQUEST_SECONDS, "Time until the response's head was ready.");
    ::metrics::describe_counter!("lightbox_upload_bytes_total", "Bytes that arrived in uploads.");
    ::metrics::describe_counter!("lightbox_sql_statements_total", "SQL statements since the start.");
    super::graphql_events::describe_metrics();
    ::metrics::describe_gauge!("lightbox_jobs", "Jobs that have not ended, by state.");
}

/// Keeps the memory of samples small; never returns.
pub async fn upkeep(handle: PrometheusHandle) {
    loop {
        tokio::time::sleep(UPKEEP).await;
        handle.run_upkeep();
    }
}

pub fn count_request(method: &Method, route: String, status: u16, elapsed: Duration) {
    let labels = [("method", known(method).to_owned()), ("route", route), ("status", status.to_string())];
    ::metrics::histogram!(REQUEST_SECONDS, &labels).record(elapsed);
}

/// A client can make up methods; each would be a series of its own.
fn known(method: &Method) -> &'static str {
    const KNOWN: [Method; 6] =
        [Method::GET, Method::POST, Method::HEAD, Method::PATCH, Method::DELETE, Method::OPTIONS];
    match KNOWN.iter().position(|known| known == method) {
        Some(index) => ["GET", "POST", "HEAD", "PATCH", "DELETE", "OPTIONS"][index],
        None => "other",
    }
}

pub fn count_upload_bytes(bytes: u64) {
    ::metrics::counter!("lightbox_upload_bytes_total").increment(bytes);
}

pub async fn show(SignedIn(viewer): SignedIn, state: web::Data<HttpState>) -> Result<HttpResponse, Failure> {
    permission::require_admin(&viewer)?;
    count_jobs(&state.services, &viewer).await?;
    ::metrics::counter!("lightbox_sql_statements_total").absolute(state.services.db.statement_count());
    let response = HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(state.metrics.render());
    Ok(response)
}

async fn count_jobs(services: &Services, viewer: &Viewer) -> Result<(), Failure> {
    for state in [JobState::Queued, JobState::Running] {
        let filter = JobFilter { state: Some(vec![state]), ..JobFilter::default() };
        let count = jobs::count(services, viewer, &filter).await?;
        ::metrics::gauge!("lightbox_jobs", "state" => state.as_str().to_lowercase()).set(count as f64);
    }
    Ok(())
}
