//! The C table of every image format: each entry finds the trait object behind `instance`.

use super::boundary::{Frame, Sink, bytes, table, text, with_call};
use super::guard::{catch, guard};
use crate::{
    DecodeMode, DecodeRequest, EncodeOptions, Error, ImageFormat, ImageReader, PixelFormat, PixelOut, Pixels, Result,
    Window,
};
use lightbox_abi::*;
use std::ffi::c_void;

pub(super) static TABLE: LbxImageFormatV1 = LbxImageFormatV1 {
    struct_size: size_of::<LbxImageFormatV1>() as u32,
    reserved: 0,
    probe: Some(probe),
    open: Some(open),
    metadata: Some(metadata),
    elements: Some(elements),
    decode: Some(decode),
    close: Some(close),
    encode: Some(encode),
};

type Reader = Box<dyn ImageReader>;

/// # Safety
/// `instance` is what `Definition::image_format` made.
unsafe fn format(instance: *mut c_void) -> &'static dyn ImageFormat {
    // SAFETY: leaked there, never freed, never changed.
    unsafe { (*instance.cast::<Box<dyn ImageFormat>>()).as_ref() }
}

/// # Safety
/// `reader` is what `open` gave and is not closed; the host uses a reader from one thread at a time.
unsafe fn reader<'a>(reader: *mut c_void) -> Result<&'a mut Reader> {
    // SAFETY: as promised by the caller.
    unsafe { reader.cast::<Reader>().as_mut() }.ok_or_else(|| Error::Internal("the host gave no reader".to_owned()))
}

unsafe extern "C" fn probe(instance: *mut c_void, head: LbxBytes, total_bytes: u64, name: LbxStr) -> i32 {
    // SAFETY: the host's arguments, valid while the call runs.
    let body = || unsafe { format(instance).probe(bytes(head), total_bytes, text(name)) };
    catch(body).map_or(0, |confidence| i32::from(confidence.min(100)))
}

unsafe extern "C" fn open(
    instance: *mut c_void,
    call: *const LbxCall,
    file: LbxBytes,
    opened: *mut *mut c_void,
    error: *mut LbxError,
) -> i32 {
    let body = || {
        // SAFETY: the host keeps the file until it has closed the reader, and nothing else borrows it.
        let file: &'static [u8] = unsafe { bytes(file) };
        // SAFETY: the host's arguments, valid while the call runs.
        let reader: Reader = unsafe { with_call(call, |call| format(instance).open(file, call)) }?;
        // SAFETY: the host's place for the reader.
        unsafe { opened.write(Box::into_raw(Box::new(reader)).cast()) };
        Ok(())
    };
    // SAFETY: the host's slot.
    unsafe { guard(error, body) }
}

unsafe extern "C" fn metadata(
    _instance: *mut c_void,
    opened: *mut c_void,
    call: *const LbxCall,
    out: *const LbxSink,
    error: *mut LbxError,
) -> i32 {
    let body = || {
        // SAFETY: the host's arguments, valid while the call runs.
        let (reader, out) = unsafe { (reader(opened)?, Sink::new(out)?) };
        // SAFETY: as above.
        let metadata = unsafe { with_call(call, |call| reader.metadata(call)) }?;
        out.write(&serde_json::to_vec(&metadata).map_err(|error| Error::Internal(error.to_string()))?)
    };
    // SAFETY: the host's slot.
    unsafe { guard(error, body) }
}

unsafe extern "C" fn elements(
    _instance: *mut c_void,
    opened: *mut c_void,
    call: *const LbxCall,
    out: *const LbxSink,
    error: *mut LbxError,
) -> i32 {
    let body = || {
        // SAFETY: the host's arguments, valid while the call runs.
        let (reader, out) = unsafe { (reader(opened)?, Sink::new(out)?) };
        // SAFETY: as above.
        let elements = unsafe { with_call(call, |call| reader.elements(call)) }?;
        elements.map_or(Ok(()), |elements| out.write(elements.as_bytes()))
    };
    // SAFETY: the host's slot.
    unsafe { guard(error, body) }
}

unsafe extern "C" fn decode(
    _instance: *mut c_void,
    opened: *mut c_void,
    call: *const LbxCall,
    request: *const LbxDecodeRequest,
    out: *const LbxPixelSink,
    error: *mut LbxError,
) -> i32 {
    let body = || {
        // SAFETY: the host's arguments, valid while the call runs.
        let (reader, request, mut out) =
            unsafe { (reader(opened)?, table(request, "decode request")?, Frame::new(out)?) };
        let request = decode_request(request)?;
        // SAFETY: as above.
        unsafe { with_call(call, |call| reader.decode(&request, PixelOut::new(&mut out), call)) }
    };
    // SAFETY: the host's slot.
    unsafe { guard(error, body) }
}

fn decode_request(request: LbxDecodeRequest) -> Result<DecodeRequest> {
    let mode = DecodeMode::from_code(request.mode)
        .ok_or_else(|| Error::Unsupported(format!("this plugin does not know the decode mode {}", request.mode)))?;
    let window =
        (request.has_window != 0).then_some(Window { center: request.window_center, width: request.window_width });
    Ok(DecodeRequest { frame: request.frame, mode, window })
}

unsafe extern "C" fn close(_instance: *mut c_void, opened: *mut c_void) {
    if opened.is_null() {
        return;
    }
    // SAFETY: `open` made it, and the host closes once.
    let body = || drop(unsafe { Box::from_raw(opened.cast::<Reader>()) });
    let _ = catch(body);
}

unsafe extern "C" fn encode(
    instance: *mut c_void,
    call: *const LbxCall,
    pixels: *const LbxPixels,
    request: *const LbxEncodeRequest,
    out: *const LbxSink,
    error: *mut LbxError,
) -> i32 {
    let body = || {
        // SAFETY: the host's arguments, valid while the call runs.
        let (pixels, request, out) =
            unsafe { (table(pixels, "picture")?, table(request, "encode request")?, Sink::new(out)?) };
        // SAFETY: as above.
        let picture = unsafe { picture(pixels) }?;
        let quality = u8::try_from(request.quality).ok().filter(|quality| *quality > 0);
        let options = EncodeOptions { quality, small: request.small != 0 };
        // SAFETY: as above.
        let file = unsafe { with_call(call, |call| format(instance).encode(picture, &options, call)) }?;
        out.write(&file)
    };
    // SAFETY: the host's slot.
    unsafe { guard(error, body) }
}

/// # Safety
/// The samples live as long as `'a`.
unsafe fn picture<'a>(pixels: LbxPixels) -> Result<Pixels<'a>> {
    let LbxPixels { width, height, .. } = pixels;
    let format = PixelFormat::from_code(pixels.format)
        .ok_or_else(|| Error::Unsupported(format!("this plugin does not know the pixel format {}", pixels.format)))?;
    // SAFETY: as promised by the caller.
    let samples = unsafe { bytes(pixels.samples) };
    if Some(samples.len()) != format.size_bytes(width, height) {
        return Err(Error::Invalid(format!("{} bytes are no {width} × {height} {format:?} pixels", samples.len())));
    }
    Ok(Pixels { width, height, format, samples })
}
