//! What the host offers to a plugin: its log.

use lightbox_abi::{LBX_LOG_DEBUG, LBX_LOG_ERROR, LBX_LOG_INFO, LBX_LOG_WARN, LbxHost, LbxStr, read_table};
use std::sync::OnceLock;

static HOST: OnceLock<LbxHost> = OnceLock::new();

/// How much a log line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Level {
    Error,
    Warn,
    Info,
    Debug,
}

/// Writes one line to the server's log; nothing in an author's own tests, where no host is. No patient's data.
pub fn log(level: Level, message: &str) {
    let level = match level {
        Level::Error => LBX_LOG_ERROR,
        Level::Warn => LBX_LOG_WARN,
        Level::Info => LBX_LOG_INFO,
        Level::Debug => LBX_LOG_DEBUG,
    };
    if let Some((host, log)) = HOST.get().and_then(|host| Some((host, host.log?))) {
        // SAFETY: the function and its context belong together and are valid until the process ends.
        unsafe { log(host.ctx, level, LbxStr::new(message)) };
    }
}

/// # Safety
/// `host` is NULL or the host's struct, valid until the process ends.
pub(crate) unsafe fn remember(host: *const LbxHost) {
    // SAFETY: as promised by the caller.
    if let Some(host) = unsafe { read_table(host) } {
        let _ = HOST.set(host);
    }
}
