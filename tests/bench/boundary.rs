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

/// One turn of a mode; the modes take turns, so that both see the same machine.
const CALLS_PER_TURN: u32 = 40;

/// A call that is made again and again.
struct Case {
    name: &'static str,
    format: &'static str,
    file: PathBuf,
    inspects: bool,
}

/// Of one mode.
#[derive(Default)]
struct Cost {
    cpu_us: Vec<f64>,
    latency_us: Vec<f64>,
}

pub fn measure(rounds: u32) -> Vec<Value> {
    let folder = TempDir::with_prefix("lightbox-bench-").unwrap();
    let runtime = Runtime::new().unwrap();
    let modes = [Isolation::InProcess, Isolation::Workers].map(host);
    let mut table = Table::new();
    table.load_preset(comfy_table::presets::ASCII_MARKDOWN);
    table.set_header(["call", "CPU inside", "CPU worker", "overhead", "latency inside", "latency worker", "more"]);
    let mut results = Vec::new();
    for case in cases(folder.path()) {
        let mut costs = [Cost::default(), Cost::default()];
        for round in 0..=rounds * 3 {
            for (host, cost) in modes.iter().zip(&mut costs) {
                let turn = runtime.block_on(turn(host, &case));
                // The first turn starts workers and warms caches.
                if round > 0 {
                    cost.cpu_us.extend(turn.cpu_us);
                    cost.latency_us.extend(turn.latency_us);
                }
            }
        }
        let [inside, worker] = costs.map(|cost| (middle(cost.cpu_us), middle(cost.latency_us)));
        let overhead = (worker.0 / inside.0 - 1.0) * 100.0;
        table.add_row([
            case.name.to_owned(),
            format!("{:.0} µs", inside.0),
            format!("{:.0} µs", worker.0),
            format!("{overhead:+.1} %"),
            format!("{:.0} µs", inside.1),
            format!("{:.0} µs", worker.1),
            format!("{:+.0} µs", worker.1 - inside.1),
        ]);
        results.push(json!({
            "call": case.name,
            "in_process": { "cpu_us": inside.0, "latency_us": inside.1 },
            "worker": { "cpu_us": worker.0, "latency_us": worker.1 },
        }));
    }
    println!("\nA call in a worker process beside the same call inside the server, medians:\n\n{table}");
    results
}

fn middle(values: Vec<f64>) -> f64 {
    median(values).unwrap_or_default()
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
    Cost { cpu_us: vec![us(cpu) / f64::from(CALLS_PER_TURN)], latency_us }
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
