//! Why a row is not used, or why reading ends.

use crate::code;
use lightbox_sdk::Error;

/// What is wrong with a row.
#[derive(Debug, PartialEq)]
pub(super) enum Refusal {
    /// A finding's code, and what was found and expected.
    Row(&'static str, String),
    /// Not the row's fault.
    Stop(Error),
}

pub(super) type RowResult<T> = Result<T, Refusal>;

/// Refuses a row.
pub(super) fn refuse<T>(code: &'static str, what: impl Into<String>) -> RowResult<T> {
    Err(Refusal::Row(code, what.into()))
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::Corrupt(what) => Self::Row(code::BAD_SHAPE, what),
            Error::Limit(what) => Self::Row(code::MASK_SIZE, what),
            other => Self::Stop(other),
        }
    }
}
