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

    /// For so many bytes more. They are not looked at: a length that is a lie is refused by its size alone.
    fn make_room(&mut self, more: usize) -> i32 {
        let length = (self.bytes.len() as u64).saturating_add(more as u64);
        if length > self.limit_bytes {
            let (what, limit) = (self.what, self.limit_bytes);
            self.refusal = Some(format!("the plugin wrote {length} bytes of {what} or more, {limit} are allowed"));
        } else if self.bytes.try_reserve(more).is_err() {
            self.refusal = Some(format!("there is no memory for {length} bytes of {}", self.what));
        }
        if self.refusal.is_some() {
            self.bytes = Vec::new();
            return LBX_LIMIT;
        }
        LBX_OK
    }
}

unsafe extern "C" fn write(ctx: *mut c_void, bytes: LbxBytes) -> i32 {
    // SAFETY: `Output::sink` made the context for one call, which runs now and writes from one thread.
    let output = unsafe { &mut *ctx.cast::<Output>() };
    if bytes.ptr.is_null() {
        return if bytes.len == 0 { LBX_OK } else { LBX_INVALID };
    }
    let status = output.make_room(bytes.len);
    if status == LBX_OK {
        // SAFETY: the plugin's bytes, valid while this runs.
        output.bytes.extend_from_slice(unsafe { std::slice::from_raw_parts(bytes.ptr, bytes.len) });
    }
    status
}

#[cfg(test)]
mod tests {
    use super::*;

    fn give(output: &mut Output, bytes: LbxBytes) -> i32 {
        // SAFETY: the sink is used while `output` lives.
        unsafe { write(output.sink().ctx, bytes) }
    }

    #[test]
    fn bytes_are_taken_up_to_the_limit_and_none_after_a_refusal() {
        let mut output = Output::new("metadata", 4);
        assert_eq!(give(&mut output, LbxBytes::new(b"abcd")), LBX_OK);
        assert_eq!(give(&mut output, LbxBytes::EMPTY), LBX_OK);
        assert_eq!(give(&mut output, LbxBytes::new(b"e")), LBX_LIMIT);
        assert_eq!(give(&mut output, LbxBytes::new(b"f")), LBX_LIMIT);
        assert_eq!(output.finish(), Err("the plugin wrote 5 bytes of metadata or more, 4 are allowed".to_owned()));
    }

    #[test]
    fn a_length_that_no_memory_has_is_refused_without_a_look_at_the_bytes() {
        for len in [5, isize::MAX as usize, isize::MAX as usize + 1, usize::MAX] {
            let mut output = Output::new("metadata", 4);
            assert_eq!(give(&mut output, LbxBytes { ptr: b"x".as_ptr(), len }), LBX_LIMIT, "{len} bytes");
        }
    }

    #[test]
    fn no_address_comes_without_bytes() {
        let mut output = Output::new("metadata", 4);
        assert_eq!(give(&mut output, LbxBytes { ptr: std::ptr::null(), len: 1 }), LBX_INVALID);
        assert_eq!(output.finish(), Ok(Vec::new()));
    }
}
