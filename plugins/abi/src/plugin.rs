//! What a library exports: two functions, the facts read before anything else of it runs, and its capabilities.
//!
//! ```c
//! const LbxAbiInfo *lbx_plugin_abi(void);
//! const LbxPlugin *lbx_plugin_init(const LbxHost *host, LbxError *error);
//! ```

use crate::{LbxError, LbxHost, LbxStr};
use core::ffi::c_void;

/// The first four bytes of `LbxAbiInfo`.
pub const LBX_ABI_MAGIC: u32 = 0x3158_424c;
/// A host refuses every other major version.
pub const LBX_ABI_MAJOR: u16 = 1;
/// A host refuses a plugin that needs a newer minor version.
pub const LBX_ABI_MINOR: u16 = 1;

/// The plugin aborts where it should unwind: a bug in it would end the server, so hosts refuse it.
pub const LBX_FLAG_PANIC_ABORT: u32 = 1;
/// The host makes one call at a time into this plugin, from any thread.
pub const LBX_FLAG_SERIAL: u32 = 2;

/// Name of the function that says which ABI the library was built for.
pub const LBX_ABI_SYMBOL: &str = "lbx_plugin_abi";
/// Name of the function that starts the plugin.
pub const LBX_INIT_SYMBOL: &str = "lbx_plugin_init";

/// Facts that the host checks before it runs anything else. This layout never changes.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct LbxAbiInfo {
    /// `LBX_ABI_MAGIC`
    pub magic: u32,
    pub struct_size: u32,
    pub abi_major: u16,
    pub abi_minor: u16,
    /// `LBX_FLAG_…`, joined by or.
    pub flags: u32,
    /// What built the library, for people.
    pub toolchain: LbxStr,
}

/// `lbx_plugin_abi`. Returns the same pointer every time, valid until the process ends; never NULL.
pub type LbxPluginAbi = unsafe extern "C" fn() -> *const LbxAbiInfo;

/// `lbx_plugin_init`. Called from one thread, once or more, before any other function; returns the same pointer every
/// time, valid until the process ends. NULL: the plugin refuses to start, and `error` says why.
pub type LbxPluginInit = unsafe extern "C" fn(host: *const LbxHost, error: *mut LbxError) -> *const LbxPlugin;

/// Called at most once, when no call runs and none will follow.
pub type LbxShutdown = Option<unsafe extern "C" fn()>;

/// A plugin: who it is and what it can do.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct LbxPlugin {
    pub struct_size: u32,
    /// 1 to `LBX_MAX_CAPABILITIES`.
    pub capability_count: u32,
    /// Such as `org.example.pnm`: `a-z`, `0-9`, `.`, `_` and `-`, `LBX_MAX_ID_LEN` at most.
    pub id: LbxStr,
    /// For people.
    pub name: LbxStr,
    pub version: LbxStr,
    pub vendor: LbxStr,
    pub capabilities: *const *const LbxCapability,
    pub shutdown: LbxShutdown,
}

/// One thing that a plugin can do.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct LbxCapability {
    pub struct_size: u32,
    /// Of two plugins with the same capability the higher priority is used; equal ones by plugin id. Usually 0.
    pub priority: i32,
    /// Which table `vtable` is: `LBX_IMAGE_FORMAT_V1` or `LBX_ANNOTATION_TYPE_V1`. A host skips what it does not know.
    pub iface: LbxStr,
    /// Id of the image format or annotation type, spelled as `LbxPlugin.id`.
    pub id: LbxStr,
    /// JSON object; its fields are those of the SDK's `ImageFormatDescriptor` or `AnnotationTypeDescriptor`.
    pub descriptor: LbxStr,
    /// Passed back to every function of `vtable`.
    pub instance: *mut c_void,
    pub vtable: *const c_void,
}

/// The most capabilities of one plugin.
pub const LBX_MAX_CAPABILITIES: u32 = 256;
/// The longest id, in bytes.
pub const LBX_MAX_ID_LEN: usize = 128;
/// The longest name, version, vendor or toolchain, in bytes.
pub const LBX_MAX_TEXT_LEN: usize = 4096;
/// The longest descriptor, in bytes.
pub const LBX_MAX_DESCRIPTOR_LEN: usize = 1 << 20;

// SAFETY: a plugin never writes what it gave to the host.
unsafe impl Send for LbxAbiInfo {}
// SAFETY: as above.
unsafe impl Sync for LbxAbiInfo {}
// SAFETY: as above.
unsafe impl Send for LbxPlugin {}
// SAFETY: as above.
unsafe impl Sync for LbxPlugin {}
// SAFETY: as above; `instance` may be used from any thread by the contract of its functions.
unsafe impl Send for LbxCapability {}
// SAFETY: as above.
unsafe impl Sync for LbxCapability {}
