//! What the host offers to a plugin from `lbx_plugin_init` on.

use crate::LbxStr;
use core::ffi::c_void;

pub const LBX_LOG_ERROR: u32 = 1;
pub const LBX_LOG_WARN: u32 = 2;
pub const LBX_LOG_INFO: u32 = 3;
pub const LBX_LOG_DEBUG: u32 = 4;

/// One line for the server's log. From any thread.
pub type LbxLog = Option<unsafe extern "C" fn(ctx: *mut c_void, level: u32, message: LbxStr)>;

/// A table that this host offers beyond this struct, or NULL. No extension is defined yet.
pub type LbxFindExtension = Option<unsafe extern "C" fn(ctx: *mut c_void, id: LbxStr) -> *const c_void>;

/// The host. Valid until the process ends.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct LbxHost {
    pub struct_size: u32,
    pub abi_major: u16,
    pub abi_minor: u16,
    /// Passed back to the functions below.
    pub ctx: *mut c_void,
    /// Such as `lightbox`.
    pub name: LbxStr,
    /// The product's version, for people; no behaviour may hang on it.
    pub version: LbxStr,
    /// What the operator configured for this plugin, as a JSON object; `{}` when nothing.
    pub config: LbxStr,
    pub log: LbxLog,
    pub find_extension: LbxFindExtension,
}

// SAFETY: the texts are never written after the host made them, and the functions may be called from any thread.
unsafe impl Send for LbxHost {}
// SAFETY: as above.
unsafe impl Sync for LbxHost {}
