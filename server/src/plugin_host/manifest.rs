//! What a plugin says of itself, as plain data that may cross processes, and the rules for it. Functions are not here.

use lightbox_abi::{LBX_MAX_CAPABILITIES, LBX_MAX_ID_LEN, LBX_MAX_TEXT_LEN};
use lightbox_sdk::{AnnotationTypeDescriptor, ImageFormatDescriptor};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// A plugin that may be used.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) version: String,
    pub(super) vendor: String,
    pub(super) image_formats: Vec<Offer<ImageFormatDescriptor>>,
    pub(super) annotation_types: Vec<Offer<AnnotationTypeDescriptor>>,
    /// Interfaces that this server does not know, with the capability's id.
    pub(super) skipped: Vec<(String, String)>,
}

/// One capability of a plugin.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Offer<D> {
    pub(super) priority: i32,
    pub(super) descriptor: D,
}

impl Manifest {
    /// # Errors
    /// The rule that is broken, in one sentence.
    pub(super) fn check(&self) -> Result<(), String> {
        check_id(&self.id, "its id")?;
        for (text, what) in [(&self.name, "its name"), (&self.version, "its version"), (&self.vendor, "its vendor")] {
            if text.len() > LBX_MAX_TEXT_LEN {
                return Err(format!("{what} has {} bytes, {LBX_MAX_TEXT_LEN} are allowed", text.len()));
            }
        }
        let images = self.image_formats.iter().map(|offer| ("image format", &offer.descriptor.id));
        let annotations = self.annotation_types.iter().map(|offer| ("annotation type", &offer.descriptor.id));
        let mut seen = HashSet::new();
        for (what, id) in images.chain(annotations) {
            check_id(id, "a capability's id")?;
            if !seen.insert((what, id)) {
                return Err(format!("it offers the {what} {id} twice"));
            }
        }
        let count = seen.len() + self.skipped.len();
        if count == 0 || count > LBX_MAX_CAPABILITIES as usize {
            return Err(format!("it offers {count} capabilities, 1 to {LBX_MAX_CAPABILITIES} are expected"));
        }
        Ok(())
    }
}

/// # Errors
/// What is not allowed in it; `what` is the subject of the sentence.
pub(super) fn check_id(id: &str, what: &str) -> Result<(), String> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'-');
    if id.is_empty() || id.len() > LBX_MAX_ID_LEN || !id.bytes().all(allowed) {
        return Err(format!("{what} is {id:?}; 1 to {LBX_MAX_ID_LEN} of a-z, 0-9, '.', '_' and '-' are allowed"));
    }
    Ok(())
}
