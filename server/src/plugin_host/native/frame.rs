//! Where a decoder's picture goes: memory that the host sizes, zeroes and hands out once a call.

use super::samples::Samples;
use crate::plugin_host::PluginErrorKind;
use lightbox_abi::*;
use lightbox_sdk::PixelFormat;
use std::ffi::c_void;

/// A decoded picture.
pub struct Picture {
    pub width: u32,
    pub height: u32,
    pub format: PixelFormat,
    pub samples: Samples,
}

/// What a decode call may ask for, and what it got.
pub struct Frame {
    expected: (u32, u32),
    max_bytes: u64,
    picture: Option<Picture>,
    /// Why the plugin got no memory; counts more than what it says afterwards.
    refusal: Option<(PluginErrorKind, String)>,
}

impl Frame {
    /// `expected`: width and height as the metadata says.
    pub fn new(expected: (u32, u32), max_bytes: u64) -> Self {
        Self { expected, max_bytes, picture: None, refusal: None }
    }

    /// For one call; the sink must not outlive `self`.
    pub fn sink(&mut self) -> LbxPixelSink {
        let struct_size = size_of::<LbxPixelSink>() as u32;
        LbxPixelSink { struct_size, reserved: 0, ctx: std::ptr::from_mut(self).cast(), alloc: Some(alloc) }
    }

    pub fn take_refusal(&mut self) -> Option<(PluginErrorKind, String)> {
        self.refusal.take()
    }

    pub fn into_picture(self) -> Option<Picture> {
        self.picture
    }

    fn give(&mut self, desc: &LbxFrameDesc) -> Result<&mut [u8], (PluginErrorKind, String)> {
        let LbxFrameDesc { width, height, .. } = *desc;
        let internal = |message: String| Err((PluginErrorKind::Internal, message));
        if self.picture.is_some() {
            return internal("the plugin asked twice for the memory of one picture".to_owned());
        }
        let Some(format) = PixelFormat::from_code(desc.format) else {
            return internal(format!("the plugin asked for pixels of the unknown format {}", desc.format));
        };
        if (width, height) != self.expected {
            let (wide, high) = self.expected;
            return internal(format!(
                "the plugin decoded {width} × {height} pixels where its metadata says {wide} × {high}"
            ));
        }
        let size_bytes = format.size_bytes(width, height).filter(|size| *size as u64 <= self.max_bytes);
        let Some(samples) = size_bytes.and_then(Samples::zeroed) else {
            return Err((PluginErrorKind::Limit, too_large(width, height, format, self.max_bytes)));
        };
        Ok(&mut self.picture.insert(Picture { width, height, format, samples }).samples)
    }
}

/// The sentence for a picture that takes more memory than one may.
pub fn too_large(width: u32, height: u32, format: PixelFormat, max_bytes: u64) -> String {
    let size_bytes = u128::from(width) * u128::from(height) * format.bytes_per_pixel() as u128;
    format!("a frame of {width} × {height} {format:?} pixels takes {size_bytes} bytes, {max_bytes} are allowed")
}

unsafe extern "C" fn alloc(ctx: *mut c_void, desc: *const LbxFrameDesc, ptr: *mut *mut u8, len: *mut usize) -> i32 {
    // SAFETY: `Frame::sink` made the context for one call, which runs now and asks from one thread; the rest is the
    // plugin's, valid while this runs.
    unsafe {
        let frame = &mut *ctx.cast::<Frame>();
        let Some(desc) = read_table(desc).filter(|_| !ptr.is_null() && !len.is_null()) else { return LBX_INVALID };
        match frame.give(&desc) {
            Ok(samples) => {
                ptr.write(samples.as_mut_ptr());
                len.write(samples.len());
                LBX_OK
            }
            Err(refusal) => {
                let status = if refusal.0 == PluginErrorKind::Limit { LBX_LIMIT } else { LBX_INVALID };
                frame.refusal = Some(refusal);
                status
            }
        }
    }
}
