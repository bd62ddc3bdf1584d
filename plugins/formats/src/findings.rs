//! Collects findings up to a limit, so that a file of a million bad rows stays cheap.

use crate::code;
use lightbox_sdk::Finding;

/// Findings of one document that are listed; the rest is counted.
pub const MAX_FINDINGS: usize = 100_000;

#[derive(Default)]
pub struct Findings {
    listed: Vec<Finding>,
    left_out: u64,
}

impl Findings {
    pub fn push(&mut self, finding: Finding) {
        if self.listed.len() < MAX_FINDINGS {
            self.listed.push(finding);
        } else {
            self.left_out += 1;
        }
    }

    pub fn is_empty(&self) -> bool {
        self.listed.is_empty()
    }

    /// The findings, and one more that counts those left out.
    pub fn into_vec(mut self) -> Vec<Finding> {
        if self.left_out > 0 {
            let message = format!(
                "{} more findings are not listed; the limit is {MAX_FINDINGS} a file: mend the file and upload it again",
                self.left_out
            );
            self.listed.push(Finding::warning(code::FINDINGS_LEFT_OUT, message));
        }
        self.listed
    }
}

impl Extend<Finding> for Findings {
    fn extend<I: IntoIterator<Item = Finding>>(&mut self, findings: I) {
        findings.into_iter().for_each(|finding| self.push(finding));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_past_the_limit_are_counted() {
        let mut findings = Findings::default();
        findings.extend((0..MAX_FINDINGS + 2).map(|_| Finding::info(code::TABS, "")));
        let listed = findings.into_vec();
        assert_eq!(listed.len(), MAX_FINDINGS + 1);
        assert!(listed[MAX_FINDINGS].message.starts_with("2 more findings"));
    }
}
