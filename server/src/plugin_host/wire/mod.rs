//! What the server and its workers say to each other, and the memory that they share. Linux only. Nothing here knows
//! which of the two it is.
//!
//! A worker's standard input is its end of a socket that keeps messages apart (`SOCK_SEQPACKET`). A message is a head in
//! JSON, a body of at most [`INLINE_BYTES`], and file descriptors. Larger bodies travel as memory: to the
//! worker as a stored file or a sealed memory file, both read only; from the worker on a tray, memory of both that the
//! server copies from, or, when they are very long, in a memory file of the server's, which it seals before it looks.

mod control;
mod memory;
mod message;
mod protocol;
mod tray;

pub use control::ControlPage;
pub use memory::{new_scratch, share, take};
pub use message::{Received, receive, send};
pub use protocol::{Hello, Outcome, Place, Ready, Reply, Request};
pub use tray::Tray;

/// The longest body that travels inside a message.
pub const INLINE_BYTES: usize = 64 << 10;
/// The longest answer that is copied; of a longer one the server takes the memory file that it is in.
pub const TRAY_BYTES: usize = 4 << 20;
/// Exit code of a worker whose connection to the server broke.
pub const LOST_CONNECTION: u8 = 74;
