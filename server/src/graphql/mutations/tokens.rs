//! `createApiToken` and `revokeApiToken`.

use crate::domain::access::Access;
use crate::domain::user_error::UserError;
use crate::graphql::context::RequestContext;
use crate::graphql::error::payload;
use crate::graphql::ids::global;
use crate::graphql::types::ApiToken;
use crate::services::tokens::{self, TokenRequest};
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};

#[derive(Default)]
pub struct TokenMutations;

#[derive(InputObject)]
struct CreateApiTokenInput {
    /// What it is for; 1 to 255 characters.
    name: String,
    scope: Access,
    /// Left out: it is taken until it is revoked.
    expires_at: Option<DateTime<Utc>>,
}

#[derive(SimpleObject)]
struct CreateApiTokenPayload {
    api_token: Option<ApiToken>,
    /// What goes behind `Authorization: Bearer`. It is shown this once.
    secret: Option<String>,
    user_errors: Vec<UserError>,
}

#[derive(InputObject)]
struct RevokeApiTokenInput {
    token: ID,
}

#[derive(SimpleObject)]
struct RevokeApiTokenPayload {
    revoked_api_token_id: Option<ID>,
    user_errors: Vec<UserError>,
}

#[Object]
impl TokenMutations {
    /// One more token for the viewer; he has at most 100. For who is signed in or has a token of the scope ADMIN.
    async fn create_api_token(
        &self,
        context: &Context<'_>,
        input: CreateApiTokenInput,
    ) -> Result<CreateApiTokenPayload> {
        let request = TokenRequest { name: &input.name, access: input.scope, expires_at: input.expires_at };
        let made = tokens::create(context.services()?, context.viewer()?, &request).await;
        let done = |(token, secret): (_, tokens::NewToken)| CreateApiTokenPayload {
            api_token: Some(ApiToken(token)),
            secret: Some(secret.0),
            user_errors: Vec::new(),
        };
        let refused = |user_errors| CreateApiTokenPayload { api_token: None, secret: None, user_errors };
        payload(context, made, done, refused)
    }

    /// What is signed with it is refused from then on; connections that it opened are closed after
    /// `sign_in.credential_check_seconds` at most, 45 unless set otherwise. For its
    /// user and administrators; a token may revoke itself.
    async fn revoke_api_token(
        &self,
        context: &Context<'_>,
        input: RevokeApiTokenInput,
    ) -> Result<RevokeApiTokenPayload> {
        let revoked = tokens::revoke(context.services()?, context.viewer()?, &input.token).await;
        let done = |id| RevokeApiTokenPayload { revoked_api_token_id: Some(global(id)), user_errors: Vec::new() };
        payload(context, revoked, done, |user_errors| RevokeApiTokenPayload { revoked_api_token_id: None, user_errors })
    }
}
