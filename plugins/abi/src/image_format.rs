//! The table of an image format, and the structs that only its functions use.

use crate::{LbxBytes, LbxCall, LbxError, LbxSink, LbxStr};
use core::ffi::c_void;

/// `LbxCapability.iface` of an `LbxImageFormatV1`.
pub const LBX_IMAGE_FORMAT_V1: &str = "lbx.image-format/1";

/// The most bytes of a file that `probe` sees.
pub const LBX_PROBE_LEN: usize = 4096;

// Samples of one pixel, interleaved; rows top to bottom without padding; samples of several bytes in little endian.
pub const LBX_PIXELS_GRAY8: u32 = 1;
pub const LBX_PIXELS_GRAY16: u32 = 2;
pub const LBX_PIXELS_GRAY32: u32 = 3;
pub const LBX_PIXELS_GRAY_F32: u32 = 4;
pub const LBX_PIXELS_GRAY_F64: u32 = 5;
pub const LBX_PIXELS_GRAY_ALPHA8: u32 = 6;
pub const LBX_PIXELS_GRAY_ALPHA16: u32 = 7;
pub const LBX_PIXELS_RGB8: u32 = 8;
pub const LBX_PIXELS_RGB16: u32 = 9;
pub const LBX_PIXELS_RGBA8: u32 = 10;
pub const LBX_PIXELS_RGBA16: u32 = 11;
pub const LBX_PIXELS_RGB32: u32 = 12;

/// 8 bits a sample, as shown on screen.
pub const LBX_DECODE_DISPLAY: u32 = 0;
/// Grey: 16 bits after the modality LUT. Colour: as display, or 16 bits where the file has more than 8.
pub const LBX_DECODE_MODALITY16: u32 = 1;
/// The samples as stored, before any LUT.
pub const LBX_DECODE_STORED: u32 = 2;

/// Size and layout of a picture. The host computes the length in bytes from it; a plugin cannot state one.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct LbxFrameDesc {
    pub struct_size: u32,
    /// Pixels; above 0.
    pub width: u32,
    pub height: u32,
    /// `LBX_PIXELS_…`
    pub format: u32,
}

/// Gives memory for the picture, all zero, valid until the call returns. `len` says how much, for checking. Succeeds
/// once a call. Anything but `LBX_OK` means that the host refuses: return that status.
pub type LbxAllocPixels = Option<
    unsafe extern "C" fn(ctx: *mut c_void, desc: *const LbxFrameDesc, ptr: *mut *mut u8, len: *mut usize) -> i32,
>;

/// Where a decoder asks for the memory of its picture. Valid while the call runs, for the thread that runs it.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct LbxPixelSink {
    pub struct_size: u32,
    pub reserved: u32,
    pub ctx: *mut c_void,
    pub alloc: LbxAllocPixels,
}

/// Which frame, and for what.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct LbxDecodeRequest {
    pub struct_size: u32,
    /// Zero-based.
    pub frame: u32,
    /// `LBX_DECODE_…`
    pub mode: u32,
    /// 1: the two numbers below count, instead of the file's own window.
    pub has_window: u32,
    /// In modality units.
    pub window_center: f64,
    /// Above 0.
    pub window_width: f64,
}

/// A picture to write. Valid while the call runs.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct LbxPixels {
    pub struct_size: u32,
    pub width: u32,
    pub height: u32,
    /// `LBX_PIXELS_…`
    pub format: u32,
    /// Exactly as many as the three numbers above ask for.
    pub samples: LbxBytes,
}

/// How to write a picture.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct LbxEncodeRequest {
    pub struct_size: u32,
    /// 1 to 100, for formats that lose something; 0: the format's own choice.
    pub quality: u32,
    /// 1: written once and read often, so spend time on size.
    pub small: u32,
    pub reserved: u32,
}

/// How sure the plugin is that the file is its own: 0 (not at all) to 100. `head`: the first `LBX_PROBE_LEN` bytes or
/// less. Fast; no state.
pub type LbxProbe =
    Option<unsafe extern "C" fn(instance: *mut c_void, head: LbxBytes, total_bytes: u64, name: LbxStr) -> i32>;

/// Reads the structure of a file, not its pixels. `file` stays valid until `close` of this reader returns. On `LBX_OK`
/// `*reader` is set and not NULL, and the host calls `close` once; else nothing is to be closed.
pub type LbxOpen = Option<
    unsafe extern "C" fn(
        instance: *mut c_void,
        call: *const LbxCall,
        file: LbxBytes,
        reader: *mut *mut c_void,
        error: *mut LbxError,
    ) -> i32,
>;

/// Writes one JSON document about an open file.
pub type LbxDescribe = Option<
    unsafe extern "C" fn(
        instance: *mut c_void,
        reader: *mut c_void,
        call: *const LbxCall,
        out: *const LbxSink,
        error: *mut LbxError,
    ) -> i32,
>;

/// Asks `out` for memory once, and fills it.
pub type LbxDecode = Option<
    unsafe extern "C" fn(
        instance: *mut c_void,
        reader: *mut c_void,
        call: *const LbxCall,
        request: *const LbxDecodeRequest,
        out: *const LbxPixelSink,
        error: *mut LbxError,
    ) -> i32,
>;

/// Ends a reader. The host does not use it again.
pub type LbxClose = Option<unsafe extern "C" fn(instance: *mut c_void, reader: *mut c_void)>;

/// Writes one picture as a file.
pub type LbxEncode = Option<
    unsafe extern "C" fn(
        instance: *mut c_void,
        call: *const LbxCall,
        pixels: *const LbxPixels,
        request: *const LbxEncodeRequest,
        out: *const LbxSink,
        error: *mut LbxError,
    ) -> i32,
>;

/// An image format. Functions that return a status return `LBX_OK` or say why in `error`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct LbxImageFormatV1 {
    pub struct_size: u32,
    pub reserved: u32,
    pub probe: LbxProbe,
    pub open: LbxOpen,
    /// The fields of the SDK's `ImageMetadata`.
    pub metadata: LbxDescribe,
    /// May be NULL. DICOM JSON without pixel data (PS3.18 F); writes nothing when the file has none.
    pub elements: LbxDescribe,
    pub decode: LbxDecode,
    pub close: LbxClose,
    /// May be NULL, unless the descriptor says `"encodes": true`.
    pub encode: LbxEncode,
}
