//! Answers as server-sent events, by the distinct connections mode of graphql-sse's protocol: `next` for each result,
//! `complete` at the end. What is executed, and how, is in `graphql.rs`.

use super::graphql::body_of;
use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use async_graphql::Response;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{self, LocalBoxStream};
use std::convert::Infallible;
use std::time::Duration;
use tokio::time::Interval;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

/// A line without meaning, so that nobody between takes the connection for dead, and a client that is gone is noticed.
const KEEP_ALIVE: Duration = Duration::from_secs(10);
const STREAMS: &str = "lightbox_graphql_event_streams";

/// For proxies that would collect an answer before they pass it on.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// A stream of the results, until they end, the client goes or the server drains.
pub fn respond(results: LocalBoxStream<'static, Response>, draining: CancellationToken) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/event-stream; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((X_ACCEL_BUFFERING, "no"))
        .streaming(stream::unfold(Events::new(results, draining), next_bytes))
}

fn keep_alive() -> Interval {
    let mut interval = tokio::time::interval(KEEP_ALIVE);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    interval
}

/// Dropped with the response's body, whoever ended it: the operation ends with it.
struct Events {
    results: LocalBoxStream<'static, Response>,
    keep_alive: Interval,
    draining: CancellationToken,
    is_complete: bool,
    /// Of the request: what is executed while the body is being sent is logged under it too.
    span: tracing::Span,
    _open: Open,
}

impl Events {
    fn new(results: LocalBoxStream<'static, Response>, draining: CancellationToken) -> Self {
        let (span, _open) = (tracing::Span::current(), Open::new());
        Self { results, keep_alive: keep_alive(), draining, is_complete: false, span, _open }
    }
}

async fn next_bytes(mut events: Events) -> Option<(Result<Bytes, Infallible>, Events)> {
    if events.is_complete {
        return None;
    }
    let bytes = tokio::select! {
        // The first tick comes at once, so that the client has the head before the first result.
        _ = events.keep_alive.tick() => Bytes::from_static(b":\n\n"),
        result = events.results.next().instrument(events.span.clone()) => match result {
            Some(result) => event(&result),
            None => {
                events.is_complete = true;
                Bytes::from_static(b"event: complete\ndata:\n\n")
            }
        },
        // Without `complete`: the client asks again, whoever answers then.
        () = events.draining.cancelled() => return None,
    };
    Some((Ok(bytes), events))
}

/// JSON has no line break outside its strings, and none unescaped inside, so that it is one line of data.
fn event(result: &Response) -> Bytes {
    let body = body_of(result).unwrap_or_else(|error| {
        tracing::error!(%error, "an answer could not be written");
        br#"{"errors":[{"message":"The server failed; its log says why.","extensions":{"code":"INTERNAL"}}]}"#.to_vec()
    });
    let mut bytes = b"event: next\ndata: ".to_vec();
    bytes.extend_from_slice(&body);
    bytes.extend_from_slice(b"\n\n");
    bytes.into()
}

/// Counts the streams that are open, for the metrics.
struct Open;

impl Open {
    fn new() -> Self {
        metrics::gauge!(STREAMS).increment(1);
        Self
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        metrics::gauge!(STREAMS).decrement(1);
    }
}

/// Tells what the gauge counts.
pub fn describe_metrics() {
    metrics::describe_gauge!(STREAMS, "Answers to GraphQL operations that are sent as events, now.");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_executed_while_the_body_is_sent_is_logged_under_its_request() {
        let _guard = tracing::subscriber::set_default(tracing_subscriber::registry());
        let inside = || tracing::Span::current().metadata().map(tracing::Metadata::name);
        let results = stream::once(async move { Response::new(inside().unwrap_or("no span")) }).boxed_local();
        let events = tracing::info_span!("request").in_scope(|| Events::new(results, CancellationToken::new()));
        let sent: Vec<_> = stream::unfold(events, next_bytes).map(|bytes| bytes.unwrap()).collect().await;
        let text = String::from_utf8(sent.concat()).unwrap();
        assert!(text.contains("event: next\ndata: {\"data\":\"request\"}\n\nevent: complete\n"), "{text}");
    }
}
