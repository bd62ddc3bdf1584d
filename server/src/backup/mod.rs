//! Backups: a folder laid out like a data directory, with a description of what must be in it. Made while a server
//! runs, checked when it is brought back. Not in it: uploads that no job has read, finished exports, plugins.

mod description;
mod files;
mod restore;
mod write;

pub use description::Description;
pub use restore::restore;
pub use write::write;

/// Files of a data directory that are taken over.
const DATABASE: &str = "lightbox.db";
const SECRET_KEY: &str = "secret-key";
const BLOBS: &str = "blobs";
