//! Which system calls are refused, by seccomp. A list of what is refused and not of what is allowed: decoders, their
//! languages' runtimes and newer C libraries need calls that nobody foresees, and a list of those rots.

#[cfg(all(target_pointer_width = "64", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod arguments;
#[cfg(all(target_pointer_width = "64", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod filter;
#[cfg(all(target_pointer_width = "64", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod refused;

#[cfg(all(target_pointer_width = "64", any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(super) use filter::{deny, deny_opening};

#[cfg(not(all(target_pointer_width = "64", any(target_arch = "x86_64", target_arch = "aarch64"))))]
pub(super) fn deny() -> Result<(), String> {
    Err(format!("no system call is refused: their numbers on {} are not known here", std::env::consts::ARCH))
}

#[cfg(not(all(target_pointer_width = "64", any(target_arch = "x86_64", target_arch = "aarch64"))))]
pub(super) fn deny_opening() -> Result<(), String> {
    deny()
}
