//! Counts what came of many calls, and keeps the first faults.

use super::bench::Outcome;
use super::report::Verdict;
use std::time::{Duration, Instant};

/// So many faults of one check are told; looking for more would only take longer.
const FAULTS: usize = 3;

pub struct Tally {
    end: Instant,
    pub calls: u64,
    pub answered: u64,
    pub refused: u64,
    /// Refusals without a sentence.
    pub unexplained: u64,
    pub faults: Vec<String>,
}

impl Tally {
    /// `time`: what the check may take altogether.
    pub fn new(time: Duration) -> Self {
        let end = Instant::now() + time;
        Self { end, calls: 0, answered: 0, refused: 0, unexplained: 0, faults: Vec::new() }
    }

    /// `what`: the input, as a person would name it.
    pub fn note(&mut self, what: &str, outcome: &Outcome) {
        self.calls += 1;
        match outcome {
            Outcome::Answered(_) => self.answered += 1,
            Outcome::Refused(error) => {
                self.refused += 1;
                self.unexplained += u64::from(error.message == "the plugin gave no reason");
            }
            Outcome::Broke(reason) => self.blame(what, reason),
        }
    }

    pub fn blame(&mut self, what: &str, reason: &str) {
        self.faults.push(format!("{what}: {reason}"));
    }

    /// Time is up, or enough is wrong.
    pub fn is_over(&self) -> bool {
        self.faults.len() >= FAULTS || self.is_late()
    }

    pub fn is_late(&self) -> bool {
        Instant::now() >= self.end
    }

    /// `sentence`: when nothing is wrong.
    pub fn verdict(&self, sentence: impl FnOnce() -> String) -> Verdict {
        let verdict = Verdict::of(&self.faults, || {
            if self.unexplained > 0 {
                return Verdict::warn(format!(
                    "{}; {} of the refusals came without a sentence that says why",
                    sentence(),
                    self.unexplained
                ));
            }
            Verdict::pass(sentence())
        });
        verdict.figure("calls", self.calls).figure("answered", self.answered).figure("refused", self.refused)
    }
}
