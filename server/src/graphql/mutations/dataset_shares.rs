//! `shareDataset` and `unshareDataset`.

use crate::domain::access::DatasetRole;
use crate::domain::user_error::UserError;
use crate::graphql::context::RequestContext;
use crate::graphql::error::payload;
use crate::graphql::types::Dataset;
use crate::services::dataset_shares::{self, NamedGrantee};
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

#[derive(Default)]
pub struct DatasetShareMutations;

#[derive(InputObject)]
struct ShareDatasetInput {
    dataset: ID,
    /// Id or exact name of a user; give this or `group`.
    user: Option<String>,
    /// Id or exact name of a group; give this or `user`.
    group: Option<String>,
    role: DatasetRole,
}

#[derive(SimpleObject)]
struct ShareDatasetPayload {
    dataset: Option<Dataset>,
    user_errors: Vec<UserError>,
}

#[derive(InputObject)]
struct UnshareDatasetInput {
    dataset: ID,
    /// Id or exact name of a user; give this or `group`.
    user: Option<String>,
    /// Id or exact name of a group; give this or `user`.
    group: Option<String>,
}

#[derive(SimpleObject)]
struct UnshareDatasetPayload {
    /// As it is after it.
    dataset: Option<Dataset>,
    user_errors: Vec<UserError>,
}

#[Object]
impl DatasetShareMutations {
    /// Lets a user or a group see (VIEWER), change (EDITOR) or own (OWNER) the dataset, instead of what it could before.
    /// For the dataset's owners, signed in or with a token of the scope ADMIN.
    async fn share_dataset(&self, context: &Context<'_>, input: ShareDatasetInput) -> Result<ShareDatasetPayload> {
        let (services, viewer) = (context.services()?, context.viewer()?);
        let with = NamedGrantee { user: input.user.as_deref(), group: input.group.as_deref() };
        let shared = dataset_shares::share(services, viewer, &input.dataset, with, input.role).await;
        let done = |dataset| ShareDatasetPayload { dataset: Some(Dataset(dataset)), user_errors: Vec::new() };
        payload(context, shared, done, |user_errors| ShareDatasetPayload { dataset: None, user_errors })
    }

    /// Takes back what `shareDataset` gave. Whoever has a share of his own may give it back.
    async fn unshare_dataset(
        &self,
        context: &Context<'_>,
        input: UnshareDatasetInput,
    ) -> Result<UnshareDatasetPayload> {
        let (services, viewer) = (context.services()?, context.viewer()?);
        let with = NamedGrantee { user: input.user.as_deref(), group: input.group.as_deref() };
        let unshared = dataset_shares::unshare(services, viewer, &input.dataset, with).await;
        let done = |dataset| UnshareDatasetPayload { dataset: Some(Dataset(dataset)), user_errors: Vec::new() };
        payload(context, unshared, done, |user_errors| UnshareDatasetPayload { dataset: None, user_errors })
    }
}
