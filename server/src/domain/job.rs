//! Work that outlives a request: what kinds there are, and through which states they go.

use super::ids::{DatasetId, JobId, UserId};
use chrono::{DateTime, Utc};

#[derive(Debug, Clone)]
pub struct Job {
    pub id: JobId,
    pub owner_id: UserId,
    pub kind: JobKind,
    pub state: JobState,
    /// What the job was asked to do, as JSON of its own kind.
    pub input: String,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    /// How often it was started; more than once after a crash of the server.
    pub attempts: i64,
    pub cancel_requested: bool,
    pub progress: Progress,
    pub error: Option<String>,
    pub finding_count: i64,
    pub dataset_id: Option<DatasetId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    pub done: i64,
    /// Unknown until the work has been counted.
    pub total: Option<i64>,
    /// Plural noun, such as `images`.
    pub unit: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, async_graphql::Enum)]
pub enum JobKind {
    Import,
    Combine,
    Export,
    Delete,
}

impl JobKind {
    pub const ALL: [Self; 4] = [Self::Import, Self::Combine, Self::Export, Self::Delete];

    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Import => "IMPORT",
            Self::Combine => "COMBINE",
            Self::Export => "EXPORT",
            Self::Delete => "DELETE",
        }
    }

    pub fn parse(text: &str) -> Self {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).unwrap_or(Self::Import)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, async_graphql::Enum)]
pub enum JobState {
    Queued,
    Running,
    Succeeded,
    Failed,
    Cancelled,
}

impl JobState {
    pub const ALL: [Self; 5] = [Self::Queued, Self::Running, Self::Succeeded, Self::Failed, Self::Cancelled];

    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "QUEUED",
            Self::Running => "RUNNING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Cancelled => "CANCELLED",
        }
    }

    pub fn parse(text: &str) -> Self {
        Self::ALL.into_iter().find(|state| state.as_str() == text).unwrap_or(Self::Failed)
    }

    /// Nothing changes any more.
    pub fn has_ended(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }
}

#[derive(Debug, Clone, Default)]
pub struct JobFilter {
    pub kind: Option<Vec<JobKind>>,
    pub state: Option<Vec<JobState>>,
}
