//! A picture that takes more memory than allowed is refused, as one.

use crate::plugin_host::PluginErrorKind;
use crate::plugin_host::answers::read_metadata;
use crate::plugin_host::conformance::bench::{Bench, Outcome};
use crate::plugin_host::conformance::capability::Capability;
use crate::plugin_host::conformance::report::Verdict;
use crate::plugin_host::conformance::subject::Subject;
use crate::plugin_host::conformance::tally::Tally;
use crate::plugin_host::task::{Parcel, Task};
use std::sync::Arc;
use std::time::Duration;

const TIME: Duration = Duration::from_secs(30);

pub fn check(subject: &Subject, capability: &Capability) -> Option<Verdict> {
    let Capability::Image(descriptor) = capability else { return None };
    if let Some(hindrance) = super::find_hindrance(subject, capability) {
        return Some(hindrance);
    }
    let inspect = Task::Inspect { format: descriptor.id.clone(), thumbnail_size: 64 };
    Some(super::with_bench(subject, |bench| {
        let mut tally = Tally::new(TIME);
        for sample in &subject.samples_of(capability).samples {
            let Some(pixels) = count_pixels(bench, &inspect, &sample.input).filter(|pixels| *pixels > 1) else {
                continue;
            };
            // A byte less than the picture takes at least, whatever its samples are.
            match subject.bench_for_pictures_of(pixels - 1) {
                Ok(tight) => ask(&tight, &inspect, &sample.input, &sample.name, &mut tally),
                Err(reason) => tally.blame(&sample.name, &reason),
            }
            if tally.is_over() {
                break;
            }
        }
        if tally.calls == 0 && tally.faults.is_empty() {
            return Verdict::skipped("no sample has more than one pixel: give larger ones with --samples DIR");
        }
        tally.verdict(|| format!("{} pictures larger than allowed are refused for their size", tally.calls))
    }))
}

fn count_pixels(bench: &Bench, inspect: &Task, input: &Arc<Parcel>) -> Option<u64> {
    let Outcome::Answered(answer) = bench.ask(inspect, input) else { return None };
    let metadata = read_metadata(answer.parts.get(1)?).ok()?;
    Some(u64::from(metadata.width) * u64::from(metadata.height))
}

fn ask(bench: &Bench, inspect: &Task, input: &Arc<Parcel>, name: &str, tally: &mut Tally) {
    let outcome = bench.ask(inspect, input);
    tally.note(name, &outcome);
    match outcome {
        Outcome::Refused(error) if error.kind == PluginErrorKind::Limit => {}
        Outcome::Refused(error) => {
            let told = format!(
                "{:?} ({}) where its picture is larger than allowed, Limit expected",
                error.kind, error.message
            );
            tally.blame(name, &told);
        }
        Outcome::Answered(_) => tally.blame(name, "it is read although its picture is larger than allowed"),
        Outcome::Broke(_) => {}
    }
}
