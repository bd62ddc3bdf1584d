//! The sign-in page as text. It runs no script, loads its style from here alone, and nothing that somebody typed is in it.

use crate::http::state::HttpState;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_FRAME_OPTIONS};
use actix_web::{HttpResponse, web};

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("style.css");
const POLICY: &str =
    "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

pub async fn show(state: web::Data<HttpState>) -> HttpResponse {
    render(&state, StatusCode::OK, None)
}

pub async fn style() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((CACHE_CONTROL, "public, max-age=3600"))
        .body(STYLE)
}

pub fn render(state: &HttpState, status: StatusCode, message: Option<&str>) -> HttpResponse {
    let sign_in = &state.services.sign_in;
    let message =
        message.map_or_else(String::new, |text| format!("<p class=\"message\" role=\"alert\">{}</p>", escaped(text)));
    let provider = sign_in.oidc_issuer.as_ref().map_or_else(String::new, |_| {
        format!("<a class=\"provider\" href=\"/sign-in/oidc\">Sign in with {}</a>", escaped(&sign_in.oidc_name))
    });
    let page = PAGE.replace("{{message}}", &message).replace("{{provider}}", &provider);
    HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((REFERRER_POLICY, "same-origin"))
        .insert_header((X_FRAME_OPTIONS, "DENY"))
        .body(page)
}

/// As text between tags or in a quoted attribute.
fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, character| {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_operator_calls_the_provider_is_text() {
        assert_eq!(escaped("<b>\"A & B's\"</b>"), "&lt;b&gt;&quot;A &amp; B&#39;s&quot;&lt;/b&gt;");
    }
}
