//! Long work stops when it is told to and when its time is over, before its process has to be killed.

use crate::plugin_host::PluginErrorKind;
use crate::plugin_host::circumstances::Circumstances;
use crate::plugin_host::conformance::bench::Bench;
use crate::plugin_host::conformance::capability::Capability;
use crate::plugin_host::conformance::exercises::{self, Exercise};
use crate::plugin_host::conformance::report::Verdict;
use crate::plugin_host::conformance::samples::{encoding, slope};
use crate::plugin_host::conformance::subject::Subject;
use crate::plugin_host::task::{Parcel, Task};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Work that is shorter than this may be over before anything could be told to it.
const LONG: Duration = Duration::from_millis(400);
/// How long is waited for work to end by itself. What takes longer has to stop when told; what is shorter should.
const PATIENCE: Duration = Duration::from_secs(3);
/// When work is told to stop.
const LATE: Duration = Duration::from_millis(100);
/// Machines are busy: so many times, and one good end is enough.
const ATTEMPTS: usize = 3;
/// The picture and the batch that long work is made of.
const SIDE_PIXELS: u32 = 5_000;
const ANNOTATIONS: (u32, u32) = (2_000, 250);

pub fn check(subject: &Subject, capability: &Capability) -> Option<Verdict> {
    Some(super::with_bench(subject, |bench| {
        let Some((longest, took)) = find_longest(subject, bench, capability) else {
            return super::find_hindrance(subject, capability)
                .unwrap_or_else(|| Verdict::skipped("nothing can be asked"));
        };
        let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        if took < LONG {
            let told = format!(
                "nothing took long enough to be stopped: the longest, {}, took {took_ms} ms; a larger file in the \
                 folder of --samples would show it",
                longest.what
            );
            return Verdict::warn(told).figure("longest_ms", took_ms);
        }
        let faults = stop(subject, &longest);
        let verdict = if faults.is_empty() {
            Verdict::pass(format!("{} stops when it is cancelled and when its time is over", longest.what))
        } else if took < PATIENCE {
            // One call into a codec's library cannot be stopped, and ends by itself.
            Verdict::warn(format!("{}; it ends by itself after {took_ms} ms", faults.join("; ")))
        } else {
            Verdict::fail(faults.join("; "))
        };
        verdict.figure("longest_ms", took_ms)
    }))
}

fn find_longest(subject: &Subject, bench: &Bench, capability: &Capability) -> Option<(Exercise, Duration)> {
    let timed = candidates(subject, bench, capability).into_iter().map(|exercise| {
        let start = Instant::now();
        // What comes of it is another check's matter.
        let _ = bench.call(&exercise.task, &exercise.input, &Circumstances::new(PATIENCE, || false));
        (exercise, start.elapsed())
    });
    timed.max_by_key(|(_, took)| *took)
}

fn candidates(subject: &Subject, bench: &Bench, capability: &Capability) -> Vec<Exercise> {
    // The largest files come last.
    let mut candidates = exercises::of(subject, bench, capability);
    let keep = candidates.len().saturating_sub(4);
    candidates.drain(..keep);
    match capability {
        Capability::Image(descriptor) if descriptor.encodes => {
            let task = encoding(&descriptor.id, SIDE_PIXELS, SIDE_PIXELS);
            let what = format!("encoding of a picture of {SIDE_PIXELS} × {SIDE_PIXELS} pixels");
            candidates.push(Exercise { what, task, input: slope(SIDE_PIXELS, SIDE_PIXELS) });
        }
        Capability::Image(_) => {}
        Capability::Annotations(descriptor) => {
            let (images, each) = ANNOTATIONS;
            let batch = exercises::batch(descriptor, images, each);
            candidates.extend(exercises::of_batch("500,000 annotations", &batch, descriptor));
        }
    }
    candidates
}

/// Made when the call starts: time counts from then.
type MakeCircumstances = fn() -> Circumstances;

/// What did not stop, and when.
fn stop(subject: &Subject, exercise: &Exercise) -> Vec<String> {
    let ways: [(&str, PluginErrorKind, MakeCircumstances); 2] = [
        ("when it is cancelled", PluginErrorKind::Cancelled, cancelled),
        ("when its time is over", PluginErrorKind::TimedOut, || Circumstances::new(LATE, || false)),
    ];
    let mut faults = Vec::new();
    for (when, expected, circumstances) in ways {
        let mut attempts = (0..ATTEMPTS).map(|_| stop_once(subject, exercise, expected, circumstances));
        let failed = attempts.try_fold(String::new(), |_, attempt| attempt.err());
        faults.extend(failed.map(|reason| format!("{when}, {} {reason}", exercise.what)));
    }
    faults
}

fn cancelled() -> Circumstances {
    let start = Instant::now();
    Circumstances::new(Duration::from_secs(60), move || start.elapsed() > LATE)
}

/// # Errors
/// What happened instead, to follow what was asked.
fn stop_once(
    subject: &Subject,
    Exercise { task, input, .. }: &Exercise,
    expected: PluginErrorKind,
    circumstances: MakeCircumstances,
) -> Result<(), String> {
    let bench = subject.bench()?;
    // A short call first, which leaves a worker behind.
    let warm_up = Task::Probe { name: String::new(), total_bytes: 0 };
    let _ = bench.call(&warm_up, &Arc::new(Parcel::new(bytes::Bytes::new())), &Circumstances::new(PATIENCE, || false));
    let before = bench.idle_workers();
    if before.is_empty() {
        return Err("could not be asked: no process was left after a short call".to_owned());
    }
    // Its time counts from now, when the process is there.
    match bench.call(task, input, &circumstances()) {
        Err(error) if error.kind == expected && bench.idle_workers() == before => Ok(()),
        Err(error) if error.kind == expected => {
            Err("did not end within 100 ms, so that its process was killed: long loops have to ask is_cancelled"
                .to_owned())
        }
        Err(error) => Err(format!("ended with {:?}: {}", error.kind, error.message)),
        Ok(_) => Err("went on to its end".to_owned()),
    }
}
