//! How much memory, how many files and how much output the kernel grants this process. Time is the server's matter.

use super::Bounds;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Address space is reserved more freely than it is used: each thread's allocator and stack reserves tens of MiB. It is
/// bounded nevertheless, because the limit of memory does not see every kind of mapping.
const ADDRESSES_PER_BYTE: u64 = 4;
const ADDRESSES_BESIDE: u64 = 1 << 30;

/// Below every dump's least size, so that none is written; and the one number at which the kernel does not start a
/// program that collects dumps either, which 0 would not prevent. Memory of a worker holds patients' pictures.
const NO_DUMP: u64 = 1;

/// What a thread's stack reserves unless whoever starts it says otherwise, as in Rust's standard library. The C
/// library's 8 MiB count as memory of the worker before they are touched, and 32 threads would have used up 256 MiB.
const STACK_BYTES: usize = 2 << 20;

/// # Errors
/// The limits that could not be set.
pub(super) fn set(bounds: &Bounds) -> Result<(), String> {
    ignore_file_size_signal();
    reserve_less_for_stacks();
    let addresses = bounds.memory_bytes.saturating_mul(ADDRESSES_PER_BYTE).saturating_add(ADDRESSES_BESIDE);
    let wanted = [
        ("memory", Resource::Data, bounds.memory_bytes),
        ("address space", Resource::As, addresses.saturating_add(bounds.mapped_bytes)),
        ("core dumps", Resource::Core, NO_DUMP),
        ("file sizes", Resource::Fsize, bounds.output_bytes),
        ("open files", Resource::Nofile, bounds.open_files),
    ];
    let failed = wanted.into_iter().filter_map(|(what, resource, most)| {
        let error = lower(resource, most).err()?;
        Some(format!("no limit of {what} ({most}): {error}"))
    });
    let failed: Vec<String> = failed.collect();
    if failed.is_empty() { Ok(()) } else { Err(failed.join(", ")) }
}

/// For good. A limit that is lower already stays: only a superuser could raise it.
fn lower(resource: Resource, most: u64) -> rustix::io::Result<()> {
    let most = getrlimit(resource).maximum.map_or(most, |present| present.min(most));
    setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })
}

/// So that writing beyond the limit is an error of that write, and not the end of the process.
fn ignore_file_size_signal() {
    // SAFETY: no handler is installed, the signal is only ignored.
    unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
}

#[cfg(any(target_env = "gnu", target_env = "musl"))]
fn reserve_less_for_stacks() {
    unsafe extern "C" {
        fn pthread_setattr_default_np(attributes: *const libc::pthread_attr_t) -> libc::c_int;
    }
    let mut attributes = std::mem::MaybeUninit::uninit();
    // SAFETY: the attributes are initialised before they are used, and used only here. A C library that refuses leaves
    // its own size, which is only wasteful.
    unsafe {
        if libc::pthread_attr_init(attributes.as_mut_ptr()) == 0 {
            libc::pthread_attr_setstacksize(attributes.as_mut_ptr(), STACK_BYTES);
            pthread_setattr_default_np(attributes.as_ptr());
            libc::pthread_attr_destroy(attributes.as_mut_ptr());
        }
    }
}

#[cfg(not(any(target_env = "gnu", target_env = "musl")))]
fn reserve_less_for_stacks() {}
