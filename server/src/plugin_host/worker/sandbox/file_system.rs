//! Which files can be opened, by Landlock. It holds for the calling thread and those that it starts.

use landlock::{
    ABI, Access, AccessFs, AccessNet, LandlockStatus, RestrictionStatus, Ruleset, RulesetAttr, RulesetCreated,
    RulesetCreatedAttr, RulesetError, Scope, path_beneath_rules,
};
use std::path::{Path, PathBuf};

/// Where the system's loader looks for what a plugin needs.
const SYSTEM_LIBRARIES: [&str; 7] =
    ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/local/lib64", "/etc/ld.so.cache"];

/// The newest version that this list of rights was checked against; an older kernel enforces its part of it.
const NEWEST: ABI = ABI::V9;

/// What older kernels do not guard, with the version that does.
const LATER: [(ABI, &str); 4] = [
    (ABI::V3, "cutting files (Linux 6.2)"),
    (ABI::V4, "TCP (Linux 6.7)"),
    (ABI::V5, "commands to devices (Linux 6.10)"),
    (ABI::V6, "signals and abstract sockets (Linux 6.12)"),
];

/// What is enforced.
pub(super) struct Guard {
    /// Such as `landlock 6`.
    pub(super) name: String,
    pub(super) lacks: Option<String>,
}

/// Nothing but the system's libraries and these files and folders can be opened, and only to be read: a library is
/// mapped, never executed, so that this right is not needed.
///
/// # Errors
/// Why nothing is enforced.
pub(super) fn allow_reading(libraries: &[PathBuf]) -> Result<Guard, String> {
    let system = SYSTEM_LIBRARIES.iter().map(Path::new);
    let readable = path_beneath_rules(system.chain(libraries.iter().map(PathBuf::as_path)), reading());
    let status = ruleset().and_then(|ruleset| ruleset.add_rules(readable)?.restrict_self());
    guard(status)
}

/// # Errors
/// Why nothing is enforced.
pub(super) fn allow_nothing() -> Result<(), String> {
    guard(ruleset().and_then(RulesetCreated::restrict_self)).map(|_| ())
}

fn reading() -> landlock::BitFlags<AccessFs> {
    AccessFs::ReadFile | AccessFs::ReadDir
}

fn ruleset() -> Result<RulesetCreated, RulesetError> {
    Ruleset::default()
        .handle_access(AccessFs::from_all(NEWEST))?
        .handle_access(AccessNet::from_all(NEWEST))?
        .scope(Scope::from_all(NEWEST))?
        .create()
}

fn guard(status: Result<RestrictionStatus, RulesetError>) -> Result<Guard, String> {
    match status.map_err(|error| format!("no guard of the file system: {error}"))?.landlock {
        LandlockStatus::Available { effective_abi: abi, .. } => {
            Ok(Guard { name: format!("landlock {abi}"), lacks: lacks(abi) })
        }
        LandlockStatus::NotEnabled => {
            Err("no guard of the file system: Landlock is off in this kernel; start it with lsm=landlock,…".to_owned())
        }
        LandlockStatus::NotImplemented => {
            Err("no guard of the file system: this kernel has no Landlock (Linux 5.13 or newer has)".to_owned())
        }
    }
}

fn lacks(abi: ABI) -> Option<String> {
    let lacking: Vec<&str> = LATER.iter().filter(|(since, _)| abi < *since).map(|(_, what)| *what).collect();
    (!lacking.is_empty()).then(|| format!("landlock {abi} does not guard {}", lacking.join(", ")))
}
