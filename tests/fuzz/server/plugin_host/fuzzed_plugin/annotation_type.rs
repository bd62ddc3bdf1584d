//! The functions of the fuzzed plugin's annotation type.

use super::stage::{Stage, answer, look_at, read_all, write};
use crate::script::Script;
use lightbox_abi::*;
use lightbox_sdk::wire::{DocumentRequest, write_exported, write_imported};
use lightbox_sdk::{Batch, Exported, Finding, ImageRef, Imported};
use std::ffi::c_void;

/// All functions, some of them left out.
pub fn table(script: &mut Script) -> LbxAnnotationTypeV1 {
    let mut table = LbxAnnotationTypeV1 {
        struct_size: 0,
        reserved: 0,
        recognise: Some(recognise),
        import_document: Some(import),
        validate: Some(transform),
        merge: Some(transform),
        export_document: Some(export),
    };
    match script.oddity(5) {
        1 => table.recognise = None,
        2 => table.import_document = None,
        3 => table.validate = None,
        4 => table.merge = None,
        5 => table.export_document = None,
        _ => {}
    }
    table
}

macro_rules! call {
    ($name:ident, |$script:ident, $request:ident, $document:ident| $output:expr) => {
        unsafe extern "C" fn $name(
            instance: *mut c_void,
            call: *const LbxCall,
            request: LbxStr,
            document: LbxBytes,
            out: *const LbxSink,
            error: *mut LbxError,
        ) -> i32 {
            // SAFETY: the host calls with what it was given, and lends what it says.
            unsafe {
                let mut script = Stage::of(instance).script();
                look_at(call, &mut script);
                let ($request, $document) =
                    (read_all(LbxBytes { ptr: request.ptr, len: request.len }), read_all(document));
                let $script = &mut *script;
                let output: Vec<u8> = $output;
                write(out, &mut script, &output);
                answer(&mut script, error)
            }
        }
    };
}

call!(recognise, |script, request, _document| {
    serde_json::from_slice::<DocumentRequest>(request).expect("the host names the document");
    match script.oddity(2) {
        0 => br#"{"confidence":100,"format":"f","reason":"r"}"#.to_vec(),
        1 => script.bytes(4096),
        _ => format!(r#"{{"confidence":{},"format":"f","reason":"r","shares":true}}"#, script.number()).into_bytes(),
    }
});

call!(import, |script, request, _document| {
    serde_json::from_slice::<DocumentRequest>(request).expect("the host names the document");
    let imported = made_up(script);
    outcome(script, &imported)
});

call!(transform, |script, _request, document| {
    let mut batch = Batch::decode(document).expect("the host gives sound batches");
    if script.oddity(1) > 0 {
        batch.images.truncate(usize::from(script.byte()));
        batch.image.clear();
    }
    if script.oddity(1) > 0
        && let Some(image) = batch.images.first_mut()
    {
        image.path.push('x');
    }
    outcome(script, &Imported { batch, ..Imported::default() })
});

call!(export, |script, request, document| {
    serde_json::from_slice::<DocumentRequest>(request).expect("the host names the document");
    Batch::decode(document).expect("the host gives sound batches");
    let path = String::from_utf8_lossy(&script.bytes(16)).into_owned();
    let files = vec![(path, script.bytes(64)); usize::from(script.byte() % 3)];
    let mut bytes = Vec::new();
    write_exported(&Exported { files, findings: Vec::new() }, &mut |piece| {
        bytes.extend_from_slice(piece);
        Ok(())
    })
    .expect("nothing refuses");
    bytes
});

/// A batch whose columns may not fit each other.
pub fn made_up(script: &mut Script) -> Imported {
    let mut batch = Batch { labels: vec!["a".to_owned(), String::new()], ..Batch::default() };
    for _ in 0..script.byte() % 8 {
        let (width, height, line) = (script.number() as u32, script.number() as u32, script.byte().into());
        let path = String::from_utf8_lossy(&script.bytes(16)).into_owned();
        batch.images.push(ImageRef { path, width, height, line });
    }
    for _ in 0..script.byte() % 16 {
        let odd = script.oddity(5);
        batch.image.push(if odd == 1 { script.number() as u32 } else { 0 });
        batch.label.push(if odd == 2 { script.number() as u32 } else { u32::from(script.byte() % 2) });
        batch.line.push(0);
        batch.value.push(script.byte());
        if odd == 3 {
            batch.boxes.push([f64::from_bits(script.number()), 0.0, 1.0, -1.0]);
        }
        if odd == 4 {
            batch.push_payload(b"{}");
        }
        if odd == 5 {
            batch.payload_ends.push(script.number());
        }
    }
    let findings = vec![Finding::warning("FUZZ", "fuzzed"); usize::from(script.byte() % 3)];
    let embedded_images = vec![("e.png".to_owned(), script.bytes(64)); usize::from(script.byte() % 3)];
    Imported { batch, findings, embedded_images }
}

fn outcome(script: &mut Script, imported: &Imported) -> Vec<u8> {
    let mut bytes = Vec::new();
    let written = write_imported(imported, &mut |piece| {
        bytes.extend_from_slice(piece);
        Ok(())
    });
    written.expect("nothing refuses");
    match script.oddity(3) {
        1 => return script.bytes(4096),
        2 => bytes.truncate(script.number() as usize),
        3 => {
            for _ in 0..=script.byte() % 8 {
                let (at, to) = (script.number() as usize % bytes.len().max(1), script.byte());
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = to;
                }
            }
        }
        _ => {}
    }
    bytes
}
