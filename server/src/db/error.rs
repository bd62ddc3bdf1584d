//! What a query can fail with.

use sea_orm::{DbErr, SqlErr};

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
