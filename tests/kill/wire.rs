//! Requests to a server that may die at any moment: each is answered, refused, failed, or lost without an answer.

use crate::support::client::Client;
use crate::support::client::Reply;
use serde_json::{Value, json};

/// What came instead of what was asked for.
#[derive(Debug)]
pub enum Failed {
    /// No answer, or none that is whole: what was asked for may have been done or not.
    Lost,
    /// The server says what the caller did wrong; nothing was done.
    Refused(String),
    /// The server or a plugin failed; nothing was done. `code`: of the error's extensions, or an HTTP status.
    Broken { code: String, message: String },
}

pub type Answer<T> = Result<T, Failed>;

pub struct Wire {
    pub client: Client,
}

impl Wire {
    pub fn new(address: &str, token: &str) -> Self {
        Self { client: Client::new(address, Some(token.to_owned())) }
    }

    /// The data of a GraphQL operation.
    pub fn ask(&self, query: &str, variables: Value) -> Answer<Value> {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let headers = [("content-type", "application/json")];
        let reply = self.send("POST", "/graphql", &headers, body.as_bytes())?;
        let mut whole: Value = match serde_json::from_slice(&reply.body) {
            Ok(whole) => whole,
            Err(error) => panic!("the answer to {query} is no JSON ({error}): {} {}", reply.status, reply.text()),
        };
        match whole["errors"].as_array().and_then(|errors| errors.first()) {
            None => Ok(whole["data"].take()),
            Some(error) => {
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                Err(Failed::Broken { code: text(&error["extensions"]["code"]), message: text(&error["message"]) })
            }
        }
    }

    /// The payload of a mutation that takes `input`.
    pub fn change(&self, field: &str, input: Value, selection: &str) -> Answer<Value> {
        let kind = format!("{}{}Input", field[..1].to_uppercase(), &field[1..]);
        let query = format!(
            "mutation($input: {kind}!) {{ {field}(input: $input) {{ {selection} userErrors {{ code message }} }} }}"
        );
        let payload = self.ask(&query, json!({ "input": input }))?[field].take();
        match payload["userErrors"].as_array().and_then(|errors| errors.first()) {
            None => Ok(payload),
            Some(error) => Err(Failed::Refused(format!("{}: {}", error["code"], error["message"]))),
        }
    }

    /// A plain request; statuses of 500 and above are failures of the server.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer<Reply> {
        match self.client.try_request(method, path, headers, body) {
            Ok(reply) if reply.status < 500 => Ok(reply),
            Ok(reply) => Err(Failed::Broken { code: reply.status.to_string(), message: reply.text() }),
            Err(_) => Err(Failed::Lost),
        }
    }
}
