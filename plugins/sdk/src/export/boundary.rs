//! The host's structs as safe types, for the time of one call.

use crate::{Call, Error, PixelFormat, Result, pixels::PixelSink};
use lightbox_abi::*;
use std::time::{Duration, Instant};

/// # Safety
/// `bytes` is what the host gave, and lives as long as `'a`.
pub(super) unsafe fn bytes<'a>(bytes: LbxBytes) -> &'a [u8] {
    if bytes.ptr.is_null() {
        return &[];
    }
    // SAFETY: as promised by the caller.
    unsafe { std::slice::from_raw_parts(bytes.ptr, bytes.len) }
}

/// Empty when it is not UTF-8.
///
/// # Safety
/// As [`bytes`].
pub(super) unsafe fn text<'a>(text: LbxStr) -> &'a str {
    // SAFETY: as promised by the caller.
    let bytes = unsafe { bytes(LbxBytes { ptr: text.ptr, len: text.len }) };
    std::str::from_utf8(bytes).unwrap_or_default()
}

/// # Safety
/// `table` is NULL or a struct of the host that is valid now.
pub(super) unsafe fn table<T: LbxTable>(table: *const T, what: &str) -> Result<T> {
    // SAFETY: as promised by the caller.
    unsafe { read_table(table) }.ok_or_else(|| Error::Internal(format!("the host gave no {what}")))
}

/// Runs `body` with the circumstances that the host gave.
///
/// # Safety
/// `call` is NULL or a struct of the host that is valid until this returns.
pub(super) unsafe fn with_call<T>(call: *const LbxCall, body: impl FnOnce(&Call<'_>) -> Result<T>) -> Result<T> {
    // SAFETY: as promised by the caller.
    let call = unsafe { table(call, "circumstances of the call") }?;
    let is_cancelled = move || {
        // SAFETY: the function and its context belong together and are valid while the call runs.
        call.is_cancelled.is_some_and(|is_cancelled| unsafe { is_cancelled(call.ctx) } != 0)
    };
    let deadline =
        (call.deadline_ms > 0).then(|| Instant::now().checked_add(Duration::from_millis(call.deadline_ms))).flatten();
    body(&Call::new(deadline, call.max_output_bytes, &is_cancelled))
}

/// Where a call's output goes.
pub(super) struct Sink(LbxSink);

impl Sink {
    /// # Safety
    /// `sink` is NULL or a struct of the host that is valid as long as the value is used.
    pub(super) unsafe fn new(sink: *const LbxSink) -> Result<Self> {
        // SAFETY: as promised by the caller.
        unsafe { table(sink, "place for the output") }.map(Self)
    }

    pub(super) fn write(&self, bytes: &[u8]) -> Result<()> {
        let write = self.0.write.ok_or_else(|| Error::Internal("the host takes no output".to_owned()))?;
        // SAFETY: the function and its context belong together; the bytes are borrowed for the call.
        match unsafe { write(self.0.ctx, LbxBytes::new(bytes)) } {
            LBX_OK => Ok(()),
            status => Err(refused(status, "the output")),
        }
    }
}

/// Where a decoder's picture goes.
pub(super) struct Frame(LbxPixelSink);

impl Frame {
    /// # Safety
    /// `sink` is NULL or a struct of the host that is valid as long as the value is used.
    pub(super) unsafe fn new(sink: *const LbxPixelSink) -> Result<Self> {
        // SAFETY: as promised by the caller.
        unsafe { table(sink, "place for the picture") }.map(Self)
    }
}

impl PixelSink for Frame {
    fn alloc(&mut self, width: u32, height: u32, format: PixelFormat) -> Result<&mut [u8]> {
        let alloc = self.0.alloc.ok_or_else(|| Error::Internal("the host takes no pixels".to_owned()))?;
        let struct_size = size_of::<LbxFrameDesc>() as u32;
        let desc = LbxFrameDesc { struct_size, width, height, format: format.code() };
        let (mut ptr, mut len) = (std::ptr::null_mut(), 0);
        // SAFETY: the function and its context belong together; everything pointed to lives until it returns.
        let status = unsafe { alloc(self.0.ctx, &raw const desc, &raw mut ptr, &raw mut len) };
        if status != LBX_OK {
            return Err(refused(status, &format!("a picture of {width} × {height} pixels")));
        }
        if ptr.is_null() || Some(len) != format.size_bytes(width, height) {
            return Err(Error::Internal(format!("the host gave {len} bytes for {width} × {height} {format:?} pixels")));
        }
        // SAFETY: the host gives as many bytes, zeroed, to this call alone, until it ends.
        Ok(unsafe { std::slice::from_raw_parts_mut(ptr, len) })
    }
}

/// What the host itself says about it replaces this sentence.
fn refused(status: i32, what: &str) -> Error {
    match status {
        LBX_CANCELLED => Error::Cancelled,
        LBX_LIMIT => Error::Limit(format!("the host does not take {what}: it passes a limit")),
        _ => Error::Internal(format!("the host refused {what} with status {status}")),
    }
}
