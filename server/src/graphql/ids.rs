//! Ids as GraphQL sends them.

use async_graphql::ID;
use std::fmt::Display;

/// The id as GraphQL's scalar.
pub fn global(id: impl Display) -> ID {
    ID(id.to_string())
}
