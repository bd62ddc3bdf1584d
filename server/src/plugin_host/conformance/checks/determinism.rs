//! The same call gives the same answer: again, in another process, and from four threads of one process at once.

use crate::plugin_host::PluginError;
use crate::plugin_host::conformance::bench::{Bench, Outcome};
use crate::plugin_host::conformance::capability::Capability;
use crate::plugin_host::conformance::exercises::{self, Exercise};
use crate::plugin_host::conformance::report::Verdict;
use crate::plugin_host::conformance::subject::Subject;
use crate::plugin_host::conformance::tally::Tally;
use crate::plugin_host::task::Task;
use bytes::Bytes;
use std::time::Duration;

const TIME: Duration = Duration::from_secs(60);
const THREADS: u8 = 4;

pub fn check(subject: &Subject, capability: &Capability) -> Option<Verdict> {
    Some(super::with_bench(subject, |bench| match subject.bench() {
        Ok(other) => compare_all(subject, capability, bench, &other),
        Err(reason) => Verdict::fail(reason),
    }))
}

fn compare_all(subject: &Subject, capability: &Capability, bench: &Bench, other: &Bench) -> Verdict {
    let exercises = exercises::of(subject, bench, capability);
    if exercises.is_empty() {
        return super::find_hindrance(subject, capability)
            .unwrap_or_else(|| Verdict::skipped("it has nothing that can be asked twice"));
    }
    let mut tally = Tally::new(TIME);
    let mut compared = 0;
    for exercise in &exercises {
        compare(exercise, bench, other, &mut tally);
        compared += 1;
        if tally.is_over() {
            break;
        }
    }
    tally
        .verdict(|| {
            format!("{compared} calls give the same again, in another process and from {THREADS} threads at once")
        })
        .figure("compared", compared)
        .figure("threads", THREADS)
}

fn compare(Exercise { what, task, input }: &Exercise, bench: &Bench, other: &Bench, tally: &mut Tally) {
    let in_threads = Task::InThreads { task: Box::new(task.clone()), threads: THREADS };
    let first = bench.ask(task, input);
    tally.note(what, &first);
    let Some(first) = told(first) else { return };
    for (place, bench, task) in
        [("again", bench, task), ("in another process", other, task), ("from four threads at once", bench, &in_threads)]
    {
        let next = bench.ask(task, input);
        tally.note(&format!("{what}, {place}"), &next);
        let Some(next) = told(next) else { return };
        if next != first {
            return tally.blame(what, &format!("the answer {place} is another: {}", difference(&first, &next)));
        }
    }
}

/// What can be compared; `None`: the call broke, which was noted.
fn told(outcome: Outcome) -> Option<Result<Vec<Bytes>, PluginError>> {
    match outcome {
        Outcome::Answered(answer) => Some(Ok(answer.parts)),
        Outcome::Refused(error) => Some(Err(error)),
        Outcome::Broke(_) => None,
    }
}

fn difference(first: &Result<Vec<Bytes>, PluginError>, next: &Result<Vec<Bytes>, PluginError>) -> String {
    match (first, next) {
        (Ok(first), Ok(next)) => {
            let place = first.iter().zip(next).position(|(first, next)| first != next).unwrap_or(0);
            let at = |parts: &[Bytes]| parts.get(place).map_or(0, Bytes::len);
            format!("part {place} has {} bytes and {} bytes", at(first), at(next))
        }
        (Ok(_), Err(error)) => format!("an answer, and then {}", error.message),
        (Err(error), Ok(_)) => format!("{}, and then an answer", error.message),
        (Err(first), Err(next)) => format!("{}, and then {}", first.message, next.message),
    }
}
