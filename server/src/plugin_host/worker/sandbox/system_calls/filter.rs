//! The programs that the kernel runs on each system call, and their installation. Which calls: `refused` and
//! `arguments`.

use super::{arguments, refused};
use seccompiler::{BackendError, BpfProgram, SeccompAction, SeccompFilter, SeccompRule, apply_filter, sock_filter};
use std::collections::BTreeMap;

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Refuses with EPERM whatever reaches beyond this process, from this thread and those that it starts.
///
/// # Errors
/// Why nothing is refused.
pub(in super::super) fn deny() -> Result<(), String> {
    let mut rules = always(refused::ALWAYS.concat());
    let of_arguments = arguments::refusals(std::process::id());
    rules.extend(of_arguments.map_err(|error| failed(&error))?);
    // Stacked programs: the kernel runs both, and the stricter answer counts.
    install(always(refused::AS_IF_UNKNOWN.to_vec()), libc::ENOSYS)?;
    install(rules, libc::EPERM)
}

/// Refuses to open any file, beside what is refused already.
///
/// # Errors
/// Why files can still be opened.
pub(in super::super) fn deny_opening() -> Result<(), String> {
    install(always(refused::OPENING.to_vec()), libc::EPERM)
}

fn always(numbers: Vec<libc::c_long>) -> Rules {
    numbers.into_iter().map(|number| (number, Vec::new())).collect()
}

fn install(rules: Rules, errno: i32) -> Result<(), String> {
    let program = compile(rules, errno).map_err(|error| failed(&error))?;
    apply_filter(&program).map_err(|error| failed(&error))
}

fn failed(error: &dyn std::fmt::Display) -> String {
    format!("system calls are not refused: {error}")
}

/// A call by the numbers of another architecture ends the process; seccompiler sees to that.
fn compile(rules: Rules, errno: i32) -> Result<BpfProgram, BackendError> {
    let arch = std::env::consts::ARCH.try_into()?;
    let program: BpfProgram =
        SeccompFilter::new(rules, SeccompAction::Allow, SeccompAction::Errno(errno.unsigned_abs()), arch)?
            .try_into()?;
    Ok(own_numbers_only().into_iter().chain(program).collect())
}

/// x86-64 has its calls a second time under the x32 ABI, which is the same architecture to the kernel, with this bit in
/// the number. A call with it ends the process, as one by the i386 ABI does.
#[cfg(target_arch = "x86_64")]
fn own_numbers_only() -> Vec<sock_filter> {
    const X32_BIT: u32 = 0x4000_0000;
    const NUMBER_AT: u32 = 0;
    let step = |code: u32, jt, jf, k| sock_filter { code: code as u16, jt, jf, k };
    vec![
        step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, NUMBER_AT),
        step(libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K, 0, 1, X32_BIT),
        step(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_KILL_PROCESS),
    ]
}

#[cfg(not(target_arch = "x86_64"))]
fn own_numbers_only() -> Vec<sock_filter> {
    Vec::new()
}
