//! Whether a request that a browser signs by itself, by its cookie, comes from a page of this server. A page of somebody
//! else can make a browser send the cookie, but not these headers (Fetch Metadata; RFC 6454).

use actix_web::http::header::{HOST, HeaderMap, HeaderName, ORIGIN};
use url::Url;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// `public_url`: how browsers reach the server, where a proxy gives it another name.
pub fn is_same_origin(headers: &HeaderMap, public_url: Option<&str>) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    // Every browser of today says it, and no script can change it.
    if headers.contains_key(SEC_FETCH_SITE) {
        return text(SEC_FETCH_SITE) == Some("same-origin");
    }
    let Some(origin) = text(ORIGIN).and_then(|origin| Url::parse(origin).ok()) else { return false };
    if public_url.and_then(|url| Url::parse(url).ok()).is_some_and(|url| url.origin() == origin.origin()) {
        return true;
    }
    let asked = text(HOST).and_then(|host| Url::parse(&format!("{}://{host}", origin.scheme())).ok());
    asked.is_some_and(|asked| asked.origin() == origin.origin())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    #[test]
    fn a_request_is_of_this_server_when_its_browser_says_so_or_its_origin_is_where_it_goes() {
        let table = [
            (vec![("sec-fetch-site", "same-origin")], true),
            (vec![("sec-fetch-site", "same-site"), ("origin", "http://a:1"), ("host", "a:1")], false),
            (vec![("sec-fetch-site", "cross-site")], false),
            (vec![("sec-fetch-site", "none")], false),
            (vec![("origin", "http://a:1"), ("host", "a:1")], true),
            (vec![("origin", "https://a"), ("host", "a")], true),
            (vec![("origin", "https://a"), ("host", "a:443")], true),
            (vec![("origin", "http://b"), ("host", "a")], false),
            (vec![("origin", "http://a:2"), ("host", "a:1")], false),
            (vec![("origin", "null"), ("host", "a")], false),
            (vec![("host", "a")], false),
            (vec![], false),
            (vec![("origin", "https://outside.example"), ("host", "10.0.0.7:8080")], true),
        ];
        for (list, expected) in table {
            let mut headers = HeaderMap::new();
            for (name, value) in &list {
                headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
            }
            assert_eq!(is_same_origin(&headers, Some("https://outside.example/lightbox")), expected, "{list:?}");
        }
    }
}
