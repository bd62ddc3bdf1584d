//! `User`.

use crate::domain::user;
use crate::graphql::ids::global;
use async_graphql::{ID, Object};

/// A person who may sign requests.
pub struct User(pub user::User);

#[Object]
impl User {
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Sees everything.
    async fn is_admin(&self) -> bool {
        self.0.is_admin
    }
}
