//! The processes that plugins run in: none outlives its server, however that ends.

#![cfg(target_os = "linux")]

use crate::support::archives::{pictures, zip};
use crate::support::plugin_folder::HOSTILE;
use crate::support::{PluginFolder, Server};
use std::time::{Duration, Instant};

/// Processes of plugins that this server started, by their parent and what they run.
fn workers(server: &Server) -> Vec<u32> {
    let parent = server.process_id();
    let processes =
        std::fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    processes.filter(|process| parent_of(*process) == Some(parent) && is_plugin_host(*process)).collect()
}

/// As its status says, a dead one that nobody waited for not counted.
fn parent_of(process: u32) -> Option<u32> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    if field("State:")?.starts_with('Z') { None } else { field("PPid:")?.parse().ok() }
}

fn is_plugin_host(process: u32) -> bool {
    std::fs::read(format!("/proc/{process}/cmdline"))
        .is_ok_and(|line| line.split(|byte| *byte == 0).any(|word| word == b"plugin-host"))
}

/// Gone, or dead and waited for by nobody, or its number given to another program.
fn is_gone(process: u32) -> bool {
    parent_of(process).is_none() || !is_plugin_host(process)
}

fn assert_all_go(processes: &[u32]) {
    let given_up = Instant::now() + Duration::from_secs(10);
    while !processes.iter().all(|process| is_gone(*process)) {
        let left: Vec<_> = processes.iter().filter(|process| !is_gone(**process)).collect();
        assert!(Instant::now() < given_up, "processes of plugins outlive their server: {left:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn idle_workers_end_with_a_server_that_is_killed_or_told_to_stop() {
    for is_killed in [true, false] {
        let mut server = Server::start();
        server.admin().dataset("idle", &pictures(3, 70));
        let workers = workers(&server);
        assert!(!workers.is_empty());
        if is_killed {
            server.kill()
        } else {
            assert!(server.terminate().success())
        }
        assert_all_go(&workers);
    }
}

#[test]
fn a_worker_that_spins_ends_with_a_server_that_is_killed() {
    let folder = PluginFolder::built_in().with_source(HOSTILE, "hostile", &[]);
    let mut server = folder.serve(&[]);
    server.admin().start_import("spinning", &zip(&[("a", "hostile spin"), ("b", "hostile sleep")]));
    let given_up = Instant::now() + Duration::from_secs(30);
    let spinning = loop {
        let spinning: Vec<u32> = workers(&server).into_iter().filter(|worker| cpu_ticks(*worker) > 50).collect();
        if !spinning.is_empty() {
            break spinning;
        }
        assert!(Instant::now() < given_up, "no worker spins");
        std::thread::sleep(Duration::from_millis(20));
    };
    let all = workers(&server);
    assert!(spinning.iter().all(|worker| all.contains(worker)));
    server.kill();
    assert_all_go(&all);
}

/// CPU time of a process in the kernel's ticks: fields 14 and 15 of its `stat` (proc_pid_stat(5)).
fn cpu_ticks(process: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ').skip(11).take(2);
    fields.filter_map(|field| field.parse::<u64>().ok()).sum()
}
