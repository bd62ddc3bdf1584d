//! `/sign-in` and `/sign-out` for browsers: a page that works without scripts, and the same as JSON for a console. Who
//! may sign in is the services' matter.

mod oidc;
mod page;

use super::client_address::full_address;
use super::failure::Failure;
use super::routes::Route;
use super::same_origin::is_same_origin;
use super::session_cookie;
use super::signed_in::SignedIn;
use super::state::HttpState;
use crate::services::sessions::{self, NewSession, SignIn};
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, LOCATION, RETRY_AFTER};
use actix_web::{Either, HttpMessage, HttpRequest, HttpResponse, ResponseError, web};
use serde::Deserialize;

/// Bytes of a name and a password.
const MAX_BODY_BYTES: usize = 16 * 1024;
/// Where somebody lands who just signed in.
const START: &str = "/graphiql";

pub fn configure(config: &mut web::ServiceConfig) {
    let json = web::JsonConfig::default().limit(MAX_BODY_BYTES);
    let form = web::FormConfig::default().limit(MAX_BODY_BYTES);
    config
        .service(Route::SignIn.resource().app_data(json).app_data(form).get(page::show).post(sign_in))
        .service(Route::SignInStyle.resource().get(page::style))
        .service(Route::SignInOidc.resource().get(oidc::begin))
        .service(Route::SignInOidcCallback.resource().get(oidc::finish))
        .service(Route::SignOut.resource().post(sign_out));
}

#[derive(Deserialize)]
struct Credentials {
    name: String,
    password: String,
}

/// A form gets a page again, JSON an answer as JSON.
async fn sign_in(
    request: HttpRequest,
    state: web::Data<HttpState>,
    body: Either<web::Json<Credentials>, web::Form<Credentials>>,
) -> Result<HttpResponse, Failure> {
    require_same_origin(&request, &state)?;
    let is_form = matches!(body, Either::Right(_));
    let Credentials { name, password } = match body {
        Either::Left(web::Json(credentials)) | Either::Right(web::Form(credentials)) => credentials,
    };
    let answer = |status, message: &str| {
        if is_form {
            page::render(&state, status, Some(message))
        } else {
            Failure::new(status, message).error_response()
        }
    };
    Ok(
        match sessions::sign_in(&state.services, &name, password, full_address(&request, &state.trusted_proxies))
            .await?
        {
            SignIn::Done(session) => signed_in(&state, &session, is_form),
            SignIn::Refused => answer(StatusCode::UNAUTHORIZED, "This name and password do not belong together."),
            SignIn::TooSoon(wait) => {
                let seconds = wait.as_secs() + 1;
                let message = format!("Too many failed attempts: try again in {seconds} s.");
                let mut response = answer(StatusCode::TOO_MANY_REQUESTS, &message);
                response.headers_mut().insert(RETRY_AFTER, seconds.into());
                response
            }
        },
    )
}

/// The cookie, and where to go.
fn signed_in(state: &HttpState, session: &NewSession, is_browser: bool) -> HttpResponse {
    let cookie = session_cookie::create(&session.secret, state);
    if is_browser {
        let mut response = HttpResponse::SeeOther();
        return response.cookie(cookie).insert_header((LOCATION, START)).insert_header(NO_STORE).finish();
    }
    let body = serde_json::json!({ "user": session.user.id.to_string(), "name": session.user.name,
        "expiresAt": session.expires_at });
    HttpResponse::Ok().cookie(cookie).insert_header(NO_STORE).json(body)
}

const NO_STORE: (actix_web::http::header::HeaderName, &str) = (CACHE_CONTROL, "no-store");

async fn sign_out(
    request: HttpRequest,
    SignedIn(viewer): SignedIn,
    state: web::Data<HttpState>,
) -> Result<HttpResponse, Failure> {
    sessions::sign_out(&state.services, &viewer).await?;
    let cookie = session_cookie::removal(&state);
    let is_form = request.content_type() == "application/x-www-form-urlencoded";
    let mut response = if is_form { HttpResponse::SeeOther() } else { HttpResponse::NoContent() };
    if is_form {
        response.insert_header((LOCATION, "/sign-in"));
    }
    Ok(response.cookie(cookie).insert_header(NO_STORE).finish())
}

/// Nobody is signed in as somebody else by a page that he happened to open.
fn require_same_origin(request: &HttpRequest, state: &HttpState) -> Result<(), Failure> {
    if is_same_origin(request.headers(), state.services.sign_in.public_url.as_deref()) {
        return Ok(());
    }
    let message = "Sign in from this server's own page, /sign-in; if a proxy is before it, set sign_in.public_url.";
    Err(Failure::new(StatusCode::FORBIDDEN, message))
}
