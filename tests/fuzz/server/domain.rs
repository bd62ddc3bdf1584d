//! The words of the server's domain that its plugin host uses.

#[path = "../../../server/src/domain/archive_entry.rs"]
pub mod archive_entry;
#[path = "../../../server/src/domain/digest.rs"]
pub mod digest;
