//! What the server and its workers say to each other, and the memory that they share. Linux only. Nothing here knows
//! which of the two it is.
//!
//! A worker's standard input is its end of a socket that keeps messages apart (`SOCK_SEQPACKET`). A message is a head in
//! JSON, a body of at most [`INLINE_BYTES`], and up to two file descriptors. Larger bodies travel as memory: to the
//! worker as a stored file or a sealed memory file, both read only; from the worker by writing into a memory file that
//! the server made, which it copies, or seals before it looks.

mod control;
mod memory;
mod message;
mod protocol;

pub use control::ControlPage;
pub use memory::{copy, new_scratch, share, take};
pub use message::{Received, receive, send};
pub use protocol::{Hello, Outcome, Ready, Reply, Request};

/// The longest body that travels inside a message.
pub const INLINE_BYTES: usize = 64 << 10;
/// An answer in a scratch file is copied out of it up to this length, and the worker goes on with the same file; of a
/// longer one the server takes the file itself.
pub const COPIED_BYTES: u64 = 4 << 20;
/// Exit code of a worker whose connection to the server broke.
pub const LOST_CONNECTION: u8 = 74;
