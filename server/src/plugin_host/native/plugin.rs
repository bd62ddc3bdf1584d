//! What a loaded plugin says of itself, read once and checked, and its functions by capability.

use super::annotation_type::AnnotationTypeCalls;
use super::caller::Caller;
use super::image_format::ImageFormatCalls;
use crate::plugin_host::manifest::{Manifest, Offer, check_id};
use crate::plugin_host::{PluginError, PluginErrorKind};
use lightbox_abi::*;
use lightbox_sdk::{AnnotationTypeDescriptor, ImageFormatDescriptor};
use std::sync::Arc;

/// A plugin and its functions.
pub struct Plugin {
    pub manifest: Manifest,
    /// As many as the manifest offers, in its order.
    image_formats: Vec<Arc<ImageFormatCalls>>,
    annotation_types: Vec<Arc<AnnotationTypeCalls>>,
}

/// # Safety
/// `plugin` is what `lbx_plugin_init` of a plugin with the right ABI gave.
///
/// # Errors
/// What is broken, in one sentence.
pub unsafe fn read(plugin: *const LbxPlugin, flags: u32) -> Result<Plugin, String> {
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
    if !plugin.capabilities.is_aligned() {
        return Err("the list of its capabilities does not stand where pointers can".to_owned());
    }
    let caller = Arc::new(Caller::new(id.clone(), flags & LBX_FLAG_SERIAL != 0));
    let (image_formats, annotation_types, skipped) = Default::default();
    let manifest = Manifest { id, name, version, vendor, image_formats, annotation_types, skipped };
    let mut description = Plugin { manifest, image_formats: Vec::new(), annotation_types: Vec::new() };
    for index in 0..count as usize {
        // SAFETY: the plugin lists as many capabilities as it says.
        let capability = unsafe { read_table(*plugin.capabilities.add(index)) };
        let capability = capability.ok_or_else(|| format!("the description of its capability {index} is broken"))?;
        // SAFETY: as promised by the caller.
        unsafe { description.add(&capability, &caller) }?;
    }
    description.manifest.check()?;
    Ok(description)
}

impl Plugin {
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
                self.manifest.image_formats.push(Offer { priority, descriptor });
                self.image_formats.push(calls);
            }
            LBX_ANNOTATION_TYPE_V1 => {
                // SAFETY: as above.
                let (descriptor, calls) = unsafe {
                    let descriptor: AnnotationTypeDescriptor = read_descriptor(capability.descriptor, &id)?;
                    let calls = AnnotationTypeCalls::new(caller.clone(), capability, &descriptor);
                    (descriptor, Arc::new(calls.map_err(|reason| format!("its annotation type {id} {reason}"))?))
                };
                check_same_id(&id, &descriptor.id)?;
                self.manifest.annotation_types.push(Offer { priority, descriptor });
                self.annotation_types.push(calls);
            }
            _ => self.manifest.skipped.push((iface, id)),
        }
        Ok(())
    }

    /// The format that calls name.
    pub fn require_image_format(&self, id: &str) -> Result<&Arc<ImageFormatCalls>, PluginError> {
        let at = self.manifest.image_formats.iter().position(|offer| offer.descriptor.id == id);
        at.and_then(|at| self.image_formats.get(at)).ok_or_else(|| self.lacks("image format", id))
    }

    /// The type that calls name.
    pub fn require_annotation_type(&self, id: &str) -> Result<&Arc<AnnotationTypeCalls>, PluginError> {
        let at = self.manifest.annotation_types.iter().position(|offer| offer.descriptor.id == id);
        at.and_then(|at| self.annotation_types.get(at)).ok_or_else(|| self.lacks("annotation type", id))
    }

    /// Every format of this plugin, in the manifest's order.
    pub fn image_formats(&self) -> impl Iterator<Item = &ImageFormatCalls> {
        self.image_formats.iter().map(Arc::as_ref)
    }

    fn lacks(&self, what: &str, id: &str) -> PluginError {
        let message = format!("it does not offer the {what} {id}");
        PluginError { kind: PluginErrorKind::Internal, plugin: self.manifest.id.clone(), message }
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
    check_id(&id, what)?;
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
pub unsafe fn lossy(text: LbxStr) -> String {
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
