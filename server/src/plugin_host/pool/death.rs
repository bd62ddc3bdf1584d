//! How a worker ended, told from what its process left behind; and how much CPU time it may take until then.

use super::process::Process;
use crate::plugin_host::PluginErrorKind;
use crate::plugin_host::wire::LOST_CONNECTION;
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// How long a process that closed its connection may take to end.
const LAST_BREATH: Duration = Duration::from_millis(200);
/// What allocators say before they give up; a plugin's own allocator asks the same system.
const OUT_OF_MEMORY: [&str; 4] = ["memory allocation of", "bad_alloc", "out of memory", "Cannot allocate memory"];

/// Ends the process if it runs still. `what`: what the server saw of it.
pub fn reason(mut process: Process, what: String, memory_bytes: u64) -> (PluginErrorKind, String) {
    let ended = wait_for_end(&mut process);
    let lines = process.read_lines();
    log_lines(&lines);
    let broke_contract = (PluginErrorKind::Protocol, format!("its process broke the protocol: {what}"));
    let Some(status) = ended else { return broke_contract };
    let is_full =
        process.last_memory_bytes() >= memory_bytes / 4 * 3 || OUT_OF_MEMORY.iter().any(|words| lines.contains(words));
    match status.signal() {
        Some(libc::SIGXCPU) => (PluginErrorKind::TimedOut, "its process took more CPU time than it may".to_owned()),
        Some(libc::SIGKILL) => {
            let message = "its process was killed from outside (SIGKILL), perhaps because the system ran out of memory";
            (PluginErrorKind::Crashed, message.to_owned())
        }
        Some(signal) if is_full => {
            let message =
                format!("its process passed the {memory_bytes} bytes of memory that it may take ({})", name(signal));
            (PluginErrorKind::Memory, message)
        }
        Some(signal) => (PluginErrorKind::Crashed, format!("its process crashed ({})", name(signal))),
        None if status.code() == Some(i32::from(LOST_CONNECTION)) => broke_contract,
        None => {
            let code = status.code().unwrap_or(0);
            (PluginErrorKind::Crashed, format!("its process ended itself with exit code {code}"))
        }
    }
}

/// `None`: it did not end by itself.
fn wait_for_end(process: &mut Process) -> Option<ExitStatus> {
    let patience = Instant::now() + LAST_BREATH;
    loop {
        if let Some(ended) = process.find_end() {
            return Some(ended);
        }
        if Instant::now() >= patience {
            return None;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn name(signal: i32) -> String {
    let name = match signal {
        libc::SIGSEGV => "SIGSEGV",
        libc::SIGABRT => "SIGABRT",
        libc::SIGBUS => "SIGBUS",
        libc::SIGFPE => "SIGFPE",
        libc::SIGILL => "SIGILL",
        libc::SIGSYS => "SIGSYS",
        _ => return format!("signal {signal}"),
    };
    name.to_owned()
}

/// What a plugin or its library said; the level is in the line.
pub fn log_lines(lines: &str) {
    for line in lines.lines().filter(|line| !line.trim().is_empty()) {
        tracing::info!(target: "lightbox::plugin", "{}", line.trim());
    }
}

/// Lets the process run for `timeout` on every core, counted from what it has used. `limit`: what it may use now.
pub fn allow_cpu_time(child: &Child, limit: &mut Duration, timeout: Duration) {
    let Ok(pid) = i32::try_from(child.id()) else { return };
    let wanted =
        used_cpu_time(pid).saturating_add(timeout.saturating_add(Duration::from_secs(5)).saturating_mul(cores()));
    if wanted <= *limit {
        return;
    }
    // Twice as much, so that not every call has to ask the kernel.
    let allowed = wanted.saturating_mul(2);
    let new = Rlimit { current: Some(allowed.as_secs()), maximum: None };
    match prlimit(Pid::from_raw(pid), Resource::Cpu, new) {
        Ok(_) => *limit = allowed,
        Err(error) => tracing::debug!(%error, "a plugin's process got no limit of CPU time"),
    }
}

/// Asked once: the standard library reads half a dozen files for the answer, which would cost more than the call.
fn cores() -> u32 {
    static CORES: OnceLock<u32> = OnceLock::new();
    let count =
        || std::thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(u32::MAX));
    *CORES.get_or_init(count)
}

fn used_cpu_time(pid: i32) -> Duration {
    let mut clock = 0;
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: both places live until the calls return.
    let known = unsafe {
        libc::clock_getcpuclockid(pid, &raw mut clock) == 0 && libc::clock_gettime(clock, &raw mut time) == 0
    };
    if !known {
        return Duration::ZERO;
    }
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}
