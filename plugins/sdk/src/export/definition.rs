//! A plugin's description, built once and kept until the process ends. No call into a capability is here.

use super::{annotation_type, guard, image_format};
use crate::{AnnotationType, Error, ImageFormat, Result};
use lightbox_abi::*;
use std::sync::OnceLock;

/// What the host reads before anything else of a plugin runs.
pub const fn abi_info(panic_aborts: bool) -> LbxAbiInfo {
    LbxAbiInfo {
        magic: LBX_ABI_MAGIC,
        struct_size: size_of::<LbxAbiInfo>() as u32,
        abi_major: LBX_ABI_MAJOR,
        abi_minor: LBX_ABI_MINOR,
        flags: if panic_aborts { LBX_FLAG_PANIC_ABORT } else { 0 },
        toolchain: LbxStr::new(concat!("Rust, lightbox-sdk ", env!("CARGO_PKG_VERSION"))),
    }
}

/// Starts the plugin on the first call and gives the same answer on every later one.
///
/// # Safety
/// As [`LbxPluginInit`].
pub unsafe fn start(
    plugin: &OnceLock<&'static LbxPlugin>,
    define: impl FnOnce() -> Definition,
    host: *const LbxHost,
    error: *mut LbxError,
) -> *const LbxPlugin {
    guard::install_panic_hook();
    let mut started = std::ptr::null();
    let body = || {
        // SAFETY: the host's struct is valid until the process ends.
        unsafe { crate::host::remember(host) };
        started = match plugin.get() {
            Some(plugin) => std::ptr::from_ref(*plugin),
            None => {
                let made = define().finish()?;
                std::ptr::from_ref(*plugin.get_or_init(|| made))
            }
        };
        Ok(())
    };
    // SAFETY: `error` is the host's slot or NULL.
    unsafe { guard::guard(error, body) };
    started
}

/// Collects the capabilities of a plugin.
pub struct Definition {
    id: &'static str,
    name: &'static str,
    version: &'static str,
    vendor: &'static str,
    capabilities: Vec<Result<LbxCapability>>,
}

impl Definition {
    pub fn new(id: &'static str, name: &'static str, version: &'static str, vendor: &'static str) -> Self {
        Self { id, name, version, vendor, capabilities: Vec::new() }
    }

    pub fn image_format(mut self, format: Box<dyn ImageFormat>, priority: i32) -> Self {
        let descriptor = format.descriptor();
        let id = descriptor.id.clone();
        self.capabilities.push(json(&descriptor).map(|descriptor| LbxCapability {
            struct_size: size_of::<LbxCapability>() as u32,
            priority,
            iface: LbxStr::new(LBX_IMAGE_FORMAT_V1),
            id: leaked(id),
            descriptor: leaked(descriptor),
            instance: Box::into_raw(Box::new(format)).cast(),
            vtable: (&raw const image_format::TABLE).cast(),
        }));
        self
    }

    pub fn annotation_type(mut self, annotation_type: Box<dyn AnnotationType>, priority: i32) -> Self {
        let descriptor = annotation_type.descriptor();
        let id = descriptor.id.clone();
        self.capabilities.push(json(&descriptor).map(|descriptor| LbxCapability {
            struct_size: size_of::<LbxCapability>() as u32,
            priority,
            iface: LbxStr::new(LBX_ANNOTATION_TYPE_V1),
            id: leaked(id),
            descriptor: leaked(descriptor),
            instance: Box::into_raw(Box::new(annotation_type)).cast(),
            vtable: (&raw const annotation_type::TABLE).cast(),
        }));
        self
    }

    /// Leaks the whole: a plugin lives until the process ends.
    fn finish(self) -> Result<&'static LbxPlugin> {
        let capabilities = self.capabilities.into_iter().collect::<Result<Vec<_>>>()?;
        let pointers: Vec<*const LbxCapability> = capabilities.leak().iter().map(std::ptr::from_ref).collect();
        Ok(Box::leak(Box::new(LbxPlugin {
            struct_size: size_of::<LbxPlugin>() as u32,
            capability_count: u32::try_from(pointers.len()).unwrap_or(u32::MAX),
            id: LbxStr::new(self.id),
            name: LbxStr::new(self.name),
            version: LbxStr::new(self.version),
            vendor: LbxStr::new(self.vendor),
            capabilities: pointers.leak().as_ptr(),
            shutdown: None,
        })))
    }
}

fn json(descriptor: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(descriptor).map_err(|error| Error::Internal(format!("the descriptor is not JSON: {error}")))
}

fn leaked(text: String) -> LbxStr {
    LbxStr::new(text.leak())
}
