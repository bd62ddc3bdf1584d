//! GraphiQL as a browser meets it. That it runs in one, no test here can tell.

use actix_web::body::to_bytes;
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT_ENCODING, CONTENT_TYPE, HeaderName, IF_NONE_MATCH};
use actix_web::{App, test};

use super::*;

struct Answer {
    status: StatusCode,
    headers: actix_web::http::header::HeaderMap,
    body: Bytes,
}

impl Answer {
    fn header(&self, name: HeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

async fn ask(path: &str, headers: &[(HeaderName, &str)]) -> Answer {
    let app = test::init_service(App::new().configure(configure)).await;
    let request = headers.iter().fold(test::TestRequest::get().uri(path), |request, (name, value)| {
        request.insert_header((name.clone(), *value))
    });
    let response = test::call_service(&app, request.to_request()).await;
    let (status, headers) = (response.status(), response.headers().clone());
    Answer { status, headers, body: to_bytes(response.into_body()).await.unwrap_or_default() }
}

/// The paths that the page names in `src` and `href`.
fn named_paths(html: &str) -> Vec<&str> {
    let values = html.split('"').collect::<Vec<_>>();
    let pairs = values.windows(2).filter(|pair| pair[0].ends_with("src=") || pair[0].ends_with("href="));
    pairs.map(|pair| pair[1]).filter(|path| !path.starts_with("data:")).collect()
}

fn graphiql_is_here() -> bool {
    match bundle::LEFT_OUT {
        None => true,
        Some(reason) => {
            eprintln!("SKIPPED: this build has no GraphiQL: {reason}");
            false
        }
    }
}

#[actix_web::test]
async fn the_page_needs_no_token_and_allows_only_its_own_server() {
    let page = ask("/graphiql", &[]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.header(CONTENT_TYPE), "text/html; charset=utf-8");
    assert_eq!(page.header(X_CONTENT_TYPE_OPTIONS), "nosniff");
    assert_eq!(page.header(CACHE_CONTROL), "no-cache");
    let policy = page.header(CONTENT_SECURITY_POLICY);
    assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
    assert!(!policy.contains("http") && !policy.contains('*'), "{policy}");
}

#[actix_web::test]
async fn every_file_that_the_page_names_is_in_the_binary_for_ever_under_that_name() {
    if !graphiql_is_here() {
        return;
    }
    let page = ask("/graphiql", &[]).await.text();
    let paths = named_paths(&page);
    assert_eq!(paths.len(), 2, "a style sheet and a script: {page}");
    for path in paths {
        let file = ask(path, &[]).await;
        assert_eq!(file.status, StatusCode::OK, "{path}");
        assert_eq!(file.header(CACHE_CONTROL), "public, max-age=31536000, immutable", "{path}");
        assert!(!file.body.is_empty(), "{path}");
    }
}

#[actix_web::test]
async fn every_file_has_a_media_type_that_browsers_run_under_nosniff() {
    if !graphiql_is_here() {
        return;
    }
    for asset in ASSETS.iter() {
        assert_ne!(asset.media_type(), "application/octet-stream", "{}", asset.name);
    }
}

#[actix_web::test]
async fn a_client_with_and_one_without_gzip_get_the_same_text_under_different_tags() {
    let plain = ask("/graphiql", &[]).await;
    let packed = ask("/graphiql", &[(ACCEPT_ENCODING, "gzip, deflate, br")]).await;
    assert_eq!(packed.header(CONTENT_ENCODING), "gzip");
    assert_eq!(plain.header(CONTENT_ENCODING), "");
    assert_eq!(inflated(&packed.body), plain.body);
    assert_ne!(packed.header(ETAG), plain.header(ETAG));
    assert!(plain.header(ETAG).starts_with('"'), "a strong tag: {}", plain.header(ETAG));
}

#[actix_web::test]
async fn a_client_that_refuses_gzip_gets_plain_bytes() {
    let answer = ask("/graphiql", &[(ACCEPT_ENCODING, "gzip;q=0, identity")]).await;
    assert_eq!(answer.header(CONTENT_ENCODING), "");
    assert!(answer.text().starts_with("<!doctype html>"));
}

#[actix_web::test]
async fn a_client_that_holds_the_bytes_is_not_sent_them_again() {
    let tag = ask("/graphiql", &[]).await.header(ETAG).to_owned();
    let again = ask("/graphiql", &[(IF_NONE_MATCH, &tag)]).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    assert_eq!(again.header(ETAG), tag);
    assert!(again.body.is_empty());
    let other = ask("/graphiql", &[(IF_NONE_MATCH, "\"another\"")]).await;
    assert_eq!(other.status, StatusCode::OK);
}

#[actix_web::test]
async fn a_name_that_the_bundle_does_not_hold_is_not_found() {
    for path in ["/graphiql/assets/nothing.js", "/graphiql/assets/..%2Findex.html", "/graphiql/assets/"] {
        assert_eq!(ask(path, &[]).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[actix_web::test]
async fn a_build_without_graphiql_says_why_and_where_the_api_is() {
    let page = page_without_graphiql("Node.js was not there");
    assert!(page.contains("Node.js was not there") && page.contains("/graphql"), "{page}");
    assert_eq!(inflated(&deflated(&page)), page);
}
