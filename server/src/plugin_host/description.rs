//! What a plugin says of itself, read once and checked.

use super::annotation_type::AnnotationTypeCalls;
use super::image_format::ImageFormatCalls;
use super::status::Caller;
use lightbox_abi::*;
use lightbox_sdk::{AnnotationTypeDescriptor, ImageFormatDescriptor};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A plugin that may be used.
pub(super) struct Description {
    pub(super) path: PathBuf,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) version: String,
    pub(super) vendor: String,
    pub(super) image_formats: Vec<Offer<ImageFormatDescriptor, ImageFormatCalls>>,
    pub(super) annotation_types: Vec<Offer<AnnotationTypeDescriptor, AnnotationTypeCalls>>,
    /// Interfaces that this server does not know, with the capability's id.
    pub(super) skipped: Vec<(String, String)>,
}

/// One capability of a plugin.
pub(super) struct Offer<D, C> {
    pub(super) id: String,
    pub(super) priority: i32,
    pub(super) descriptor: D,
    pub(super) calls: Arc<C>,
}

/// # Safety
/// `plugin` is what `lbx_plugin_init` of a plugin with the right ABI gave.
///
/// # Errors
/// What is broken, in one sentence.
pub(super) unsafe fn read(plugin: *const LbxPlugin, path: &Path, flags: u32) -> Result<Description, String> {
    // SAFETY: as promised by the caller.
    let plugin = unsafe { read_table(plugin) }.ok_or("its description is broken")?;
    // SAFETY: texts of the plugin live until the process ends.
    let (id, name, version, vendor) = unsafe {
        (
            read_id(plugin.id, "its id")?,
            read_text(plugin.name, LBX_MAX_TEXT_LEN, "its name")?,
            read_text(plugin.version, LBX_MAX_TEXT_LEN, "its version")?,
            read_text(plugin.vendor, LBX_MAX_TEXT_LEN, "its vendor")?,
        )
    };
    let count = plugin.capability_count;
    if count == 0 || count > LBX_MAX_CAPABILITIES || plugin.capabilities.is_null() {
        return Err(format!("it offers {count} capabilities, 1 to {LBX_MAX_CAPABILITIES} are expected"));
    }
    let caller = Arc::new(Caller::new(id.clone(), flags & LBX_FLAG_SERIAL != 0));
    let path = path.to_owned();
    let (image_formats, annotation_types, skipped) = Default::default();
    let mut description = Description { path, id, name, version, vendor, image_formats, annotation_types, skipped };
    for index in 0..count as usize {
        // SAFETY: the plugin lists as many capabilities as it says.
        let capability = unsafe { read_table(*plugin.capabilities.add(index)) };
        let capability = capability.ok_or_else(|| format!("the description of its capability {index} is broken"))?;
        // SAFETY: as promised by the caller.
        unsafe { description.add(&capability, &caller) }?;
    }
    description.check_ids()?;
    Ok(description)
}

impl Description {
    /// # Safety
    /// `capability` is the plugin's.
    unsafe fn add(&mut self, capability: &LbxCapability, caller: &Arc<Caller>) -> Result<(), String> {
        // SAFETY: texts of the plugin live until the process ends.
        let (iface, id) = unsafe {
            (read_text(capability.iface, LBX_MAX_ID_LEN, "an interface")?, read_id(capability.id, "a capability's id")?)
        };
        let priority = capability.priority;
        match iface.as_str() {
            LBX_IMAGE_FORMAT_V1 => {
                // SAFETY: the interface says which descriptor and table these are.
                let (descriptor, calls) = unsafe {
                    let descriptor: ImageFormatDescriptor = read_descriptor(capability.descriptor, &id)?;
                    let calls = ImageFormatCalls::new(caller.clone(), capability, descriptor.encodes);
                    (descriptor, Arc::new(calls.map_err(|reason| format!("its image format {id} {reason}"))?))
                };
                check_same_id(&id, &descriptor.id)?;
                self.image_formats.push(Offer { id, priority, descriptor, calls });
            }
            LBX_ANNOTATION_TYPE_V1 => {
                // SAFETY: as above.
                let (descriptor, calls) = unsafe {
                    let descriptor: AnnotationTypeDescriptor = read_descriptor(capability.descriptor, &id)?;
                    let calls = AnnotationTypeCalls::new(caller.clone(), capability);
                    (descriptor, Arc::new(calls.map_err(|reason| format!("its annotation type {id} {reason}"))?))
                };
                check_same_id(&id, &descriptor.id)?;
                self.annotation_types.push(Offer { id, priority, descriptor, calls });
            }
            _ => self.skipped.push((iface, id)),
        }
        Ok(())
    }

    fn check_ids(&self) -> Result<(), String> {
        let mut seen = HashSet::new();
        let images = self.image_formats.iter().map(|offer| ("image format", &offer.id));
        let annotations = self.annotation_types.iter().map(|offer| ("annotation type", &offer.id));
        match images.chain(annotations).find(|each| !seen.insert(*each)) {
            Some((what, id)) => Err(format!("it offers the {what} {id} twice")),
            None => Ok(()),
        }
    }
}

fn check_same_id(id: &str, descriptor_id: &str) -> Result<(), String> {
    if id == descriptor_id {
        return Ok(());
    }
    Err(format!("the descriptor of its capability {id} speaks of {descriptor_id}"))
}

unsafe fn read_descriptor<D: serde::de::DeserializeOwned>(text: LbxStr, id: &str) -> Result<D, String> {
    // SAFETY: a text of the plugin.
    let text = unsafe { read_text(text, LBX_MAX_DESCRIPTOR_LEN, "a descriptor") }?;
    serde_json::from_str(&text)
        .map_err(|error| format!("the descriptor of its capability {id} is not the JSON expected: {error}"))
}

unsafe fn read_id(text: LbxStr, what: &str) -> Result<String, String> {
    // SAFETY: a text of the plugin.
    let id = unsafe { read_text(text, LBX_MAX_ID_LEN, what) }?;
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'-');
    if id.is_empty() || !id.bytes().all(allowed) {
        return Err(format!("{what} is {id:?}; a-z, 0-9, '.', '_' and '-' are allowed"));
    }
    Ok(id)
}

unsafe fn read_text(text: LbxStr, longest: usize, what: &str) -> Result<String, String> {
    if text.len > longest || (text.ptr.is_null() && text.len > 0) {
        return Err(format!("{what} has {} bytes, {longest} are allowed", text.len));
    }
    // SAFETY: a text of the plugin, of a sane length.
    let bytes = unsafe { bytes(text) };
    String::from_utf8(bytes.to_vec()).map_err(|_| format!("{what} is not UTF-8"))
}

/// For log lines: cut and repaired.
///
/// # Safety
/// `text` is a text of the plugin, valid now.
pub(super) unsafe fn lossy(text: LbxStr) -> String {
    let len = text.len.min(LBX_MAX_TEXT_LEN);
    // SAFETY: as promised by the caller.
    String::from_utf8_lossy(unsafe { bytes(LbxStr { ptr: text.ptr, len }) }).into_owned()
}

unsafe fn bytes<'a>(text: LbxStr) -> &'a [u8] {
    if text.ptr.is_null() {
        return &[];
    }
    // SAFETY: the plugin's text, valid as long as the callers here use it.
    unsafe { std::slice::from_raw_parts(text.ptr, text.len) }
}
