//! How often somebody may ask: by token and by address, over HTTP and WebSocket, and whom a proxy asks for.

use crate::live::Socket;
use crate::support::Server;
use serde_json::{Value, json};

const QUERY: &[u8] = br#"{"query": "{ viewer { id } }"}"#;
const JSON: (&str, &str) = ("content-type", "application/json");

#[test]
fn who_asks_too_often_is_told_when_to_ask_again() {
    let server = Server::with_settings(&[
        ("LIGHTBOX_RATE_LIMITS__TOKEN_REQUESTS_PER_SECOND", "1"),
        ("LIGHTBOX_RATE_LIMITS__TOKEN_BURST_REQUESTS", "5"),
    ]);
    let client = server.admin();
    let statuses: Vec<u16> = (0..20).map(|_| client.request("POST", "/graphql", &[JSON], QUERY).status).collect();
    assert_eq!(statuses[..5], [200; 5]);
    assert!(statuses[5..].contains(&429), "{statuses:?}");
    let reply = std::iter::repeat_with(|| client.request("POST", "/graphql", &[JSON], QUERY));
    let reply = reply.take(10).find(|reply| reply.status == 429).unwrap();
    assert_eq!(reply.header("retry-after"), "1");
    assert!(!reply.header("x-request-id").is_empty());
    let error = &reply.json()["errors"][0];
    assert_eq!(error["extensions"]["code"], "LIMIT_EXCEEDED");
    assert!(error["message"].as_str().unwrap().contains("rate_limits.token_requests_per_second"), "{error}");
    // Every address that a token is for, and none that needs none.
    let mut refused = Vec::new();
    for path in ["/metrics", "/images/image-1/original", "/exports/job-1", "/jobs/job-1/findings.csv"] {
        if (0..5).any(|_| client.get(path).status == 429) {
            refused.push(path);
        }
    }
    assert_eq!(refused.len(), 4, "{refused:?}");
    for path in ["/health/live", "/health/ready", "/graphiql"] {
        assert!((0..10).all(|_| client.get(path).status == 200), "{path}");
    }
    // Another token has a bucket of its own, and after a while this one is filled again.
    let other = server.user("other");
    assert_eq!(other.request("POST", "/graphql", &[JSON], QUERY).status, 200);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    assert_eq!(client.request("POST", "/graphql", &[JSON], QUERY).status, 200);
}

#[test]
fn an_address_that_tries_tokens_is_slowed_down_and_a_trusted_proxy_says_whose_it_is() {
    let server = Server::with_settings(&[
        ("LIGHTBOX_RATE_LIMITS__ADDRESS_REQUESTS_PER_SECOND", "1"),
        ("LIGHTBOX_RATE_LIMITS__ADDRESS_BURST_REQUESTS", "10"),
        ("LIGHTBOX_HTTP__TRUSTED_PROXIES", "[\"127.0.0.1/32\"]"),
    ]);
    let client = server.admin();
    let ask = |token: &str, from: &str| {
        let headers = [JSON, ("x-forwarded-for", from)];
        client.with_token(Some(token)).request("POST", "/graphql", &headers, QUERY).status
    };
    let guesses: Vec<u16> = (0..40).map(|guess| ask(&format!("lbx_{guess}"), "192.0.2.1")).collect();
    assert_eq!(guesses[..10], [401; 10]);
    assert!(guesses[10..].contains(&429), "{guesses:?}");
    let token = client.token.clone().unwrap();
    assert_eq!(ask(&token, "192.0.2.2"), 200);
    // What stands before the last address was made up by the client.
    assert!((0..20).any(|made_up| ask("lbx_x", &format!("198.51.100.{made_up}, 192.0.2.1")) == 429));
}

#[test]
fn messages_on_a_websocket_are_counted_too() {
    let server = Server::with_settings(&[
        ("LIGHTBOX_RATE_LIMITS__TOKEN_REQUESTS_PER_SECOND", "1"),
        ("LIGHTBOX_RATE_LIMITS__TOKEN_BURST_REQUESTS", "5"),
    ]);
    let client = server.admin();
    let mut socket = Socket::sign_in(&client);
    for id in 0..20 {
        let payload = json!({ "query": "{ viewer { id } }" });
        socket.send(json!({ "type": "subscribe", "id": id.to_string(), "payload": payload }));
    }
    let mut answers = 0;
    let code = loop {
        match socket.next() {
            Ok(message) => answers += usize::from(message["type"] == "next"),
            Err(code) => break code,
        }
    };
    assert_eq!(code, 1008);
    assert!(answers <= 5, "{answers} answers");
    // The same bucket as that of the token in a header.
    let statuses: Vec<u16> = (0..5).map(|_| client.request("POST", "/graphql", &[JSON], QUERY).status).collect();
    assert!(statuses.contains(&429), "{statuses:?}");
}

#[test]
fn a_rate_of_0_lets_everybody_ask_as_often_as_he_wants() {
    let server = Server::with_settings(&[
        ("LIGHTBOX_RATE_LIMITS__TOKEN_REQUESTS_PER_SECOND", "0"),
        ("LIGHTBOX_RATE_LIMITS__TOKEN_BURST_REQUESTS", "1"),
        ("LIGHTBOX_RATE_LIMITS__ADDRESS_REQUESTS_PER_SECOND", "0"),
    ]);
    let client = server.admin();
    assert!((0..100).all(|_| client.data("{ viewer { id } }", Value::Null)["viewer"]["id"].is_string()));
}
