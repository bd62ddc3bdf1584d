//! The system calls that are refused for some of their arguments.

use libc::*;
use seccompiler::{BackendError, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompRule};

/// Refused when all of these hold.
type Refusal = Vec<(u8, Test)>;

/// What an argument is compared with: its lower 32 bits, which is what the kernel sees of it, or a whole pointer.
#[derive(Clone, Copy)]
enum Test {
    IsNot(u64),
    /// Of the bits in the first number exactly those of the second are set.
    Bits(u64, u64),
    /// A pointer that is not NULL.
    IsGiven,
}
use Test::*;

/// What a library asks of terminals, pipes and sockets. Other commands change devices, files or who gets a signal.
// C libraries differ in the type of these numbers.
#[allow(clippy::unnecessary_cast)]
const IOCTL_ALLOWED: [u64; 6] =
    [TCGETS as u64, TIOCGWINSZ as u64, FIONREAD as u64, FIONBIO as u64, FIOCLEX as u64, FIONCLEX as u64];

/// Duplicates and flags. Other commands lock files, lease them, or say which process gets a signal.
const FCNTL_ALLOWED: [i32; 7] = [F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GET_SEALS];

/// Threads are allowed, processes and threads in other namespaces are not.
const NAMESPACES: [i32; 7] =
    [CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET];

const PERSONALITY_ASKED: u64 = 0xffff_ffff;

/// Each system call with the circumstances in which it is refused. `own`: the id of this process.
pub(super) fn refusals(own: u32) -> Result<Vec<(c_long, Vec<SeccompRule>)>, BackendError> {
    let own = u64::from(own);
    let mut refusals = vec![
        (SYS_clone, clone()),
        (SYS_ioctl, vec![IOCTL_ALLOWED.map(|allowed| (1, IsNot(allowed))).to_vec()]),
        (SYS_fcntl, vec![FCNTL_ALLOWED.map(|allowed| (1, IsNot(allowed as u64))).to_vec()]),
        (SYS_mmap, uncounted_memory()),
        (SYS_prlimit64, vec![vec![(2, IsGiven)]]),
        (SYS_personality, vec![vec![(0, IsNot(PERSONALITY_ASKED))]]),
        (SYS_openat, writing(2)),
        #[cfg(target_arch = "x86_64")]
        (SYS_open, writing(1)),
    ];
    // The first argument says whom a signal is for. A group's or everyone's id is not the own.
    for signal in [SYS_kill, SYS_tkill, SYS_tgkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo] {
        refusals.push((signal, vec![vec![(0, IsNot(own))]]));
    }
    for schedule in [SYS_sched_setscheduler, SYS_sched_setparam, SYS_sched_setattr, SYS_sched_setaffinity] {
        refusals.push((schedule, vec![vec![(0, IsNot(0)), (0, IsNot(own))]]));
    }
    refusals.into_iter().map(|(number, rules)| Ok((number, build(rules)?))).collect()
}

fn clone() -> Vec<Refusal> {
    let process = vec![(0, Bits(CLONE_THREAD as u64, 0))];
    let elsewhere = NAMESPACES.map(|flag| vec![(0, Bits(flag as u64, flag as u64))]);
    [vec![process], elsewhere.to_vec()].concat()
}

/// Memory that the limit of memory does not count: shared without a file, and what grows as a stack.
fn uncounted_memory() -> Vec<Refusal> {
    let shared = (MAP_TYPE | MAP_ANONYMOUS) as u64;
    let grows = MAP_GROWSDOWN as u64;
    vec![vec![(3, Bits(shared, (MAP_SHARED | MAP_ANONYMOUS) as u64))], vec![(3, Bits(grows, grows))]]
}

/// Opening a file to change or make it. Landlock guards this too, where it is.
fn writing(flags: u8) -> Vec<Refusal> {
    let access = O_ACCMODE as u64;
    let set = |bit: i32| vec![(flags, Bits(bit as u64, bit as u64))];
    let writes = |mode: i32| vec![(flags, Bits(access, mode as u64))];
    vec![writes(O_WRONLY), writes(O_RDWR), writes(O_ACCMODE), set(O_CREAT), set(O_TRUNC)]
}

fn build(refusals: Vec<Refusal>) -> Result<Vec<SeccompRule>, BackendError> {
    let condition = |(argument, test): (u8, Test)| match test {
        IsNot(value) => SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, value),
        Bits(mask, value) => {
            SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(mask), value)
        }
        IsGiven => SeccompCondition::new(argument, SeccompCmpArgLen::Qword, SeccompCmpOp::Ne, 0),
    };
    let rule = |refusal: Refusal| SeccompRule::new(refusal.into_iter().map(condition).collect::<Result<_, _>>()?);
    refusals.into_iter().map(rule).collect()
}
