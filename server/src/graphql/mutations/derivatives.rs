//! `registerDerivative` and `removeDerivative`.

use crate::domain::derivative::DerivativeKind;
use crate::domain::user_error::UserError;
use crate::graphql::context::RequestContext;
use crate::graphql::error::payload;
use crate::graphql::ids::global;
use crate::graphql::types::Derivative;
use crate::services::derivatives::{self, NewDerivative};
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

#[derive(Default)]
pub struct DerivativeMutations;

#[derive(InputObject)]
struct RegisterDerivativeInput {
    kind: DerivativeKind,
    /// 1 to 255 characters.
    name: String,
    /// Where people find it: http or https, at most 2,048 bytes.
    url: Option<String>,
    dataset: ID,
    /// Of that dataset; left out: made from the dataset as a whole.
    annotation_set: Option<ID>,
}

#[derive(SimpleObject)]
struct RegisterDerivativePayload {
    derivative: Option<Derivative>,
    user_errors: Vec<UserError>,
}

#[derive(InputObject)]
struct RemoveDerivativeInput {
    derivative: ID,
}

#[derive(SimpleObject)]
struct RemoveDerivativePayload {
    removed_id: Option<ID>,
    user_errors: Vec<UserError>,
}

#[Object]
impl DerivativeMutations {
    /// Tells the server of something that was made from a dataset or an annotation set and must end with it: whoever
    /// deletes that sees it first, and webhooks tell of its end.
    async fn register_derivative(
        &self,
        context: &Context<'_>,
        input: RegisterDerivativeInput,
    ) -> Result<RegisterDerivativePayload> {
        let new = NewDerivative {
            kind: input.kind,
            name: &input.name,
            url: input.url.as_deref(),
            dataset: &input.dataset,
            annotation_set: input.annotation_set.as_deref().map(String::as_str),
        };
        let registered = derivatives::register(context.services()?, context.viewer()?, &new).await;
        let done = |row| RegisterDerivativePayload { derivative: Some(Derivative(row)), user_errors: Vec::new() };
        payload(context, registered, done, |user_errors| RegisterDerivativePayload { derivative: None, user_errors })
    }

    /// Tells the server that it has ended; what it was made from stays.
    async fn remove_derivative(
        &self,
        context: &Context<'_>,
        input: RemoveDerivativeInput,
    ) -> Result<RemoveDerivativePayload> {
        let removed = derivatives::remove(context.services()?, context.viewer()?, &input.derivative).await;
        let done = |id| RemoveDerivativePayload { removed_id: Some(global(id)), user_errors: Vec::new() };
        payload(context, removed, done, |user_errors| RemoveDerivativePayload { removed_id: None, user_errors })
    }
}
