//! The checks by name, in the order in which they run. One file a check.

mod batches;
mod cancellation;
mod damage;
mod descriptor;
mod determinism;
mod encoding;
mod frames;
mod growth;
mod junk;
mod limits;
mod probe;
mod samples;

use super::capability::Capability;
use super::report::Verdict;
use super::subject::Subject;

type PluginCheck = fn(&Subject) -> Verdict;
/// `None`: the check does not concern this kind of capability.
type CapabilityCheck = fn(&Subject, &Capability) -> Option<Verdict>;

pub const PLUGIN_CHECKS: [(&str, PluginCheck); 1] = [("probe", probe::check)];

pub const CAPABILITY_CHECKS: [(&str, CapabilityCheck); 11] = [
    ("descriptor", descriptor::check),
    ("samples", samples::check),
    ("encoding", encoding::check),
    ("frames", frames::check),
    ("junk", junk::check),
    ("batches", batches::check),
    ("damage", damage::check),
    ("limits", limits::check),
    ("cancellation", cancellation::check),
    ("determinism", determinism::check),
    ("growth", growth::check),
];

/// Of a check that works with fresh processes: without them it has failed.
fn with_bench(subject: &Subject, check: impl FnOnce(&super::bench::Bench) -> Verdict) -> Verdict {
    subject.bench().map_or_else(Verdict::fail, |bench| check(&bench))
}

/// Why nothing can be seen of pictures that are read; `None`: it can.
fn find_hindrance(subject: &Subject, capability: &Capability) -> Option<Verdict> {
    if matches!(capability, Capability::Image(_)) && !subject.can_write_pictures {
        let reason = "pictures that are read are written as PNG and JPEG, and the built-in raster plugin that does it is \
                      not where plugins are looked for";
        return Some(Verdict::skipped(reason));
    }
    let found = subject.samples_of(capability);
    found.samples.is_empty().then(|| Verdict::skipped(found.lack()))
}
