//! The cookie that a browser is known by: for this server alone, out of reach of scripts, and not sent along with what
//! other sites load from here.

use super::state::HttpState;
use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};

const NAME: &str = "lightbox-session";
/// Browsers take a cookie of such a name over https alone, and from no other host.
const SECURE_NAME: &str = "__Host-lightbox-session";

fn name(state: &HttpState) -> &'static str {
    if state.is_https { SECURE_NAME } else { NAME }
}

/// What the request's cookie holds. With https only the name that no other host and no plain connection can set.
pub fn find(request: &HttpRequest, state: &HttpState) -> Option<String> {
    let cookie = request.cookie(name(state))?;
    (!cookie.value().is_empty()).then(|| cookie.value().to_owned())
}

/// Holds the secret for as long as the session lasts. Lax, so that whoever follows a link is signed in; what it may sign
/// is kept to this server's pages by `same_origin`.
pub fn create(secret: &str, state: &HttpState) -> Cookie<'static> {
    let is_https = state.is_https;
    Cookie::build(name(state), secret.to_owned())
        .path("/")
        .http_only(true)
        .secure(is_https)
        .same_site(SameSite::Lax)
        .max_age(Duration::seconds(state.services.sign_in.session_lifetime_seconds as i64))
        .finish()
}

/// Takes the place of the one that is there.
pub fn removal(state: &HttpState) -> Cookie<'static> {
    let mut cookie = create("", state);
    cookie.make_removal();
    cookie
}
