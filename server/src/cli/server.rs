//! A running server as the command line talks to it: where it is, the token for it, and its GraphQL API.

use crate::config::{ConfigFlags, read_config};
use anyhow::{Context, bail};
use clap::Args;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Client, StatusCode, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::time::Duration;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(120);

/// Where the server is, and who asks.
#[derive(Debug, Args)]
pub struct ServerFlags {
    /// Address of the server
    #[arg(long, value_name = "URL", env = "LIGHTBOX_SERVER", default_value = "http://127.0.0.1:8080")]
    server: Url,
    /// Access token [default: for a server on this machine, what is in `admin-token` of the data directory]
    #[arg(long, env = "LIGHTBOX_TOKEN", hide_env_values = true)]
    token: Option<String>,
}

impl ServerFlags {
    pub fn connect(self) -> anyhow::Result<Server> {
        // Fails only when a provider is there already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let token = self.token.map_or_else(|| token_of_this_machine(&self.server), Ok)?;
        Server::new(self.server, &token)
    }
}

/// A server that answers to a token.
pub struct Server {
    client: Client,
    server: Url,
}

/// What every GraphQL answer looks like.
#[derive(Debug, Deserialize)]
pub struct Answer<T> {
    pub data: Option<T>,
    #[serde(default)]
    pub errors: Vec<Message>,
}

#[derive(Debug, Deserialize)]
pub struct Message {
    pub message: String,
}

impl Server {
    fn new(server: Url, token: &str) -> anyhow::Result<Self> {
        let mut value = HeaderValue::from_str(&format!("Bearer {token}")).context("the token holds odd characters")?;
        value.set_sensitive(true);
        let headers = HeaderMap::from_iter([(AUTHORIZATION, value)]);
        let mut builder = Client::builder().default_headers(headers).connect_timeout(CONNECT_TIMEOUT);
        if server.scheme() == "http" {
            // Without TLS no authority is asked for, so a machine that knows none will do.
            builder = builder.tls_certs_only([]);
        }
        if is_this_machine(&server) {
            // A proxy that the environment names could not reach it.
            builder = builder.no_proxy();
        }
        Ok(Self { client: builder.build()?, server })
    }

    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The whole address of a root-relative one.
    pub fn address(&self, path: &str) -> anyhow::Result<Url> {
        Ok(self.server.join(path)?)
    }

    /// One GraphQL request.
    pub async fn ask<T: DeserializeOwned>(&self, query: &str, variables: Value) -> anyhow::Result<T> {
        let address = self.address("/graphql")?;
        let request = self.client.post(address).timeout(ANSWER_TIMEOUT);
        let sent = request.json(&json!({"query": query, "variables": variables})).send().await;
        let response = sent.with_context(|| format!("the server {} does not answer", self.server))?;
        let status = response.status();
        let body = response.bytes().await?;
        let answer = serde_json::from_slice::<Answer<T>>(&body);
        match answer {
            Ok(Answer { data: Some(data), errors }) if errors.is_empty() => Ok(data),
            Ok(Answer { errors, .. }) if !errors.is_empty() => bail!("the server refused: {}", sentences(&errors)),
            _ => Err(unexpected(status, &body)),
        }
    }
}

/// What a mutation gave, or its `userErrors` as an error.
pub fn require<T>(wanted: Option<T>, errors: &[Message]) -> anyhow::Result<T> {
    wanted.with_context(|| format!("the server refused: {}", sentences(errors)))
}

pub fn sentences(errors: &[Message]) -> String {
    errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join(" ")
}

fn unexpected(status: StatusCode, body: &[u8]) -> anyhow::Error {
    let text: String = String::from_utf8_lossy(body).chars().take(300).collect();
    anyhow::anyhow!("the server answered with status {status}, which is not what a Lightbox answers: {text}")
}

/// The administrator's token of the default data directory; for a server on this machine alone, so that it goes to
/// nobody else.
fn token_of_this_machine(server: &Url) -> anyhow::Result<String> {
    if !is_this_machine(server) {
        bail!("{server} is another machine: give its access token with --token or LIGHTBOX_TOKEN");
    }
    let path = read_config(&ConfigFlags::default())?.data_dir.join("admin-token");
    let text = std::fs::read_to_string(&path);
    let text = text.with_context(|| format!("no --token, no LIGHTBOX_TOKEN, and {} cannot be read", path.display()))?;
    Ok(text.trim().to_owned())
}

fn is_this_machine(server: &Url) -> bool {
    match server.host_str() {
        Some("localhost") => true,
        Some(host) => {
            host.trim_matches(['[', ']']).parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_has_several_names() {
        let table = [("http://127.0.0.1:8080", true), ("http://localhost", true), ("http://[::1]:1", true)];
        let others = [("http://[::2]", false), ("http://localhost.example.org", false), ("file:///x", false)];
        for (server, expected) in table.into_iter().chain(others) {
            assert_eq!(is_this_machine(&Url::parse(server).unwrap()), expected, "{server}");
        }
    }

    #[test]
    fn the_token_of_this_machine_goes_to_no_other() {
        for server in ["http://10.0.0.1:8080", "https://example.org", "http://127.0.0.1.example.org"] {
            let error = token_of_this_machine(&Url::parse(server).unwrap()).unwrap_err().to_string();
            assert!(error.contains("--token"), "{server}: {error}");
        }
    }
}
