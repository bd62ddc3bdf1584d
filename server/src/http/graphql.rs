//! `/graphql`: one operation a request, by POST as JSON, queries by GET too (the GraphQL over HTTP specification). The
//! answer is JSON, or events for those who want to hear more than one.

use super::body_head::{announced_bytes, require_unpacked};
use super::failure::Failure;
use super::graphql_events;
use super::graphql_media_type::MediaType;
use super::signed_in::SignedIn;
use super::state::HttpState;
use crate::domain::access::Viewer;
use crate::domain::request_id::RequestId;
use crate::graphql::{Batches, LightboxSchema, connection_data, request_data};
use crate::services::sessions;
use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, VARY};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError, web};
use async_graphql::parser::types::OperationType;
use async_graphql::{Executor, Request, Response, ServerError, Value, Variables};
use futures_util::stream::{self, StreamExt};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// A body that has not arrived by then is given up.
const BODY_TIMEOUT: Duration = Duration::from_secs(60);
const JSON: &str = "application/json";

pub async fn post(
    request: HttpRequest,
    SignedIn(viewer): SignedIn,
    state: web::Data<HttpState>,
    body: web::Payload,
) -> Result<HttpResponse, Failure> {
    let media_type = MediaType::wanted(&request).map_err(Failure::for_graphql)?;
    let graphql = read_body(&request, &state, body).await.map_err(Failure::for_graphql)?;
    Ok(answer(&request, &state, viewer, graphql, media_type).await)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QueryString {
    query: String,
    operation_name: Option<String>,
    variables: Option<String>,
}

pub async fn get(
    request: HttpRequest,
    SignedIn(viewer): SignedIn,
    state: web::Data<HttpState>,
) -> Result<HttpResponse, Failure> {
    let media_type = MediaType::wanted(&request).map_err(Failure::for_graphql)?;
    let mut graphql = read_query_string(request.query_string()).map_err(Failure::for_graphql)?;
    let may_be_got = match state.schema.operation_type(&mut graphql) {
        None | Some(OperationType::Query) => true,
        Some(OperationType::Subscription) => media_type == MediaType::EventStream,
        Some(OperationType::Mutation) => false,
    };
    if !may_be_got {
        let message = "GET is for queries, and for subscriptions as events: send this operation by POST.";
        let failure = Failure::new(StatusCode::METHOD_NOT_ALLOWED, message).for_graphql();
        let mut response = failure.error_response();
        response.headers_mut().insert(ALLOW, actix_web::http::header::HeaderValue::from_static("POST"));
        return Ok(response);
    }
    Ok(answer(&request, &state, viewer, graphql, media_type).await)
}

fn read_query_string(text: &str) -> Result<Request, Failure> {
    let read = web::Query::<QueryString>::from_query(text);
    let parts = read.map_err(|error| Failure::bad_request(format!("The query string is not understood: {error}.")))?;
    let parts = parts.into_inner();
    let mut request = Request::new(parts.query);
    if let Some(name) = parts.operation_name {
        request = request.operation_name(name);
    }
    if let Some(json) = parts.variables.filter(|json| !json.is_empty()) {
        let variables = serde_json::from_str::<Variables>(&json);
        let refused = |error| Failure::bad_request(format!("`variables` is no JSON object: {error}."));
        request = request.variables(variables.map_err(refused)?);
    }
    Ok(request)
}

async fn read_body(request: &HttpRequest, state: &HttpState, body: web::Payload) -> Result<Request, Failure> {
    if !request.content_type().eq_ignore_ascii_case(JSON) {
        let message = format!("The body must be JSON: send it with `Content-Type: {JSON}`.");
        return Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
    }
    require_unpacked(request.headers())?;
    let limit = state.services.limits.graphql_body_bytes;
    if announced_bytes(request.headers()).is_some_and(|announced| announced > limit as u64) {
        return Err(too_large(limit));
    }
    let bytes = match tokio::time::timeout(BODY_TIMEOUT, body.to_bytes_limited(limit)).await {
        Err(_) => {
            let message = format!("The body did not arrive within {} s.", BODY_TIMEOUT.as_secs());
            return Err(Failure::new(StatusCode::REQUEST_TIMEOUT, message));
        }
        Ok(Err(_)) => return Err(too_large(limit)),
        Ok(Ok(Err(error))) => return Err(Failure::bad_request(format!("The body broke off: {error}."))),
        Ok(Ok(Ok(bytes))) => bytes,
    };
    read_request(&bytes)
}

fn too_large(limit: usize) -> Failure {
    let message = format!("The body has more than {limit} bytes, the limit limits.graphql_body_bytes.");
    Failure::new(StatusCode::PAYLOAD_TOO_LARGE, message)
}

/// One request; several in a list are not taken.
fn read_request(bytes: &[u8]) -> Result<Request, Failure> {
    // A list would be read as the values of an object, in their order.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(not_a_request("it is no object"));
    }
    let request: Request = serde_json::from_slice(bytes).map_err(|error| not_a_request(&error.to_string()))?;
    if request.query.is_empty() { Err(not_a_request("`query` is missing or empty")) } else { Ok(request) }
}

fn not_a_request(why: &str) -> Failure {
    let form = "an object with `query` and perhaps `variables` and `operationName`";
    Failure::bad_request(format!("The body is no GraphQL request, {form}: {why}."))
}

async fn answer(
    request: &HttpRequest,
    state: &HttpState,
    viewer: Viewer,
    mut graphql: Request,
    media_type: MediaType,
) -> HttpResponse {
    let schema = state.schema.clone();
    if media_type == MediaType::EventStream && schema.operation_type(&mut graphql) == Some(OperationType::Subscription)
    {
        let graphql = with_data(graphql, request, connection_data(&state.services, viewer.clone()));
        // Like the server's own end: without `complete`, which would say that there is nothing more to hear of.
        let (services, end) = (state.services.clone(), state.draining.child_token());
        let refused = {
            let end = end.clone();
            async move {
                sessions::wait_until_refused(&services, &viewer).await;
                end.cancel();
                std::future::pending::<()>().await;
            }
        };
        let results = schema.execute_stream(graphql, None).take_until(Box::pin(refused));
        return graphql_events::respond(results.boxed_local(), end);
    }
    let (data, batches) = request_data(&state.services, viewer);
    let graphql = with_data(graphql, request, data);
    if media_type == MediaType::EventStream {
        let result = stream::once(async move { execute(&schema, graphql, batches).await });
        return graphql_events::respond(result.boxed_local(), state.draining.clone());
    }
    respond(&execute(&schema, graphql, batches).await, media_type)
}

fn with_data(mut graphql: Request, request: &HttpRequest, data: async_graphql::Data) -> Request {
    graphql.data = data;
    match request.extensions().get::<RequestId>() {
        Some(id) => graphql.data(id.clone()),
        None => graphql,
    }
}

/// A query ends with its connection; a mutation is finished even when nobody waits for the answer any more.
async fn execute(schema: &LightboxSchema, mut request: Request, batches: Batches) -> Response {
    if schema.operation_type(&mut request) != Some(OperationType::Mutation) {
        return batches.run(schema.execute(request)).await;
    }
    let schema = schema.clone();
    let whole = async move { batches.run(schema.execute(request)).await };
    let running = tokio::spawn(tracing::Instrument::in_current_span(whole));
    running.await.unwrap_or_else(|error| {
        tracing::error!(%error, "a mutation did not come to its end");
        let message = "The server failed at this mutation; its log says why, under the id in the header x-request-id.";
        let mut error = ServerError::new(message, None);
        error.extensions.get_or_insert_default().set("code", "INTERNAL");
        Response::from_errors(vec![error])
    })
}

fn respond(response: &Response, media_type: MediaType) -> HttpResponse {
    let is_refused = media_type == MediaType::GraphqlJson && was_refused(response);
    let status = if is_refused { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let mut builder = HttpResponse::build(status);
    builder.insert_header((CONTENT_TYPE, media_type.as_str())).insert_header((CACHE_CONTROL, "no-store"));
    builder.insert_header((VARY, "Accept"));
    match body_of(response) {
        Ok(body) => builder.body(body),
        Err(error) => Failure::from(std::io::Error::from(error)).for_graphql().error_response(),
    }
}

/// As JSON. What was not executed has no data, not even `null` (GraphQL, section 7.1).
pub fn body_of(response: &Response) -> serde_json::Result<Vec<u8>> {
    #[derive(Serialize)]
    struct Refused<'a> {
        errors: &'a [ServerError],
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        extensions: &'a BTreeMap<String, Value>,
    }
    if was_refused(response) {
        return serde_json::to_vec(&Refused { errors: &response.errors, extensions: &response.extensions });
    }
    serde_json::to_vec(response)
}

/// Whether the request did not parse or validate: only then do errors stand at no place in the data.
fn was_refused(response: &Response) -> bool {
    response.data == Value::Null && response.errors.iter().any(|error| error.path.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_one_request_as_an_object() {
        let body = br#"{"query": "{a}", "variables": {"x": 1}, "operationName": null}"#;
        assert_eq!(read_request(body).unwrap().query, "{a}");
        let wrong: [&[u8]; 8] = [
            b"",
            b"{}",
            b"{\"qeury\": \"{a}\"}",
            b"[]",
            b"[\"{a}\"]",
            b"[{\"query\": \"{a}\"}]",
            b"\"{a}\"",
            b"{\"query\": 1}",
        ];
        for body in wrong {
            assert!(read_request(body).is_err(), "{}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn a_query_string_carries_a_whole_request() {
        let text = "query=query+A%28%24id%3AID%21%29%7Bjob%28id%3A%24id%29%7Bid%7D%7D&operationName=A&variables=%7B%22id%22%3A%22job-1%22%7D";
        let request = read_query_string(text).unwrap();
        assert_eq!(request.query, "query A($id:ID!){job(id:$id){id}}");
        assert_eq!(request.operation_name.as_deref(), Some("A"));
        assert_eq!(request.variables, serde_json::from_str(r#"{"id":"job-1"}"#).unwrap());
        assert!(read_query_string("operationName=A").is_err());
        assert!(read_query_string("query=%7Ba%7D&variables=3").is_err());
    }
}
