//! `createGroup`, `deleteGroup`, `addGroupMember` and `removeGroupMember`.

use crate::domain::user_error::UserError;
use crate::graphql::context::RequestContext;
use crate::graphql::error::payload;
use crate::graphql::ids::global;
use crate::graphql::types::Group;
use crate::services::groups;
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

#[derive(Default)]
pub struct GroupMutations;

#[derive(InputObject)]
struct CreateGroupInput {
    /// 1 to 255 characters, unlike all others.
    name: String,
}

#[derive(SimpleObject)]
struct CreateGroupPayload {
    group: Option<Group>,
    user_errors: Vec<UserError>,
}

#[derive(InputObject)]
struct DeleteGroupInput {
    group: ID,
}

#[derive(SimpleObject)]
struct DeleteGroupPayload {
    deleted_group_id: Option<ID>,
    user_errors: Vec<UserError>,
}

#[derive(InputObject)]
struct AddGroupMemberInput {
    group: ID,
    user: ID,
}

#[derive(SimpleObject)]
struct AddGroupMemberPayload {
    group: Option<Group>,
    user_errors: Vec<UserError>,
}

#[derive(InputObject)]
struct RemoveGroupMemberInput {
    group: ID,
    user: ID,
}

#[derive(SimpleObject)]
struct RemoveGroupMemberPayload {
    group: Option<Group>,
    user_errors: Vec<UserError>,
}

#[Object]
impl GroupMutations {
    /// For administrators.
    async fn create_group(&self, context: &Context<'_>, input: CreateGroupInput) -> Result<CreateGroupPayload> {
        let made = groups::create(context.services()?, context.viewer()?, &input.name).await;
        let done = |group| CreateGroupPayload { group: Some(Group(group)), user_errors: Vec::new() };
        payload(context, made, done, |user_errors| CreateGroupPayload { group: None, user_errors })
    }

    /// What was shared with it is shared with its members no more. For administrators.
    async fn delete_group(&self, context: &Context<'_>, input: DeleteGroupInput) -> Result<DeleteGroupPayload> {
        let deleted = groups::delete(context.services()?, context.viewer()?, &input.group).await;
        let done = |id| DeleteGroupPayload { deleted_group_id: Some(global(id)), user_errors: Vec::new() };
        payload(context, deleted, done, |user_errors| DeleteGroupPayload { deleted_group_id: None, user_errors })
    }

    /// Who is in it stays in it. For administrators.
    async fn add_group_member(
        &self,
        context: &Context<'_>,
        input: AddGroupMemberInput,
    ) -> Result<AddGroupMemberPayload> {
        let added = groups::add_member(context.services()?, context.viewer()?, &input.group, &input.user).await;
        let done = |group| AddGroupMemberPayload { group: Some(Group(group)), user_errors: Vec::new() };
        payload(context, added, done, |user_errors| AddGroupMemberPayload { group: None, user_errors })
    }

    /// For administrators.
    async fn remove_group_member(
        &self,
        context: &Context<'_>,
        input: RemoveGroupMemberInput,
    ) -> Result<RemoveGroupMemberPayload> {
        let removed = groups::remove_member(context.services()?, context.viewer()?, &input.group, &input.user).await;
        let done = |group| RemoveGroupMemberPayload { group: Some(Group(group)), user_errors: Vec::new() };
        payload(context, removed, done, |user_errors| RemoveGroupMemberPayload { group: None, user_errors })
    }
}
