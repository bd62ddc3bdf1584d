//! What a worker process costs: the same calls into the same plugins, in workers and inside this process.

use crate::clock::{self, median};
use crate::files;
use crate::lightbox::{host, request};
use crate::support::archives;
use comfy_table::Table;
use lightbox::plugin_host::{Isolation, PluginHost};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

pub const NAME: &str = "boundary";

/// One turn of a mode. Turns are short and stand in pairs, one of each mode: what the machine does beside, and how fast
/// it is at the time, meets both of a pair, and the median of the pairs' differences does not see it.
const CALLS_PER_TURN: u32 = 4;
const PAIRS_PER_ROUND: u32 = 30;

/// A call that is made again and again.
struct Case {
    name: &'static str,
    format: &'static str,
    file: PathBuf,
    inspects: bool,
}

/// Of one call, in one turn.
#[derive(Clone, Copy)]
struct Cost {
    cpu_us: f64,
    latency_us: f64,
}

/// The two turns of a pair.
struct Pair {
    inside: Cost,
    worker: Cost,
}

pub fn measure(rounds: u32) -> Vec<Value> {
    let folder = TempDir::with_prefix("lightbox-bench-").unwrap();
    let runtime = Runtime::new().unwrap();
    let (inside, workers) = (host(Isolation::InProcess), host(Isolation::Workers));
    let mut table = Table::new();
    table.load_preset(comfy_table::presets::ASCII_MARKDOWN);
    table.set_header(["call", "CPU inside", "CPU worker", "overhead", "latency inside", "latency worker", "more"]);
    let mut results = Vec::new();
    for case in cases(folder.path()) {
        let pair = |number| runtime.block_on(pair(&inside, &workers, &case, number));
        // The first pairs start workers and warm caches.
        let pairs: Vec<Pair> = (0..=rounds * PAIRS_PER_ROUND).map(pair).skip(PAIRS_PER_ROUND as usize / 2).collect();
        results.push(report(&case, &pairs, &mut table));
    }
    println!(
        "\nA call in a worker process beside the same call inside the server, {} pairs of {CALLS_PER_TURN} calls; \
         medians, of the differences too:\n\n{table}",
        rounds * PAIRS_PER_ROUND
    );
    results
}

async fn pair(inside: &PluginHost, workers: &PluginHost, case: &Case, number: u32) -> Pair {
    // Neither mode always goes first.
    if number.is_multiple_of(2) {
        let inside = turn(inside, case).await;
        return Pair { inside, worker: turn(workers, case).await };
    }
    let worker = turn(workers, case).await;
    Pair { inside: turn(inside, case).await, worker }
}

fn report(case: &Case, pairs: &[Pair], table: &mut Table) -> Value {
    let middle = |of: fn(&Pair) -> f64| median(pairs.iter().map(of).collect()).unwrap_or_default();
    let inside = (middle(|pair| pair.inside.cpu_us), middle(|pair| pair.inside.latency_us));
    let worker = (middle(|pair| pair.worker.cpu_us), middle(|pair| pair.worker.latency_us));
    let overhead_percent = middle(|pair| (pair.worker.cpu_us / pair.inside.cpu_us - 1.0) * 100.0);
    let more_us = middle(|pair| pair.worker.latency_us - pair.inside.latency_us);
    table.add_row([
        case.name.to_owned(),
        format!("{:.0} µs", inside.0),
        format!("{:.0} µs", worker.0),
        format!("{overhead_percent:+.1} %"),
        format!("{:.0} µs", inside.1),
        format!("{:.0} µs", worker.1),
        format!("{more_us:+.0} µs"),
    ]);
    json!({
        "call": case.name,
        "in_process": { "cpu_us": inside.0, "latency_us": inside.1 },
        "worker": { "cpu_us": worker.0, "latency_us": worker.1 },
        "cpu_overhead_percent": overhead_percent,
        "latency_more_us": more_us,
    })
}

/// The same on every run.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 1u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    std::iter::repeat_with(next).take(count).collect()
}

fn cases(folder: &Path) -> Vec<Case> {
    let groups = files::groups(folder);
    let dicom = groups.iter().find(|group| group.name.contains("512")).unwrap_or(&groups[0]).files[0].path.clone();
    let png = folder.join("noise.png");
    // Noise does not compress: a file of about as many bytes as it has samples.
    std::fs::write(&png, archives::grey_png(1000, 1000, &noise(1_000_000))).unwrap();
    let case = |name, format, file: &PathBuf, inspects| Case { name, format, file: file.clone(), inspects };
    vec![
        case("render DICOM 512 × 512, 16 bits, as PNG", "dicom", &dicom, false),
        case("inspect DICOM 512 × 512, 16 bits", "dicom", &dicom, true),
        case("render PNG of 1 MB as PNG", "png", &png, false),
        case("inspect PNG of 1 MB", "png", &png, true),
    ]
}

async fn turn(host: &PluginHost, case: &Case) -> Cost {
    let mut latency_us = Vec::new();
    let before = clock::of_this_process_and_its_children();
    for _ in 0..CALLS_PER_TURN {
        let start = Instant::now();
        call(host, case).await;
        latency_us.push(us(start.elapsed()));
    }
    let cpu = clock::of_this_process_and_its_children() - before;
    Cost { cpu_us: us(cpu) / f64::from(CALLS_PER_TURN), latency_us: median(latency_us).unwrap_or_default() }
}

async fn call(host: &PluginHost, case: &Case) {
    if case.inspects {
        host.inspect(case.format, case.file.clone(), 256, &CancellationToken::new()).await.unwrap();
    } else {
        host.render(case.format, case.file.clone(), request()).await.unwrap();
    }
}

fn us(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
