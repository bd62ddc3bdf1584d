//! What the fuzzed plugin says of itself: two image formats and an annotation type, or something odd.

use super::memory::Memory;
use super::stage::Stage;
use super::{annotation_type, image_format};
use crate::script::Script;
use lightbox_abi::*;
use std::ffi::c_void;

const PNG: &str = r#"{"id":"png","name":"P","extensions":["png"],"media_type":"image/png","encodes":true,"later":[1]}"#;
const JPEG: &str = r#"{"id":"jpeg","name":"J","extensions":[],"media_type":"image/jpeg","encodes":true}"#;
const BOXES: &str = r#"{"id":"boxes","name":"B","description":"b","shape":"box","formats":["f"],"exports":["f"]}"#;
const USUAL: [(&str, &str, &str); 3] =
    [(LBX_IMAGE_FORMAT_V1, "png", PNG), (LBX_IMAGE_FORMAT_V1, "jpeg", JPEG), (LBX_ANNOTATION_TYPE_V1, "boxes", BOXES)];

/// The plugin, in `memory`.
pub fn write(memory: &mut Memory, script: &mut Script, stage: &Stage) -> *const LbxPlugin {
    let instance = std::ptr::from_ref(stage).cast_mut().cast::<c_void>();
    let mut usual = USUAL.to_vec();
    if script.oddity(1) > 0 {
        usual = (0..script.byte() % 8).map(|_| script.one_of(&USUAL)).collect();
    }
    let mut addresses = Vec::new();
    for (iface, id, descriptor) in &usual {
        let capability = capability(memory, script, instance, (*iface, *id, *descriptor));
        addresses.extend_from_slice(&(memory.table(script, capability) as usize).to_ne_bytes());
    }
    let capabilities = match script.oddity(2) {
        0 => memory.keep(&addresses).ptr.cast(),
        1 => std::ptr::null(),
        _ => memory.keep(&[&[0], &addresses[..]].concat()).ptr.wrapping_add(1).cast(),
    };
    let capability_count = match script.oddity(1) {
        0 => usual.len() as u32,
        // Every count that is allowed must be true, which no host can check.
        _ => script.one_of(&[0, LBX_MAX_CAPABILITIES + 1, u32::MAX, 1 << 31]),
    };
    let plugin = LbxPlugin {
        struct_size: 0,
        capability_count,
        id: memory.text(script, "org.example.fuzzed"),
        name: memory.text(script, "Fuzzed"),
        version: memory.text(script, "1.0"),
        vendor: memory.text(script, "Example"),
        capabilities,
        shutdown: None,
    };
    memory.table(script, plugin)
}

fn capability(
    memory: &mut Memory,
    script: &mut Script,
    instance: *mut c_void,
    (iface, id, descriptor): (&'static str, &'static str, &'static str),
) -> LbxCapability {
    let vtable: *const c_void = if iface == LBX_IMAGE_FORMAT_V1 {
        let table = image_format::table(script);
        memory.table(script, table).cast()
    } else {
        let table = annotation_type::table(script);
        memory.table(script, table).cast()
    };
    LbxCapability {
        struct_size: 0,
        priority: script.number() as i32,
        // Never the other interface's: a table that is not what it is said to be cannot be told from one that is.
        iface: if script.oddity(1) > 0 { memory.text(script, "lbx.later/1") } else { memory.text(script, iface) },
        id: memory.text(script, id),
        descriptor: memory.text(script, descriptor),
        instance,
        vtable,
    }
}
