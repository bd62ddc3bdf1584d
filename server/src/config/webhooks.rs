//! Who is told of what happened, and how long it is tried.

use anyhow::ensure;
use serde::{Deserialize, Serialize};
use std::fmt;
use url::Url;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhooksConfig {
    /// Who is told; nobody when it is empty.
    pub endpoints: Vec<WebhookEndpoint>,
    /// Time of one attempt, from connecting to the end of the answer.
    pub timeout_ms: u64,
    /// Time until the second attempt; it doubles with each further one, up to an hour.
    pub first_retry_ms: u64,
    /// Seconds since the event after which nothing is tried again.
    pub give_up_after_seconds: u64,
    /// Seconds for which deliveries that ended stay in the log.
    pub log_lifetime_seconds: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookEndpoint {
    /// Address that events are posted to; http or https.
    pub url: String,
    /// What signatures are keyed with; at least [`MIN_SECRET_BYTES`] bytes.
    pub secret: Secret,
}

/// A text that no log line and no message shows.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Shortest secret: 128 bits.
pub const MIN_SECRET_BYTES: usize = 16;

impl Default for WebhooksConfig {
    fn default() -> Self {
        Self {
            endpoints: Vec::new(),
            timeout_ms: 10_000,
            first_retry_ms: 10_000,
            give_up_after_seconds: 24 * 3600,
            log_lifetime_seconds: 7 * 24 * 3600,
        }
    }
}

impl WebhooksConfig {
    /// # Errors
    /// With the key, what was found and what was expected; never with a secret.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        ensure!(self.timeout_ms > 0, "webhooks.timeout_ms is 0: no attempt would ever be answered; give 1 or more");
        ensure!(self.first_retry_ms > 0, "webhooks.first_retry_ms is 0: retries would not end; give 1 or more");
        for (index, endpoint) in self.endpoints.iter().enumerate() {
            endpoint.check(&format!("webhooks.endpoints[{index}]"))?;
            let repeated = self.endpoints.iter().take(index).any(|other| other.url == endpoint.url);
            ensure!(!repeated, "webhooks.endpoints[{index}].url stands there twice: everything would be told twice");
        }
        Ok(())
    }
}

impl WebhookEndpoint {
    fn check(&self, key: &str) -> anyhow::Result<()> {
        let url = Url::parse(&self.url).map_err(|error| anyhow::anyhow!("{key}.url is no whole address: {error}"))?;
        let scheme = url.scheme();
        ensure!(
            matches!(scheme, "http" | "https"),
            "{key}.url begins with {scheme}: only http: and https: are allowed"
        );
        ensure!(
            url.username().is_empty() && url.password().is_none(),
            "{key}.url holds a user name or a password, which the log of deliveries would show: take it out"
        );
        let length = self.secret.as_bytes().len();
        ensure!(
            length >= MIN_SECRET_BYTES,
            "{key}.secret has {length} bytes, and at least {MIN_SECRET_BYTES} are needed: make one with \
             `openssl rand -hex 32`"
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(endpoints: &[(&str, &str)]) -> WebhooksConfig {
        let endpoint = |(url, secret): &(&str, &str)| WebhookEndpoint {
            url: (*url).to_owned(),
            secret: Secret((*secret).to_owned()),
        };
        WebhooksConfig { endpoints: endpoints.iter().map(endpoint).collect(), ..WebhooksConfig::default() }
    }

    const SECRET: &str = "0123456789abcdef";

    #[test]
    fn addresses_and_secrets_that_would_not_work_are_refused_by_key() {
        let good = ("https://tool.example/hook", SECRET);
        config(&[good, ("http://10.0.0.5:9000/hook?tenant=7", SECRET)]).check().unwrap();
        for (endpoints, expected) in [
            (&[good, good][..], "webhooks.endpoints[1].url stands there twice"),
            (&[("tool.example/hook", SECRET)], "webhooks.endpoints[0].url is no whole address"),
            (&[("ftp://tool.example", SECRET)], "begins with ftp"),
            (&[("https://user@tool.example", SECRET)], "user name"),
            (&[("https://:pass@tool.example", SECRET)], "password"),
            (&[good, ("https://other.example", "0123456789abcde")], "webhooks.endpoints[1].secret has 15 bytes"),
        ] {
            let error = config(endpoints).check().unwrap_err().to_string();
            assert!(error.contains(expected) && !error.contains(SECRET), "{error}");
        }
    }

    #[test]
    fn a_secret_is_never_shown() {
        let shown = format!("{:?}", config(&[("https://x/", SECRET)]));
        assert!(shown.contains("Secret(…)") && !shown.contains(SECRET), "{shown}");
    }
}
