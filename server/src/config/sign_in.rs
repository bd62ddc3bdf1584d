//! How people sign in with a browser: for how long, at which address, and by which OpenID provider.

use super::Secret;
use anyhow::{Context, ensure};
use serde::{Deserialize, Serialize};
use url::Url;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignInConfig {
    /// Seconds from signing in until one has to do it again.
    pub session_lifetime_seconds: u64,
    /// How often it is looked up whether the token or session of an open WebSocket or event stream is still taken.
    pub credential_check_seconds: u64,
    /// Address by which browsers reach the server, such as `https://lightbox.hospital.example`; needed for OpenID
    /// Connect and behind a proxy that changes the header Host. With https, cookies go over https alone.
    pub public_url: Option<String>,
    /// Address of the OpenID provider, as it calls itself; without one nobody signs in by OpenID Connect.
    pub oidc_issuer: Option<String>,
    /// As which the provider knows this server.
    pub oidc_client_id: Option<String>,
    /// None for a public client.
    pub oidc_client_secret: Option<Secret>,
    /// What the page calls the provider.
    pub oidc_name: String,
    /// The claim that a new user is named by.
    pub oidc_name_claim: OidcNameClaim,
    /// Whether whoever the provider knows becomes a user; else only those to whom an administrator gave the identity.
    pub oidc_creates_users: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OidcNameClaim {
    PreferredUsername,
    Email,
    Sub,
}

impl Default for SignInConfig {
    fn default() -> Self {
        Self {
            session_lifetime_seconds: 12 * 3600,
            credential_check_seconds: 45,
            public_url: None,
            oidc_issuer: None,
            oidc_client_id: None,
            oidc_client_secret: None,
            oidc_name: "OpenID Connect".to_owned(),
            oidc_name_claim: OidcNameClaim::PreferredUsername,
            oidc_creates_users: true,
        }
    }
}

impl SignInConfig {
    /// # Errors
    /// With the key, what was found and what was expected; never with a secret.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        ensure!(self.session_lifetime_seconds > 0, "sign_in.session_lifetime_seconds is 0: give 1 or more");
        ensure!(
            self.session_lifetime_seconds <= 366 * 24 * 3600,
            "sign_in.session_lifetime_seconds is {}: at most a year is allowed",
            self.session_lifetime_seconds
        );
        ensure!(self.credential_check_seconds > 0, "sign_in.credential_check_seconds is 0: give 1 or more");
        for (key, text) in [("public_url", &self.public_url), ("oidc_issuer", &self.oidc_issuer)] {
            let Some(text) = text else { continue };
            let url = Url::parse(text).with_context(|| format!("sign_in.{key} is no address: {text:?}"))?;
            ensure!(["http", "https"].contains(&url.scheme()), "sign_in.{key} must begin with http or https: {text:?}");
        }
        if self.oidc_issuer.is_some() {
            ensure!(self.oidc_client_id.is_some(), "sign_in.oidc_client_id is missing: the issuer is set");
            ensure!(
                self.public_url.is_some(),
                "sign_in.public_url is missing: the OpenID provider sends browsers back to it"
            );
        }
        Ok(())
    }

    /// Whether browsers reach the server by https alone.
    pub fn is_https(&self) -> bool {
        let url = self.public_url.as_deref().and_then(|url| Url::parse(url).ok());
        url.is_some_and(|url| url.scheme() == "https")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_needs_a_client_id_and_an_address_to_come_back_to() {
        let mut config = SignInConfig { oidc_issuer: Some("https://id.example".to_owned()), ..SignInConfig::default() };
        assert!(config.check().unwrap_err().to_string().contains("oidc_client_id"));
        config.oidc_client_id = Some("lightbox".to_owned());
        assert!(config.check().unwrap_err().to_string().contains("public_url"));
        config.public_url = Some("ftp://lightbox.example".to_owned());
        assert!(config.check().unwrap_err().to_string().contains("http"));
        config.public_url = Some("HTTPS://lightbox.example".to_owned());
        config.check().unwrap();
        assert!(config.is_https());
    }
}
