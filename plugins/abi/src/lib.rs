//! The plugin boundary: C layouts, and how a struct is read that the other side filled. The rules (who frees, how
//! long, which thread) stand beside each function and, whole, in `plugins/README.md`.
//!
//! Rules that hold everywhere:
//! - Memory never changes owner. What a function takes as an argument is valid until it returns, unless it says more.
//! - Every struct starts with `struct_size`, its size as the side that filled it knows it. Fields are only appended; a
//!   reader copies `min(struct_size, its own size)` over zeroes, so a missing tail reads as 0 or NULL.
//! - Enumerations are plain integers; a reader expects values that it does not know.
//! - Nothing unwinds, throws or jumps across the boundary.
//! - Functions of one capability are called from any thread, several at a time, but each reader by one at a time.
#![no_std]

mod annotation_type;
mod call;
mod host;
mod image_format;
mod layout;
mod plugin;
mod table;
mod text;

pub use annotation_type::*;
pub use call::*;
pub use host::*;
pub use image_format::*;
pub use plugin::*;
pub use table::*;
pub use text::*;
