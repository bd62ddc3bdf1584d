//! What a worker notes when a signal is about to end it: how much memory it has. By that the server tells a plugin that
//! ran out of memory from one that merely crashed.

use crate::plugin_host::wire::ControlPage;
use std::fs::File;
use std::os::fd::IntoRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicPtr, AtomicU32, Ordering};

/// The signals by which code that has no memory, or a bug, ends.
const SIGNALS: [i32; 5] = [libc::SIGSEGV, libc::SIGABRT, libc::SIGBUS, libc::SIGILL, libc::SIGFPE];

static STATM: AtomicI32 = AtomicI32::new(-1);
static NOTE: AtomicPtr<AtomicU32> = AtomicPtr::new(std::ptr::null_mut());

/// From now on. Before the file system is closed.
pub fn prepare(control: &Arc<ControlPage>) -> std::io::Result<()> {
    STATM.store(File::open("/proc/self/statm")?.into_raw_fd(), Ordering::Relaxed);
    // The page stays until the process ends.
    let control: &'static Arc<ControlPage> = Box::leak(Box::new(control.clone()));
    NOTE.store(std::ptr::from_ref(control.last_memory_pages()).cast_mut(), Ordering::Relaxed);
    for signal in SIGNALS {
        // SAFETY: all zeroes are a valid value; the handler does only what signal handlers may. It runs once on the
        // stack that threads have for it, and then the signal does what it would have done without.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = note as extern "C" fn(i32) as usize;
            action.sa_flags = libc::SA_ONSTACK | libc::SA_RESETHAND;
            libc::sigaction(signal, &raw const action, std::ptr::null_mut());
        }
    }
    Ok(())
}

/// Returns, so that the same instruction raises the signal again; `abort` raises its own again too.
extern "C" fn note(_signal: i32) {
    let (mut text, note) = ([0u8; 128], NOTE.load(Ordering::Relaxed));
    // SAFETY: the buffer lives here; the file was opened for this, and a plugin that closed it makes the call fail.
    let length = unsafe { libc::pread(STATM.load(Ordering::Relaxed), text.as_mut_ptr().cast(), text.len(), 0) };
    if let Ok(length) = usize::try_from(length)
        && !note.is_null()
    {
        // SAFETY: `prepare` put a place there that stays.
        unsafe { &*note }.store(data_pages(&text[..length.min(text.len())]), Ordering::Relaxed);
    }
}

/// The sixth number of `/proc/self/statm` (proc(5)): data and stacks. Allocates nothing.
fn data_pages(statm: &[u8]) -> u32 {
    let field = statm.split(|byte| *byte == b' ').nth(5).unwrap_or_default();
    let digits = field.iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |number: u32, digit| number.saturating_mul(10).saturating_add(u32::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixth_number_is_read_whatever_stands_there() {
        for (statm, expected) in [
            ("1000 200 100 10 0 321 0\n", 321),
            ("1 2 3 4 5 6", 6),
            ("1 2 3", 0),
            ("", 0),
            ("1 2 3 4 5 99999999999 0", u32::MAX),
            ("1 2 3 4 5 x", 0),
        ] {
            assert_eq!(data_pages(statm.as_bytes()), expected, "{statm:?}");
        }
    }
}
