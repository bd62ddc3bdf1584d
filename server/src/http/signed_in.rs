//! Who asks: the user behind the bearer token of a request. What he may see is the services' matter.

use super::failure::Failure;
use super::state::HttpState;
use crate::domain::access::Viewer;
use crate::services::users;
use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

/// Taken as an argument, it keeps everybody without a valid token out with 401.
pub struct SignedIn(pub Viewer);

impl FromRequest for SignedIn {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let token = bearer_token(request).map(str::to_owned);
        let is_graphql = request.path() == "/graphql";
        let state = request.app_data::<web::Data<HttpState>>().cloned();
        async move {
            let found = find(state.as_ref(), token.as_deref()).await;
            found.map(Self).map_err(|failure| if is_graphql { failure.for_graphql() } else { failure })
        }
        .boxed_local()
    }
}

async fn find(state: Option<&web::Data<HttpState>>, token: Option<&str>) -> Result<Viewer, Failure> {
    let unauthorized = |message| Failure::new(StatusCode::UNAUTHORIZED, message);
    let (Some(state), Some(token)) = (state, token) else {
        return Err(unauthorized("An access token is missing: send it in the header `Authorization: Bearer TOKEN`."));
    };
    let viewer = users::find_by_token(&state.services, token).await?;
    viewer.ok_or_else(|| unauthorized("This access token is not known here: check it, or ask for a new one."))
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
