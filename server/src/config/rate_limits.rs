//! How often somebody may ask. How much one request may ask for is among the limits.

use anyhow::ensure;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimitsConfig {
    /// Requests a second from one address, and messages on its WebSockets, over a longer time; 0: as many as come.
    pub address_requests_per_second: u32,
    /// Requests that may come at once from an address that was quiet.
    pub address_burst_requests: u32,
    /// The same with one token.
    pub token_requests_per_second: u32,
    /// Requests that may come at once with a token that was quiet.
    pub token_burst_requests: u32,
}

impl Default for RateLimitsConfig {
    fn default() -> Self {
        Self {
            address_requests_per_second: 2_000,
            address_burst_requests: 10_000,
            token_requests_per_second: 500,
            token_burst_requests: 2_500,
        }
    }
}

impl RateLimitsConfig {
    /// # Errors
    /// With the key, what was found and what was expected.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        for (of, rate, burst) in [
            ("address", self.address_requests_per_second, self.address_burst_requests),
            ("token", self.token_requests_per_second, self.token_burst_requests),
        ] {
            ensure!(
                rate == 0 || burst > 0,
                "rate_limits.{of}_burst_requests is 0: no request would ever be answered; give 1 or more, or \
                 rate_limits.{of}_requests_per_second 0 for no limit"
            );
        }
        Ok(())
    }
}
