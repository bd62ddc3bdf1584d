//! How often an address and a token may ask: token buckets. An address is counted before a request is read, a token or a
//! session once it is known (`signed_in.rs`). How much one request may ask for is the schema's matter.

use super::client_address::client_address;
use super::failure::Failure;
use super::state::HttpState;
use crate::config::RateLimitsConfig;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, ResponseError, web};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};
use sha2::{Digest as _, Sha256};
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

/// Keys of one kind that are told apart; those who come when there are more share one bucket. A key takes about 100
/// bytes until it has been quiet for as long as its bucket takes to fill.
const MAX_KEYS: usize = 100_000;
const UPKEEP: Duration = Duration::from_secs(10);

/// Digest of the token or session that a client showed and that is known here: the secret itself is kept nowhere, and
/// what else a client sends along makes nobody another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Credential([u8; 32]);

impl Credential {
    pub fn of(shown: &[u8]) -> Self {
        Self(Sha256::digest(shown).into())
    }
}

/// What is over its limit, and until when.
#[derive(Debug, PartialEq, Eq)]
pub struct TooOften {
    limit: &'static str,
    wait: Duration,
}

impl TooOften {
    pub fn message(&self) -> String {
        format!("Requests come faster than {} allows: try again in {} s.", self.limit, self.wait_seconds())
    }

    pub fn wait_seconds(&self) -> u64 {
        self.wait.as_millis().div_ceil(1000).max(1) as u64
    }
}

pub struct RateLimits {
    addresses: Option<Buckets<IpAddr>>,
    credentials: Option<Buckets<Credential>>,
}

impl RateLimits {
    pub fn new(config: &RateLimitsConfig) -> Self {
        let (address, token) = ("rate_limits.address_requests_per_second", "rate_limits.token_requests_per_second");
        let others = IpAddr::from([0, 0, 0, 0]);
        Self {
            addresses: quota(config.address_requests_per_second, config.address_burst_requests)
                .map(|quota| Buckets::new(address, quota, others)),
            credentials: quota(config.token_requests_per_second, config.token_burst_requests)
                .map(|quota| Buckets::new(token, quota, Credential([0; 32]))),
        }
    }

    /// Takes one request out of both buckets.
    ///
    /// # Errors
    /// When one of them is empty.
    pub fn take(&self, address: Option<IpAddr>, credential: Option<Credential>) -> Result<(), TooOften> {
        if let (Some(buckets), Some(address)) = (&self.addresses, address) {
            buckets.take(address)?;
        }
        match (&self.credentials, credential) {
            (Some(buckets), Some(credential)) => buckets.take(credential),
            _ => Ok(()),
        }
    }

    /// Forgets who has been quiet, from time to time; never returns.
    pub async fn upkeep(state: web::Data<HttpState>) {
        loop {
            tokio::time::sleep(UPKEEP).await;
            state.rate_limits.addresses.iter().for_each(Buckets::forget_quiet);
            state.rate_limits.credentials.iter().for_each(Buckets::forget_quiet);
        }
    }
}

fn quota(per_second: u32, burst: u32) -> Option<Quota> {
    Some(Quota::per_second(NonZeroU32::new(per_second)?).allow_burst(NonZeroU32::new(burst)?))
}

struct Buckets<K: Hash + Eq + Clone> {
    limit: &'static str,
    limiter: DefaultKeyedRateLimiter<K>,
    /// The key of all who come when there are too many.
    others: K,
}

impl<K: Hash + Eq + Clone> Buckets<K> {
    fn new(limit: &'static str, quota: Quota, others: K) -> Self {
        Self { limit, limiter: DefaultKeyedRateLimiter::dashmap(quota), others }
    }

    fn take(&self, key: K) -> Result<(), TooOften> {
        let key = if self.limiter.len() < MAX_KEYS { key } else { self.others.clone() };
        let clock = DefaultClock::default();
        self.limiter
            .check_key(&key)
            .map_err(|refused| TooOften { limit: self.limit, wait: refused.wait_time_from(clock.now()) })
    }

    fn forget_quiet(&self) {
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
    }
}

/// Lets an address's request through, or answers 429. Health and GraphiQL's files, which need no token, cost nothing.
pub async fn limit_rate(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, Error> {
    match taken(request.request()) {
        Ok(()) => Ok(next.call(request).await?.map_into_left_body()),
        Err(failure) => {
            let response = failure.error_response();
            Ok(request.into_response(response).map_into_right_body())
        }
    }
}

fn taken(request: &HttpRequest) -> Result<(), Failure> {
    let is_free = request.path().starts_with("/health/") || request.path().starts_with("/graphiql");
    let Some(state) = request.app_data::<web::Data<HttpState>>().filter(|_| !is_free) else { return Ok(()) };
    let address = client_address(request, &state.trusted_proxies);
    let taken = state.rate_limits.take(address, None);
    taken.map_err(|refused| {
        let failure = Failure::too_often(refused.message(), refused.wait_seconds());
        if request.path() == "/graphql" { failure.for_graphql() } else { failure }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(address: (u32, u32), token: (u32, u32)) -> RateLimits {
        RateLimits::new(&RateLimitsConfig {
            address_requests_per_second: address.0,
            address_burst_requests: address.1,
            token_requests_per_second: token.0,
            token_burst_requests: token.1,
        })
    }

    #[test]
    fn each_address_and_each_token_has_a_bucket_of_its_own() {
        let limits = limits((1, 5), (1, 2));
        let address = |last| Some(IpAddr::from([10, 0, 0, last]));
        let token = |text: &str| Some(Credential::of(text.as_bytes()));
        assert_eq!(limits.take(address(1), token("a")), Ok(()));
        assert_eq!(limits.take(address(1), token("a")), Ok(()));
        assert!(limits.take(address(1), token("a")).unwrap_err().message().contains("rate_limits.token_"));
        assert_eq!(limits.take(address(1), token("b")), Ok(()));
        assert_eq!(limits.take(address(1), None), Ok(()));
        let refused = limits.take(address(1), None).unwrap_err();
        assert!(refused.message().contains("rate_limits.address_") && refused.wait_seconds() == 1, "{refused:?}");
        assert_eq!(limits.take(address(2), token("b")), Ok(()));
    }

    #[test]
    fn a_rate_of_0_is_no_limit() {
        let limits = limits((0, 1), (0, 0));
        for _ in 0..1000 {
            assert_eq!(limits.take(Some(IpAddr::from([10, 0, 0, 1])), Some(Credential::of(b"a"))), Ok(()));
        }
    }

    #[test]
    fn who_comes_when_there_are_too_many_shares_a_bucket_and_who_is_quiet_is_forgotten() {
        let buckets = Buckets::new("x", quota(1_000, 1).unwrap(), u32::MAX);
        for key in 0..MAX_KEYS as u32 {
            assert_eq!(buckets.take(key), Ok(()));
        }
        assert_eq!(buckets.take(u32::MAX - 1), Ok(()));
        assert!((0..100).any(|key| buckets.take(u32::MAX - 2 - key).is_err()));
        assert_eq!(buckets.limiter.len(), MAX_KEYS + 1);
        std::thread::sleep(Duration::from_millis(50));
        buckets.forget_quiet();
        assert_eq!(buckets.limiter.len(), 0);
    }
}
