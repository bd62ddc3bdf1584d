//! What the GraphQL API shows of itself. How much a request may ask for is among the limits.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GraphqlConfig {
    /// Whether clients may ask for the schema itself, and errors suggest what may have been meant.
    pub introspection: bool,
    /// Whether GraphiQL is at `/graphiql`.
    pub graphiql: bool,
}

impl Default for GraphqlConfig {
    fn default() -> Self {
        Self { introspection: true, graphiql: true }
    }
}
