//! What a use case can fail with: what the caller can put right, or what he can't.

use crate::blobs::BlobError;
use crate::db::DbError;
use crate::domain::user_error::{UserError, UserErrorCode};
use crate::plugin_host::PluginError;

#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// Goes into `userErrors`.
    #[error("{}", .0.iter().map(|each| each.message.as_str()).collect::<Vec<_>>().join(" "))]
    User(Vec<UserError>),
    #[error(transparent)]
    Db(#[from] DbError),
    #[error(transparent)]
    Blob(#[from] BlobError),
    #[error(transparent)]
    Plugin(#[from] PluginError),
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// Something that this server wrote does not read back.
    #[error("{0}")]
    Broken(String),
}

/// What callers are told then.
pub const DISK_FULL: &str = "The server's disk is full: nothing more can be stored until somebody makes room.";

pub type ServiceResult<T> = Result<T, ServiceError>;

impl ServiceError {
    pub fn user(code: UserErrorCode, path: &[&str], message: impl Into<String>) -> Self {
        Self::User(vec![UserError::new(code, path, message)])
    }

    /// The one fault of the server's that callers are told of: it is nobody's secret, and somebody can do something.
    pub fn is_disk_full(&self) -> bool {
        match self {
            Self::Db(error) => error.is_disk_full(),
            Self::Blob(error) => error.is_disk_full(),
            Self::Io(error) => error.kind() == std::io::ErrorKind::StorageFull,
            _ => false,
        }
    }

    /// The same answer for what is not there and for what the caller may not see.
    pub fn not_found(what: &str, path: &[&str]) -> Self {
        Self::user(UserErrorCode::NotFound, path, format!("There is no such {what}, or you may not see it."))
    }
}

impl From<UserError> for ServiceError {
    fn from(error: UserError) -> Self {
        Self::User(vec![error])
    }
}

impl From<sea_orm::DbErr> for ServiceError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Db(error.into())
    }
}
