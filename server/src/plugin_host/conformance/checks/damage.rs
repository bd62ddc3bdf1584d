//! Samples that are cut or have bits turned: any answer, any error, but no crash, hang or broken answer.

use crate::plugin_host::conformance::bench::Bench;
use crate::plugin_host::conformance::capability::Capability;
use crate::plugin_host::conformance::report::Verdict;
use crate::plugin_host::conformance::subject::Subject;
use crate::plugin_host::conformance::tally::Tally;
use crate::plugin_host::conformance::{exercises, mutations};
use crate::plugin_host::task::Parcel;
use std::sync::Arc;
use std::time::Duration;

const TIME: Duration = Duration::from_secs(60);
/// Samples that are damaged, the smallest first: in them every byte matters.
const SAMPLES: usize = 8;

pub fn check(subject: &Subject, capability: &Capability) -> Option<Verdict> {
    if let Some(hindrance) = super::find_hindrance(subject, capability) {
        return Some(hindrance);
    }
    Some(super::with_bench(subject, |bench| damage_all(subject, bench, capability)))
}

fn damage_all(subject: &Subject, bench: &Bench, capability: &Capability) -> Verdict {
    let mut tally = Tally::new(TIME);
    let samples = &subject.samples_of(capability).samples;
    // By turns, so that each sample has its share when time is short.
    let mut copies: Vec<_> =
        samples.iter().take(SAMPLES).map(|sample| (sample, mutations::of(&sample.input.bytes))).collect();
    while !copies.is_empty() && !tally.is_over() {
        copies.retain_mut(|(sample, copies)| {
            let Some((what, bytes)) = copies.next().filter(|_| !tally.is_over()) else { return false };
            let input = Arc::new(Parcel::new(bytes.into()));
            for task in capability.readings(&sample.name, &sample.format) {
                let what = format!("{} of {} {what}", exercises::verb(&task), sample.name);
                tally.note(&what, &bench.ask(&task, &input));
            }
            true
        });
    }
    let rest = if tally.is_late() { "; time ran out before all was tried" } else { "" };
    let (calls, answered, refused) = (tally.calls, tally.answered, tally.refused);
    tally.verdict(|| {
        format!("{calls} calls on damaged files: {answered} answered, {refused} refused, nothing broke{rest}")
    })
}
