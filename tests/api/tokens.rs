//! API tokens: what each scope may do, how long they are taken, and that only digests of them are kept.

use crate::support::archives::pictures;
use crate::support::client::{Client, string};
use crate::support::{Server, shared};
use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};

fn create(client: &Client, name: &str, scope: &str, expires_at: Value) -> Value {
    let input = json!({ "name": name, "scope": scope, "expiresAt": expires_at });
    client.mutate("createApiToken", input, "apiToken { id name scope expiresAt lastUsedAt } secret")
}

/// A client by a new token of the given scope.
fn scoped(client: &Client, scope: &str) -> Client {
    let made = create(client, scope, scope, Value::Null);
    assert_eq!(made["userErrors"], json!([]));
    client.with_token(made["secret"].as_str())
}

fn first_code(payload: &Value) -> &str {
    payload["userErrors"][0]["code"].as_str().unwrap_or_default()
}

#[test]
fn a_token_for_reading_sees_everything_and_changes_nothing() {
    let user = shared().user("token-reader");
    let dataset = user.dataset("mine", &pictures(1, 2200));
    let reader = scoped(&user, "READ");
    let shown =
        reader.data("query($id: ID!) { dataset(id: $id) { name images { nodes { url } } } }", json!({ "id": dataset }));
    assert_eq!(shown["dataset"]["name"], "mine");
    assert_eq!(reader.get(&string(&shown["dataset"]["images"]["nodes"][0]["url"])).status, 200);
    for (field, input) in [
        ("renameDataset", json!({ "dataset": dataset, "name": "other" })),
        ("createUpload", json!({ "filename": "a.zip", "byteSize": 5 })),
        ("exportDataset", json!({ "dataset": dataset, "format": "images" })),
        ("deleteDataset", json!({ "dataset": dataset, "confirmation": "DELETE" })),
        ("createApiToken", json!({ "name": "more", "scope": "ADMIN" })),
    ] {
        let refused = reader.mutate(field, input, "");
        assert_eq!(first_code(&refused), "FORBIDDEN", "{field}");
        let message = refused["userErrors"][0]["message"].as_str().unwrap();
        assert!(message.contains("READ"), "{message}");
    }
    let (_, upload) = user.create_upload("a.zip", 5);
    assert_eq!(reader.patch(&upload, 0, b"hello").status, 403);
    assert_eq!(reader.request("DELETE", &upload, &[("tus-resumable", "1.0.0")], b"").status, 403);
    let tus = [("tus-resumable", "1.0.0"), ("upload-length", "1")];
    assert_eq!(reader.request("POST", "/uploads", &tus, b"").status, 403);
}

#[test]
fn a_token_for_writing_changes_data_and_no_permission() {
    let user = shared().user("token-writer");
    let writer = scoped(&user, "WRITE");
    let dataset = writer.dataset("mine", &pictures(1, 2201));
    let renamed = writer.mutate("renameDataset", json!({ "dataset": dataset, "name": "other" }), "dataset { name }");
    assert_eq!(renamed["dataset"]["name"], "other");
    for (field, input) in [
        ("createApiToken", json!({ "name": "more", "scope": "READ" })),
        ("shareDataset", json!({ "dataset": dataset, "user": "admin", "role": "VIEWER" })),
        ("changePassword", json!({ "presentPassword": "x", "newPassword": "a long enough one" })),
    ] {
        assert_eq!(first_code(&writer.mutate(field, input, "")), "FORBIDDEN", "{field}");
    }
}

#[test]
fn an_administrators_token_for_writing_is_no_administrators() {
    let writer = scoped(&shared().admin(), "WRITE");
    let others = shared().user("token-other").dataset("theirs", &pictures(1, 2202));
    let seen = writer.data("query($id: ID!) { dataset(id: $id) { id } }", json!({ "id": others }));
    assert_eq!(seen["dataset"], Value::Null);
    assert_eq!(writer.get("/metrics").status, 403);
    assert_eq!(
        writer.graphql("{ auditEvents { totalCount } }", Value::Null)["errors"][0]["extensions"]["code"],
        "FORBIDDEN"
    );
}

#[test]
fn a_token_is_taken_until_it_expires_or_is_revoked() {
    let user = shared().user("token-ends");
    let soon = (Utc::now() + TimeDelta::milliseconds(1500)).to_rfc3339();
    let short = create(&user, "short", "READ", json!(soon));
    let client = user.with_token(short["secret"].as_str());
    assert_eq!(client.data("{ viewer { name } }", Value::Null)["viewer"]["name"], "token-ends");
    std::thread::sleep(std::time::Duration::from_millis(1700));
    let refused = client.graphql("{ viewer { name } }", Value::Null);
    assert_eq!(refused["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");

    let made = create(&user, "long", "READ", Value::Null);
    let client = user.with_token(made["secret"].as_str());
    let revoke = json!({ "token": made["apiToken"]["id"] });
    let other = shared().user("token-thief");
    assert_eq!(first_code(&other.mutate("revokeApiToken", revoke.clone(), "")), "NOT_FOUND");
    assert_eq!(client.mutate("revokeApiToken", revoke, "revokedApiTokenId")["userErrors"], json!([]), "itself");
    assert_eq!(client.get("/graphql?query=%7Bviewer%7Bid%7D%7D").status, 401);

    let past = create(&user, "past", "READ", json!("2020-01-01T00:00:00Z"));
    assert_eq!(first_code(&past), "INVALID");
}

#[test]
fn tokens_are_listed_to_their_user_with_their_last_use_and_without_secrets() {
    let user = shared().user("token-lister");
    let reader = scoped(&user, "READ");
    reader.data("{ viewer { name } }", Value::Null);
    let query = "{ viewer { id apiTokens { name scope lastUsedAt } } }";
    let given_up = std::time::Instant::now() + std::time::Duration::from_secs(20);
    let listed = loop {
        let listed = user.data(query, Value::Null)["viewer"].take();
        if !listed["apiTokens"][0]["lastUsedAt"].is_null() {
            break listed;
        }
        assert!(std::time::Instant::now() < given_up, "{listed}");
    };
    assert_eq!(
        (&listed["apiTokens"][0]["name"], &listed["apiTokens"][1]["name"]),
        (&json!("READ"), &json!("first token"))
    );
    let of = "query($id: ID!) { node(id: $id) { ... on User { apiTokens { name } quota { usedBytes } } } }";
    let theirs = shared().user("token-stranger").data(of, json!({ "id": listed["id"] }));
    assert_eq!(theirs["node"], Value::Null);
}

#[test]
fn the_command_line_makes_lists_and_revokes_tokens_and_the_database_holds_none_of_them() {
    let server = Server::start();
    server.create_user("ann");
    let text = |arguments: &[&str]| {
        let output = server.run(arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let made = text(&["token", "create", "ann", "for the scanner", "--scope", "write", "--expires-in-days", "30"]);
    let secret = made.lines().last().unwrap().trim().to_owned();
    let client = server.anonymous().with_token(Some(&secret));
    assert_eq!(client.data("{ viewer { name } }", Value::Null)["viewer"]["name"], "ann");
    let listed = text(&["token", "list", "ann"]);
    let line = listed.lines().find(|line| line.contains("for the scanner")).unwrap();
    assert!(line.contains("write") && !listed.contains(&secret), "{listed}");
    let id = line.split_whitespace().next().unwrap().to_owned();
    text(&["token", "revoke", &id]);
    assert_eq!(client.get("/graphql?query=%7Bviewer%7Bid%7D%7D").status, 401);
    assert!(!server.run(&["token", "create", "nobody", "x"]).status.success());
    for entry in std::fs::read_dir(server.data_dir()).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with("lightbox.db") {
            let bytes = std::fs::read(entry.path()).unwrap();
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{name}");
        }
    }
}
