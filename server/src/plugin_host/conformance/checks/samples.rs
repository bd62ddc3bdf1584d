//! The plugin reads what it claims.

use crate::plugin_host::conformance::capability::Capability;
use crate::plugin_host::conformance::report::Verdict;
use crate::plugin_host::conformance::samples::Found;
use crate::plugin_host::conformance::subject::Subject;

pub fn check(subject: &Subject, capability: &Capability) -> Option<Verdict> {
    let Found { samples, claimed, refused, first_refusal, faults, .. } = subject.samples_of(capability);
    let hindrance = super::find_hindrance(subject, capability);
    let verdict = Verdict::of(faults, || match (hindrance, first_refusal) {
        (Some(_), Some(first)) if subject.can_write_pictures => {
            Verdict::fail(format!("it claims {claimed} files of the folder and reads none, the first: {first}"))
        }
        (Some(hindrance), _) => hindrance,
        (None, first) => Verdict::pass(read(samples.len(), *claimed, *refused, first.as_deref())),
    });
    Some(verdict.figure("read", samples.len()).figure("claimed", *claimed).figure("refused", *refused))
}

fn read(count: usize, claimed: usize, refused: usize, first_refusal: Option<&str>) -> String {
    let read = format!("{count} files are read and used below; {claimed} of the folder are claimed");
    match first_refusal {
        Some(first) => format!("{read}, {refused} of those opened were refused, the first: {first}"),
        None => read,
    }
}
