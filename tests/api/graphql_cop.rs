//! What graphql-cop (github.com/dolevf/graphql-cop) looks for in a GraphQL server, one request a check, with a token as
//! its users give one. Two of its checks find what is meant to be there: GraphiQL and introspection, until they are
//! switched off (`graphql_limits.rs`); one finds queries by GET, which change nothing and need the token in a header.

use crate::support::client::{Client, Reply};
use crate::support::shared;
use serde_json::{Value, json};

fn cop(name: &str) -> Client {
    shared().user(&format!("cop-{name}"))
}

fn post(client: &Client, media_type: &str, body: &str) -> Reply {
    client.request("POST", "/graphql", &[("content-type", media_type)], body.as_bytes())
}

#[test]
fn alias_overloading_is_refused() {
    let aliases: String = (0..=100).map(|index| format!("alias{index}:__typename \n")).collect();
    let answer = cop("aliases").graphql(&format!("query cop {{ {aliases} }}"), Value::Null);
    assert_eq!(answer["data"], Value::Null);
    assert_eq!(answer["errors"][0]["extensions"]["limit"], "limits.graphql_aliases");
}

#[test]
fn batches_are_refused() {
    let client = cop("batch");
    for count in [1, 2, 10] {
        let batch = vec![json!({ "query": "query cop { __typename }", "operationName": "cop" }); count];
        let reply = post(&client, "application/json", &json!(batch).to_string());
        assert_eq!(reply.status, 400, "{}", reply.text());
        assert_eq!(reply.json()["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{}", reply.text());
        assert_eq!(reply.json().get("data"), None);
    }
}

#[test]
fn directive_overloading_is_one_error() {
    let answer = cop("directives").graphql("query cop { __typename @aa@aa@aa@aa@aa@aa@aa@aa@aa@aa }", Value::Null);
    assert_eq!(answer["errors"].as_array().unwrap().len(), 1);
    assert_eq!(answer["errors"][0]["extensions"]["limit"], "limits.graphql_field_directives");
}

#[test]
fn circular_introspection_and_circular_fragments_are_refused() {
    let client = cop("circles");
    let circle = "query cop { __schema { types { fields { type { fields { type { fields { type { fields { type { name \
                  } } } } } } } } } } }";
    let answer = client.graphql(circle, Value::Null);
    assert_eq!((&answer["data"], &answer["errors"][0]["extensions"]["code"]), (&Value::Null, &json!("LIMIT_EXCEEDED")));
    let fragments =
        "query { __schema { ...A } } fragment A on __Schema { __typename ...B } fragment B on __Schema { ...A }";
    let answer = client.graphql(fragments, Value::Null);
    assert_eq!((&answer["data"], &answer["errors"][0]["extensions"]["code"]), (&Value::Null, &json!("BAD_USER_INPUT")));
}

#[test]
fn field_duplication_is_refused() {
    let answer = cop("fields").graphql(&format!("query cop {{ {} }}", "__typename \n".repeat(500)), Value::Null);
    assert_eq!(answer["data"], Value::Null);
    assert!(answer["errors"][0]["extensions"]["limit"].as_str().unwrap().starts_with("limits.graphql_"), "{answer}");
}

#[test]
fn no_error_tells_of_the_servers_inside() {
    let client = cop("errors");
    for query in
        ["query { __typename }", "qwerty cop { abc }", "{ viewer { id", "{ job(id: {}) { id } }", "{ job { id } }", ""]
    {
        let text = client.graphql(query, Value::Null).to_string().to_lowercase();
        for word in ["stacktrace", "exception", "tracing", "panick", ".rs:", "backtrace", "sqlite", "/src/"] {
            assert!(!text.contains(word), "{query}: {text}");
        }
    }
}

#[test]
fn nothing_is_changed_by_get_and_nothing_is_read_without_the_header() {
    let client = cop("get");
    let get = |client: &Client, query: &str| client.get(&format!("/graphql?query={}", query.replace(' ', "%20")));
    let reply = get(&client, "mutation{__typename}");
    assert_eq!((reply.status, reply.header("allow")), (405, "POST"), "{}", reply.text());
    assert_eq!(reply.json().get("data"), None);
    assert_eq!(get(&client, "{__typename}").json()["data"]["__typename"], "Query");
    assert_eq!(get(&shared().anonymous(), "{__typename}").status, 401);
}

#[test]
fn only_json_is_taken_by_post() {
    let client = cop("csrf");
    let form = "query=query%20%7B__typename%7D";
    for (media_type, body) in [
        ("application/x-www-form-urlencoded", form),
        (
            "multipart/form-data; boundary=x",
            "--x\r\nContent-Disposition: form-data; name=\"query\"\r\n\r\n{__typename}\r\n--x--\r\n",
        ),
        ("text/plain", "{\"query\": \"{__typename}\"}"),
        ("text/plain;charset=application/json", "{\"query\": \"{__typename}\"}"),
        ("application/graphql", "{__typename}"),
        ("", "{\"query\": \"{__typename}\"}"),
    ] {
        let reply = post(&client, media_type, body);
        assert_eq!(reply.status, 415, "{media_type}: {}", reply.text());
        assert_eq!(reply.json().get("data"), None, "{media_type}");
    }
    // What stands in the address is no part of a POST.
    let reply = client.request("POST", &format!("/graphql?{form}"), &[], b"");
    assert!(reply.status >= 400 && reply.json().get("data").is_none(), "{}", reply.text());
}
