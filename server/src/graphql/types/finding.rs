//! `Finding`.

use async_graphql::{Enum, SimpleObject};
use lightbox_sdk as sdk;

/// One thing refused or repaired, with its place.
#[derive(SimpleObject)]
pub struct Finding {
    severity: Severity,
    /// Upper snake case, such as BOX_CLIPPED.
    code: String,
    /// What was found and what was expected.
    message: String,
    path: Option<String>,
    /// 1-based line of the annotation file.
    line: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "sdk::Severity")]
pub enum Severity {
    /// Something was refused.
    Error,
    /// Something was repaired.
    Warning,
    /// Worth knowing.
    Info,
}

impl From<sdk::Finding> for Finding {
    fn from(finding: sdk::Finding) -> Self {
        Self {
            severity: finding.severity.into(),
            code: finding.code,
            message: finding.message,
            path: finding.path,
            line: finding.line.map(i64::from),
        }
    }
}
