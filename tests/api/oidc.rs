//! Signing in by an OpenID provider: a real one, from the package oidc-provider-mock of PyPI, in a process of its own. The
//! test goes where a browser would be sent. `LIGHTBOX_PYTHON` names the Python that has it; without it SKIPPED.

use crate::support::client::Client;
use crate::support::{Reply, Server};
use serde_json::{Value, json};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Stopped when dropped.
struct Provider {
    process: Child,
    address: String,
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Provider {
    /// Knows the subjects 42, whose name is Dr. Ann, and 43, who has none. `None` when there is no such package.
    fn start(test: &str) -> Option<Self> {
        let python = std::env::var("LIGHTBOX_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let has = Command::new(&python).args(["-W", "ignore", "-c", "import oidc_provider_mock"]).output();
        if !has.is_ok_and(|output| output.status.success()) {
            eprintln!("SKIPPED: {test}: {python} has no oidc-provider-mock; set LIGHTBOX_PYTHON to one that has");
            return None;
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
        let users = [json!({ "sub": "42", "preferred_username": "Dr. Ann" }), json!({ "sub": "43" })];
        let mut command = Command::new(python);
        command.args(["-W", "ignore", "-m", "oidc_provider_mock", "--port", &port, "--require-nonce", "true"]);
        for user in users {
            command.args(["--user-claims", &user.to_string()]);
        }
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let provider = Self { process, address: format!("127.0.0.1:{port}") };
        let given_up = Instant::now() + Duration::from_secs(60);
        while std::net::TcpStream::connect(&provider.address).is_err() {
            assert!(Instant::now() < given_up, "the provider does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(provider)
    }

    fn client(&self) -> Client {
        Client::new(&self.address, None)
    }

    /// A server that sends browsers to this provider and is reached at an address of its own.
    fn server(&self, more: &[(&str, &str)]) -> Server {
        let issuer = format!("http://{}", self.address);
        let mut settings = vec![
            ("LIGHTBOX_SIGN_IN__OIDC_ISSUER", issuer.as_str()),
            ("LIGHTBOX_SIGN_IN__OIDC_CLIENT_ID", "lightbox"),
            ("LIGHTBOX_SIGN_IN__OIDC_CLIENT_SECRET", "a secret of the client's"),
            ("LIGHTBOX_SIGN_IN__OIDC_NAME", "Hospital <id>"),
            ("LIGHTBOX_SIGN_IN__PUBLIC_URL", "http://lightbox.example"),
        ];
        settings.extend_from_slice(more);
        Server::with_settings(&settings)
    }
}

fn cookie(reply: &Reply) -> String {
    reply.header("set-cookie").split(';').next().unwrap().to_owned()
}

/// Path and query of an address.
fn path(url: &str) -> String {
    let url = url::Url::parse(url).unwrap();
    format!("{}?{}", url.path(), url.query().unwrap_or_default())
}

/// To the provider, in as that subject, and back: what the server says then, and the cookie that it gave before.
fn sign_in(provider: &Provider, client: &Client, subject: &str) -> (Reply, String, String) {
    let begun = client.get("/sign-in/oidc");
    assert_eq!(begun.status, 303, "{}", begun.text());
    let location = begun.header("location");
    assert!(location.contains("code_challenge_method=S256") && location.contains("nonce="), "{location}");
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let body = format!("sub={subject}");
    let allowed = provider.client().request("POST", &path(location), &form, body.as_bytes());
    let back = allowed.header("location").to_owned();
    assert!(back.starts_with("http://lightbox.example/sign-in/oidc/callback?"), "{back}");
    let attempt = cookie(&begun);
    (client.get_with(&path(&back), &[("cookie", &attempt)]), path(&back), attempt)
}

fn name(client: &Client, cookie: &str) -> Value {
    let headers = [("cookie", cookie), ("content-type", "application/json"), ("sec-fetch-site", "same-origin")];
    let answer = client.request("POST", "/graphql", &headers, br#"{"query": "{ viewer { id name isAdmin } }"}"#);
    answer.json()["data"]["viewer"].take()
}

#[test]
fn whom_the_provider_knows_is_signed_in_as_the_same_user_each_time() {
    let Some(provider) = Provider::start("oidc") else { return };
    let server = provider.server(&[]);
    let client = server.anonymous();
    assert!(client.get("/sign-in").text().contains("Sign in with Hospital &lt;id&gt;"));
    let (first, callback, attempt) = sign_in(&provider, &client, "42");
    assert_eq!((first.status, first.header("location")), (303, "/graphiql"), "{}\n{}", first.text(), server.log());
    let ann = name(&client, &cookie(&first));
    assert_eq!((&ann["name"], &ann["isAdmin"]), (&json!("Dr. Ann"), &json!(false)));
    let (second, ..) = sign_in(&provider, &client, "42");
    assert_eq!(name(&client, &cookie(&second)), ann);

    let replayed = client.get_with(&callback, &[("cookie", &attempt)]);
    assert_eq!(replayed.status, 401, "a code is good once");
    let without = client.get(&callback);
    assert_eq!(without.status, 401, "begun in another browser");
    let (_, _, other_attempt) = sign_in(&provider, &client, "42");
    assert_eq!(client.get_with(&callback, &[("cookie", &other_attempt)]).status, 401, "another attempt's state");
    let forged = attempt.replace("lightbox-oidc=", "lightbox-oidc=A");
    assert_eq!(client.get_with(&callback, &[("cookie", &forged)]).status, 401);
    for reply in [replayed, without] {
        assert!(reply.text().contains("role=\"alert\"") && reply.header("set-cookie").contains("lightbox-oidc=;"));
    }
}

#[test]
fn a_name_that_somebody_has_is_not_taken_over_and_one_without_a_name_is_told() {
    let Some(provider) = Provider::start("oidc names") else { return };
    let server = provider.server(&[]);
    server.create_user("Dr. Ann");
    let client = server.anonymous();
    let (taken, ..) = sign_in(&provider, &client, "42");
    assert_eq!(taken.status, 401);
    assert!(taken.text().contains("another user named"), "{}", taken.text());
    let (nameless, ..) = sign_in(&provider, &client, "43");
    assert_eq!(nameless.status, 401);
    assert!(nameless.text().contains("no name"), "{}", nameless.text());
}

#[test]
fn where_users_are_not_made_only_those_who_are_there_get_in() {
    let Some(provider) = Provider::start("oidc without sign-up") else { return };
    let server = provider.server(&[("LIGHTBOX_SIGN_IN__OIDC_CREATES_USERS", "false")]);
    let (refused, ..) = sign_in(&provider, &server.anonymous(), "42");
    assert_eq!(refused.status, 401);
    assert!(refused.text().contains("Nobody here has this identity"), "{}", refused.text());
    server.create_user("ann");
    // As the operator does it, who has the server's settings.
    let mut command = server.command(&["user", "update", "ann", "--oidc-subject", "42"]);
    command.env("LIGHTBOX_SIGN_IN__OIDC_ISSUER", format!("http://{}", provider.address));
    command.env("LIGHTBOX_SIGN_IN__OIDC_CLIENT_ID", "lightbox");
    command.env("LIGHTBOX_SIGN_IN__PUBLIC_URL", "http://lightbox.example");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (known, ..) = sign_in(&provider, &server.anonymous(), "42");
    assert_eq!(name(&server.anonymous(), &cookie(&known))["name"], "ann");
}

#[test]
fn a_provider_that_does_not_answer_is_told_and_one_that_is_not_set_up_is_not_there() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let issuer = format!("http://127.0.0.1:{port}");
    let server = Server::with_settings(&[
        ("LIGHTBOX_SIGN_IN__OIDC_ISSUER", &issuer),
        ("LIGHTBOX_SIGN_IN__OIDC_CLIENT_ID", "lightbox"),
        ("LIGHTBOX_SIGN_IN__PUBLIC_URL", "http://lightbox.example"),
    ]);
    assert_eq!(server.anonymous().get("/sign-in/oidc").status, 502);
    let without = Server::start();
    assert_eq!(without.anonymous().get("/sign-in/oidc").status, 404);
    assert!(!without.anonymous().get("/sign-in").text().contains("/sign-in/oidc\""));
}
