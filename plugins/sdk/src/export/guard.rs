//! Keeps panics on the plugin's side of the boundary and turns results into a status and a sentence.

use crate::{Error, Result};
use lightbox_abi::*;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::Once;

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
    static LAST_PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Records where a guarded call panicked. A shared library has its own panic hook; the host's is untouched.
pub(super) fn install_panic_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if GUARDED.try_with(Cell::get).unwrap_or(false) { record(info) } else { previous(info) }
        }));
    });
}

fn record(info: &PanicHookInfo<'_>) {
    let message = info.payload_as_str().unwrap_or("a panic without a message");
    let sentence = match info.location() {
        Some(place) => format!("the plugin panicked at {}:{}: {message}", place.file(), place.line()),
        None => format!("the plugin panicked: {message}"),
    };
    let _ = LAST_PANIC.try_with(|last| last.replace(Some(sentence)));
}

/// Runs the body of an entry. The payload of a panic is forgotten: dropping it might panic again.
pub(super) fn catch<T>(body: impl FnOnce() -> T) -> std::result::Result<T, String> {
    let outer = GUARDED.replace(true);
    let outcome = catch_unwind(AssertUnwindSafe(body));
    GUARDED.set(outer);
    outcome.map_err(|payload| {
        std::mem::forget(payload);
        LAST_PANIC.take().unwrap_or_else(|| "the plugin panicked".to_owned())
    })
}

/// Runs the body of an entry and answers with a status, its sentence in `slot`.
///
/// # Safety
/// `slot` is NULL or the host's [`LbxError`].
pub(super) unsafe fn guard(slot: *mut LbxError, body: impl FnOnce() -> Result<()>) -> i32 {
    let error = match catch(body) {
        Ok(Ok(())) => return LBX_OK,
        Ok(Err(error)) => error,
        Err(panic) => Error::Internal(panic),
    };
    let status = status_of(&error);
    // SAFETY: as promised by the caller.
    unsafe { fill(slot, status, &error.to_string()) };
    status
}

/// # Safety
/// As [`guard`].
unsafe fn fill(slot: *mut LbxError, status: i32, sentence: &str) {
    // SAFETY: NULL or the host's slot, which nobody else uses while the call runs.
    let Some(slot) = (unsafe { slot.as_mut() }) else { return };
    let length = sentence.floor_char_boundary(LBX_MESSAGE_CAPACITY);
    slot.code = status;
    slot.message[..length].copy_from_slice(&sentence.as_bytes()[..length]);
    slot.message_len = length as u32;
}

fn status_of(error: &Error) -> i32 {
    match error {
        Error::Unsupported(_) => LBX_UNSUPPORTED,
        Error::Corrupt(_) => LBX_CORRUPT,
        Error::NoPixels(_) => LBX_NO_PIXELS,
        Error::Limit(_) => LBX_LIMIT,
        Error::Cancelled => LBX_CANCELLED,
        Error::Invalid(_) => LBX_INVALID,
        Error::Internal(_) => LBX_INTERNAL,
    }
}
