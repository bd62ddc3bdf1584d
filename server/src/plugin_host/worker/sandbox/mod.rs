//! What takes a worker process its rights away before a plugin's code runs in it: limits, file system, network, system
//! calls. Nothing of plugins is known here, and nothing fails where the system cannot enforce something: it is told.

#[cfg(target_os = "linux")]
mod file_system;
#[cfg(target_os = "linux")]
mod limits;
#[cfg(target_os = "linux")]
mod privileges;
#[cfg(target_os = "linux")]
mod system_calls;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests;

use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::PathBuf;

/// What a worker may use. The kernel counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::plugin_host) struct Bounds {
    /// Heap, stacks of threads and whatever else is the worker's own.
    pub memory_bytes: u64,
    /// What the files that the server sends may add to the address space.
    pub mapped_bytes: u64,
    /// Descriptors that are open at the same time.
    pub open_files: u64,
    /// The length of a file that the worker writes to: answers go into files that the server gave.
    pub output_bytes: u64,
}

/// What is enforced in a worker.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
pub(in crate::plugin_host) struct Report {
    /// All of `Bounds`.
    pub limits: bool,
    /// It cannot gain rights, and those of a superuser are gone.
    pub no_new_privileges: bool,
    /// What guards the file system, such as `landlock 6`.
    pub file_system: Option<String>,
    /// No sockets.
    pub network: bool,
    /// No system call that reaches beyond the process.
    pub system_calls: bool,
    /// What could not be had, and why.
    pub missing: Vec<String>,
}

/// Once, while the process has one thread, and before a library is loaded, because its constructors run then.
/// `libraries`: files or folders, beside the system's own, that may be read from now on.
#[cfg(target_os = "linux")]
pub(in crate::plugin_host) fn enter(bounds: &Bounds, libraries: &[PathBuf]) -> Report {
    let mut missing = Vec::new();
    let mut enforce = |step: Result<(), String>| step.map_err(|reason| missing.push(reason)).is_ok();
    let limits = enforce(limits::set(bounds));
    let no_new_privileges = enforce(privileges::drop_all_but_reading());
    let guard = file_system::allow_reading(libraries);
    let system_calls = enforce(system_calls::deny());
    let file_system = match guard {
        Ok(file_system::Guard { name, lacks }) => {
            missing.extend(lacks);
            Some(name)
        }
        Err(reason) => {
            missing.push(reason);
            None
        }
    };
    Report { limits, no_new_privileges, file_system, network: system_calls, system_calls, missing }
}

/// Once the plugin is loaded: from now on no file can be opened, not even a library.
///
/// # Errors
/// Why files can still be opened.
#[cfg(target_os = "linux")]
pub(in crate::plugin_host) fn close_file_system() -> Result<(), String> {
    let by_rights = privileges::drop_all();
    let by_landlock = file_system::allow_nothing();
    let by_system_calls = system_calls::deny_opening();
    match (by_landlock, by_system_calls) {
        (Err(one), Err(other)) => Err(format!("files can still be opened: {one}; {other}")),
        _ => by_rights,
    }
}

#[cfg(not(target_os = "linux"))]
pub(in crate::plugin_host) fn enter(_bounds: &Bounds, _libraries: &[PathBuf]) -> Report {
    Report {
        limits: false,
        no_new_privileges: false,
        file_system: None,
        network: false,
        system_calls: false,
        missing: vec![nothing()],
    }
}

/// # Errors
/// Always: nothing can be enforced on this system.
#[cfg(not(target_os = "linux"))]
pub(in crate::plugin_host) fn close_file_system() -> Result<(), String> {
    Err(nothing())
}

#[cfg(not(target_os = "linux"))]
fn nothing() -> String {
    format!(
        "on {} this server cannot confine plugins: a plugin may read and write whatever the server may, so run only \
         plugins that you trust, or run the server on Linux",
        std::env::consts::OS
    )
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            self.limits.then_some("limits"),
            self.no_new_privileges.then_some("no privileges"),
            self.file_system.as_deref(),
            self.system_calls.then_some("no network and no harmful system calls"),
        ];
        let held: Vec<&str> = parts.into_iter().flatten().collect();
        if held.is_empty() {
            f.write_str("nothing enforced")?;
        } else {
            f.write_str(&held.join(", "))?;
        }
        if self.missing.is_empty() { Ok(()) } else { write!(f, "; missing: {}", self.missing.join("; ")) }
    }
}
