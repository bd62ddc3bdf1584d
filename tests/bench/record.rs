//! One line of JSON a run, so that runs can be laid side by side.

use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// `bench.jsonl` in the folder that cargo builds into.
pub fn default_path() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap_or(Path::new("target")).join("bench.jsonl")
}

/// Adds the results with when and on what they were measured.
pub fn append(path: &Path, results: Value) -> std::io::Result<()> {
    let time = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |time| time.as_secs());
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let mut line = json!({
        "unix_time_s": time,
        "processor": processor(),
        "cores": cores,
        "version": env!("CARGO_PKG_VERSION"),
    });
    if let (Some(line), Value::Object(results)) = (line.as_object_mut(), results) {
        line.extend(results);
    }
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path)?;
    writeln!(file, "{line}")
}

/// What Linux calls it; `None` elsewhere.
fn processor() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    line.split_once(": ").map(|(_, name)| name.to_owned())
}
