//! Failed sign-ins, counted in memory by name and address, so that guessing is slow. The rule is in
//! `domain::sign_in_delay`.

use crate::domain::sign_in_delay::{BY_ADDRESS, BY_NAME, BY_NAME_AND_ADDRESS, SignInDelay};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Keys kept at a time; the ones that failed longest ago go first.
const CAPACITY: usize = 20_000;
/// Failures are forgotten after so long without another one.
const MEMORY: Duration = Duration::from_secs(3600);

#[derive(Default)]
pub struct SignInDelays {
    failures: Mutex<HashMap<Key, Failures>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Name(String),
    Address(IpAddr),
    Both(String, IpAddr),
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    last: Instant,
}

/// The keys of one attempt with the rule of each.
fn keys(name: &str, address: Option<IpAddr>) -> Vec<(Key, SignInDelay)> {
    let address = address.map(network_of);
    // What nobody is called is cut: keys are kept.
    let name: String = name.to_lowercase().chars().take(64).collect();
    let mut keys = vec![(Key::Name(name.clone()), BY_NAME)];
    if let Some(address) = address {
        keys.push((Key::Address(address), BY_ADDRESS));
        keys.push((Key::Both(name, address), BY_NAME_AND_ADDRESS));
    }
    keys
}

/// What one client has: an IPv4 address, or a /64.
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        address => address,
    }
}

impl SignInDelays {
    /// Time until the next attempt is looked at; counts as a failure until [`Self::forgive`] says otherwise, so that
    /// attempts at the same time are slowed like those after each other.
    ///
    /// # Errors
    /// The time to wait.
    pub fn begin(&self, name: &str, address: Option<IpAddr>) -> Result<(), Duration> {
        let now = Instant::now();
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let keys = keys(name, address);
        let wait = |(key, rule): &(Key, SignInDelay)| {
            let known = failures.get(key).filter(|known| now.duration_since(known.last) < MEMORY)?;
            (known.last + rule.after(known.count)).checked_duration_since(now)
        };
        if let Some(wait) = keys.iter().filter_map(wait).max().filter(|wait| !wait.is_zero()) {
            return Err(wait);
        }
        make_room(&mut failures, keys.len());
        for (key, _) in keys {
            let known = failures.entry(key).or_insert(Failures { count: 0, last: now });
            let is_fresh = now.duration_since(known.last) < MEMORY;
            *known = Failures { count: if is_fresh { known.count.saturating_add(1) } else { 1 }, last: now };
        }
        Ok(())
    }

    /// The attempt was right: the name's failures are forgotten, and the address has one less.
    pub fn forgive(&self, name: &str, address: Option<IpAddr>) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, _) in keys(name, address) {
            match &key {
                // One right guess among many wrong ones does not make an address trusted.
                Key::Address(_) => {
                    if let Some(known) = failures.get_mut(&key) {
                        known.count = known.count.saturating_sub(1);
                    }
                }
                Key::Name(_) | Key::Both(..) => {
                    failures.remove(&key);
                }
            }
        }
    }
}

fn make_room(failures: &mut HashMap<Key, Failures>, more: usize) {
    if failures.len() + more <= CAPACITY {
        return;
    }
    let mut times: Vec<Instant> = failures.values().map(|known| known.last).collect();
    // The older half goes at once, so that this is rare.
    let middle = times.len() / 2;
    let (_, median, _) = times.select_nth_unstable(middle);
    let median = *median;
    failures.retain(|_, known| known.last > median);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn address(last: u8) -> Option<IpAddr> {
        Some(Ipv4Addr::new(10, 0, 0, last).into())
    }

    #[test]
    fn a_fifth_guess_in_a_row_has_to_wait_and_another_name_or_address_does_not() {
        let delays = SignInDelays::default();
        for _ in 0..4 {
            delays.begin("ann", address(1)).unwrap();
        }
        let wait = delays.begin("Ann", address(1)).unwrap_err();
        assert!(wait > Duration::ZERO && wait <= Duration::from_secs(1), "{wait:?}");
        delays.begin("bob", address(1)).unwrap();
        delays.begin("ann", address(2)).unwrap();
    }

    #[test]
    fn a_name_that_was_right_begins_anew() {
        let delays = SignInDelays::default();
        for _ in 0..100 {
            delays.begin("ann", address(1)).unwrap();
            delays.forgive("ann", address(1));
        }
    }

    #[test]
    fn what_is_kept_has_an_end() {
        let delays = SignInDelays::default();
        for index in 0..CAPACITY * 2 {
            delays.begin(&format!("user{index}"), None).unwrap();
        }
        assert!(delays.failures.lock().unwrap().len() <= CAPACITY);
    }
}
