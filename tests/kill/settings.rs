//! How long the tests go on, and from which seed: variables of the environment.

use std::time::{SystemTime, UNIX_EPOCH};

/// For servers that are read whole, a dataset with all its sets in one query.
pub const COST: (&str, &str) = ("LIGHTBOX_LIMITS__GRAPHQL_COST", "10000000");

/// Kills of the run that `cargo test` makes; `LIGHTBOX_KILLS` asks for another number.
const KILLS: u64 = 12;

pub fn kills() -> u64 {
    number("LIGHTBOX_KILLS").unwrap_or(KILLS)
}

/// Another one every time unless `LIGHTBOX_KILL_SEED` names it. What is asked for, when and in which order depends on
/// it alone; how far the server is by then, on the machine.
pub fn seed() -> u64 {
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64);
    number("LIGHTBOX_KILL_SEED").unwrap_or_else(now)
}

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is {text:?}, but must be a whole number")))
}
