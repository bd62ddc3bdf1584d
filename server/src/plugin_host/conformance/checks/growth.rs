//! Ten thousand calls leave no open file and no memory behind, whether they end well or not.

use crate::plugin_host::conformance::bench::Bench;
use crate::plugin_host::conformance::capability::Capability;
use crate::plugin_host::conformance::exercises::{self, Exercise};
use crate::plugin_host::conformance::junk;
use crate::plugin_host::conformance::report::Verdict;
use crate::plugin_host::conformance::subject::Subject;
use crate::plugin_host::task::Parcel;
use std::sync::Arc;
use std::time::{Duration, Instant};

const CALLS: usize = 10_000;
/// Calls until allocators and caches have what they keep.
const WARM_UP: usize = 2_000;
const TIME: Duration = Duration::from_secs(180);
/// Growth in each half of the calls that is more than an allocator's mood: some 200 bytes a call.
const GROWTH_BYTES: u64 = 1 << 20;
/// Files that may come and go, such as those of the watchdog.
const GROWTH_FILES: usize = 3;
/// Larger inputs only make it slower.
const INPUT_BYTES: usize = 64 << 10;
const EXERCISES: usize = 8;

pub fn check(subject: &Subject, capability: &Capability) -> Option<Verdict> {
    if !cfg!(target_os = "linux") {
        return Some(Verdict::skipped("a process's memory and files can be read on Linux only"));
    }
    Some(super::with_bench(subject, |bench| {
        let calls = calls(subject, bench, capability);
        measure(subject, &calls).unwrap_or_else(Verdict::fail)
    }))
}

/// Good and bad ones in turn.
fn calls(subject: &Subject, bench: &Bench, capability: &Capability) -> Vec<Exercise> {
    let mut calls = exercises::of(subject, bench, capability);
    calls.retain(|exercise| exercise.input.bytes.len() <= INPUT_BYTES);
    calls.truncate(EXERCISES);
    let plain = junk::plain().into_iter().chain(junk::of(capability)).filter(|(_, bytes)| bytes.len() <= 4096);
    for (what, bytes) in plain {
        let input = Arc::new(Parcel::new(bytes));
        for task in capability.readings("unknown", "") {
            calls.push(Exercise { what: what.to_owned(), task, input: input.clone() });
        }
    }
    calls
}

struct Usage {
    worker: u32,
    bytes: u64,
    files: Option<usize>,
}

/// # Errors
/// What is wrong, in one sentence.
fn measure(subject: &Subject, calls: &[Exercise]) -> Result<Verdict, String> {
    let bench = subject.bench()?;
    let end = Instant::now() + TIME;
    let mut made = 0;
    let mut run = |count: usize| {
        for exercise in calls.iter().cycle().skip(made % calls.len().max(1)).take(count) {
            if Instant::now() >= end {
                break;
            }
            // What comes of it is another check's matter.
            bench.ask(&exercise.task, &exercise.input);
            made += 1;
        }
        usage(&bench)
    };
    // Files before much could leak: a process has few, and a plugin that leaks them has used them up soon.
    let first = run(calls.len())?;
    let start = run(WARM_UP)?;
    let half = run(CALLS / 2)?;
    let last = run(CALLS / 2)?;
    let counted = made.saturating_sub(WARM_UP + calls.len());
    let grown = [half.bytes.saturating_sub(start.bytes), last.bytes.saturating_sub(half.bytes)];
    let mut faults = Vec::new();
    if [start.worker, half.worker, last.worker] != [first.worker; 3] {
        faults.push("its process was replaced in between: calls on junk or samples end it".to_owned());
    } else if grown.iter().all(|bytes| *bytes > GROWTH_BYTES) {
        let [one, two] = grown;
        faults.push(format!(
            "memory grew by {one} bytes in the first half of {counted} calls and by {two} in the second"
        ));
    }
    if let (Some(first), Some(last)) = (first.files, last.files)
        && last > first + GROWTH_FILES
    {
        faults.push(format!("open files grew from {first} to {last}"));
    }
    let total = last.bytes.saturating_sub(start.bytes);
    let verdict = Verdict::of(&faults, || match (counted >= CALLS, last.files) {
        (false, _) => Verdict::warn(format!("only {counted} calls were made in {} s; nothing grew", TIME.as_secs())),
        (true, None) => {
            Verdict::warn(format!("memory grew by {total} bytes over {counted} calls; open files cannot be counted"))
        }
        (true, Some(files)) => Verdict::pass(format!(
            "memory grew by {total} bytes over {counted} calls; {files} files are open, as before"
        )),
    });
    Ok(verdict.figure("calls", counted).figure("grown_bytes", total).figure("open_files", last.files))
}

/// Of the one worker.
fn usage(bench: &Bench) -> Result<Usage, String> {
    let workers = bench.idle_workers();
    let [worker] = workers[..] else {
        return Err(format!("{} of its processes wait for work after a call, 1 was expected", workers.len()));
    };
    let bytes = private_bytes(worker).ok_or_else(|| format!("the memory of its process {worker} cannot be read"))?;
    let files = std::fs::read_dir(format!("/proc/{worker}/fd")).ok().map(Iterator::count);
    Ok(Usage { worker, bytes, files })
}

/// Resident memory that is not shared, from `/proc/<pid>/statm` (proc(5)).
fn private_bytes(process: u32) -> Option<u64> {
    let statm = std::fs::read_to_string(format!("/proc/{process}/statm")).ok()?;
    let mut numbers = statm.split_ascii_whitespace().skip(1).map(|number| number.parse::<u64>().ok());
    let (resident, shared) = (numbers.next()??, numbers.next()??);
    #[cfg(unix)]
    let page_bytes = rustix::param::page_size() as u64;
    #[cfg(not(unix))]
    let page_bytes = 4096;
    Some(resident.saturating_sub(shared) * page_bytes)
}
