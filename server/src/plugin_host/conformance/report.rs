//! What the checks found, as values.

use crate::plugin_host::PluginInfo;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum CheckStatus {
    Pass,
    /// Nothing is broken, but something is odd or could not be provoked.
    Warn,
    /// The contract is broken.
    Fail,
    /// Could not be run; the sentence says why.
    Skipped,
}

impl CheckStatus {
    /// As people read it.
    pub fn text(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Warn => "WARN",
            Self::Fail => "FAIL",
            Self::Skipped => "SKIPPED",
        }
    }
}

/// One check of one capability, or of the plugin as a whole.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CheckOutcome {
    /// Such as `probe`.
    pub check: &'static str,
    /// Id of the capability, or of the plugin.
    pub subject: String,
    pub status: CheckStatus,
    /// What was seen, and what was expected where that differs.
    pub sentence: String,
    /// What was counted and measured; units stand in the names.
    pub figures: BTreeMap<&'static str, Value>,
}

/// Everything that was checked of one file.
#[derive(Debug, Clone, PartialEq)]
pub struct ConformanceReport {
    pub path: PathBuf,
    /// `None`: the file is refused, and the only check says why.
    pub plugin: Option<PluginInfo>,
    pub checks: Vec<CheckOutcome>,
}

impl ConformanceReport {
    /// Nothing failed.
    pub fn passes(&self) -> bool {
        self.count(CheckStatus::Fail) == 0
    }

    pub fn count(&self, status: CheckStatus) -> usize {
        self.checks.iter().filter(|check| check.status == status).count()
    }
}

/// A check's result before it has its name.
pub struct Verdict {
    status: CheckStatus,
    sentence: String,
    figures: BTreeMap<&'static str, Value>,
}

impl Verdict {
    pub fn pass(sentence: impl Into<String>) -> Self {
        Self::new(CheckStatus::Pass, sentence)
    }

    pub fn warn(sentence: impl Into<String>) -> Self {
        Self::new(CheckStatus::Warn, sentence)
    }

    pub fn fail(sentence: impl Into<String>) -> Self {
        Self::new(CheckStatus::Fail, sentence)
    }

    pub fn skipped(sentence: impl Into<String>) -> Self {
        Self::new(CheckStatus::Skipped, sentence)
    }

    /// Of several things wrong; a pass when there are none.
    pub fn of(faults: &[String], otherwise: impl FnOnce() -> Self) -> Self {
        if faults.is_empty() { otherwise() } else { Self::fail(faults.join("; ")) }
    }

    pub fn figure(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.figures.insert(name, value.into());
        self
    }

    fn new(status: CheckStatus, sentence: impl Into<String>) -> Self {
        Self { status, sentence: sentence.into(), figures: BTreeMap::new() }
    }
}

pub fn outcome(check: &'static str, subject: String, verdict: Verdict) -> CheckOutcome {
    let Verdict { status, sentence, figures } = verdict;
    CheckOutcome { check, subject, status, sentence, figures }
}
