//! Whether a plugin file keeps the contract: named checks, each of which drives the plugin in worker processes and says
//! what it saw. How the report is printed is the command line's matter.

mod bench;
mod capability;
mod checks;
mod contract;
mod exercises;
mod junk;
mod mutations;
mod report;
mod samples;
mod subject;
mod tally;

use super::PluginHostSettings;
use checks::{CAPABILITY_CHECKS, PLUGIN_CHECKS};
pub use report::{CheckOutcome, CheckStatus, ConformanceReport};
use report::{Verdict, outcome};
use std::path::PathBuf;
use subject::Subject;

/// What always comes first: without it there is nothing to check.
const LOAD: &str = "load";

/// What is to be checked.
#[derive(Debug, Clone, Default)]
pub struct CheckRequest {
    pub file: PathBuf,
    /// A folder of files that the plugin reads, with all that is below; others in it are passed over.
    pub samples: Option<PathBuf>,
    /// Names of the checks to run; `None`: all.
    pub only: Option<Vec<String>>,
}

/// The checks by name, in the order in which they run.
pub fn check_names() -> impl Iterator<Item = &'static str> {
    PLUGIN_CHECKS.iter().map(|(name, _)| *name).chain(CAPABILITY_CHECKS.iter().map(|(name, _)| *name))
}

/// Runs the checks. Blocks, for a minute or so; not for async threads.
///
/// `settings`: where the built-in formats that write pictures are looked for, and what a call may take.
pub fn check(settings: &PluginHostSettings, request: &CheckRequest) -> ConformanceReport {
    let CheckRequest { file, samples, only } = request;
    let path = std::path::absolute(file).unwrap_or_else(|_| file.clone());
    let subject = match Subject::load(settings, &path, samples.as_deref()) {
        Ok(subject) => subject,
        Err(reason) => {
            let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
            let checks = vec![outcome(LOAD, name, Verdict::fail(reason))];
            return ConformanceReport { path, plugin: None, checks };
        }
    };
    let is_wanted = |name: &str| only.as_ref().is_none_or(|only| only.iter().any(|wanted| wanted == name));
    let mut checks = vec![outcome(LOAD, subject.plugin.id.clone(), subject.introduction())];
    for (name, check) in PLUGIN_CHECKS.into_iter().filter(|(name, _)| is_wanted(name)) {
        checks.push(outcome(name, subject.plugin.id.clone(), check(&subject)));
    }
    for capability in &subject.capabilities {
        for (name, check) in CAPABILITY_CHECKS.into_iter().filter(|(name, _)| is_wanted(name)) {
            let verdict = check(&subject, capability);
            checks.extend(verdict.map(|verdict| outcome(name, capability.id().to_owned(), verdict)));
        }
    }
    ConformanceReport { path, plugin: Some(subject.plugin), checks }
}
