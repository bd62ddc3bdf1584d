//! How much a plugin may answer, in bytes. What an operator can set is in `settings`.

/// A description of one image.
pub(super) const METADATA_BYTES: u64 = 16 << 20;
/// The data elements of one image.
pub(super) const ELEMENTS_BYTES: u64 = 64 << 20;
/// What an annotation type thinks of a document.
pub(super) const RECOGNITION_BYTES: u64 = 64 << 10;
/// The annotations of one document or set, embedded images among them.
pub(super) const ANNOTATIONS_BYTES: u64 = 4 << 30;
/// A document that an annotation type writes.
pub(super) const EXPORT_BYTES: u64 = 4 << 30;
/// An encoded picture may be this much larger than its pixels.
pub(super) const ENCODED_OVERHEAD_BYTES: u64 = 1 << 20;
/// The largest stored file that a worker's address space has room for beside its memory.
#[cfg(target_os = "linux")]
pub(super) const STORED_FILE_BYTES: u64 = 16 << 30;
