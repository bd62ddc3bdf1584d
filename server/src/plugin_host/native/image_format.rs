//! The calls of one image format, safe: every answer of the plugin is checked here.

use super::caller::Caller;
use super::frame::{Frame, Picture};
use super::output::Output;
use crate::plugin_host::answers::read_metadata;
use crate::plugin_host::circumstances::Circumstances;
use crate::plugin_host::{PluginError, PluginErrorKind, limits};
use lightbox_abi::*;
use lightbox_sdk::{DecodeMode, EncodeOptions, ImageMetadata, PixelFormat, Window};
use std::ffi::c_void;
use std::marker::PhantomData;
use std::sync::Arc;

/// The functions of one image format.
pub struct ImageFormatCalls {
    pub caller: Arc<Caller>,
    instance: *mut c_void,
    table: LbxImageFormatV1,
}

// SAFETY: by contract the functions are called from any thread, several at a time; `Caller` serialises where asked.
unsafe impl Send for ImageFormatCalls {}
// SAFETY: as above.
unsafe impl Sync for ImageFormatCalls {}

impl ImageFormatCalls {
    /// # Safety
    /// `capability` is an image format of a plugin that follows the ABI.
    ///
    /// # Errors
    /// What the table lacks, to follow "its image format x".
    pub unsafe fn new(caller: Arc<Caller>, capability: &LbxCapability, encodes: bool) -> Result<Self, String> {
        // SAFETY: as promised by the caller.
        let table = unsafe { read_table(capability.vtable.cast::<LbxImageFormatV1>()) }.ok_or("has no functions")?;
        let required = [
            ("probe", table.probe.is_some()),
            ("open", table.open.is_some()),
            ("metadata", table.metadata.is_some()),
            ("decode", table.decode.is_some()),
            ("close", table.close.is_some()),
            ("encode", table.encode.is_some() || !encodes),
        ];
        match required.iter().find(|(_, is_there)| !is_there) {
            Some((name, _)) => Err(format!("has no function {name}")),
            None => Ok(Self { caller, instance: capability.instance, table }),
        }
    }

    /// 0 to 100.
    pub fn probe(&self, head: &[u8], total_bytes: u64, name: &str) -> u8 {
        let Some(probe) = self.table.probe else { return 0 };
        let head = &head[..head.len().min(LBX_PROBE_LEN)];
        let _turn = self.caller.turn();
        // SAFETY: the arguments live until the call returns.
        let confidence = unsafe { probe(self.instance, LbxBytes::new(head), total_bytes, LbxStr::new(name)) };
        u8::try_from(confidence.clamp(0, 100)).unwrap_or(0)
    }

    /// Opens a file, which stays borrowed until the reader is dropped.
    pub fn open<'a>(
        &'a self,
        file: &'a [u8],
        circumstances: &'a Circumstances,
        max_bytes: u64,
    ) -> Result<Reader<'a>, PluginError> {
        let open = self.required(self.table.open)?;
        let mut reader = std::ptr::null_mut();
        self.caller.call(circumstances, max_bytes, |call, error| {
            // SAFETY: the arguments live until the call returns, the file until the reader is closed.
            unsafe { open(self.instance, call, LbxBytes::new(file), &raw mut reader, error) }
        })?;
        if reader.is_null() {
            return Err(self.caller.internal("it said that the file is open, but gave no reader"));
        }
        Ok(Reader { format: self, reader, circumstances, file: PhantomData })
    }

    /// Writes a picture as a file. `samples` has the size that the three numbers ask for.
    pub fn encode(
        &self,
        picture: &Picture,
        options: &EncodeOptions,
        circumstances: &Circumstances,
    ) -> Result<Vec<u8>, PluginError> {
        let encode = self.required(self.table.encode)?;
        let samples = LbxBytes::new(&picture.samples);
        let struct_size = size_of::<LbxPixels>() as u32;
        let Picture { width, height, format, .. } = *picture;
        let pixels = LbxPixels { struct_size, width, height, format: format.code(), samples };
        let struct_size = size_of::<LbxEncodeRequest>() as u32;
        let (quality, small) = (options.quality.map_or(0, u32::from), u32::from(options.small));
        let request = LbxEncodeRequest { struct_size, quality, small, reserved: 0 };
        let limit_bytes = picture.samples.len() as u64 * 2 + limits::ENCODED_OVERHEAD_BYTES;
        let out = Output::new("an encoded picture", limit_bytes);
        self.write(out, circumstances, |call, out, error| {
            // SAFETY: the arguments live until the call returns.
            unsafe { encode(self.instance, call, &raw const pixels, &raw const request, out, error) }
        })
    }

    /// Makes a call that writes bytes.
    fn write(
        &self,
        mut out: Output,
        circumstances: &Circumstances,
        body: impl FnOnce(*const LbxCall, *const LbxSink, *mut LbxError) -> i32,
    ) -> Result<Vec<u8>, PluginError> {
        let (limit_bytes, sink) = (out.limit_bytes(), out.sink());
        let done = self.caller.call(circumstances, limit_bytes, |call, error| body(call, &raw const sink, error));
        let bytes = out.finish().map_err(|reason| self.caller.error(PluginErrorKind::Limit, reason))?;
        done.map(|()| bytes)
    }

    fn required<F>(&self, function: Option<F>) -> Result<F, PluginError> {
        function.ok_or_else(|| self.caller.error(PluginErrorKind::Unsupported, "the plugin does not offer this"))
    }
}

/// One open file.
pub struct Reader<'a> {
    format: &'a ImageFormatCalls,
    reader: *mut c_void,
    circumstances: &'a Circumstances,
    file: PhantomData<&'a [u8]>,
}

impl Reader<'_> {
    pub fn metadata(&mut self) -> Result<ImageMetadata, PluginError> {
        let metadata = self.format.required(self.format.table.metadata)?;
        let bytes = self.describe(metadata, Output::new("metadata", limits::METADATA_BYTES))?;
        read_metadata(&bytes).map_err(|reason| self.internal(reason))
    }

    /// The JSON as the plugin wrote it; `None` when the format has none.
    pub fn elements(&mut self) -> Result<Option<Vec<u8>>, PluginError> {
        let Some(elements) = self.format.table.elements else { return Ok(None) };
        let bytes = self.describe(elements, Output::new("data elements", limits::ELEMENTS_BYTES))?;
        Ok((!bytes.is_empty()).then_some(bytes))
    }

    /// One frame; `metadata` is what this reader said.
    pub fn decode(
        &mut self,
        metadata: &ImageMetadata,
        (frame, mode, window): (u32, DecodeMode, Option<Window>),
        max_bytes: u64,
    ) -> Result<Picture, PluginError> {
        let decode = self.format.required(self.format.table.decode)?;
        let request = decode_request(frame, mode, window);
        let mut place = Frame::new((metadata.width, metadata.height), max_bytes);
        let sink = place.sink();
        let done = self.format.caller.call(self.circumstances, max_bytes, |call, error| {
            // SAFETY: the arguments live until the call returns; the reader is open and borrowed alone.
            unsafe { decode(self.format.instance, self.reader, call, &raw const request, &raw const sink, error) }
        });
        if let Some((kind, reason)) = place.take_refusal() {
            return Err(self.format.caller.error(kind, reason));
        }
        done?;
        let picture = place.into_picture();
        picture.ok_or_else(|| self.internal(format!("it said that frame {frame} is decoded, but gave no picture")))
    }

    fn describe(&mut self, function: DescribeFunction, out: Output) -> Result<Vec<u8>, PluginError> {
        self.format.write(out, self.circumstances, |call, out, error| {
            // SAFETY: the arguments live until the call returns; the reader is open and borrowed alone.
            unsafe { function(self.format.instance, self.reader, call, out, error) }
        })
    }

    fn internal(&self, message: impl Into<String>) -> PluginError {
        self.format.caller.internal(message)
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        let Some(close) = self.format.table.close else { return };
        let _turn = self.format.caller.turn();
        // SAFETY: `open` gave the reader, and this is the only place that closes it.
        unsafe { close(self.format.instance, self.reader) };
    }
}

type DescribeFunction =
    unsafe extern "C" fn(*mut c_void, *mut c_void, *const LbxCall, *const LbxSink, *mut LbxError) -> i32;

fn decode_request(frame: u32, mode: DecodeMode, window: Option<Window>) -> LbxDecodeRequest {
    LbxDecodeRequest {
        struct_size: size_of::<LbxDecodeRequest>() as u32,
        frame,
        mode: mode as u32,
        has_window: u32::from(window.is_some()),
        window_center: window.map_or(0.0, |window| window.center),
        window_width: window.map_or(0.0, |window| window.width),
    }
}

/// Whether a picture has 8 bits a sample, as `DecodeMode::Display` promises.
pub fn is_display(format: PixelFormat) -> bool {
    format.bytes_per_sample() == 1
}
