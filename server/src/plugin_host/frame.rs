//! Where a decoder's picture goes: memory that the host sizes, zeroes and hands out once a call.

use super::PluginErrorKind;
use lightbox_abi::*;
use lightbox_sdk::PixelFormat;
use std::alloc::Layout;
use std::ffi::c_void;

/// A decoded picture.
pub(super) struct Picture {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) format: PixelFormat,
    pub(super) samples: Vec<u8>,
}

/// What a decode call may ask for, and what it got.
pub(super) struct Frame {
    expected: (u32, u32),
    max_bytes: u64,
    picture: Option<Picture>,
    /// Why the plugin got no memory; counts more than what it says afterwards.
    refusal: Option<(PluginErrorKind, String)>,
}

impl Frame {
    /// `expected`: width and height as the metadata says.
    pub(super) fn new(expected: (u32, u32), max_bytes: u64) -> Self {
        Self { expected, max_bytes, picture: None, refusal: None }
    }

    /// For one call; the sink must not outlive `self`.
    pub(super) fn sink(&mut self) -> LbxPixelSink {
        let struct_size = size_of::<LbxPixelSink>() as u32;
        LbxPixelSink { struct_size, reserved: 0, ctx: std::ptr::from_mut(self).cast(), alloc: Some(alloc) }
    }

    pub(super) fn take_refusal(&mut self) -> Option<(PluginErrorKind, String)> {
        self.refusal.take()
    }

    pub(super) fn into_picture(self) -> Option<Picture> {
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
        let Some(samples) = size_bytes.and_then(zeroed) else {
            return Err((PluginErrorKind::Limit, too_large(width, height, format, self.max_bytes)));
        };
        Ok(&mut self.picture.insert(Picture { width, height, format, samples }).samples)
    }
}

/// The sentence for a picture that takes more memory than one may.
pub(super) fn too_large(width: u32, height: u32, format: PixelFormat, max_bytes: u64) -> String {
    let size_bytes = u128::from(width) * u128::from(height) * format.bytes_per_pixel() as u128;
    format!("a frame of {width} × {height} {format:?} pixels takes {size_bytes} bytes, {max_bytes} are allowed")
}

/// `None` for 0 and when there is no memory. Fresh pages are zero already and cost nothing until they are touched.
fn zeroed(size_bytes: usize) -> Option<Vec<u8>> {
    let layout = Layout::array::<u8>(size_bytes).ok().filter(|layout| layout.size() > 0)?;
    // SAFETY: the layout is not empty; the vector owns exactly this allocation, all of it initialised.
    unsafe {
        let memory = std::alloc::alloc_zeroed(layout);
        (!memory.is_null()).then(|| Vec::from_raw_parts(memory, size_bytes, size_bytes))
    }
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
