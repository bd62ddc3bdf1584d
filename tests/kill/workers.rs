//! The processes that a server runs plugins in, found in /proc.

use rustix::process::{Pid, Signal, kill_process};
use std::time::{Duration, Instant};

/// Process ids of the workers of this server.
pub fn of(server: u32) -> Vec<i32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter(|id| is_worker(*id) && parent(*id) == Some(server)).collect()
}

fn is_worker(process: i32) -> bool {
    let line = std::fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
    line.split(|byte| *byte == 0).nth(1) == Some(b"plugin-host")
}

fn parent(process: i32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

pub fn kill(process: i32) {
    if let Some(process) = Pid::from_raw(process) {
        // Gone already is as good.
        let _ = kill_process(process, Signal::KILL);
    }
}

/// Workers must not outlive their server.
pub fn assert_gone(workers: &[i32]) {
    let given_up = Instant::now() + Duration::from_secs(20);
    while let Some(worker) = workers.iter().find(|worker| is_worker(**worker)) {
        assert!(Instant::now() < given_up, "the plugin worker {worker} outlives its server");
        std::thread::sleep(Duration::from_millis(20));
    }
}
