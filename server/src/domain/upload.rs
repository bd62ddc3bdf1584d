//! A place that one file is sent to.

use super::ids::{JobId, UploadId, UserId};
use chrono::{DateTime, Utc};

#[derive(Debug, Clone)]
pub struct Upload {
    pub id: UploadId,
    pub owner_id: UserId,
    pub filename: String,
    /// Of the whole file.
    pub size_bytes: u64,
    pub expires_at: DateTime<Utc>,
    /// The job that reads it; an upload is read once.
    pub job_id: Option<JobId>,
}
