//! Findings as jobs keep them. Severity, code, message, path and line are the plugin contract's own.

pub use lightbox_sdk::{Finding, Severity};

/// Most findings that a job keeps; past that one last finding says how many more there were.
pub const MAX_FINDINGS: usize = 100_000;

/// Collects findings in the order found, up to [`MAX_FINDINGS`].
#[derive(Debug, Default)]
pub struct FindingLog {
    kept: Vec<Finding>,
    dropped: usize,
}

impl FindingLog {
    pub fn push(&mut self, finding: Finding) {
        if self.kept.len() < MAX_FINDINGS {
            self.kept.push(finding);
        } else {
            self.dropped += 1;
        }
    }

    pub fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        findings.into_iter().for_each(|finding| self.push(finding));
    }

    pub fn into_findings(mut self) -> Vec<Finding> {
        if self.dropped > 0 {
            let message =
                format!("{} more findings are not listed: {MAX_FINDINGS} are the most that a job keeps", self.dropped);
            self.kept.push(Finding::info("FINDINGS_LIMIT", message));
        }
        self.kept
    }
}

/// The word in the database and in GraphQL.
pub fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "ERROR",
        Severity::Warning => "WARNING",
        Severity::Info => "INFO",
    }
}

pub fn parse_severity(word: &str) -> Severity {
    match word {
        "ERROR" => Severity::Error,
        "WARNING" => Severity::Warning,
        _ => Severity::Info,
    }
}
