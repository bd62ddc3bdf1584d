//! Bytes that are no file of the capability's end in an error that says why.

use crate::plugin_host::conformance::bench::{Bench, Outcome};
use crate::plugin_host::conformance::capability::Capability;
use crate::plugin_host::conformance::junk;
use crate::plugin_host::conformance::report::Verdict;
use crate::plugin_host::conformance::subject::Subject;
use crate::plugin_host::conformance::tally::Tally;
use crate::plugin_host::task::{Parcel, Task};
use std::sync::Arc;
use std::time::Duration;

const TIME: Duration = Duration::from_secs(60);

pub fn check(subject: &Subject, capability: &Capability) -> Option<Verdict> {
    Some(super::with_bench(subject, |bench| ask_all(subject, bench, capability)))
}

fn ask_all(subject: &Subject, bench: &Bench, capability: &Capability) -> Verdict {
    let mut tally = Tally::new(TIME);
    let inputs = junk::plain().into_iter().chain(junk::of(capability));
    for (what, bytes) in inputs {
        let input = Arc::new(Parcel::new(bytes));
        for task in capability.readings("unknown", "") {
            let outcome = bench.ask(&task, &input);
            tally.note(what, &outcome);
            if matches!(outcome, Outcome::Answered(_)) && matches!(task, Task::Inspect { .. }) {
                tally.blame(what, "it was read as a picture, an error was expected");
            }
        }
        if tally.is_over() {
            break;
        }
    }
    let seen = match capability {
        Capability::Image(_) if !subject.can_write_pictures => {
            "nothing broke; whether some of it counts as a picture cannot be seen without the built-in raster plugin"
        }
        Capability::Image(_) => "none of it is read as a picture, nothing broke",
        Capability::Annotations(_) => "each ends in an outcome or an error, nothing broke",
    };
    tally.verdict(|| format!("{} calls on bytes that mean nothing, {} refused: {seen}", tally.calls, tally.refused))
}
