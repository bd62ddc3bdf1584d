//! An OpenID provider, asked who somebody is: the authorization code flow with PKCE (OpenID Connect Core 1.0, section 3.1;
//! RFC 7636). Sessions and users are the services' matter.

mod http_client;

use crate::config::{OidcNameClaim, SignInConfig};
use chrono::{DateTime, Utc};
use http_client::HttpClient;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreProviderMetadata, CoreTokenResponse, CoreUserInfoClaims,
};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl,
    Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, SubjectIdentifier,
};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use url::Url;

/// Where the provider sends browsers back to.
const CALLBACK: &str = "/sign-in/oidc/callback";

/// What is kept in the browser between going to the provider and coming back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Attempt {
    pub state: String,
    begun_at: DateTime<Utc>,
    nonce: String,
    verifier: String,
}

impl Attempt {
    /// Begun no longer ago than that, whatever the browser says of its cookie.
    pub fn is_fresh(&self, lifetime_seconds: i64) -> bool {
        (Utc::now() - self.begun_at).num_seconds() <= lifetime_seconds
    }
}

/// Whom the provider says that it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub issuer: String,
    pub subject: String,
    /// By the claim that the configuration names; `None` where the provider does not say it.
    pub name: Option<String>,
}

/// For the log; whoever signs in is told that it failed.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    #[error("the OpenID provider is not configured")]
    NotConfigured,
    #[error("the OpenID provider's description could not be read: {0}")]
    Discovery(String),
    #[error("the configuration of OpenID Connect is not understood: {0}")]
    Configuration(String),
    #[error("the OpenID provider did not take the code: {0}")]
    Exchange(String),
    #[error("the OpenID provider's answer proves nothing: {0}")]
    Unproven(String),
}

type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// Conversations with the provider at a time: anybody can begin one.
static TURNS: Semaphore = Semaphore::const_new(4);

async fn turn() -> Result<tokio::sync::SemaphorePermit<'static>, OidcError> {
    TURNS.acquire().await.map_err(|error| OidcError::Configuration(error.to_string()))
}

/// Asks the provider for its description and keys, each time: people sign in seldom, and keys change.
async fn client(config: &SignInConfig, http: &HttpClient) -> Result<Client, OidcError> {
    let (Some(issuer), Some(id), Some(public_url)) = (&config.oidc_issuer, &config.oidc_client_id, &config.public_url)
    else {
        return Err(OidcError::NotConfigured);
    };
    let wrong = |error: &dyn std::fmt::Display| OidcError::Configuration(error.to_string());
    let issuer = IssuerUrl::new(issuer.clone()).map_err(|error| wrong(&error))?;
    let found = CoreProviderMetadata::discover_async(issuer, http).await;
    let metadata = found.map_err(|error| OidcError::Discovery(with_causes(&error)))?;
    let redirect = format!("{}{CALLBACK}", public_url.trim_end_matches('/'));
    let redirect = RedirectUrl::new(redirect).map_err(|error| wrong(&error))?;
    let secret =
        config.oidc_client_secret.as_ref().map(|secret| String::from_utf8_lossy(secret.as_bytes()).into_owned());
    let client = CoreClient::from_provider_metadata(metadata, ClientId::new(id.clone()), secret.map(ClientSecret::new));
    Ok(client.set_redirect_uri(redirect))
}

/// Where to send the browser, and what it keeps meanwhile.
///
/// # Errors
/// When the provider cannot be reached or understood.
pub async fn begin(config: &SignInConfig) -> Result<(Url, Attempt), OidcError> {
    let _turn = turn().await?;
    let http = HttpClient::new()?;
    let client = client(config, &http).await?;
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let request =
        client.authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random);
    let request = request.set_pkce_challenge(challenge).add_scope(Scope::new("profile".to_owned()));
    let (url, state, nonce) = request.add_scope(Scope::new("email".to_owned())).url();
    let attempt = Attempt {
        state: state.into_secret(),
        begun_at: Utc::now(),
        nonce: nonce.secret().clone(),
        verifier: verifier.into_secret(),
    };
    Ok((url, attempt))
}

/// Whom the code that the browser brought stands for.
///
/// # Errors
/// When the provider cannot be reached, does not take the code, or its answer is not signed for this attempt.
pub async fn finish(config: &SignInConfig, attempt: Attempt, code: String) -> Result<Identity, OidcError> {
    let _turn = turn().await?;
    let http = HttpClient::new()?;
    let client = client(config, &http).await?;
    let request = client.exchange_code(AuthorizationCode::new(code));
    let request = request.map_err(|error| OidcError::Configuration(error.to_string()))?;
    let answer = request.set_pkce_verifier(PkceCodeVerifier::new(attempt.verifier)).request_async(&http).await;
    let answer = answer.map_err(|error| OidcError::Exchange(with_causes(&error)))?;
    let unproven = |what: &str| OidcError::Unproven(what.to_owned());
    let token = openidconnect::TokenResponse::id_token(&answer).ok_or_else(|| unproven("it has no ID token"))?;
    // Issuer, audience, end, signature and nonce are checked here.
    let claims = token.claims(&client.id_token_verifier(), &Nonce::new(attempt.nonce));
    let claims = claims.map_err(|error| OidcError::Unproven(with_causes(&error)))?;
    let said = Said {
        username: claims.preferred_username().map(|name| name.to_string()),
        email: claims.email().map(|email| email.to_string()),
        email_is_verified: claims.email_verified() == Some(true),
    };
    let (issuer, subject) = (claims.issuer().to_string(), claims.subject().clone());
    let name = match said.name(config.oidc_name_claim, &subject) {
        Some(name) => Some(name),
        // Where the ID token is kept short, the provider says the rest when it is asked (section 5.4).
        None => user_info(&client, &answer, &subject, &http).await?.name(config.oidc_name_claim, &subject),
    };
    Ok(Identity { issuer, subject: subject.to_string(), name })
}

async fn user_info(
    client: &Client,
    answer: &CoreTokenResponse,
    subject: &SubjectIdentifier,
    http: &HttpClient,
) -> Result<Said, OidcError> {
    let token = openidconnect::OAuth2TokenResponse::access_token(answer).clone();
    let request = client.user_info(token, Some(subject.clone()));
    let request = request.map_err(|error| OidcError::Configuration(error.to_string()))?;
    let claims: CoreUserInfoClaims =
        request.request_async(http).await.map_err(|error| OidcError::Exchange(with_causes(&error)))?;
    Ok(Said {
        username: claims.preferred_username().map(|name| name.to_string()),
        email: claims.email().map(|email| email.to_string()),
        email_is_verified: claims.email_verified() == Some(true),
    })
}

/// What the provider said of somebody that he could be named by.
struct Said {
    username: Option<String>,
    email: Option<String>,
    email_is_verified: bool,
}

impl Said {
    fn name(self, claim: OidcNameClaim, subject: &SubjectIdentifier) -> Option<String> {
        match claim {
            OidcNameClaim::PreferredUsername => self.username,
            // One that nobody proved to be his could be another's.
            OidcNameClaim::Email => self.email.filter(|_| self.email_is_verified),
            OidcNameClaim::Sub => Some(subject.to_string()),
        }
    }
}

fn with_causes(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
