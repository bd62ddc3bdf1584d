//! When rules run, and what repeats and contradictions are called then.

use lightbox_formats::code;
use lightbox_sdk::Finding;

/// Annotations between two looks at whether the call should stop.
pub(crate) const BETWEEN_CHECKS: usize = 4096;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Occasion {
    /// One document or call says something twice: its author should know.
    Validation,
    /// Sources that were each fine say something twice: expected.
    Merge,
}

impl Occasion {
    pub(crate) fn repeat(self, message: String) -> Finding {
        match self {
            Self::Validation => Finding::warning(code::DUPLICATE_ROW, message),
            Self::Merge => Finding::info(code::MERGED_DUPLICATE, message),
        }
    }

    pub(crate) fn contradiction(self, message: String) -> Finding {
        match self {
            Self::Validation => Finding::error(code::CONTRADICTION, message),
            Self::Merge => Finding::warning(code::CONFLICTING_LABELS, message),
        }
    }
}
