//! The functions of one image format as the traits that they were made of.

use super::caller::{collect, descriptor, missing, with};
use crate::{
    Call, DecodeRequest, EncodeOptions, Error, ImageFormat, ImageFormatDescriptor, ImageMetadata, ImageReader,
    PixelFormat, PixelOut, Pixels, Result,
};
use lightbox_abi::*;
use std::ffi::c_void;
use std::marker::PhantomData;

pub(super) struct Format {
    instance: *mut c_void,
    table: LbxImageFormatV1,
    descriptor: ImageFormatDescriptor,
}

// SAFETY: by contract the functions are called from any thread, several at a time.
unsafe impl Send for Format {}
// SAFETY: as above.
unsafe impl Sync for Format {}

impl Format {
    /// # Safety
    /// `capability` is an image format of a plugin.
    pub(super) unsafe fn new(capability: &LbxCapability) -> Result<Self> {
        // SAFETY: as promised by the caller.
        let (table, descriptor) = unsafe { (read_table(capability.vtable.cast()), descriptor(capability)?) };
        let table = table.ok_or_else(|| missing("at all"))?;
        Ok(Self { instance: capability.instance, table, descriptor })
    }
}

impl ImageFormat for Format {
    fn descriptor(&self) -> ImageFormatDescriptor {
        self.descriptor.clone()
    }

    fn probe(&self, head: &[u8], total_bytes: u64, name: &str) -> u8 {
        let Some(probe) = self.table.probe else { return 0 };
        let head = LbxBytes::new(&head[..head.len().min(LBX_PROBE_LEN)]);
        // SAFETY: the arguments live until the call returns.
        let confidence = unsafe { probe(self.instance, head, total_bytes, LbxStr::new(name)) };
        u8::try_from(confidence.clamp(0, 100)).unwrap_or(0)
    }

    fn open<'a>(&'a self, bytes: &'a [u8], call: &Call<'_>) -> Result<Box<dyn ImageReader + 'a>> {
        let open = self.table.open.ok_or_else(|| missing("open"))?;
        let mut reader = std::ptr::null_mut();
        with(call, |call, error| {
            // SAFETY: the arguments live until the call returns, the file until the reader is closed.
            unsafe { open(self.instance, call, LbxBytes::new(bytes), &raw mut reader, error) }
        })?;
        Ok(Box::new(Reader { format: self, reader, file: PhantomData }))
    }

    fn encode(&self, pixels: Pixels<'_>, options: &EncodeOptions, call: &Call<'_>) -> Result<Vec<u8>> {
        let encode = self.table.encode.ok_or_else(|| missing("encode"))?;
        let Pixels { width, height, format, samples } = pixels;
        let (format, samples) = (format.code(), LbxBytes::new(samples));
        let pixels = LbxPixels { struct_size: size_of::<LbxPixels>() as u32, width, height, format, samples };
        let request = LbxEncodeRequest {
            struct_size: size_of::<LbxEncodeRequest>() as u32,
            quality: options.quality.map_or(0, u32::from),
            small: u32::from(options.small),
            reserved: 0,
        };
        collect(call, |call, out, error| {
            // SAFETY: the arguments live until the call returns.
            unsafe { encode(self.instance, call, &raw const pixels, &raw const request, out, error) }
        })
    }
}

/// An open file, closed when it is dropped.
struct Reader<'a> {
    format: &'a Format,
    reader: *mut c_void,
    file: PhantomData<&'a [u8]>,
}

// SAFETY: by contract a reader is used from any thread, one at a time.
unsafe impl Send for Reader<'_> {}

impl Reader<'_> {
    fn describe(&self, (name, function): (&str, LbxDescribe), call: &Call<'_>) -> Result<Vec<u8>> {
        let function = function.ok_or_else(|| missing(name))?;
        // SAFETY: the reader is open, the arguments live until the call returns.
        collect(call, |call, out, error| unsafe { function(self.format.instance, self.reader, call, out, error) })
    }
}

impl ImageReader for Reader<'_> {
    fn metadata(&mut self, call: &Call<'_>) -> Result<ImageMetadata> {
        let metadata = self.describe(("metadata", self.format.table.metadata), call)?;
        serde_json::from_slice(&metadata)
            .map_err(|error| Error::Internal(format!("the metadata is not the JSON expected: {error}")))
    }

    fn elements(&mut self, call: &Call<'_>) -> Result<Option<String>> {
        if self.format.table.elements.is_none() {
            return Ok(None);
        }
        let elements = self.describe(("elements", self.format.table.elements), call)?;
        let text = String::from_utf8(elements).map_err(|error| Error::Internal(error.to_string()))?;
        Ok((!text.is_empty()).then_some(text))
    }

    fn decode(&mut self, request: &DecodeRequest, out: PixelOut<'_>, call: &Call<'_>) -> Result<()> {
        let decode = self.format.table.decode.ok_or_else(|| missing("decode"))?;
        let (struct_size, window) = (size_of::<LbxDecodeRequest>() as u32, request.window);
        let request = LbxDecodeRequest {
            struct_size,
            frame: request.frame,
            mode: request.mode as u32,
            has_window: u32::from(window.is_some()),
            window_center: window.map_or(0.0, |window| window.center),
            window_width: window.map_or(0.0, |window| window.width),
        };
        let mut out = Some(out);
        let struct_size = size_of::<LbxPixelSink>() as u32;
        let sink = LbxPixelSink { struct_size, reserved: 0, ctx: (&raw mut out).cast(), alloc: Some(alloc) };
        with(call, |call, error| {
            // SAFETY: the reader is open, the arguments live until the call returns.
            unsafe { decode(self.format.instance, self.reader, call, &raw const request, &raw const sink, error) }
        })
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        if let Some(close) = self.format.table.close {
            // SAFETY: the reader is open, and is not used again.
            unsafe { close(self.format.instance, self.reader) };
        }
    }
}

unsafe extern "C" fn alloc(ctx: *mut c_void, desc: *const LbxFrameDesc, ptr: *mut *mut u8, len: *mut usize) -> i32 {
    // SAFETY: `Reader::decode` made the context for one call, which runs now; the rest is the plugin's.
    unsafe {
        let out = (*ctx.cast::<Option<PixelOut<'_>>>()).take();
        let desc = read_table(desc).and_then(|desc| Some((desc, PixelFormat::from_code(desc.format)?)));
        let (Some(out), Some((desc, format))) = (out, desc) else { return LBX_INVALID };
        match out.alloc(desc.width, desc.height, format) {
            Ok(samples) => {
                ptr.write(samples.as_mut_ptr());
                len.write(samples.len());
                LBX_OK
            }
            Err(Error::Limit(_)) => LBX_LIMIT,
            Err(_) => LBX_INVALID,
        }
    }
}
