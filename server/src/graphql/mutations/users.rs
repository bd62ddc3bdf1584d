//! `createUser`, `updateUser` and `changePassword`.

use crate::domain::user_error::UserError;
use crate::graphql::context::RequestContext;
use crate::graphql::error::payload;
use crate::graphql::scalars::Long;
use crate::graphql::types::User;
use crate::services::users::{self, NewPerson, UserChange};
use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result, SimpleObject};

#[derive(Default)]
pub struct UserMutations;

#[derive(InputObject)]
struct CreateUserInput {
    /// 1 to 255 characters, unlike all others.
    name: String,
    #[graphql(default)]
    is_admin: bool,
    /// 12 characters or more. Left out: he signs in by tokens or OpenID Connect alone.
    #[graphql(secret)]
    password: Option<String>,
}

#[derive(SimpleObject)]
struct CreateUserPayload {
    user: Option<User>,
    user_errors: Vec<UserError>,
}

#[derive(InputObject)]
struct UpdateUserInput {
    user: ID,
    is_admin: Option<bool>,
    /// He is signed out everywhere, and none of his tokens is taken.
    is_disabled: Option<bool>,
    /// Bytes of his datasets and uploads; null: the server's own limit.
    quota_bytes: MaybeUndefined<Long>,
    /// Images of his datasets; null: the server's own limit.
    quota_images: MaybeUndefined<Long>,
    /// 12 characters or more; he is signed out everywhere.
    #[graphql(secret)]
    password: Option<String>,
    /// What the OpenID provider calls him (the claim `sub`): he is signed in by it from then on.
    oidc_subject: Option<String>,
}

#[derive(SimpleObject)]
struct UpdateUserPayload {
    user: Option<User>,
    user_errors: Vec<UserError>,
}

#[derive(InputObject)]
struct ChangePasswordInput {
    #[graphql(secret)]
    present_password: String,
    /// 12 characters or more.
    #[graphql(secret)]
    new_password: String,
}

#[derive(SimpleObject)]
struct ChangePasswordPayload {
    user_errors: Vec<UserError>,
}

/// A limit below zero is none at all, and nothing fits into it.
fn limit(value: MaybeUndefined<Long>) -> Option<Option<u64>> {
    match value {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(Long(value)) => Some(Some(u64::try_from(value).unwrap_or(0))),
    }
}

#[Object]
impl UserMutations {
    /// For administrators.
    async fn create_user(&self, context: &Context<'_>, input: CreateUserInput) -> Result<CreateUserPayload> {
        let new = NewPerson { name: &input.name, is_admin: input.is_admin, password: input.password.as_deref() };
        let made = users::create(context.services()?, context.viewer()?, &new).await;
        let done = |user| CreateUserPayload { user: Some(User(user)), user_errors: Vec::new() };
        payload(context, made, done, |user_errors| CreateUserPayload { user: None, user_errors })
    }

    /// Changes what is given and leaves the rest. For administrators, of whom one must stay.
    async fn update_user(&self, context: &Context<'_>, input: UpdateUserInput) -> Result<UpdateUserPayload> {
        let change = UserChange {
            is_admin: input.is_admin,
            is_disabled: input.is_disabled,
            quota_bytes: limit(input.quota_bytes),
            quota_images: limit(input.quota_images),
            password: input.password,
            oidc_subject: input.oidc_subject,
        };
        let updated = users::update(context.services()?, context.viewer()?, &input.user, change).await;
        let done = |user| UpdateUserPayload { user: Some(User(user)), user_errors: Vec::new() };
        payload(context, updated, done, |user_errors| UpdateUserPayload { user: None, user_errors })
    }

    /// The viewer's own; he is signed out everywhere, and his tokens stay.
    async fn change_password(
        &self,
        context: &Context<'_>,
        input: ChangePasswordInput,
    ) -> Result<ChangePasswordPayload> {
        let (services, viewer) = (context.services()?, context.viewer()?);
        let changed = users::change_password(services, viewer, input.present_password, input.new_password).await;
        let done = |()| ChangePasswordPayload { user_errors: Vec::new() };
        payload(context, changed, done, |user_errors| ChangePasswordPayload { user_errors })
    }
}
