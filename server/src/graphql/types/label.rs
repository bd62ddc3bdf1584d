//! `Label`.

use super::AnnotationSet;
use crate::domain::label;
use crate::graphql::context::RequestContext;
use crate::graphql::error::{ForClients, not_found};
use crate::graphql::ids::global;
use async_graphql::{Context, ID, Object, Result};

/// The class that annotations name.
#[derive(Clone)]
pub struct Label(pub label::Label);

#[Object]
impl Label {
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    async fn name(&self) -> &str {
        &self.0.name
    }

    /// `#rrggbb`; the same for the same name everywhere.
    async fn color(&self) -> String {
        self.0.color()
    }

    async fn annotation_set(&self, context: &Context<'_>) -> Result<AnnotationSet> {
        let set = context.loads()?.load_one(self.0.annotation_set_id).await.for_clients(context)?;
        set.map(AnnotationSet).ok_or_else(|| not_found("annotation set"))
    }
}
