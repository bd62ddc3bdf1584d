//! What every answer tells browsers, whoever asks for whatever.

use crate::support::archives::pictures;
use crate::support::client::string;
use crate::support::shared;
use serde_json::json;

#[test]
fn every_answer_tells_browsers_to_guess_frame_and_tell_nothing() {
    let client = shared().user("headers");
    let dataset = client.dataset("headers", &pictures(1, 740));
    let image = &client.images(&dataset, "url thumbnailUrl renderedUrl")[0];
    let urls = ["url", "thumbnailUrl", "renderedUrl"].map(|field| string(&image[field]));
    let paths = [
        "/",
        "/graphql",
        "/graphql/ws",
        "/graphiql",
        "/health/live",
        "/metrics",
        "/exports/job-1",
        "/uploads/upload-1",
    ];
    let anonymous = shared().anonymous();
    for path in paths.into_iter().chain(urls.iter().map(String::as_str)) {
        for client in [&client, &anonymous] {
            let reply = client.get(path);
            for (name, expected) in [
                ("x-content-type-options", "nosniff"),
                ("x-frame-options", "DENY"),
                ("referrer-policy", "no-referrer"),
                ("cross-origin-resource-policy", "same-origin"),
                ("cross-origin-opener-policy", "same-origin"),
                ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
            ] {
                assert_eq!(reply.header(name), expected, "{path}: {name}");
            }
            let policy = reply.header("content-security-policy");
            assert!(
                policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
                "{path}: {policy}"
            );
            assert!(!reply.header("x-request-id").is_empty(), "{path}");
            assert_eq!(reply.header("server"), "", "{path}");
        }
    }
    let query = json!({ "query": "{ viewer { id } }" }).to_string();
    let reply = client.request("POST", "/graphql", &[("content-type", "application/json")], query.as_bytes());
    assert_eq!((reply.header("x-frame-options"), reply.header("cache-control")), ("DENY", "no-store"));
}
