//! `probe` is fast, and its answer depends on its arguments alone.

use crate::plugin_host::conformance::bench::{Bench, Outcome};
use crate::plugin_host::conformance::junk;
use crate::plugin_host::conformance::report::Verdict;
use crate::plugin_host::conformance::samples::first_part;
use crate::plugin_host::conformance::subject::Subject;
use crate::plugin_host::task::{Parcel, Task};
use bytes::Bytes;
use std::sync::Arc;
use std::time::{Duration, Instant};

const ROUNDS: u32 = 1_000;
/// A probe looks at 4,096 bytes. Its fastest call is held against this, for on a busy machine others only wait.
const SLOW: Duration = Duration::from_millis(5);
/// Nobody should be so sure of bytes that mean nothing.
const TOO_SURE: u8 = 50;

struct Head {
    what: String,
    task: Task,
    input: Arc<Parcel>,
    is_junk: bool,
    answer: Bytes,
    fastest: Duration,
}

pub fn check(subject: &Subject) -> Verdict {
    if subject.probed.is_empty() {
        return Verdict::skipped("it offers no image format");
    }
    super::with_bench(subject, |bench| match subject.bench() {
        Ok(other) => compare(subject, bench, &other).unwrap_or_else(Verdict::fail),
        Err(reason) => Verdict::fail(reason),
    })
}

/// # Errors
/// What is wrong, in one sentence.
fn compare(subject: &Subject, bench: &Bench, other: &Bench) -> Result<Verdict, String> {
    let mut heads = heads(subject);
    for head in &mut heads {
        head.answer = ask(bench, head)?;
    }
    for round in 1..ROUNDS {
        for head in &mut heads {
            let start = Instant::now();
            let answer = ask(bench, head)?;
            head.fastest = head.fastest.min(start.elapsed());
            expect(head, &answer, &format!("time {}", round + 1))?;
        }
    }
    for head in heads.iter().rev() {
        expect(head, &ask(other, head)?, "another process")?;
    }
    let sure = heads.iter().filter(|head| head.is_junk && head.answer.iter().any(|sure| *sure > TOO_SURE));
    let sure: Vec<&str> = sure.map(|head| head.what.as_str()).collect();
    let slowest = heads.iter().map(|head| head.fastest).max().unwrap_or_default();
    let microseconds = u64::try_from(slowest.as_micros()).unwrap_or(u64::MAX);
    let verdict = if slowest > SLOW {
        Verdict::fail(format!(
            "a probe takes {microseconds} µs at its fastest, the way there and back among them; 5,000 are much"
        ))
    } else if let [first, ..] = &sure[..] {
        Verdict::warn(format!("it is more than {TOO_SURE} % sure that {first} is a file of its own"))
    } else {
        Verdict::pass(format!(
            "the same answers to {} heads {ROUNDS} times and in another process; {microseconds} µs for the slowest of \
             them at its fastest, the way there and back among them",
            heads.len()
        ))
    };
    Ok(verdict.figure("heads", heads.len()).figure("rounds", ROUNDS).figure("slowest_us", microseconds))
}

fn heads(subject: &Subject) -> Vec<Head> {
    let plain = junk::plain().into_iter().map(|(what, bytes)| head(what.to_owned(), bytes, true));
    let samples = subject.samples.values().flat_map(|found| found.samples.iter().take(4));
    let samples = samples.map(|sample| head(sample.name.clone(), sample.input.bytes.clone(), false));
    plain.chain(samples).collect()
}

fn head(what: String, bytes: Bytes, is_junk: bool) -> Head {
    let name = if is_junk { "unknown".to_owned() } else { what.clone() };
    let task = Task::Probe { name, total_bytes: bytes.len() as u64 };
    let input = Arc::new(Parcel::new(bytes.slice(..bytes.len().min(lightbox_abi::LBX_PROBE_LEN))));
    Head { what, task, input, is_junk, answer: Bytes::new(), fastest: Duration::MAX }
}

fn ask(bench: &Bench, head: &Head) -> Result<Bytes, String> {
    match bench.ask(&head.task, &head.input) {
        Outcome::Answered(answer) => Ok(first_part(answer).unwrap_or_default()),
        Outcome::Refused(error) => Err(format!("{}: {}", head.what, error.message)),
        Outcome::Broke(reason) => Err(format!("{}: {reason}", head.what)),
    }
}

fn expect(head: &Head, answer: &Bytes, when: &str) -> Result<(), String> {
    if *answer == head.answer {
        return Ok(());
    }
    let (first, now) = (&head.answer[..], &answer[..]);
    Err(format!("{}: it is {first:?} % sure at first, and {now:?} % at {when}", head.what))
}
