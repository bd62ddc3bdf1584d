//! Each request gets an id, one log line and its place in the metrics.

use super::metrics;
use crate::domain::request_id::RequestId;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage};
use std::time::Instant;
use tracing::Instrument;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Made here alone: an id that a client chose could be made to look like another's in the log.
fn new_id() -> RequestId {
    RequestId(format!("{:016x}", rand::random::<u64>()))
}

/// Handlers find the [`RequestId`] in the request's extensions; everything they log carries it.
pub async fn log_request(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let id = new_id();
    let started = Instant::now();
    let (method, path) = (request.method().clone(), request.path().to_owned());
    let span = tracing::info_span!("request", id = %id.0);
    request.extensions_mut().insert(id.clone());
    let mut response = next.call(request).instrument(span.clone()).await?;
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let (status, elapsed) = (response.status().as_u16(), started.elapsed());
    let route = response.request().match_pattern().unwrap_or_else(|| "other".to_owned());
    metrics::count_request(&method, route, status, elapsed);
    let duration_ms = elapsed.as_secs_f64() * 1000.0;
    span.in_scope(|| tracing::info!(%method, path, status, duration_ms, "answered"));
    Ok(response)
}
