//! What a process may still do in the sandbox. Limits and filters cannot be taken back, so that each test starts this
//! test program again and lets `child` do it there.

use super::*;
use std::ffi::CString;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};

const PART: &str = "LIGHTBOX_SANDBOX_TEST";
const MEMORY_BYTES: u64 = 256 << 20;
const BOUNDS: Bounds =
    Bounds { memory_bytes: MEMORY_BYTES, mapped_bytes: 1 << 30, open_files: 64, output_bytes: 1 << 20 };

/// Runs one part of `child` in a process of its own.
fn run(part: &str) -> Output {
    let module = module_path!().split_once("::").unwrap().1;
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "--ignored", "--nocapture", "--test-threads=1", &format!("{module}::child")]);
    command.env(PART, part).output().unwrap()
}

/// The lines that `child` printed: what it tried, and what came of it.
fn outcomes(part: &str) -> Vec<(String, String)> {
    let output = run(part);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let lines = text.lines().filter_map(|line| line.split_once("tried: ")?.1.split_once(" => "));
    let outcomes: Vec<_> = lines.map(|(what, outcome)| (what.to_owned(), outcome.to_owned())).collect();
    assert!(!outcomes.is_empty(), "{text}");
    outcomes
}

fn told(what: &str, outcome: impl std::fmt::Display) {
    println!("tried: {what} => {outcome}");
}

/// `0` or the name of the error of a system call.
fn tried(what: &str, result: i64) {
    let error = std::io::Error::last_os_error().raw_os_error();
    let name = match error {
        _ if result >= 0 => "done".to_owned(),
        Some(libc::EPERM) => "EPERM".to_owned(),
        Some(libc::EACCES) => "EACCES".to_owned(),
        Some(libc::ENOSYS) => "ENOSYS".to_owned(),
        Some(libc::ENOMEM) => "ENOMEM".to_owned(),
        Some(libc::EMFILE) => "EMFILE".to_owned(),
        Some(libc::EFBIG) => "EFBIG".to_owned(),
        other => format!("{other:?}"),
    };
    told(what, name);
}

/// Makes a system call with what it needs of arguments.
fn call(what: &str, number: libc::c_long, arguments: [i64; 4]) {
    let [one, two, three, four] = arguments;
    // SAFETY: pointers among the arguments are NULL or live; what is refused does nothing, and what is allowed here
    // changes nothing that this process still needs.
    tried(what, unsafe { libc::syscall(number, one, two, three, four, 0, 0) });
}

fn open(path: &str, flags: i32) -> i64 {
    let path = CString::new(path).unwrap();
    // SAFETY: a path that lives.
    i64::from(unsafe { libc::open(path.as_ptr(), flags, 0o600) })
}

#[test]
#[ignore = "the tests beside it start it, in a process of its own"]
fn child() {
    let Ok(part) = std::env::var(PART) else {
        eprintln!("SKIPPED: {PART} does not say what to try");
        return;
    };
    let report = enter(&BOUNDS, &[std::env::temp_dir().join("nothing-of-this-name")]);
    match part.as_str() {
        "report" => told("report", serde_json::to_string(&report).unwrap()),
        "calls" => try_calls(),
        "files" => try_files(),
        "limits" => try_limits(),
        "allowed" => try_what_is_allowed(),
        "abort" => std::process::abort(),
        #[cfg(target_arch = "x86_64")]
        "i386" => foreign::getpid_of_i386(),
        #[cfg(target_arch = "x86_64")]
        "x32" => foreign::getpid_of_x32(),
        part => panic!("no part {part}"),
    }
}

fn try_calls() {
    // SAFETY: asks for an id.
    let parent = i64::from(unsafe { libc::getppid() });
    let own = i64::from(std::process::id());
    let kill = i64::from(libc::SIGKILL);
    call("socket", libc::SYS_socket, [i64::from(libc::AF_INET), i64::from(libc::SOCK_STREAM), 0, 0]);
    call("socketpair", libc::SYS_socketpair, [i64::from(libc::AF_UNIX), i64::from(libc::SOCK_STREAM), 0, 0]);
    call("execve", libc::SYS_execve, [c"/bin/true".as_ptr() as i64, 0, 0, 0]);
    call("a process", libc::SYS_clone, [i64::from(libc::SIGCHLD), 0, 0, 0]);
    call("clone3", libc::SYS_clone3, [0, 0, 0, 0]);
    call("openat2", libc::SYS_openat2, [0, 0, 0, 0]);
    call("ptrace", libc::SYS_ptrace, [i64::from(libc::PTRACE_ATTACH), parent, 0, 0]);
    call("kill the parent", libc::SYS_kill, [parent, kill, 0, 0]);
    call("kill the own group", libc::SYS_kill, [0, 0, 0, 0]);
    call("kill everyone", libc::SYS_kill, [-1, 0, 0, 0]);
    call("tgkill the parent", libc::SYS_tgkill, [parent, parent, kill, 0]);
    call("pidfd_open", libc::SYS_pidfd_open, [parent, 0, 0, 0]);
    call("renice the parent", libc::SYS_setpriority, [0, parent, 19, 0]);
    call("pin the parent", libc::SYS_sched_setaffinity, [parent, 0, 0, 0]);
    call("own the signals of a descriptor", libc::SYS_fcntl, [0, i64::from(libc::F_SETOWN), parent, 0]);
    call("a lock", libc::SYS_fcntl, [0, i64::from(libc::F_SETLK), 0, 0]);
    call("type into the terminal", libc::SYS_ioctl, [0, libc::TIOCSTI as i64, 0, 0]);
    call("memfd_create", libc::SYS_memfd_create, [c"a".as_ptr() as i64, 0, 0, 0]);
    call("shmget", libc::SYS_shmget, [0, 4096, 0o1600, 0]);
    call("io_uring", libc::SYS_io_uring_setup, [1, 0, 0, 0]);
    call("a limit raised", libc::SYS_prlimit64, [own, i64::from(libc::RLIMIT_DATA), 8, 0]);
    call("another personality", libc::SYS_personality, [0x0040_0000, 0, 0, 0]);
    call("chmod by a descriptor", libc::SYS_fchmod, [0, 0, 0, 0]);
    call("unlink", libc::SYS_unlinkat, [i64::from(libc::AT_FDCWD), c"/tmp/a".as_ptr() as i64, 0, 0]);
    call("unshare", libc::SYS_unshare, [i64::from(libc::CLONE_NEWUSER), 0, 0, 0]);
    call("mount", libc::SYS_mount, [0, 0, 0, 0]);
}

#[test]
fn what_reaches_beyond_the_process_is_refused() {
    let unknown = ["clone3", "openat2"];
    for (what, outcome) in outcomes("calls") {
        assert_eq!(outcome, if unknown.contains(&what.as_str()) { "ENOSYS" } else { "EPERM" }, "{what}");
    }
}

fn try_files() {
    tried("read a library's folder", open("/usr/lib", libc::O_RDONLY));
    tried("read a system file", open("/etc/passwd", libc::O_RDONLY));
    tried("read the own executable", open("/proc/self/exe", libc::O_RDONLY));
    // SAFETY: asks for an id.
    let parent = unsafe { libc::getppid() };
    tried("read the parent's environment", open(&format!("/proc/{parent}/environ"), libc::O_RDONLY));
    tried("write a file", open("/tmp/lightbox-sandbox", libc::O_WRONLY | libc::O_CREAT));
    told("close", close_file_system().map_or_else(|error| error, |()| "done".to_owned()));
    tried("read a library's folder when closed", open("/usr/lib", libc::O_RDONLY));
    told("capabilities", format!("{:?}", rustix::thread::capabilities(None).unwrap().permitted.bits()));
}

#[test]
fn files_are_out_of_reach_but_for_libraries_and_those_too_after_loading() {
    if !run_report().file_system.is_some_and(|name| name.starts_with("landlock")) {
        eprintln!("SKIPPED: this kernel has no Landlock");
        return;
    }
    let expected = [
        ("read a library's folder", "done"),
        ("read a system file", "EACCES"),
        ("read the own executable", "EACCES"),
        ("read the parent's environment", "EACCES"),
        ("write a file", "EPERM"),
        ("close", "done"),
        ("read a library's folder when closed", "EPERM"),
        ("capabilities", "0"),
    ];
    let expected = expected.map(|(what, outcome)| (what.to_owned(), outcome.to_owned()));
    assert_eq!(outcomes("files"), expected);
}

fn try_limits() {
    // SAFETY: new memory that nobody uses.
    let mapped = |kind: i32, bytes: u64| unsafe {
        let pages = libc::PROT_READ | libc::PROT_WRITE;
        let memory = libc::mmap(std::ptr::null_mut(), bytes as usize, pages, kind | libc::MAP_ANONYMOUS, -1, 0);
        tried(&format!("{bytes} bytes mapped as {kind:#x}"), if memory == libc::MAP_FAILED { -1 } else { 0 });
    };
    mapped(libc::MAP_PRIVATE, MEMORY_BYTES / 2);
    mapped(libc::MAP_PRIVATE, MEMORY_BYTES);
    mapped(libc::MAP_SHARED, 4096);
    mapped(libc::MAP_PRIVATE | libc::MAP_GROWSDOWN, 4096);
    let opened = (0..BOUNDS.open_files).map(|_| open("/usr/lib", libc::O_RDONLY)).find(|fd| *fd < 0);
    tried("too many files", opened.unwrap_or(0));
}

#[test]
fn memory_and_files_beyond_the_bounds_are_refused_and_the_process_lives() {
    let found: Vec<String> = outcomes("limits").into_iter().map(|(_, outcome)| outcome).collect();
    assert_eq!(found, ["done", "ENOMEM", "EPERM", "EPERM", "EMFILE"]);
}

fn try_what_is_allowed() {
    let threads: Vec<_> = (0..32).map(|number| std::thread::spawn(move || vec![number; 1 << 10].len())).collect();
    told("threads", threads.into_iter().map(|thread| thread.join().unwrap()).sum::<usize>());
    told("threads of the C library", if start_c_threads(48) { "done" } else { "refused" });
    let all_cores = !0_u64;
    call("a signal to itself", libc::SYS_kill, [i64::from(std::process::id()), 0, 0, 0]);
    call("the own affinity", libc::SYS_sched_setaffinity, [0, 8, (&raw const all_cores) as i64, 0]);
    let mut limit = [0_u64; 2];
    call("a limit read", libc::SYS_prlimit64, [0, i64::from(libc::RLIMIT_DATA), 0, (&raw mut limit) as i64]);
    call("the personality asked", libc::SYS_personality, [0xffff_ffff, 0, 0, 0]);
    call("a duplicate", libc::SYS_fcntl, [1, i64::from(libc::F_DUPFD_CLOEXEC), 3, 0]);
    call("a flag of a descriptor", libc::SYS_ioctl, [2, libc::FIOCLEX as i64, 0, 0]);
}

/// All at once, with the stack that the C library gives them.
fn start_c_threads(count: usize) -> bool {
    extern "C" fn wait(_: *mut libc::c_void) -> *mut libc::c_void {
        // SAFETY: sleeps.
        unsafe { libc::pause() };
        std::ptr::null_mut()
    }
    (0..count).all(|_| {
        let mut thread = std::mem::MaybeUninit::uninit();
        // SAFETY: the thread touches nothing, and ends with the process.
        unsafe { libc::pthread_create(thread.as_mut_ptr(), std::ptr::null(), wait, std::ptr::null_mut()) == 0 }
    })
}

#[test]
fn what_decoders_need_is_allowed() {
    let found = outcomes("allowed");
    assert_eq!(found[0].1, (32 << 10).to_string());
    assert!(found[1..].iter().all(|(_, outcome)| outcome == "done"), "{found:?}");
}

fn run_report() -> Report {
    let (_, report) = outcomes("report").pop().unwrap();
    serde_json::from_str(&report).unwrap()
}

#[test]
fn the_report_says_what_is_enforced_or_names_what_is_missing() {
    let report = run_report();
    assert!(report.limits && report.no_new_privileges && report.system_calls && report.network, "{report:?}");
    assert!(report.file_system.is_some() || !report.missing.is_empty(), "{report:?}");
}

#[test]
fn abort_still_ends_the_process_by_its_signal() {
    assert_eq!(run("abort").status.signal(), Some(libc::SIGABRT));
}

#[cfg(target_arch = "x86_64")]
#[test]
fn calls_by_the_numbers_of_another_abi_end_the_process() {
    assert_eq!(run("x32").status.signal(), Some(libc::SIGSYS));
    let i386 = run("i386").status.signal();
    // A kernel without the i386 ABI knows no such call and faults.
    assert!(matches!(i386, Some(libc::SIGSYS | libc::SIGSEGV)), "{i386:?}");
}

#[cfg(target_arch = "x86_64")]
mod foreign {
    pub(super) fn getpid_of_x32() {
        // SAFETY: asks for an id.
        unsafe { libc::syscall(0x4000_0000 + libc::SYS_getpid) };
    }

    pub(super) fn getpid_of_i386() {
        // SAFETY: asks for an id; 20 is getpid there. The upper registers that the entry clears are named.
        unsafe {
            std::arch::asm!("int 0x80", inlateout("rax") 20u64 => _, out("r8") _, out("r9") _, out("r10") _, out("r11") _);
        }
    }
}
