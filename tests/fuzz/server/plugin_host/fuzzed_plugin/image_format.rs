//! The functions of the fuzzed plugin's image formats.

use super::stage::{Stage, answer, look_at, read_all, write};
use crate::script::Script;
use lightbox_abi::*;
use lightbox_sdk::PixelFormat;
use std::ffi::c_void;
use std::sync::atomic::Ordering::Relaxed;

/// All functions, some of them left out.
pub fn table(script: &mut Script) -> LbxImageFormatV1 {
    let mut table = LbxImageFormatV1 {
        struct_size: 0,
        reserved: 0,
        probe: Some(probe),
        open: Some(open),
        metadata: Some(metadata),
        elements: Some(elements),
        decode: Some(decode),
        close: Some(close),
        encode: Some(encode),
    };
    match script.oddity(7) {
        1 => table.probe = None,
        2 => table.open = None,
        3 => table.metadata = None,
        4 => table.elements = None,
        5 => table.decode = None,
        6 => table.close = None,
        7 => table.encode = None,
        _ => {}
    }
    table
}

unsafe extern "C" fn probe(instance: *mut c_void, head: LbxBytes, _total_bytes: u64, name: LbxStr) -> i32 {
    // SAFETY: the host calls with what it was given, and lends what it says.
    unsafe {
        assert!(read_all(head).len() <= LBX_PROBE_LEN);
        read_all(LbxBytes { ptr: name.ptr, len: name.len });
        let mut script = Stage::of(instance).script();
        if script.oddity(1) > 0 { script.number() as i32 } else { 100 }
    }
}

unsafe extern "C" fn open(
    instance: *mut c_void,
    call: *const LbxCall,
    file: LbxBytes,
    reader: *mut *mut c_void,
    error: *mut LbxError,
) -> i32 {
    // SAFETY: as in `probe`.
    unsafe {
        let stage = Stage::of(instance);
        let mut script = stage.script();
        look_at(call, &mut script);
        read_all(file);
        let status = answer(&mut script, error);
        if script.oddity(1) == 0 {
            *reader = instance;
            // By contract nothing is to be closed when opening failed.
            stage.opened.fetch_add(u32::from(status == LBX_OK), Relaxed);
        }
        status
    }
}

unsafe extern "C" fn close(instance: *mut c_void, reader: *mut c_void) {
    assert_eq!(instance, reader, "a reader that was given");
    // SAFETY: as in `probe`.
    unsafe { Stage::of(instance) }.closed.fetch_add(1, Relaxed);
}

unsafe extern "C" fn metadata(
    instance: *mut c_void,
    reader: *mut c_void,
    call: *const LbxCall,
    out: *const LbxSink,
    error: *mut LbxError,
) -> i32 {
    assert_eq!(instance, reader, "a reader that was given");
    // SAFETY: as in `probe`.
    unsafe {
        let stage = Stage::of(instance);
        let mut script = stage.script();
        look_at(call, &mut script);
        let text = describe(stage, &mut script);
        write(out, &mut script, &text);
        answer(&mut script, error)
    }
}

fn describe(stage: &Stage, script: &mut Script) -> Vec<u8> {
    let odd = script.oddity(2);
    if odd == 1 {
        return script.bytes(4096);
    }
    let mut side = || if odd == 2 { script.number() as u32 } else { 1 + u32::from(script.byte() % 96) };
    let (width, height, frame_count) = (side(), side(), side() % 4096);
    stage.size.0.store(width, Relaxed);
    stage.size.1.store(height, Relaxed);
    let rest = script.one_of(&["", r#","exif_orientation":6"#, r#","dicom":{"modality":"CT"}"#, r#","signed":true"#]);
    format!(
        r#"{{"width":{width},"height":{height},"frame_count":{frame_count},"bits_per_sample":8,"samples_per_pixel":1{rest}}}"#
    )
    .into_bytes()
}

unsafe extern "C" fn elements(
    instance: *mut c_void,
    _reader: *mut c_void,
    call: *const LbxCall,
    out: *const LbxSink,
    error: *mut LbxError,
) -> i32 {
    // SAFETY: as in `probe`.
    unsafe {
        let mut script = Stage::of(instance).script();
        look_at(call, &mut script);
        let text = if script.oddity(1) > 0 { script.bytes(4096) } else { br#"{"00080060":{"vr":"CS"}}"#.to_vec() };
        write(out, &mut script, &text);
        answer(&mut script, error)
    }
}

unsafe extern "C" fn decode(
    instance: *mut c_void,
    reader: *mut c_void,
    call: *const LbxCall,
    request: *const LbxDecodeRequest,
    out: *const LbxPixelSink,
    error: *mut LbxError,
) -> i32 {
    assert_eq!(instance, reader, "a reader that was given");
    // SAFETY: as in `probe`.
    unsafe {
        let stage = Stage::of(instance);
        let mut script = stage.script();
        look_at(call, &mut script);
        let request = read_table(request).expect("the host says what it wants");
        let sink = read_table(out).expect("the host has a place for pictures");
        let times = [1, 0, 2][usize::from(script.oddity(2))];
        for _ in 0..times {
            ask_and_fill(stage, &mut script, request.mode, &sink);
        }
        answer(&mut script, error)
    }
}

/// # Safety
/// `sink` is the host's.
unsafe fn ask_and_fill(stage: &Stage, script: &mut Script, mode: u32, sink: &LbxPixelSink) {
    let (width, height) =
        if script.oddity(1) > 0 { (script.number() as u32, script.number() as u32) } else { stage.size() };
    let usual: &[u32] = if mode == LBX_DECODE_DISPLAY { &[1, 8, 6, 10] } else { &[2, 1, 3, 4, 5, 7, 9, 11, 12, 8, 10] };
    let format = if script.oddity(1) > 0 { script.number() as u32 } else { script.one_of(usual) };
    let mut struct_size = size_of::<LbxFrameDesc>() as u32;
    if script.oddity(1) > 0 {
        struct_size = script.number() as u32;
    }
    let desc = LbxFrameDesc { struct_size, width, height, format };
    let (mut pixels, mut len) = (std::ptr::null_mut(), 0usize);
    let alloc = sink.alloc.expect("the host gives memory");
    // SAFETY: the places live until the call returns; the description has as many bytes as any host reads.
    let status = unsafe {
        match script.oddity(3) {
            0 => alloc(sink.ctx, &raw const desc, &raw mut pixels, &raw mut len),
            1 => alloc(sink.ctx, std::ptr::null(), &raw mut pixels, &raw mut len),
            2 => alloc(sink.ctx, &raw const desc, std::ptr::null_mut(), &raw mut len),
            _ => alloc(sink.ctx, &raw const desc, &raw mut pixels, std::ptr::null_mut()),
        }
    };
    if status == LBX_OK {
        // SAFETY: the host says that so much is there.
        let samples = unsafe { std::slice::from_raw_parts_mut(pixels, len) };
        assert!(samples.iter().all(|sample| *sample == 0), "memory comes zeroed");
        if struct_size as usize >= size_of::<LbxFrameDesc>() {
            let format = PixelFormat::from_code(format).expect("no memory for an unknown format");
            assert_eq!(Some(len), format.size_bytes(width, height));
        }
        samples.fill(script.byte());
    }
}

unsafe extern "C" fn encode(
    instance: *mut c_void,
    call: *const LbxCall,
    pixels: *const LbxPixels,
    request: *const LbxEncodeRequest,
    out: *const LbxSink,
    error: *mut LbxError,
) -> i32 {
    // SAFETY: as in `probe`.
    unsafe {
        let mut script = Stage::of(instance).script();
        look_at(call, &mut script);
        let pixels = read_table(pixels).expect("the host gives a picture");
        let request = read_table(request).expect("the host says how");
        assert!(request.quality <= 100 && request.small <= 1);
        let format = PixelFormat::from_code(pixels.format).expect("a format that is");
        assert_eq!(Some(read_all(pixels.samples).len()), format.size_bytes(pixels.width, pixels.height));
        let mut file = script.one_of(&[&b"\x89PNG\r\n\x1a\n"[..], b"\xff\xd8\xff", b""]).to_vec();
        file.extend(script.bytes(4096));
        write(out, &mut script, &file);
        answer(&mut script, error)
    }
}
