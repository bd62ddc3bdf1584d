//! How long guesses are kept apart: longer with every failure in a row.

use std::time::Duration;

/// How a kind of key (a name, an address, both together) is slowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignInDelay {
    /// Failures that cost nothing: people mistype.
    pub free_failures: u32,
    pub longest: Duration,
}

/// One name from one address: whoever guesses there is slowed to four guesses an hour.
pub const BY_NAME_AND_ADDRESS: SignInDelay = SignInDelay { free_failures: 3, longest: Duration::from_secs(900) };
/// One name from anywhere: kept short, so that nobody locks another out for long.
pub const BY_NAME: SignInDelay = SignInDelay { free_failures: 10, longest: Duration::from_secs(30) };
/// One address with any names; many people may be behind one.
pub const BY_ADDRESS: SignInDelay = SignInDelay { free_failures: 30, longest: Duration::from_secs(300) };

impl SignInDelay {
    /// After so many failures in a row: 1, 2, 4, ... seconds.
    pub fn after(self, failures: u32) -> Duration {
        match failures.checked_sub(self.free_failures) {
            None | Some(0) => Duration::ZERO,
            Some(counted) => Duration::from_secs(1 << (counted - 1).min(20)).min(self.longest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_begin_after_the_free_failures_double_and_end_at_the_longest() {
        let seconds: Vec<u64> = (0..9).map(|failures| BY_NAME_AND_ADDRESS.after(failures).as_secs()).collect();
        assert_eq!(seconds, [0, 0, 0, 0, 1, 2, 4, 8, 16]);
        assert_eq!(BY_NAME_AND_ADDRESS.after(u32::MAX), BY_NAME_AND_ADDRESS.longest);
        assert_eq!(BY_NAME.after(1000), BY_NAME.longest);
    }
}
