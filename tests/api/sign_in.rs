//! Signing in with a browser: the page, the cookie, what another site's page cannot do with it, and slowed guesses.

use crate::support::client::Client;
use crate::support::{Reply, Server};
use serde_json::{Value, json};
use std::io::Write;
use std::process::Stdio;

const PASSWORD: &str = "a password of ann's";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const JSON: (&str, &str) = ("content-type", "application/json");
const SAME: (&str, &str) = ("sec-fetch-site", "same-origin");

/// A server with the user ann, who has a password.
fn server() -> Server {
    server_with(&[])
}

fn server_with(settings: &[(&str, &str)]) -> Server {
    let server = Server::with_settings(settings);
    with_input(&server, &["user", "create", "ann", "--password"], PASSWORD);
    server
}

fn with_input(server: &Server, arguments: &[&str], line: &str) {
    let mut command = server.command(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{line}").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn sign_in(client: &Client, name: &str, password: &str) -> Reply {
    let body = json!({ "name": name, "password": password }).to_string();
    client.request("POST", "/sign-in", &[JSON, SAME], body.as_bytes())
}

/// `name=value` of the cookie that a response sets.
fn cookie(reply: &Reply) -> String {
    reply.header("set-cookie").split(';').next().unwrap().to_owned()
}

fn viewer(client: &Client, headers: &[(&str, &str)]) -> Reply {
    let headers: Vec<(&str, &str)> = headers.iter().copied().chain([JSON]).collect();
    client.request("POST", "/graphql", &headers, br#"{"query": "{ viewer { name } }"}"#)
}

#[test]
fn a_browser_signs_in_by_the_page_and_out_again() {
    let server = server();
    let client = server.anonymous();
    let page = client.get("/sign-in");
    assert_eq!(page.status, 200);
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
    assert!(!page.header("content-security-policy").contains("unsafe"));
    assert!(page.text().contains("<form method=\"post\" action=\"/sign-in\">") && !page.text().contains("<script"));

    let body = "name=ann&password=a+password+of+ann%27s";
    let reply = client.request("POST", "/sign-in", &[FORM, SAME], body.as_bytes());
    assert_eq!((reply.status, reply.header("location")), (303, "/graphiql"), "{}", reply.text());
    let set = reply.header("set-cookie");
    for part in ["lightbox-session=", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=43200"] {
        assert!(set.contains(part), "{set}");
    }
    let cookie = cookie(&reply);
    let seen = viewer(&client, &[("cookie", &cookie), SAME]);
    assert_eq!(seen.json()["data"]["viewer"]["name"], "ann");

    let out = client.request("POST", "/sign-out", &[("cookie", &cookie), SAME], b"");
    assert_eq!(out.status, 204);
    assert!(out.header("set-cookie").contains("Max-Age=0"), "{}", out.header("set-cookie"));
    assert_eq!(viewer(&client, &[("cookie", &cookie), SAME]).status, 401);
}

#[test]
fn a_wrong_password_and_an_unknown_name_are_answered_alike() {
    let server = server();
    let client = server.anonymous();
    let [wrong, unknown] = ["ann", "bob"].map(|name| sign_in(&client, name, "not the password"));
    assert_eq!((wrong.status, wrong.text()), (unknown.status, unknown.text()));
    assert_eq!(wrong.status, 401);
    assert_eq!(wrong.header("set-cookie"), "");
    let page = client.request("POST", "/sign-in", &[FORM, SAME], b"name=%3Cb%3E&password=x");
    assert_eq!(page.status, 401);
    assert!(page.text().contains("role=\"alert\"") && !page.text().contains("<b>"), "{}", page.text());
}

#[test]
fn another_sites_page_can_do_nothing_with_the_cookie() {
    let server = server();
    let client = server.anonymous();
    let cookie = cookie(&sign_in(&client, "ann", PASSWORD));
    let origin = format!("http://{}", client.address());
    for (proof, is_taken) in [
        (vec![], false),
        (vec![("sec-fetch-site", "cross-site")], false),
        (vec![("sec-fetch-site", "same-site")], false),
        (vec![("sec-fetch-site", "none")], false),
        (vec![("origin", "http://evil.example")], false),
        (vec![("origin", "null")], false),
        (vec![("origin", origin.as_str())], true),
        (vec![SAME], true),
    ] {
        let headers: Vec<(&str, &str)> = proof.iter().copied().chain([("cookie", cookie.as_str())]).collect();
        let status = if is_taken { 200 } else { 403 };
        assert_eq!(viewer(&client, &headers).status, status, "{proof:?}");
        for path in ["/graphql", "/%67raphql", "/graph%71l"] {
            let by_get = client.get_with(&format!("{path}?query=%7Bviewer%7Bid%7D%7D"), &headers);
            assert_eq!(by_get.status, status, "{path} {proof:?}");
        }
        let tus = [("tus-resumable", "1.0.0"), ("upload-length", "5"), ("upload-metadata", "filename YQ==")];
        let headers: Vec<(&str, &str)> = headers.into_iter().chain(tus).collect();
        let created = client.request("POST", "/uploads", &headers, b"");
        assert_eq!(created.status, if is_taken { 201 } else { 403 }, "{proof:?}");
    }
    let from_elsewhere = [JSON, ("sec-fetch-site", "cross-site")];
    let body = json!({ "name": "ann", "password": PASSWORD }).to_string();
    assert_eq!(client.request("POST", "/sign-in", &from_elsewhere, body.as_bytes()).status, 403);
    let handshake = [
        ("cookie", cookie.as_str()),
        ("origin", "http://evil.example"),
        ("connection", "upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("sec-websocket-protocol", "graphql-transport-ws"),
    ];
    assert_eq!(socket_answer(&client, &handshake), 4403);
    let own: Vec<(&str, &str)> = handshake
        .iter()
        .map(|header| if header.0 == "origin" { ("origin", origin.as_str()) } else { *header })
        .collect();
    assert_eq!(socket_answer(&client, &own), 0);
}

/// The code that the server closes the socket with, after a first message without a token; 0 when it takes it.
fn socket_answer(client: &Client, headers: &[(&str, &str)]) -> u16 {
    let mut request = tungstenite::http::Request::builder().uri(format!("ws://{}/graphql/ws", client.address()));
    request = request.header("host", client.address());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let stream = std::net::TcpStream::connect(client.address()).unwrap();
    let (mut socket, _) = tungstenite::client(request.body(()).unwrap(), stream).unwrap();
    socket.send(tungstenite::Message::text(json!({ "type": "connection_init" }).to_string())).unwrap();
    loop {
        match socket.read().unwrap() {
            tungstenite::Message::Text(text) => {
                assert!(text.contains("connection_ack"), "{text}");
                return 0;
            }
            tungstenite::Message::Close(frame) => return frame.map_or(1, |frame| frame.code.into()),
            _ => {}
        }
    }
}

#[test]
fn guesses_are_slowed_and_somebody_elses_guesses_lock_nobody_out_for_long() {
    let server = server();
    let client = server.anonymous();
    for _ in 0..4 {
        assert_eq!(sign_in(&client, "ann", "a wrong password").status, 401);
    }
    let slowed = sign_in(&client, "ann", PASSWORD);
    assert_eq!(slowed.status, 429, "not even the right one is looked at");
    let wait: u64 = slowed.header("retry-after").parse().unwrap();
    assert!((1..=2).contains(&wait), "{wait}");
    std::thread::sleep(std::time::Duration::from_secs(wait));
    assert_eq!(sign_in(&client, "ann", PASSWORD).status, 200);
    assert_eq!(sign_in(&client, "ann", PASSWORD).status, 200, "forgiven");
}

#[test]
fn another_password_and_being_disabled_end_all_sessions() {
    let server = server();
    let client = server.anonymous();
    let signed = |reply: &Reply| viewer(&client, &[("cookie", &cookie(reply)), SAME]).status;
    let (one, two) = (sign_in(&client, "ann", PASSWORD), sign_in(&client, "ann", PASSWORD));
    let session = cookie(&one);
    let change = |present: &str, new: &str| {
        let query = "mutation($input: ChangePasswordInput!) { changePassword(input: $input) { userErrors { code } } }";
        let body =
            json!({ "query": query, "variables": { "input": { "presentPassword": present, "newPassword": new } } });
        client.request("POST", "/graphql", &[JSON, SAME, ("cookie", &session)], body.to_string().as_bytes()).json()
    };
    let error = |answer: Value| answer["data"]["changePassword"]["userErrors"][0]["code"].clone();
    assert_eq!(error(change("wrong", "another long one")), "FORBIDDEN");
    assert_eq!(error(change(PASSWORD, "short")), "INVALID");
    assert_eq!(signed(&two), 200);
    assert_eq!(error(change(PASSWORD, "another long one")), Value::Null);
    assert_eq!((signed(&one), signed(&two)), (401, 401));
    assert_eq!(sign_in(&client, "ann", PASSWORD).status, 401);

    let again = sign_in(&client, "ann", "another long one");
    assert_eq!(signed(&again), 200);
    assert!(server.run(&["user", "update", "ann", "--disabled", "true"]).status.success());
    assert_eq!(signed(&again), 401);
    assert_eq!(sign_in(&client, "ann", "another long one").status, 401);
    let last = server.run(&["user", "update", "admin", "--admin", "false"]);
    assert!(String::from_utf8_lossy(&last.stderr).contains("Nobody would be left"), "one administrator stays");
}

#[test]
fn behind_https_the_cookie_is_for_https_and_this_host_alone() {
    let server = server_with(&[("LIGHTBOX_SIGN_IN__PUBLIC_URL", "https://lightbox.example")]);
    let client = server.anonymous();
    let reply = sign_in(&client, "ann", PASSWORD);
    let set = reply.header("set-cookie");
    assert!(set.starts_with("__Host-lightbox-session=") && set.contains("Secure"), "{set}");
    let cookie = cookie(&reply);
    let outside = [("cookie", cookie.as_str()), ("origin", "https://lightbox.example")];
    assert_eq!(viewer(&client, &outside).status, 200, "as the proxy's clients say it");
}
