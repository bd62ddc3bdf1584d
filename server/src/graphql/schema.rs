//! The schema as clients meet it: it executes, and answers in the order of the query. Types and resolvers are elsewhere.

use super::answer_order::{arrange, find_operation};
use super::mutations::Mutation;
use super::queries::Query;
use super::subscriptions::Subscription;
use async_graphql::parser::types::{ExecutableDocument, OperationType};
use async_graphql::{Data, Executor, Request, Response, Schema};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use std::sync::Arc;

#[derive(Clone)]
pub struct LightboxSchema(pub(super) Schema<Query, Mutation, Subscription>);

impl Executor for LightboxSchema {
    async fn execute(&self, mut request: Request) -> Response {
        let order = AnswerOrder::of(&mut request);
        let mut response = self.0.execute(request).await;
        order.arrange(&mut response);
        response
    }

    fn execute_stream(&self, mut request: Request, session_data: Option<Arc<Data>>) -> BoxStream<'static, Response> {
        let order = AnswerOrder::of(&mut request);
        let responses = Executor::execute_stream(&self.0, request, session_data);
        let arranged = responses.map(move |mut response| {
            order.arrange(&mut response);
            response
        });
        arranged.boxed()
    }
}

/// What the request asks for; `None` when it does not parse or names no operation of its own.
pub fn operation_type(request: &mut Request) -> Option<OperationType> {
    let name = request.operation_name.clone();
    let document = request.parsed_query().ok()?;
    find_operation(document, name.as_deref()).map(|operation| operation.ty)
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
