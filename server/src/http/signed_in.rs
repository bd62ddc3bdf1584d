//! Who asks: the user behind the bearer token of a request, or behind its browser's session. What he may see and do is
//! the services' matter.

use super::client_address::full_address;
use super::failure::Failure;
use super::rate_limit::Credential;
use super::routes::Route;
use super::same_origin::is_same_origin;
use super::session_cookie;
use super::state::HttpState;
use crate::domain::access::Viewer;
use crate::services::{ServiceResult, sessions, tokens};
use actix_web::http::header::AUTHORIZATION;
use actix_web::http::{Method, StatusCode};
use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::net::IpAddr;

/// Taken as an argument, it keeps everybody out with 401 who has neither a valid token nor a session.
pub struct SignedIn(pub Viewer);

/// What a request is signed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signature {
    Token(String),
    Session(String),
}

impl Signature {
    /// As a request's header shows it.
    pub fn shown(&self) -> String {
        match self {
            Self::Token(token) => format!("Bearer {token}"),
            Self::Session(secret) => secret.clone(),
        }
    }
}

impl FromRequest for SignedIn {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let is_graphql = is_graphql(request);
        let state = request.app_data::<web::Data<HttpState>>().cloned();
        let signature = state.as_ref().map(|state| signature_of(request, state));
        let address = state.as_ref().and_then(|state| full_address(request, &state.trusted_proxies));
        async move {
            let found = match (state, signature) {
                (Some(state), Some(signature)) => find(&state, signature, address).await,
                _ => Err(unauthorized(MISSING)),
            };
            found.map(Self).map_err(|failure| if is_graphql { failure.for_graphql() } else { failure })
        }
        .boxed_local()
    }
}

const MISSING: &str = "An access token is missing: send it in the header `Authorization: Bearer TOKEN`, or sign in at \
     /sign-in with a browser.";

fn unauthorized(message: &str) -> Failure {
    Failure::new(StatusCode::UNAUTHORIZED, message)
}

async fn find(
    state: &HttpState,
    signature: Result<Signature, Failure>,
    address: Option<IpAddr>,
) -> Result<Viewer, Failure> {
    let signature = signature?;
    let message = match &signature {
        Signature::Token(_) => "This access token is not known here, has expired or was revoked: ask for a new one.",
        Signature::Session(_) => "You are not signed in any more: sign in again at /sign-in.",
    };
    let viewer = find_viewer(state, &signature, address).await?.ok_or_else(|| unauthorized(message))?;
    // Only what is known here is counted: made-up tokens would use up the room for counting.
    let taken = state.rate_limits.take(None, Some(Credential::of(signature.shown().as_bytes())));
    taken.map_err(|refused| Failure::too_often(refused.message(), refused.wait_seconds()))?;
    Ok(viewer)
}

/// The user whom it belongs to; `None` when it is not taken any more.
pub async fn find_viewer(
    state: &HttpState,
    signature: &Signature,
    address: Option<IpAddr>,
) -> ServiceResult<Option<Viewer>> {
    match signature {
        Signature::Token(token) => tokens::find_viewer(&state.services, token, address).await,
        Signature::Session(secret) => sessions::find_viewer(&state.services, secret, address).await,
    }
}

/// A token goes before a session. A browser sends its cookie whoever asks it to, so what it signs counts for reading alone
/// unless the request is known to come from a page of this server.
///
/// # Errors
/// 401 when there is neither, 403 for a request that somebody else's page may have made.
pub fn signature_of(request: &HttpRequest, state: &HttpState) -> Result<Signature, Failure> {
    if let Some(token) = bearer_token(request) {
        return Ok(Signature::Token(token.to_owned()));
    }
    let secret = session_cookie::find(request, state).ok_or_else(|| unauthorized(MISSING))?;
    let reads = [Method::GET, Method::HEAD].contains(request.method()) && !is_graphql(request);
    let public_url = state.services.sign_in.public_url.as_deref();
    if reads || is_same_origin(request.headers(), public_url) {
        return Ok(Signature::Session(secret));
    }
    let message = "This request is signed by a browser's cookie and does not come from a page of this server: use an \
                   access token.";
    Err(Failure::new(StatusCode::FORBIDDEN, message))
}

/// By the route that was found, not by the path as it was sent: `/%67raphql` leads there too.
fn is_graphql(request: &HttpRequest) -> bool {
    let pattern = request.match_pattern();
    pattern.is_none_or(|pattern| [Route::Graphql, Route::GraphqlSocket].iter().any(|route| route.pattern() == pattern))
}

/// The token of the request's own header.
pub fn bearer_token(request: &HttpRequest) -> Option<&str> {
    token_of(request.headers().get(AUTHORIZATION)?.to_str().ok()?)
}

const BEARER: &str = "Bearer ";

/// The token of `Bearer TOKEN`; the scheme's case does not matter (RFC 9110, section 11.1).
pub fn token_of(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_at_checked(BEARER.len())?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case(BEARER) && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_stands_behind_the_word_bearer() {
        let table = [
            ("Bearer lbx_1", Some("lbx_1")),
            ("bearer  lbx_1 ", Some("lbx_1")),
            ("Bearer", None),
            ("Bearer ", None),
            ("Basic lbx_1", None),
            ("lbx_1", None),
            ("é", None),
        ];
        for (value, expected) in table {
            assert_eq!(token_of(value), expected, "{value:?}");
        }
    }
}
