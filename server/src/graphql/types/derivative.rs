//! `Derivative` and `Usage`.

use super::{AnnotationSet, Dataset};
use crate::domain::derivative::{self, DerivativeKind};
use crate::graphql::context::RequestContext;
use crate::graphql::error::{ForClients, not_found};
use crate::graphql::ids::global;
use async_graphql::{Context, ID, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};

/// Something outside this server that was made from a dataset or an annotation set and ends with it. Systems outside
/// register theirs, and webhooks tell them of the end.
pub struct Derivative(pub derivative::Derivative);

#[Object]
impl Derivative {
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    async fn kind(&self) -> DerivativeKind {
        self.0.kind
    }

    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Where people find it; http or https.
    async fn url(&self) -> Option<&str> {
        self.0.url.as_deref()
    }

    async fn dataset(&self, context: &Context<'_>) -> Result<Dataset> {
        let dataset = context.loads()?.load_one(self.0.dataset_id).await.for_clients(context)?;
        dataset.map(Dataset).ok_or_else(|| not_found("dataset"))
    }

    /// Null when it was made from the dataset as a whole.
    async fn annotation_set(&self, context: &Context<'_>) -> Result<Option<AnnotationSet>> {
        let Some(id) = self.0.annotation_set_id else { return Ok(None) };
        Ok(context.loads()?.load_one(id).await.for_clients(context)?.map(AnnotationSet))
    }

    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}

/// How many derivatives there are, by kind.
#[derive(SimpleObject)]
pub struct Usage {
    /// ANNOTATION_PROJECT.
    projects: i64,
    /// ANNOTATION_JOB.
    jobs: i64,
    /// TRAINING_TASK.
    training_tasks: i64,
    /// INFERENCE.
    inferences: i64,
}

impl From<derivative::Usage> for Usage {
    fn from(usage: derivative::Usage) -> Self {
        Self {
            projects: usage.projects,
            jobs: usage.jobs,
            training_tasks: usage.training_tasks,
            inferences: usage.inferences,
        }
    }
}
