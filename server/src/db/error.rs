//! What a query can fail with.

use sea_orm::{DbErr, RuntimeErr, SqlErr};

#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// A unique index refused the row.
    #[error("a row with the same unique value exists already")]
    Taken,
    #[error("database: {0}")]
    Other(DbErr),
    /// A row holds what this server never wrote.
    #[error("the database holds a broken row: {0}")]
    Broken(String),
}

pub type DbResult<T> = Result<T, DbError>;

impl From<DbErr> for DbError {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => Self::Taken,
            _ => Self::Other(error),
        }
    }
}

/// SQLite's SQLITE_FULL.
const DISK_FULL: &str = "13";

impl DbError {
    pub fn is_disk_full(&self) -> bool {
        let Self::Other(DbErr::Conn(error) | DbErr::Exec(error) | DbErr::Query(error)) = self else { return false };
        let RuntimeErr::SqlxError(error) = error else { return false };
        error.as_database_error().and_then(|error| error.code()).is_some_and(|code| code == DISK_FULL)
    }
}
