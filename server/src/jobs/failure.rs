//! How a job ends when it does not succeed.

use crate::blobs::{BlobError, StageError};
use crate::db::DbError;
use crate::plugin_host::PluginError;
use crate::services::ServiceError;

#[derive(Debug)]
pub enum Failure {
    /// A reason that the user can act on.
    Refused(String),
    /// A fault of the server or of what it runs on.
    Broken(String),
    /// The user asked for it.
    Cancelled,
    /// The server stops; the job is resumed at the next start.
    Interrupted,
}

pub type JobResult<T> = Result<T, Failure>;

impl Failure {
    pub fn broken(error: impl std::fmt::Display) -> Self {
        Self::Broken(error.to_string())
    }

    pub fn source_gone() -> Self {
        Self::Refused("a source was deleted before its images were taken over".to_owned())
    }
}

impl From<ServiceError> for Failure {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::User(_) => Self::Refused(error.to_string()),
            other => Self::broken(other),
        }
    }
}

macro_rules! broken_from {
    ($($error:ty),+) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::broken(error)
            }
        })+
    };
}

broken_from!(
    DbError,
    sea_orm::DbErr,
    BlobError,
    StageError,
    PluginError,
    std::io::Error,
    serde_json::Error,
    tokio::task::JoinError
);
