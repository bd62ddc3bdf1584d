//! What accompanies a call: its circumstances, the slot for its error, where its output goes.

use crate::LbxBytes;
use core::ffi::c_void;

/// The call did what was asked.
pub const LBX_OK: i32 = 0;
/// The file is valid but needs something that the plugin does not do.
pub const LBX_UNSUPPORTED: i32 = 1;
/// The file breaks its own format.
pub const LBX_CORRUPT: i32 = 2;
/// The file is valid but shows no picture.
pub const LBX_NO_PIXELS: i32 = 3;
/// A limit was passed; the message names it.
pub const LBX_LIMIT: i32 = 4;
/// The host asked the call to stop.
pub const LBX_CANCELLED: i32 = 5;
/// The caller asked for something that does not exist, such as frame 7 of 3.
pub const LBX_INVALID: i32 = 6;
/// A bug, in the plugin or between the two sides.
pub const LBX_INTERNAL: i32 = 7;

/// Bytes of the message in `LbxError`.
pub const LBX_MESSAGE_CAPACITY: usize = 1012;

/// `1`: the host wants the call to end. Cheap; may be called from any thread while the call runs.
pub type LbxIsCancelled = Option<unsafe extern "C" fn(ctx: *mut c_void) -> u8>;

/// The circumstances of one call. Valid while the call runs.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct LbxCall {
    pub struct_size: u32,
    pub reserved: u32,
    /// Passed back to `is_cancelled`.
    pub ctx: *mut c_void,
    /// Milliseconds that the call may take from now on; 0: no deadline.
    pub deadline_ms: u64,
    /// The most bytes that the call may write or decode to.
    pub max_output_bytes: u64,
    pub is_cancelled: LbxIsCancelled,
}

/// The host's slot for a sentence about what went wrong. The host reads it only when the call failed.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct LbxError {
    pub struct_size: u32,
    /// The status that the call returns; `lbx_plugin_init`, which returns no status, says it here.
    pub code: i32,
    /// Bytes of `message` in use, `LBX_MESSAGE_CAPACITY` at most; more is cut.
    pub message_len: u32,
    /// UTF-8; what is not is replaced.
    pub message: [u8; LBX_MESSAGE_CAPACITY],
}

/// Appends bytes to the output. Anything but `LBX_OK` means that the host takes no more: return that status.
/// Only from the thread that runs the call.
pub type LbxWrite = Option<unsafe extern "C" fn(ctx: *mut c_void, bytes: LbxBytes) -> i32>;

/// Where a call's output goes, in as many pieces as suit. Valid while the call runs.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct LbxSink {
    pub struct_size: u32,
    pub reserved: u32,
    pub ctx: *mut c_void,
    pub write: LbxWrite,
}

impl LbxError {
    /// A slot without a message.
    pub const fn empty() -> Self {
        Self { struct_size: size_of::<Self>() as u32, code: LBX_OK, message_len: 0, message: [0; LBX_MESSAGE_CAPACITY] }
    }
}
