//! Where the bytes of a call's answer go, up to a limit.

use lightbox_abi::*;
use std::ffi::c_void;

/// Bytes that a plugin wrote.
pub struct Output {
    what: &'static str,
    limit_bytes: u64,
    bytes: Vec<u8>,
    /// Set once the plugin was told that no more is taken.
    refusal: Option<String>,
}

impl Output {
    /// `what`: such as "metadata".
    pub fn new(what: &'static str, limit_bytes: u64) -> Self {
        Self { what, limit_bytes, bytes: Vec::new(), refusal: None }
    }

    pub fn limit_bytes(&self) -> u64 {
        self.limit_bytes
    }

    /// For one call; the sink must not outlive `self`.
    pub fn sink(&mut self) -> LbxSink {
        let struct_size = size_of::<LbxSink>() as u32;
        LbxSink { struct_size, reserved: 0, ctx: std::ptr::from_mut(self).cast(), write: Some(write) }
    }

    /// # Errors
    /// The limit that the plugin passed, whatever it said afterwards.
    pub fn finish(self) -> Result<Vec<u8>, String> {
        self.refusal.map_or(Ok(self.bytes), Err)
    }

    fn append(&mut self, more: &[u8]) -> i32 {
        let length = self.bytes.len() as u64 + more.len() as u64;
        if length > self.limit_bytes {
            let (what, limit) = (self.what, self.limit_bytes);
            self.refusal = Some(format!("the plugin wrote {length} bytes of {what} or more, {limit} are allowed"));
        } else if self.bytes.try_reserve(more.len()).is_err() {
            self.refusal = Some(format!("there is no memory for {length} bytes of {}", self.what));
        }
        if self.refusal.is_some() {
            self.bytes = Vec::new();
            return LBX_LIMIT;
        }
        self.bytes.extend_from_slice(more);
        LBX_OK
    }
}

unsafe extern "C" fn write(ctx: *mut c_void, bytes: LbxBytes) -> i32 {
    // SAFETY: `Output::sink` made the context for one call, which runs now and writes from one thread.
    let output = unsafe { &mut *ctx.cast::<Output>() };
    if bytes.ptr.is_null() {
        return if bytes.len == 0 { LBX_OK } else { LBX_INVALID };
    }
    // SAFETY: the plugin's bytes, valid while this runs.
    output.append(unsafe { std::slice::from_raw_parts(bytes.ptr, bytes.len) })
}
