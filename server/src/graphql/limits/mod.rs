//! What a request may ask for, told from its text before anything of it runs, the same over HTTP and WebSocket. How
//! much is allowed stands in the configuration; how often somebody may ask is HTTP's matter.

mod cost;
mod document;
mod field_sizes;
mod text;

use super::answer_order::find_operation;
use super::error::{Code, with_code};
use crate::config;
use async_graphql::{Request, Response, ServerError, value};
use cost::Measures;
use field_sizes::FieldSizes;

/// Errors of one refused document; the first few say what to put right.
const MAX_VALIDATION_ERRORS: usize = 8;
/// Characters of one error's message; parsers quote the line that they stumble over, however long it is.
const MAX_MESSAGE_CHARS: usize = 1_000;

pub struct RequestLimits {
    allowed: config::Limits,
    introspection: bool,
    sizes: FieldSizes,
}

/// Of one request, known before it runs: how many values its answer may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost(u64);

/// Why a request is not executed; with its cost where that was found.
#[derive(Debug)]
pub struct Refusal {
    error: Box<ServerError>,
    cost: Option<Cost>,
}

impl From<ServerError> for Refusal {
    fn from(error: ServerError) -> Self {
        Self { error: Box::new(error), cost: None }
    }
}

impl RequestLimits {
    /// For the schema of that text.
    pub fn new(allowed: config::Limits, introspection: bool, sdl: &str) -> Self {
        Self { allowed, introspection, sizes: FieldSizes::of(sdl) }
    }

    /// Whether the query's text may be parsed at all.
    pub fn check_text(&self, query: &str) -> Result<(), ServerError> {
        text::check(query, &self.allowed)
    }

    /// Checks everything that a limit counts. A document that does not parse, or names no operation, has no cost: the
    /// schema says what is wrong with it.
    pub fn check(&self, request: &mut Request) -> Result<Option<Cost>, Refusal> {
        self.check_text(&request.query)?;
        if request.parsed_query().is_err() {
            return Ok(None);
        }
        let (name, variables) = (request.operation_name.clone(), std::mem::take(&mut request.variables));
        let cost = match request.parsed_query() {
            Ok(parsed) => {
                document::check(parsed, &self.allowed)?;
                let mut measures = Measures::new(parsed, &self.sizes, &variables, &self.allowed);
                for (_, operation) in parsed.operations.iter() {
                    measures.check(&operation.node, &self.allowed, self.introspection)?;
                }
                measures.check_fragments(&self.allowed)?;
                match find_operation(parsed, name.as_deref()) {
                    Some(operation) => Some(Cost(measures.cost_of(operation)?)),
                    None => None,
                }
            }
            Err(_) => None,
        };
        request.variables = variables;
        match cost {
            Some(Cost(actual)) if actual > self.allowed.graphql_cost => {
                let advice = "Ask for smaller pages (`first`, `last`) or for fewer lists inside lists.";
                let error = exceeded("graphql_cost", "The query's cost is", actual, self.allowed.graphql_cost, advice);
                Err(Refusal { error: Box::new(error), cost })
            }
            cost => Ok(cost),
        }
    }

    pub fn refuse(&self, refusal: Refusal) -> Response {
        let mut response = Response::from_errors(vec![*refusal.error]);
        self.finish(&mut response, refusal.cost);
        response
    }

    /// What every answer has: the cost of its request, a code at each error, and nothing that is not for clients.
    pub fn finish(&self, response: &mut Response, cost: Option<Cost>) {
        if let Some(Cost(requested)) = cost {
            let cost = value!({ "requested": requested, "limit": self.allowed.graphql_cost });
            response.extensions.insert("cost".to_owned(), cost);
        }
        if response.errors.iter().all(|error| error.path.is_empty()) {
            response.errors.truncate(MAX_VALIDATION_ERRORS);
        }
        for error in &mut response.errors {
            self.finish_error(error);
        }
    }

    /// What the library says by itself, of the request's text and variables, is the caller's to put right.
    fn finish_error(&self, error: &mut ServerError) {
        let extensions = error.extensions.get_or_insert_default();
        if extensions.get("code").is_some() {
            return;
        }
        extensions.set("code", Code::BadUserInput.as_str());
        if !self.introspection
            && let Some(start) = error.message.find(" Did you mean ")
        {
            error.message.truncate(start);
        }
        if let Some((end, _)) = error.message.char_indices().nth(MAX_MESSAGE_CHARS) {
            error.message.truncate(end);
            error.message.push('…');
        }
    }
}

/// The refusal of what is more than `limits.<limit>` allows.
fn exceeded(limit: &str, what: &str, actual: u64, allowed: u64, advice: &str) -> ServerError {
    let message = format!("{what} {actual}; {allowed} is the most (limits.{limit}). {advice}");
    let mut error = with_code(Code::LimitExceeded, message);
    let extensions = error.extensions.get_or_insert_default();
    extensions.set("limit", format!("limits.{limit}"));
    extensions.set("actual", actual);
    extensions.set("allowed", allowed);
    error
}

fn within(limit: &str, what: &str, actual: usize, allowed: usize, advice: &str) -> Result<(), ServerError> {
    if actual > allowed { Err(exceeded(limit, what, actual as u64, allowed as u64, advice)) } else { Ok(()) }
}
