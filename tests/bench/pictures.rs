//! Images per CPU second from DICOM to an 8-bit PNG of the first frame, Lightbox beside DCMTK on the same files.

use crate::clock::median;
use crate::files::{self, File, Group};
use crate::lightbox::Lightbox;
use crate::{dcmtk, difference};
use comfy_table::Table;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// One turn of Lightbox over a group is repeated until it has taken about this long, so that clocks count it well.
const TURN: Duration = Duration::from_millis(60);
const MOST_REPEATS: u32 = 50;
/// Starts of the peer that are timed in each round.
const STARTS: u32 = 3;

/// Where the two write.
struct Bench {
    lightbox: Lightbox,
    ours: PathBuf,
    theirs: PathBuf,
    tiny: File,
    rounds: u32,
}

/// What was measured of one group; milliseconds are of CPU time for one image.
struct Row {
    name: &'static str,
    files: usize,
    lightbox_ms: f64,
    peer: Result<Peer, String>,
    /// Files that are not in the numbers, and why.
    left_out: Vec<String>,
}

struct Peer {
    version: String,
    ms: f64,
    /// Without starting the process; `None` when that is all that could be measured.
    started_ms: Option<f64>,
    /// Of all files, the largest mean difference of two pictures.
    difference: f64,
    png_bytes: (u64, u64),
}

/// One file that both have read.
struct Compared {
    difference: f64,
    png_bytes: (u64, u64),
}

pub fn measure(rounds: u32, only: &str) -> Vec<Value> {
    let folder = TempDir::with_prefix("lightbox-bench-").unwrap();
    let groups = files::groups(folder.path()).into_iter().filter(|group| group.name.contains(only));
    let groups: Vec<Group> = groups.collect();
    if groups.is_empty() {
        return Vec::new();
    }
    let bench = Bench::new(folder.path(), rounds);
    let rows: Vec<Row> = groups.into_iter().filter_map(|group| bench.row(group)).collect();
    print(&rows, rounds);
    rows.iter().map(Row::to_json).collect()
}

impl Bench {
    fn new(folder: &Path, rounds: u32) -> Self {
        Self {
            lightbox: Lightbox::load(),
            ours: folder.join("ours.png"),
            theirs: folder.join("theirs.png"),
            tiny: File { path: files::tiny(folder), voi: &["+Wi", "1"] },
            rounds,
        }
    }

    /// `None` when no file of the group can be measured.
    fn row(&self, mut group: Group) -> Option<Row> {
        let mut left_out = Vec::new();
        let peer = group.peer.map_err(str::to_owned).and_then(|program| Ok((program, dcmtk::version(program)?)));
        let program = peer.as_ref().ok().map(|(program, _)| *program);
        let mut compared = Vec::new();
        group.files.retain(|file| match self.try_out(file, program) {
            Ok(found) => {
                compared.extend(found);
                true
            }
            Err(reason) => {
                let name = file.path.file_name().unwrap_or(file.path.as_os_str());
                left_out.push(format!("{}: {reason}", name.display()));
                false
            }
        });
        let files = group.files.len();
        let Some((lightbox_ms, peer)) = self.in_turns(&group.files, peer, &compared) else {
            left_out.iter().for_each(|reason| eprintln!("SKIPPED {reason}"));
            return None;
        };
        Some(Row { name: group.name, files, lightbox_ms, peer, left_out })
    }

    /// Converts a file once with each, which also warms the caches.
    fn try_out(&self, file: &File, program: Option<&str>) -> Result<Option<Compared>, String> {
        self.lightbox.convert(file, &self.ours).map_err(|error| format!("Lightbox: {error}"))?;
        let Some(program) = program else { return Ok(None) };
        dcmtk::convert(program, file, &self.theirs).map_err(|error| format!("{program}: {error}"))?;
        let size = |path: &Path| std::fs::metadata(path).map_or(0, |metadata| metadata.len());
        let difference = difference::mean(&self.ours, &self.theirs)?;
        Ok(Some(Compared { difference, png_bytes: (size(&self.ours), size(&self.theirs)) }))
    }

    fn in_turns(
        &self,
        files: &[File],
        peer: Result<(&str, String), String>,
        compared: &[Compared],
    ) -> Option<(f64, Result<Peer, String>)> {
        let (mut ours, mut theirs, mut started) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..self.rounds {
            ours.push(self.turn_of_lightbox(files)?);
            if let Ok((program, _)) = &peer {
                let convert = |file: &File| dcmtk::convert(program, file, &self.theirs).unwrap_or_default();
                let start = mean((0..STARTS).map(|_| convert(&self.tiny)))?;
                let whole = mean(files.iter().map(convert))?;
                theirs.push(whole);
                started.push(whole - start);
            }
        }
        let peer = peer.and_then(|(program, version)| {
            let ms = median(theirs).ok_or_else(|| format!("{program} was not run"))?;
            let sum = |of: fn(&Compared) -> u64| compared.iter().map(of).sum();
            Ok(Peer {
                version,
                ms,
                started_ms: median(started).filter(|ms| *ms > 0.0),
                difference: compared.iter().map(|file| file.difference).fold(0.0, f64::max),
                png_bytes: (sum(|file| file.png_bytes.0), sum(|file| file.png_bytes.1)),
            })
        });
        Some((median(ours)?, peer))
    }

    /// Milliseconds an image.
    fn turn_of_lightbox(&self, files: &[File]) -> Option<f64> {
        let convert = |file: &File| self.lightbox.convert(file, &self.ours).unwrap_or_default();
        let (mut spent, mut turns) = (Duration::ZERO, Vec::new());
        while turns.is_empty() || (spent < TURN && (turns.len() as u32) < MOST_REPEATS) {
            let turn: Duration = files.iter().map(convert).sum();
            spent += turn;
            turns.push(turn);
        }
        (!files.is_empty()).then(|| spent.as_secs_f64() * 1e3 / (turns.len() * files.len()) as f64)
    }
}

/// In milliseconds.
fn mean(times: impl Iterator<Item = Duration>) -> Option<f64> {
    let (count, sum) = times.fold((0, Duration::ZERO), |(count, sum), time| (count + 1, sum + time));
    (count > 0).then(|| sum.as_secs_f64() * 1e3 / f64::from(count))
}

fn print(rows: &[Row], rounds: u32) {
    println!("\nDICOM to PNG, 8 bits, first frame: images per CPU second, median of {rounds} rounds\n");
    let mut table = Table::new();
    table.load_preset(comfy_table::presets::ASCII_MARKDOWN);
    table.set_header([
        "",
        "files",
        "Lightbox",
        "DCMTK",
        "ratio",
        "DCMTK, started",
        "ratio",
        "mean difference at most",
        "PNG size to theirs",
    ]);
    for row in rows {
        table.add_row(row.cells());
    }
    println!("{table}\n");
    println!("DCMTK: one process a file. DCMTK, started: less the CPU time of a run on a file of 2 × 2 pixels.");
    let versions: std::collections::BTreeSet<&str> =
        rows.iter().filter_map(|row| row.peer.as_ref().ok()).map(|peer| peer.version.as_str()).collect();
    versions.iter().for_each(|version| println!("Peer: {version}"));
    for row in rows {
        row.left_out.iter().for_each(|reason| println!("Not in {}: {reason}", row.name));
    }
}

impl Row {
    fn cells(&self) -> Vec<String> {
        let mut cells = vec![self.name.to_owned(), self.files.to_string(), format!("{:.0}", 1e3 / self.lightbox_ms)];
        match &self.peer {
            Err(reason) => cells.push(format!("SKIPPED: {reason}")),
            Ok(peer) => {
                let below = || ("nothing above starting".to_owned(), String::new());
                let (started, ratio) = peer.started_ms.map_or_else(below, |ms| (rate(ms), self.ratio(ms)));
                let size = peer.png_bytes.0 as f64 / peer.png_bytes.1.max(1) as f64;
                let difference = format!("{:.2}", peer.difference);
                cells.extend([rate(peer.ms), self.ratio(peer.ms), started, ratio, difference, format!("{size:.2}")]);
            }
        }
        cells
    }

    fn ratio(&self, peer_ms: f64) -> String {
        format!("{:.1}", peer_ms / self.lightbox_ms)
    }

    fn to_json(&self) -> Value {
        let peer = self.peer.as_ref().map_or_else(
            |reason| json!({ "skipped": reason }),
            |peer| {
                json!({
                    "version": peer.version,
                    "cpu_ms_per_image": peer.ms,
                    "cpu_ms_per_image_started": peer.started_ms,
                    "mean_difference_at_most": peer.difference,
                    "png_bytes": peer.png_bytes.1,
                    "lightbox_png_bytes": peer.png_bytes.0,
                })
            },
        );
        json!({
            "name": self.name,
            "files": self.files,
            "lightbox_cpu_ms_per_image": self.lightbox_ms,
            "peer": peer,
            "left_out": self.left_out,
        })
    }
}

fn rate(ms: f64) -> String {
    format!("{:.1}", 1e3 / ms)
}
