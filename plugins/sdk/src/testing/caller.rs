//! What accompanies a call into a plugin, and what comes back beside its output.

use crate::{Call, Error, Result};
use lightbox_abi::*;
use std::ffi::c_void;

/// # Safety
/// `text` is valid as long as `'a`.
pub(super) unsafe fn text<'a>(text: LbxStr) -> &'a str {
    if text.ptr.is_null() {
        return "";
    }
    // SAFETY: as promised by the caller.
    std::str::from_utf8(unsafe { std::slice::from_raw_parts(text.ptr, text.len) }).unwrap_or_default()
}

/// # Safety
/// `capability` is a plugin's.
pub(super) unsafe fn descriptor<D: serde::de::DeserializeOwned>(capability: &LbxCapability) -> Result<D> {
    // SAFETY: texts of the plugin live until the process ends.
    serde_json::from_str(unsafe { text(capability.descriptor) })
        .map_err(|error| Error::Internal(format!("the descriptor is not the JSON expected: {error}")))
}

pub(super) fn missing(name: &str) -> Error {
    Error::Unsupported(format!("the plugin has no function {name}"))
}

unsafe extern "C" fn is_cancelled(ctx: *mut c_void) -> u8 {
    // SAFETY: `with` made the context, which lives while the call runs.
    let call = unsafe { &*ctx.cast::<Call<'_>>() };
    u8::from(call.check().is_err())
}

/// Makes one call.
pub(super) fn with(call: &Call<'_>, body: impl FnOnce(*const LbxCall, *mut LbxError) -> i32) -> Result<()> {
    let table = LbxCall {
        struct_size: size_of::<LbxCall>() as u32,
        reserved: 0,
        ctx: std::ptr::from_ref(call).cast_mut().cast(),
        deadline_ms: 0,
        max_output_bytes: call.max_output_bytes(),
        is_cancelled: Some(is_cancelled),
    };
    let mut error = LbxError::empty();
    match body(&raw const table, &raw mut error) {
        LBX_OK => Ok(()),
        status => Err(error_of(status, &error)),
    }
}

/// As [`with`], for a call that writes bytes.
pub(super) fn collect(
    call: &Call<'_>,
    body: impl FnOnce(*const LbxCall, *const LbxSink, *mut LbxError) -> i32,
) -> Result<Vec<u8>> {
    let mut output = Output { bytes: Vec::new(), max_bytes: call.max_output_bytes() };
    let struct_size = size_of::<LbxSink>() as u32;
    let sink = LbxSink { struct_size, reserved: 0, ctx: (&raw mut output).cast(), write: Some(write) };
    with(call, |call, error| body(call, &raw const sink, error))?;
    Ok(output.bytes)
}

struct Output {
    bytes: Vec<u8>,
    max_bytes: u64,
}

unsafe extern "C" fn write(ctx: *mut c_void, bytes: LbxBytes) -> i32 {
    // SAFETY: `collect` made the context for one call, which runs now and writes from one thread.
    let output = unsafe { &mut *ctx.cast::<Output>() };
    if output.bytes.len() as u64 + bytes.len as u64 > output.max_bytes {
        return LBX_LIMIT;
    }
    if !bytes.ptr.is_null() {
        // SAFETY: the plugin's bytes, valid while this runs.
        output.bytes.extend_from_slice(unsafe { std::slice::from_raw_parts(bytes.ptr, bytes.len) });
    }
    LBX_OK
}

pub(super) fn error_of(status: i32, error: &LbxError) -> Error {
    let length = (error.message_len as usize).min(LBX_MESSAGE_CAPACITY);
    let sentence = String::from_utf8_lossy(&error.message[..length]).into_owned();
    match status {
        LBX_UNSUPPORTED => Error::Unsupported(sentence),
        LBX_CORRUPT => Error::Corrupt(sentence),
        LBX_NO_PIXELS => Error::NoPixels(sentence),
        LBX_LIMIT => Error::Limit(sentence),
        LBX_CANCELLED => Error::Cancelled,
        LBX_INVALID => Error::Invalid(sentence),
        _ => Error::Internal(sentence),
    }
}
