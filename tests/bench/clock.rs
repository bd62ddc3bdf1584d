//! What processes took: CPU time, user and system together, and the most memory.

use std::mem::MaybeUninit;
use std::time::Duration;

/// Of this process, all its threads.
pub fn of_this_process() -> Duration {
    spent(libc::RUSAGE_SELF)
}

/// Of all children that have ended and were waited for.
pub fn of_ended_children() -> Duration {
    spent(libc::RUSAGE_CHILDREN)
}

fn spent(by: libc::c_int) -> Duration {
    let mut usage = MaybeUninit::uninit();
    // SAFETY: the place is large enough; it is read only after it was filled.
    let usage: libc::rusage = unsafe {
        assert_eq!(libc::getrusage(by, usage.as_mut_ptr()), 0, "getrusage");
        usage.assume_init()
    };
    let duration = |time: libc::timeval| Duration::new(time.tv_sec as u64, time.tv_usec as u32 * 1000);
    duration(usage.ru_utime) + duration(usage.ru_stime)
}

/// Of another process, all its threads; `None` where the system keeps no such clock.
#[cfg(any(target_os = "linux", target_os = "freebsd"))]
pub fn of_process(id: u32) -> Option<Duration> {
    let (mut clock, mut time) = (0, MaybeUninit::uninit());
    // SAFETY: both places are large enough; each is read only after it was filled.
    let time: libc::timespec = unsafe {
        if libc::clock_getcpuclockid(id.cast_signed(), &raw mut clock) != 0
            || libc::clock_gettime(clock, time.as_mut_ptr()) != 0
        {
            return None;
        }
        time.assume_init()
    };
    Some(Duration::new(time.tv_sec as u64, time.tv_nsec as u32))
}

#[cfg(not(any(target_os = "linux", target_os = "freebsd")))]
pub fn of_process(_id: u32) -> Option<Duration> {
    None
}

/// Of this process and the workers that it has.
pub fn of_this_process_and_its_children() -> Duration {
    of_process_and_its_children(std::process::id()).unwrap_or_else(of_this_process) + of_ended_children()
}

/// Of another process and its children that run; `None` where the system keeps no such clock.
pub fn of_process_and_its_children(id: u32) -> Option<Duration> {
    Some(of_process(id)? + children_of(id)?.into_iter().filter_map(of_process).sum::<Duration>())
}

/// The most memory in RAM that another process and its children that run ever had, their peaks added; `None` where the
/// system does not tell.
pub fn peak_bytes_of_process_and_its_children(id: u32) -> Option<u64> {
    let peak_bytes = |id: u32| {
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
    };
    Some(peak_bytes(id)? + children_of(id)?.into_iter().filter_map(peak_bytes).sum::<u64>())
}

fn children_of(id: u32) -> Option<Vec<u32>> {
    let tasks = std::fs::read_dir(format!("/proc/{id}/task")).ok()?.flatten();
    let children = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok());
    Some(children.flat_map(|ids| ids.split(' ').filter_map(|id| id.parse().ok()).collect::<Vec<_>>()).collect())
}

/// The middle one, or the mean of the two in the middle; `None` of nothing.
pub fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    let lower = *values.get(values.len().checked_sub(1)? / 2)?;
    Some((lower + upper) / 2.0)
}
