//! The schema as clients meet it: it takes what the limits allow, executes it, and answers in the order of the query.
//! Types and resolvers are elsewhere.

use super::answer_order::{arrange, find_operation};
use super::limits::RequestLimits;
use super::mutations::Mutation;
use super::open_operations::OpenOperations;
use super::queries::Query;
use super::subscriptions::Subscription;
use async_graphql::parser::types::{ExecutableDocument, OperationType};
use async_graphql::{Data, Executor, Request, Response, Schema};
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use std::sync::Arc;

#[derive(Clone)]
pub struct LightboxSchema {
    schema: Schema<Query, Mutation, Subscription>,
    limits: Arc<RequestLimits>,
}

impl LightboxSchema {
    pub(super) fn new(schema: Schema<Query, Mutation, Subscription>, limits: RequestLimits) -> Self {
        Self { schema, limits: Arc::new(limits) }
    }

    /// What the request asks for; `None` when it may not be parsed, does not parse, or names no operation of its own.
    pub fn operation_type(&self, request: &mut Request) -> Option<OperationType> {
        self.limits.check_text(&request.query).ok()?;
        let name = request.operation_name.clone();
        let document = request.parsed_query().ok()?;
        find_operation(document, name.as_deref()).map(|operation| operation.ty)
    }
}

impl Executor for LightboxSchema {
    async fn execute(&self, mut request: Request) -> Response {
        let cost = match self.limits.check(&mut request) {
            Ok(cost) => cost,
            Err(refusal) => return self.limits.refuse(refusal),
        };
        let order = AnswerOrder::of(&mut request);
        let mut response = self.schema.execute(request).await;
        order.arrange(&mut response);
        self.limits.finish(&mut response, cost);
        response
    }

    fn execute_stream(&self, mut request: Request, session_data: Option<Arc<Data>>) -> BoxStream<'static, Response> {
        let limits = self.limits.clone();
        let begun = OpenOperations::begin(session_data.as_deref()).map_err(Into::into);
        let begun = begun.and_then(|place| Ok((place, limits.check(&mut request)?)));
        let (place, cost) = match begun {
            Ok(begun) => begun,
            Err(refusal) => return stream::iter([limits.refuse(refusal)]).boxed(),
        };
        let order = AnswerOrder::of(&mut request);
        let responses = Executor::execute_stream(&self.schema, request, session_data);
        let finished = responses.map(move |mut response| {
            // Free again when the stream is dropped, which is when the operation has ended.
            let _held = &place;
            order.arrange(&mut response);
            limits.finish(&mut response, cost);
            response
        });
        finished.boxed()
    }
}

/// The request's document, kept for its answers; `None` when it does not parse, and so has none.
struct AnswerOrder {
    document: Option<ExecutableDocument>,
    operation_name: Option<String>,
}

impl AnswerOrder {
    fn of(request: &mut Request) -> Self {
        Self { operation_name: request.operation_name.clone(), document: request.parsed_query().ok().cloned() }
    }

    fn arrange(&self, response: &mut Response) {
        if let Some(document) = &self.document {
            arrange(response, document, self.operation_name.as_deref());
        }
    }
}
