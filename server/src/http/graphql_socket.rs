//! `GET /graphql/ws`: subscriptions by the graphql-transport-ws protocol. The schema answers; here are the
//! connection's limits, its heartbeat and its token.

use super::client_address::{client_address, full_address};
use super::failure::Failure;
use super::rate_limit::Credential;
use super::signed_in::{Signature, find_viewer, signature_of, token_of};
use super::state::HttpState;
use crate::domain::access::Viewer;
use crate::domain::request_id::RequestId;
use crate::graphql::connection_data;
use crate::services::sessions;
use actix_web::http::header::SEC_WEBSOCKET_PROTOCOL;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use actix_ws::{AggregatedMessage, AggregatedMessageStream, CloseCode, CloseReason, Session};
use async_graphql::Data;
use async_graphql::http::{ClientMessage, WebSocket, WebSocketProtocols, WsMessage};
use futures_util::{Stream, StreamExt};
use serde_json::Value;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

const PROTOCOL: &str = "graphql-transport-ws";
/// Bytes of one message; operations are small, and before the token is known nobody may make us keep more.
const MAX_MESSAGE_BYTES: usize = 256 * 1024;
/// Messages that wait for the schema to take them.
const MAX_WAITING_MESSAGES: usize = 64;
/// Time for the first message, with the token.
const INIT_TIMEOUT: Duration = Duration::from_secs(10);
const HEARTBEAT: Duration = Duration::from_secs(15);
/// A client that has been silent for so long is gone.
const SILENCE: Duration = Duration::from_secs(45);
const REFUSAL: &str = "Forbidden";
const FAILURE: &str = "The server failed; its log says why";

// Codes of the graphql-transport-ws protocol and of RFC 6455.
const GOING_AWAY: u16 = 1001;
const MALFORMED: u16 = 1002;
const TOO_MUCH: u16 = 1008;
const FAILED: u16 = 1011;
const BAD_MESSAGE: u16 = 4400;
const UNAUTHORIZED: u16 = 4401;
const FORBIDDEN: u16 = 4403;
const INIT_TOO_LATE: u16 = 4408;

pub async fn open(
    request: HttpRequest,
    body: web::Payload,
    state: web::Data<HttpState>,
) -> Result<HttpResponse, actix_web::Error> {
    if !offers_protocol(&request) {
        let message = format!("This address is a WebSocket of the protocol {PROTOCOL}: name it in the handshake.");
        return Err(Failure::bad_request(message).for_graphql().into());
    }
    let (response, session, messages) = actix_ws::handle_with_protocols(&request, body, &[PROTOCOL])?;
    let messages = messages.max_frame_size(MAX_MESSAGE_BYTES).aggregate_continuations();
    // By the handshake; a token in the first message goes before it. A cookie that somebody else's page sent counts for
    // nothing.
    let signature = signature_of(&request, &state).ok();
    let signed = Signed { signature, address: full_address(&request, &state.trusted_proxies) };
    let address = client_address(&request, &state.trusted_proxies);
    let request_id = request.extensions().get::<RequestId>().cloned();
    let connection = Connection {
        session,
        messages: messages.max_continuation_size(MAX_MESSAGE_BYTES),
        last_heard: Instant::now(),
        signed_in: Arc::default(),
        address,
        state,
    };
    actix_web::rt::spawn(tracing::Instrument::in_current_span(connection.run(signed, request_id)));
    Ok(response)
}

fn offers_protocol(request: &HttpRequest) -> bool {
    let offers = request.headers().get_all(SEC_WEBSOCKET_PROTOCOL).filter_map(|value| value.to_str().ok());
    offers.flat_map(|value| value.split(',')).any(|each| each.trim() == PROTOCOL)
}

struct Connection {
    session: Session,
    messages: AggregatedMessageStream,
    last_heard: Instant,
    /// Once the first message has come.
    signed_in: Arc<OnceLock<SignedInAs>>,
    /// For the rate limit.
    address: Option<IpAddr>,
    state: web::Data<HttpState>,
}

/// Who it is, and what the rate limit counts him by.
struct SignedInAs {
    viewer: Viewer,
    shown: Credential,
}

/// What the handshake was signed with, and where it came from.
struct Signed {
    signature: Option<Signature>,
    address: Option<IpAddr>,
}

impl Connection {
    async fn run(mut self, signed: Signed, request_id: Option<RequestId>) {
        let (sender, receiver) = mpsc::channel(MAX_WAITING_MESSAGES);
        let answers = answers(&self.state, receiver, self.signed_in.clone(), signed, request_id);
        let reason = self.converse(sender, std::pin::pin!(answers)).await;
        // The client may be gone already, which is what closing is for.
        let _ = self.session.close(reason).await;
    }

    /// Until either side ends; returns what to close with.
    async fn converse(
        &mut self,
        sender: mpsc::Sender<serde_json::Result<ClientMessage>>,
        mut answers: std::pin::Pin<&mut impl Stream<Item = WsMessage>>,
    ) -> Option<CloseReason> {
        let opened = Instant::now();
        let mut refused = std::pin::pin!(until_refused(self.state.clone(), self.signed_in.clone()));
        let draining = self.state.draining.clone();
        let mut heartbeat = tokio::time::interval(HEARTBEAT.min(INIT_TIMEOUT));
        loop {
            tokio::select! {
                message = self.messages.recv() => match message {
                    Some(Ok(message)) => {
                        if let Some(end) = self.take(message, &sender).await {
                            return end;
                        }
                    }
                    Some(Err(_)) | None => return None,
                },
                answer = answers.next() => match answer {
                    Some(WsMessage::Text(text)) => self.send(text).await?,
                    Some(WsMessage::Close(code, reason)) => return Some(closing(code, reason)),
                    None => return None,
                },
                _ = heartbeat.tick() => {
                    if self.signed_in.get().is_none() && opened.elapsed() >= INIT_TIMEOUT {
                        return Some(close_reason(INIT_TOO_LATE, "Connection initialisation timeout"));
                    }
                    if self.last_heard.elapsed() > SILENCE || self.session.ping(b"").await.is_err() {
                        return None;
                    }
                }
                () = &mut refused => return Some(close_reason(FORBIDDEN, REFUSAL)),
                () = draining.cancelled() => return Some(close_reason(GOING_AWAY, "The server stops")),
            }
        }
    }

    /// `Some` ends the connection, with what is inside.
    async fn take(
        &mut self,
        message: AggregatedMessage,
        sender: &mpsc::Sender<serde_json::Result<ClientMessage>>,
    ) -> Option<Option<CloseReason>> {
        self.last_heard = Instant::now();
        let bytes = match &message {
            AggregatedMessage::Text(text) => text.as_bytes(),
            AggregatedMessage::Binary(bytes) => bytes,
            AggregatedMessage::Ping(payload) => return self.session.pong(payload).await.err().map(|_| None),
            AggregatedMessage::Pong(_) => return None,
            AggregatedMessage::Close(reason) => return Some(reason.clone()),
        };
        if let Err(refused) = self.state.rate_limits.take(self.address, self.signed_in.get().map(|known| known.shown)) {
            return Some(Some(close_reason(TOO_MUCH, &refused.message())));
        }
        let full = sender.try_send(ClientMessage::from_bytes(bytes)).is_err();
        full.then(|| Some(close_reason(TOO_MUCH, "Messages came faster than they were answered")))
    }

    /// `None` when the client is gone or takes nothing any more.
    async fn send(&mut self, text: String) -> Option<()> {
        tokio::time::timeout(SILENCE, self.session.text(text)).await.ok()?.ok()
    }
}

/// Comes when what the client signed in with is taken no more; never before he has signed in.
async fn until_refused(state: web::Data<HttpState>, signed_in: Arc<OnceLock<SignedInAs>>) {
    let viewer = loop {
        tokio::time::sleep(INIT_TIMEOUT).await;
        if let Some(known) = signed_in.get() {
            break known.viewer.clone();
        }
    };
    sessions::wait_until_refused(&state.services, &viewer).await;
}

/// What the schema says to the client's messages.
fn answers(
    state: &web::Data<HttpState>,
    messages: mpsc::Receiver<serde_json::Result<ClientMessage>>,
    signed_in: Arc<OnceLock<SignedInAs>>,
    signed: Signed,
    request_id: Option<RequestId>,
) -> impl Stream<Item = WsMessage> + use<> {
    let mut data = Data::default();
    if let Some(id) = request_id {
        data.insert(id);
    }
    let known = state.clone();
    let sign_in = move |payload: Value| async move {
        let refused = || async_graphql::Error::new(REFUSAL);
        let token = payload_token(&payload).map(|token| Signature::Token(token.to_owned()));
        let signature = token.or(signed.signature).ok_or_else(refused)?;
        let found = find_viewer(&known, &signature, signed.address).await.map_err(|error| {
            tracing::error!(%error, "a credential could not be looked up");
            async_graphql::Error::new(FAILURE)
        })?;
        let viewer = found.ok_or_else(refused)?;
        // As the header shows it, so that both kinds of request are counted together.
        let shown = signature.shown();
        let known_as = signed_in.get_or_init(|| SignedInAs { viewer, shown: Credential::of(shown.as_bytes()) });
        Ok(connection_data(&known.services, known_as.viewer.clone()))
    };
    WebSocket::from_message_stream(state.schema.clone(), ReceiverStream::new(messages), WebSocketProtocols::GraphQLWS)
        .connection_data(data)
        .on_connection_init(sign_in)
}

/// `Authorization` of the connection_init message, in any case, with or without `Bearer`.
fn payload_token(payload: &Value) -> Option<&str> {
    let named = |(name, _): &(&String, &Value)| name.eq_ignore_ascii_case("authorization");
    let value = payload.as_object()?.iter().find(named)?.1.as_str()?.trim();
    token_of(value).or_else(|| (!value.is_empty() && !value.contains(' ')).then_some(value))
}

/// With the protocol's own codes, where the library has others: 1011 for an operation before the handshake, 1002 for
/// everything that is wrong with a message and for a handshake that failed.
fn closing(code: u16, reason: String) -> CloseReason {
    match (code, reason.as_str()) {
        (_, REFUSAL) => close_reason(FORBIDDEN, REFUSAL),
        (_, FAILURE) => close_reason(FAILED, FAILURE),
        (FAILED, _) => close_reason(UNAUTHORIZED, "Unauthorized"),
        (MALFORMED, reason) => close_reason(BAD_MESSAGE, reason),
        (code, reason) => close_reason(code, reason),
    }
}

/// A close frame holds at most 123 bytes of reason (RFC 6455, section 5.5).
fn close_reason(code: u16, reason: &str) -> CloseReason {
    let end = (0..=reason.len().min(123)).rev().find(|end| reason.is_char_boundary(*end)).unwrap_or(0);
    CloseReason { code: CloseCode::from(code), description: reason.get(..end).map(str::to_owned) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_message_may_carry_the_token_in_several_spellings() {
        let table = [
            (json!({"Authorization": "Bearer lbx_1"}), Some("lbx_1")),
            (json!({"authorization": "bearer lbx_1"}), Some("lbx_1")),
            (json!({"Authorization": "lbx_1"}), Some("lbx_1")),
            (json!({"Authorization": ""}), None),
            (json!({"Authorization": "Basic lbx_1"}), None),
            (json!({"Authorization": 1}), None),
            (json!({}), None),
            (Value::Null, None),
        ];
        for (payload, expected) in table {
            assert_eq!(payload_token(&payload), expected, "{payload}");
        }
    }

    #[test]
    fn a_long_reason_is_cut_between_characters() {
        let reason = close_reason(4400, &"é".repeat(100)).description.unwrap();
        assert_eq!(reason.len(), 122);
    }
}
