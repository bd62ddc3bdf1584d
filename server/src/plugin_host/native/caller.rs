//! One call into a plugin: what accompanies it, and what its status and sentence mean.

use crate::plugin_host::circumstances::Circumstances;
use crate::plugin_host::{PluginError, PluginErrorKind};
use lightbox_abi::*;
use std::ffi::c_void;
use std::sync::{Mutex, MutexGuard, PoisonError};

unsafe extern "C" fn is_cancelled(ctx: *mut c_void) -> u8 {
    // SAFETY: `Caller::call` made the context, which lives while the call runs.
    let circumstances = unsafe { &*ctx.cast::<Circumstances>() };
    u8::from(circumstances.is_over())
}

/// Whom calls go to.
pub struct Caller {
    pub plugin: String,
    serial: Option<Mutex<()>>,
}

impl Caller {
    pub fn new(plugin: String, serial: bool) -> Self {
        Self { plugin, serial: serial.then(Mutex::default) }
    }

    /// Held while code of the plugin runs, if the plugin wants one call at a time.
    pub fn turn(&self) -> Option<MutexGuard<'_, ()>> {
        self.serial.as_ref().map(|serial| serial.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes one call: gives `body` what accompanies it and makes an error of its status.
    pub fn call(
        &self,
        circumstances: &Circumstances,
        max_output_bytes: u64,
        body: impl FnOnce(*const LbxCall, *mut LbxError) -> i32,
    ) -> Result<(), PluginError> {
        let _turn = self.turn();
        if circumstances.is_over() {
            return Err(self.over(circumstances));
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
            Some(PluginErrorKind::Cancelled) => Err(self.over(circumstances)),
            Some(kind) => Err(self.error(kind, sentence(&error))),
        }
    }

    pub fn error(&self, kind: PluginErrorKind, message: impl Into<String>) -> PluginError {
        PluginError { kind, plugin: self.plugin.clone(), message: message.into() }
    }

    fn over(&self, circumstances: &Circumstances) -> PluginError {
        let (kind, sentence) = circumstances.end();
        self.error(kind, sentence)
    }

    /// The plugin broke the contract.
    pub fn internal(&self, message: impl Into<String>) -> PluginError {
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
pub fn sentence(error: &LbxError) -> String {
    let length = (error.message_len as usize).min(LBX_MESSAGE_CAPACITY);
    let text = String::from_utf8_lossy(&error.message[..length]);
    let text: String = text.chars().map(|each| if each.is_control() { ' ' } else { each }).collect();
    if text.trim().is_empty() { "the plugin gave no reason".to_owned() } else { text.trim().to_owned() }
}
