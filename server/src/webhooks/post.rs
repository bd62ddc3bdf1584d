//! One signed POST to one receiver. When and how often is decided elsewhere.

use crate::config::{Secret, WebhookEndpoint};
use crate::domain::webhook_delivery::signature;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Client, Response, StatusCode, Url, redirect};
use std::time::Duration;

/// A receiver's address with the key for it.
pub(super) struct Post {
    client: Client,
    url: Url,
    secret: Secret,
}

/// What came of an attempt.
pub(super) enum Answer {
    /// A status of 200 to 299.
    Taken(StatusCode),
    /// Any other.
    Refused(StatusCode),
    /// None in time; why.
    Nothing(String),
}

/// An answer is read this far, so that its connection can be used again.
const MAX_ANSWER_BYTES: usize = 64 << 10;

impl Post {
    /// `timeout`: from connecting to the end of the answer.
    pub fn new(endpoint: &WebhookEndpoint, timeout: Duration) -> anyhow::Result<Self> {
        // Fails only when a provider is there already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let url = Url::parse(&endpoint.url)?;
        let mut builder = Client::builder()
            .timeout(timeout)
            .user_agent(concat!("lightbox/", env!("CARGO_PKG_VERSION")))
            // What is signed for one address is sent to no other.
            .redirect(redirect::Policy::none());
        if url.scheme() == "http" {
            // Without TLS no authority is asked for, so a machine that knows none will do.
            builder = builder.tls_certs_only([]);
        }
        if url.host_str().is_some_and(is_this_machine) {
            // A proxy that the environment names could not reach it.
            builder = builder.no_proxy();
        }
        Ok(Self { client: builder.build()?, url, secret: endpoint.secret.clone() })
    }

    pub async fn send(&self, body: Vec<u8>) -> Answer {
        let signature = signature(self.secret.as_bytes(), &body).and_then(|text| HeaderValue::from_str(&text).ok());
        let Some(signature) = signature else { return Answer::Nothing("the message cannot be signed".to_owned()) };
        let request = self.client.post(self.url.clone()).header(CONTENT_TYPE, "application/json");
        match request.header("X-Lightbox-Signature", signature).body(body).send().await {
            Ok(response) => {
                let status = response.status();
                finish_reading(response).await;
                if status.is_success() { Answer::Taken(status) } else { Answer::Refused(status) }
            }
            Err(error) => Answer::Nothing(reason(error)),
        }
    }
}

/// What the answer says does not matter, and neither does an answer that breaks off.
async fn finish_reading(mut response: Response) {
    let mut read = 0;
    while read < MAX_ANSWER_BYTES {
        match response.chunk().await {
            Ok(Some(chunk)) => read += chunk.len(),
            Ok(None) | Err(_) => return,
        }
    }
}

/// The error with its causes, the most particular last.
fn reason(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

fn is_this_machine(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse();
    host == "localhost" || address.is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}
