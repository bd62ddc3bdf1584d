//! `/sign-in/oidc`: to the OpenID provider and back. What the browser keeps meanwhile is in a cookie of ours, sealed, so
//! that nobody is brought back from an attempt that somebody else began.

use super::{page, signed_in};
use crate::http::client_address::full_address;
use crate::http::failure::Failure;
use crate::http::state::HttpState;
use crate::oidc::{self, Attempt, OidcError};
use crate::services::sessions::{self, OidcSignIn};
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

const COOKIE: &str = "lightbox-oidc";
/// Browsers take a cookie of such a name over https alone, and from no other host.
const SECURE_COOKIE: &str = "__Host-lightbox-oidc";
/// Time at the provider.
const LIFETIME_SECONDS: i64 = 600;

#[derive(Deserialize)]
pub struct Callback {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
}

pub async fn begin(state: web::Data<HttpState>) -> Result<HttpResponse, Failure> {
    let config = &state.services.sign_in;
    let (url, attempt) = match oidc::begin(config).await {
        Ok(begun) => begun,
        Err(OidcError::NotConfigured) => {
            return Err(Failure::new(StatusCode::NOT_FOUND, "OpenID Connect is not set up on this server."));
        }
        Err(error) => return Ok(refuse(&state, &error)),
    };
    let sealed = state.services.keys.seal(&serde_json::to_vec(&attempt).map_err(std::io::Error::from)?);
    let mut response = HttpResponse::SeeOther();
    response
        .cookie(cookie(sealed, Duration::seconds(LIFETIME_SECONDS), &state))
        .insert_header((LOCATION, url.as_str()));
    Ok(response.insert_header((CACHE_CONTROL, "no-store")).finish())
}

pub async fn finish(
    request: HttpRequest,
    state: web::Data<HttpState>,
    query: web::Query<Callback>,
) -> Result<HttpResponse, Failure> {
    let mut response = match sign_in(&request, &state, query.into_inner()).await? {
        Ok(session) => signed_in(&state, &session, true),
        Err(message) => page::render(&state, StatusCode::UNAUTHORIZED, Some(&message)),
    };
    let used = cookie(String::new(), Duration::ZERO, &state);
    if let Err(error) = response.add_cookie(&used) {
        tracing::error!(%error, "a cookie could not be taken back");
    }
    Ok(response)
}

/// The message is for the person.
async fn sign_in(
    request: &HttpRequest,
    state: &HttpState,
    callback: Callback,
) -> Result<Result<sessions::NewSession, String>, Failure> {
    let kept = request.cookie(name(state)).and_then(|cookie| state.services.keys.open_sealed(cookie.value()));
    let kept: Option<Attempt> = kept.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let (attempt, code) = match (kept, callback) {
        (Some(kept), Callback { code: Some(code), state: Some(state), .. })
            if kept.state == state && kept.is_fresh(LIFETIME_SECONDS) =>
        {
            (kept, code)
        }
        (_, Callback { error: Some(error), .. }) => {
            tracing::info!(oidc.error = %error, "the OpenID provider refused to sign somebody in");
            return Ok(Err("The OpenID provider refused: try again, or ask its administrator.".to_owned()));
        }
        _ => return Ok(Err("This sign-in was not begun in this browser, or took too long: try again.".to_owned())),
    };
    let identity = match oidc::finish(&state.services.sign_in, attempt, code).await {
        Ok(identity) => identity,
        Err(error) => {
            tracing::warn!(%error, "a sign-in by OpenID Connect failed");
            return Ok(Err(
                "The OpenID provider's answer was not taken: try again; the server's log says more.".to_owned()
            ));
        }
    };
    Ok(
        match sessions::sign_in_by_oidc(&state.services, &identity, full_address(request, &state.trusted_proxies))
            .await?
        {
            OidcSignIn::Done(session) => Ok(session),
            OidcSignIn::Refused(reason) => Err(reason),
        },
    )
}

fn refuse(state: &HttpState, error: &OidcError) -> HttpResponse {
    tracing::error!(%error, "nobody can sign in by OpenID Connect");
    let message = "The OpenID provider does not answer as it should: the server's log says more.";
    page::render(state, StatusCode::BAD_GATEWAY, Some(message))
}

fn name(state: &HttpState) -> &'static str {
    if state.is_https { SECURE_COOKIE } else { COOKIE }
}

fn cookie(value: String, lifetime: Duration, state: &HttpState) -> Cookie<'static> {
    Cookie::build(name(state), value)
        .path("/")
        .http_only(true)
        .secure(state.is_https)
        .same_site(SameSite::Lax)
        .max_age(lifetime)
        .finish()
}
