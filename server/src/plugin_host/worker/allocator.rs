//! How the C library's allocator, which plugins use, deals with memory that they free. Their limit is in `sandbox`.

/// Larger pieces come from the kernel and go back to it one by one. 8 bits of 2,000 × 4,000 pixels.
#[cfg(target_env = "gnu")]
const PIECE_BYTES: libc::c_int = 8 << 20;
/// The most that is kept free at the end of each heap; the memory of the last picture and the tray come to it.
#[cfg(target_env = "gnu")]
const KEPT_BYTES: libc::c_int = 32 << 20;

/// From now on. A call frees what it took, and the next one takes about as much again: memory that went back to the
/// kernel meanwhile would come from it in pages of 4 KiB, each a fault, and zeroed.
#[cfg(target_env = "gnu")]
pub fn keep_what_is_freed() {
    // SAFETY: sets two numbers of the allocator; one that it refuses stays as it was, which is only slower.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, PIECE_BYTES);
        libc::mallopt(libc::M_TRIM_THRESHOLD, KEPT_BYTES);
    }
}

#[cfg(not(target_env = "gnu"))]
pub fn keep_what_is_freed() {}
