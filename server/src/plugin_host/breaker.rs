//! When a plugin that keeps failing is switched off for a while, and when it may try again. Time is given, not read.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Deaths in a row, none of them longer ago than [`WINDOW`], that switch a plugin off.
const DEATHS: usize = 20;
const WINDOW: Duration = Duration::from_secs(60);
/// How long a plugin stays off. Then calls try, and the first death would switch the plugin off again.
const REST: Duration = Duration::from_secs(60);

/// The failures of one plugin. A call that ends well forgets them: one bad file among good ones is no reason.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    deaths: VecDeque<Instant>,
    off_until: Option<Instant>,
}

impl Breaker {
    /// How much longer the plugin is off; `None`: it may be called.
    pub(super) fn find_rest(&self, now: Instant) -> Option<Duration> {
        let rest = self.off_until?.saturating_duration_since(now);
        (!rest.is_zero()).then_some(rest)
    }

    pub(super) fn note_success(&mut self) {
        self.deaths.clear();
        self.off_until = None;
    }

    /// True when this death switches the plugin off.
    pub(super) fn note_death(&mut self, now: Instant) -> bool {
        let is_trial = self.off_until.is_some_and(|until| until <= now);
        self.deaths.retain(|death| now.saturating_duration_since(*death) <= WINDOW);
        self.deaths.push_back(now);
        let switches_off = is_trial || (self.deaths.len() >= DEATHS && self.off_until.is_none());
        if switches_off {
            self.off_until = Some(now + REST);
            self.deaths.clear();
        }
        switches_off
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(start: Instant) -> Breaker {
        let mut breaker = Breaker::default();
        for death in 1..=DEATHS {
            assert_eq!(breaker.note_death(start), death == DEATHS, "death {death}");
        }
        breaker
    }

    #[test]
    fn twenty_deaths_in_a_row_switch_a_plugin_off_and_a_minute_later_it_may_try() {
        let start = Instant::now();
        let breaker = broken(start);
        assert_eq!(breaker.find_rest(start), Some(REST));
        assert_eq!(breaker.find_rest(start + REST), None);
    }

    #[test]
    fn a_trial_that_dies_switches_off_again_and_one_that_works_forgets_all() {
        let start = Instant::now();
        let (mut worse, mut better) = (broken(start), broken(start));
        assert!(worse.note_death(start + REST));
        assert_eq!(worse.find_rest(start + REST), Some(REST));
        better.note_success();
        assert!(!better.note_death(start + REST));
        assert_eq!(better.find_rest(start + REST), None);
    }

    #[test]
    fn deaths_between_good_calls_or_far_apart_do_not_count() {
        let (mut mixed, mut rare, start) = (Breaker::default(), Breaker::default(), Instant::now());
        for death in 0..100 {
            assert!(!mixed.note_death(start));
            mixed.note_success();
            assert!(!rare.note_death(start + death * Duration::from_secs(4)), "death {death}");
        }
    }
}
