//! One call into a plugin: its circumstances, and what its status and sentence mean.

use super::{PluginError, PluginErrorKind};
use lightbox_abi::*;
use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a piece of work may take, and whether it should stop.
pub(super) struct Circumstances {
    cancelled: Arc<AtomicBool>,
    timeout: Duration,
    deadline: Option<Instant>,
}

impl Circumstances {
    pub(super) fn new(cancelled: Arc<AtomicBool>, timeout: Duration) -> Self {
        Self { cancelled, timeout, deadline: Instant::now().checked_add(timeout) }
    }

    fn is_late(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    fn is_over(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed) || self.is_late()
    }

    fn remaining_ms(&self) -> u64 {
        let remaining = self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        remaining.map_or(0, |remaining| u64::try_from(remaining.as_millis()).unwrap_or(u64::MAX).max(1))
    }

    fn sentence(&self) -> String {
        if self.is_late() { late(self.timeout) } else { "the call was cancelled".to_owned() }
    }
}

pub(super) fn late(timeout: Duration) -> String {
    format!("the call took longer than the {} ms that a plugin call may take", timeout.as_millis())
}

unsafe extern "C" fn is_cancelled(ctx: *mut c_void) -> u8 {
    // SAFETY: `Caller::call` made the context, which lives while the call runs.
    let circumstances = unsafe { &*ctx.cast::<Circumstances>() };
    u8::from(circumstances.is_over())
}

/// Whom calls go to.
pub(super) struct Caller {
    pub(super) plugin: String,
    serial: Option<Mutex<()>>,
}

impl Caller {
    pub(super) fn new(plugin: String, serial: bool) -> Self {
        Self { plugin, serial: serial.then(Mutex::default) }
    }

    /// Held while code of the plugin runs, if the plugin wants one call at a time.
    pub(super) fn turn(&self) -> Option<MutexGuard<'_, ()>> {
        self.serial.as_ref().map(|serial| serial.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes one call: gives `body` what accompanies it and makes an error of its status.
    pub(super) fn call(
        &self,
        circumstances: &Circumstances,
        max_output_bytes: u64,
        body: impl FnOnce(*const LbxCall, *mut LbxError) -> i32,
    ) -> Result<(), PluginError> {
        let _turn = self.turn();
        if circumstances.is_over() {
            return Err(self.error(PluginErrorKind::Cancelled, circumstances.sentence()));
        }
        let call = LbxCall {
            struct_size: size_of::<LbxCall>() as u32,
            reserved: 0,
            ctx: std::ptr::from_ref(circumstances).cast_mut().cast(),
            deadline_ms: circumstances.remaining_ms(),
            max_output_bytes,
            is_cancelled: Some(is_cancelled),
        };
        let mut error = LbxError::empty();
        let status = body(&raw const call, &raw mut error);
        match kind_of(status) {
            None if status == LBX_OK => Ok(()),
            None => Err(self.internal(format!("it answered with the unknown status {status}: {}", sentence(&error)))),
            Some(PluginErrorKind::Cancelled) => Err(self.error(PluginErrorKind::Cancelled, circumstances.sentence())),
            Some(kind) => Err(self.error(kind, sentence(&error))),
        }
    }

    pub(super) fn error(&self, kind: PluginErrorKind, message: impl Into<String>) -> PluginError {
        PluginError { kind, plugin: self.plugin.clone(), message: message.into() }
    }

    /// The plugin broke the contract.
    pub(super) fn internal(&self, message: impl Into<String>) -> PluginError {
        self.error(PluginErrorKind::Internal, message)
    }
}

fn kind_of(status: i32) -> Option<PluginErrorKind> {
    Some(match status {
        LBX_UNSUPPORTED => PluginErrorKind::Unsupported,
        LBX_CORRUPT => PluginErrorKind::Corrupt,
        LBX_NO_PIXELS => PluginErrorKind::NoPixels,
        LBX_LIMIT => PluginErrorKind::Limit,
        LBX_CANCELLED => PluginErrorKind::Cancelled,
        LBX_INVALID => PluginErrorKind::Invalid,
        LBX_INTERNAL => PluginErrorKind::Internal,
        _ => return None,
    })
}

/// The sentence in an error slot, whatever else was written there.
pub(super) fn sentence(error: &LbxError) -> String {
    let length = (error.message_len as usize).min(LBX_MESSAGE_CAPACITY);
    let text = String::from_utf8_lossy(&error.message[..length]);
    let text: String = text.chars().map(|each| if each.is_control() { ' ' } else { each }).collect();
    if text.trim().is_empty() { "the plugin gave no reason".to_owned() } else { text.trim().to_owned() }
}
