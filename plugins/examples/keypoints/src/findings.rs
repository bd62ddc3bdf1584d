//! Findings of one document, up to a limit: a million bad rows stay cheap.

use lightbox_sdk::Finding;

/// Findings that are listed; the rest is counted.
pub const MAX_FINDINGS: usize = 10_000;

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

    /// The findings, and one more that counts those left out.
    pub fn into_vec(mut self) -> Vec<Finding> {
        if self.left_out > 0 {
            let message = format!("{} more findings are not listed, {MAX_FINDINGS} are", self.left_out);
            self.listed.push(Finding::warning("FINDINGS_LEFT_OUT", message));
        }
        self.listed
    }
}

impl Extend<Finding> for Findings {
    fn extend<I: IntoIterator<Item = Finding>>(&mut self, findings: I) {
        findings.into_iter().for_each(|finding| self.push(finding));
    }
}
