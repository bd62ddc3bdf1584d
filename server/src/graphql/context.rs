//! What resolvers take out of a request.

use super::error::{self, Code};
use super::loaders::Loads;
use crate::domain::access::Viewer;
use crate::services::Services;
use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, Result};

pub trait RequestContext {
    fn services(&self) -> Result<&Services>;

    /// # Errors
    /// `UNAUTHENTICATED` without credentials.
    fn viewer(&self) -> Result<&Viewer>;

    fn loads(&self) -> Result<&DataLoader<Loads>>;
}

impl RequestContext for Context<'_> {
    fn services(&self) -> Result<&Services> {
        self.data()
    }

    fn viewer(&self) -> Result<&Viewer> {
        self.data().map_err(|_| error::plain(Code::Unauthenticated, "Sign in: send `Authorization: Bearer <token>`."))
    }

    fn loads(&self) -> Result<&DataLoader<Loads>> {
        self.viewer()?;
        self.data()
    }
}
