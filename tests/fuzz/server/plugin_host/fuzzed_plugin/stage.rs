//! What the functions of the fuzzed plugin share, and how each of them answers.

use crate::script::Script;
use lightbox_abi::*;
use std::ffi::c_void;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard};

/// `instance` of every capability.
pub struct Stage {
    script: Mutex<Script>,
    pub opened: AtomicU32,
    pub closed: AtomicU32,
    /// Width and height as the metadata said last.
    pub size: (AtomicU32, AtomicU32),
}

impl Stage {
    pub fn new(script: Script) -> Self {
        let (script, size) = (Mutex::new(script), (AtomicU32::new(1), AtomicU32::new(1)));
        Self { script, opened: AtomicU32::new(0), closed: AtomicU32::new(0), size }
    }

    pub fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().expect("no call panics")
    }

    pub fn size(&self) -> (u32, u32) {
        (self.size.0.load(Ordering::Relaxed), self.size.1.load(Ordering::Relaxed))
    }

    /// # Safety
    /// `instance` is what `fuzzed_plugin` put into its capabilities.
    pub unsafe fn of<'a>(instance: *mut c_void) -> &'a Self {
        // SAFETY: as promised by the caller.
        unsafe { &*instance.cast::<Self>() }
    }
}

/// Reads every byte that the host lends.
///
/// # Safety
/// The bytes are the host's.
pub unsafe fn read_all<'a>(bytes: LbxBytes) -> &'a [u8] {
    if bytes.ptr.is_null() {
        assert_eq!(bytes.len, 0, "NULL comes without bytes");
        return &[];
    }
    // SAFETY: as promised by the caller.
    let bytes = unsafe { std::slice::from_raw_parts(bytes.ptr, bytes.len) };
    std::hint::black_box(bytes.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte)));
    bytes
}

/// Looks at what accompanies a call, as plugins do.
///
/// # Safety
/// `call` is the host's.
pub unsafe fn look_at(call: *const LbxCall, script: &mut Script) -> LbxCall {
    // SAFETY: as promised by the caller.
    let call = unsafe { read_table(call) }.expect("the host gives a call");
    if script.oddity(2) > 0 {
        let is_cancelled = call.is_cancelled.expect("the host can be asked");
        // SAFETY: the context is what belongs to it.
        assert!(unsafe { is_cancelled(call.ctx) } <= 1);
    }
    call
}

/// The status of a call, and what stands in the slot for its error.
///
/// # Safety
/// `error` is the host's.
pub unsafe fn answer(script: &mut Script, error: *mut LbxError) -> i32 {
    let status = match script.oddity(3) {
        0 => return LBX_OK,
        1 | 2 => i32::from(1 + script.byte() % 9),
        _ => script.number() as i32,
    };
    // SAFETY: as promised by the caller.
    let slot = unsafe { &mut *error };
    let text = script.bytes(LBX_MESSAGE_CAPACITY);
    slot.message[..text.len()].copy_from_slice(&text);
    slot.message_len = if script.oddity(1) > 0 { script.number() as u32 } else { text.len() as u32 };
    slot.code = script.oddity(4).into();
    slot.struct_size = if script.oddity(1) > 0 { script.number() as u32 } else { slot.struct_size };
    status
}

/// Gives bytes to the host: whole, in pieces, or with lies.
///
/// # Safety
/// `out` is the host's.
pub unsafe fn write(out: *const LbxSink, script: &mut Script, bytes: &[u8]) -> i32 {
    // SAFETY: as promised by the caller.
    let sink = unsafe { read_table(out) }.expect("the host gives a sink");
    let function = sink.write.expect("the host takes bytes");
    // SAFETY: every piece is memory of the plugin, or of a length that the host must refuse without a look.
    let give = |ptr: *const u8, len: usize| unsafe { function(sink.ctx, LbxBytes { ptr, len }) };
    match script.oddity(4) {
        0 => {}
        1 => {
            let (first, _) = bytes.split_at(usize::from(script.byte()).min(bytes.len()));
            give(first.as_ptr(), first.len());
        }
        2 => assert_eq!(give(std::ptr::null(), 0), LBX_OK),
        3 => assert_ne!(give(std::ptr::null(), 1 + script.byte() as usize), LBX_OK),
        _ => {
            let len = script.one_of(&[usize::MAX, isize::MAX as usize, 1 << 63, usize::MAX - 7, 1 << 40]);
            assert_ne!(give(bytes.as_ptr(), len), LBX_OK, "{len} bytes cannot be");
            assert_ne!(give(bytes.as_ptr(), bytes.len()), LBX_OK, "nothing is taken after a refusal");
        }
    }
    give(bytes.as_ptr(), bytes.len())
}
