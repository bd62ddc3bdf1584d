//! How a job ends when it does not succeed.

use crate::blobs::{BlobError, StageError};
use crate::db::DbError;
use crate::domain::ids::JobId;
use crate::plugin_host::{PluginError, PluginErrorKind};
use crate::services::ServiceError;

#[derive(Debug)]
pub enum Failure {
    /// A reason that the user can act on.
    Refused(String),
    /// A fault of the server or of what it runs on.
    Broken(String),
    /// The disk has no room.
    DiskFull(String),
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

    /// Nothing that the user asked for or did.
    pub fn is_of_server(&self) -> bool {
        matches!(self, Self::Broken(_) | Self::DiskFull(_))
    }

    fn of_disk(is_full: bool, error: impl std::fmt::Display) -> Self {
        if is_full { Self::DiskFull(error.to_string()) } else { Self::broken(error) }
    }

    pub fn source_gone() -> Self {
        Self::Refused("a source was deleted before its images were taken over".to_owned())
    }

    pub fn target_gone() -> Self {
        Self::Refused("the dataset was deleted before it got its annotations".to_owned())
    }
}

impl From<ServiceError> for Failure {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::User(_) => Self::Refused(error.to_string()),
            other => Self::of_disk(other.is_disk_full(), other),
        }
    }
}

/// What the user may read of a plugin's error. A fault of the plugin or of the server may name what is inside, such as
/// where a file is stored: that goes to the log, under the job's id.
pub fn told(error: &PluginError, job: JobId) -> String {
    if error.kind.code().is_some() {
        return error.to_string();
    }
    if error.kind != PluginErrorKind::Internal {
        return error.message.clone();
    }
    tracing::error!(job.id = %job, %error, "a plugin failed");
    format!("the server or its plugin failed at it; the server's log says why under {job}")
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

broken_from!(PluginError, serde_json::Error, tokio::task::JoinError);

impl From<StageError> for Failure {
    fn from(error: StageError) -> Self {
        match error {
            StageError::Store(error) => error.into(),
            other => Self::broken(other),
        }
    }
}

macro_rules! from_service_error {
    ($($error:ty),+) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                ServiceError::from(error).into()
            }
        })+
    };
}

from_service_error!(DbError, sea_orm::DbErr, BlobError, std::io::Error);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_inside_is_told_by_the_jobs_id_alone_and_a_mistake_of_the_file_by_its_reason() {
        let error = |kind| PluginError { kind, plugin: "dicom".to_owned(), message: "/data/blobs/ab".to_owned() };
        let inside = told(&error(PluginErrorKind::Internal), JobId(7));
        assert!(inside.contains("job-7") && !inside.contains("/data"), "{inside}");
        for kind in [PluginErrorKind::Corrupt, PluginErrorKind::Unsupported, PluginErrorKind::Limit] {
            assert_eq!(told(&error(kind), JobId(7)), "/data/blobs/ab");
        }
    }
}
