//! Loads one shared library and asks it who it is. It is never unloaded: code of it may run for ever after.

use super::plugin::{self, Plugin};
use lightbox_abi::*;
use std::ffi::c_void;
use std::path::Path;

/// Loads the plugin in a file that was found sound.
///
/// # Errors
/// Why it is refused, in one sentence.
pub fn load(path: &Path) -> Result<Plugin, String> {
    let library = open(path)?;
    let abi = find::<LbxPluginAbi>(&library, LBX_ABI_SYMBOL)?;
    // SAFETY: the contract of the function that the library exports by this name.
    let info = unsafe { abi().as_ref() }.ok_or("it gives no ABI information")?;
    check_abi(info)?;
    let init = find::<LbxPluginInit>(&library, LBX_INIT_SYMBOL)?;
    std::mem::forget(library);
    let mut error = LbxError::empty();
    // SAFETY: the ABI was checked; the host struct lives until the process ends.
    let plugin = unsafe { init(host_for(path), &raw mut error) };
    if plugin.is_null() {
        return Err(format!("it refused to start: {}", super::caller::sentence(&error)));
    }
    // SAFETY: the plugin follows the ABI that it claims; what it gave lives until the process ends.
    unsafe { plugin::read(plugin, info.flags) }
}

fn check_abi(info: &LbxAbiInfo) -> Result<(), String> {
    let LbxAbiInfo { magic, abi_major: major, abi_minor: minor, .. } = *info;
    if magic != LBX_ABI_MAGIC {
        return Err(format!("its ABI information starts with {magic:#010x} instead of {LBX_ABI_MAGIC:#010x}"));
    }
    let ours = format!("this server speaks {LBX_ABI_MAJOR}.{LBX_ABI_MINOR}");
    if major != LBX_ABI_MAJOR {
        let or_else = if major > LBX_ABI_MAJOR { ", or update the server" } else { "" };
        let advice = format!("rebuild the plugin with ABI {LBX_ABI_MAJOR}{or_else}");
        return Err(format!("it speaks plugin ABI {major}.{minor}, {ours}: {advice}"));
    }
    if minor > LBX_ABI_MINOR {
        let advice = format!("rebuild the plugin with ABI {LBX_ABI_MAJOR}.{LBX_ABI_MINOR}, or update the server");
        return Err(format!("it needs plugin ABI {major}.{minor}, {ours}: {advice}"));
    }
    if info.flags & LBX_FLAG_PANIC_ABORT != 0 {
        return Err("it was built with panic = \"abort\", so that a bug in it would end the server: \
             build it with panic = \"unwind\""
            .to_owned());
    }
    Ok(())
}

#[cfg(unix)]
type Library = libloading::os::unix::Library;
#[cfg(not(unix))]
type Library = libloading::Library;

fn open(path: &Path) -> Result<Library, String> {
    #[cfg(unix)]
    // SAFETY: running the library's constructors is what an operator asks for by installing it.
    let library =
        unsafe { Library::open(Some(path), libloading::os::unix::RTLD_NOW | libloading::os::unix::RTLD_LOCAL) };
    #[cfg(not(unix))]
    // SAFETY: as above.
    let library = unsafe { Library::new(path) };
    library.map_err(|error| format!("the system cannot load it: {}", cause(&error)))
}

fn find<T: Copy>(library: &Library, name: &str) -> Result<T, String> {
    // SAFETY: the name belongs to the type; the library stays loaded, so the function may be copied out.
    let symbol = unsafe { library.get::<T>(name.as_bytes()) };
    symbol.map(|symbol| *symbol).map_err(|_| format!("it has no function {name}, so it is no Lightbox plugin"))
}

/// The loader's own words stand in the source of libloading's error.
fn cause(error: &libloading::Error) -> String {
    let source = std::error::Error::source(error);
    source.map_or_else(|| error.to_string(), ToString::to_string)
}

/// Lives until the process ends, as the plugin does.
fn host_for(path: &Path) -> *const LbxHost {
    let file: &'static str = path.display().to_string().leak();
    Box::leak(Box::new(LbxHost {
        struct_size: size_of::<LbxHost>() as u32,
        abi_major: LBX_ABI_MAJOR,
        abi_minor: LBX_ABI_MINOR,
        ctx: std::ptr::from_ref(Box::leak(Box::new(file))).cast_mut().cast(),
        name: LbxStr::new("lightbox"),
        version: LbxStr::new(env!("CARGO_PKG_VERSION")),
        config: LbxStr::new("{}"),
        log: Some(log),
        find_extension: Some(find_extension),
    }))
}

unsafe extern "C" fn log(ctx: *mut c_void, level: u32, message: LbxStr) {
    // SAFETY: `host_for` made the context; the message is the plugin's, valid while this runs.
    let (path, message) = unsafe { (*ctx.cast::<&'static str>(), plugin::lossy(message)) };
    match level {
        LBX_LOG_ERROR => tracing::error!(plugin = path, "{message}"),
        LBX_LOG_WARN => tracing::warn!(plugin = path, "{message}"),
        LBX_LOG_INFO => tracing::info!(plugin = path, "{message}"),
        _ => tracing::debug!(plugin = path, "{message}"),
    }
}

unsafe extern "C" fn find_extension(_ctx: *mut c_void, _id: LbxStr) -> *const c_void {
    std::ptr::null()
}
