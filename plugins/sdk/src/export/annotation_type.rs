//! The C table of every annotation type: each entry finds the trait object behind `instance`.

use super::boundary::{Sink, bytes, text, with_call};
use super::guard::guard;
use crate::wire::{DocumentRequest, write_exported, write_imported, write_validated};
use crate::{AnnotationType, Batch, Call, Document, Error, Result};
use lightbox_abi::*;
use std::ffi::c_void;

pub(super) static TABLE: LbxAnnotationTypeV1 = LbxAnnotationTypeV1 {
    struct_size: size_of::<LbxAnnotationTypeV1>() as u32,
    reserved: 0,
    recognise: Some(recognise),
    import_document: Some(import_document),
    validate: Some(validate),
    merge: Some(merge),
    export_document: Some(export_document),
};

/// One call as safe values.
struct Asked<'a> {
    annotation_type: &'static dyn AnnotationType,
    request: &'a str,
    document: &'a [u8],
    out: Sink,
}

impl Asked<'_> {
    fn document(&self) -> Result<(DocumentRequest<'_>, &[u8])> {
        let request = serde_json::from_str(self.request)
            .map_err(|error| Error::Internal(format!("the host's request is not the JSON expected: {error}")))?;
        Ok((request, self.document))
    }
}

/// Guards the body of an entry and gives it safe values.
///
/// # Safety
/// The arguments are the host's, valid while the call runs.
unsafe fn answer(
    (instance, call, request, document, out): (*mut c_void, *const LbxCall, LbxStr, LbxBytes, *const LbxSink),
    error: *mut LbxError,
    body: impl FnOnce(&Asked<'_>, &Call<'_>) -> Result<()>,
) -> i32 {
    let body = || {
        // SAFETY: `Definition::annotation_type` leaked the instance; the rest is as promised by the caller.
        let asked = unsafe {
            Asked {
                annotation_type: (*instance.cast::<Box<dyn AnnotationType>>()).as_ref(),
                request: text(request),
                document: bytes(document),
                out: Sink::new(out)?,
            }
        };
        // SAFETY: as promised by the caller.
        unsafe { with_call(call, |call| body(&asked, call)) }
    };
    // SAFETY: the host's slot.
    unsafe { guard(error, body) }
}

unsafe extern "C" fn recognise(
    instance: *mut c_void,
    call: *const LbxCall,
    request: LbxStr,
    document: LbxBytes,
    out: *const LbxSink,
    error: *mut LbxError,
) -> i32 {
    let body = |asked: &Asked<'_>, call: &Call<'_>| {
        let (request, bytes) = asked.document()?;
        let document = Document { name: &request.name, format: &request.format, bytes };
        let recognition = asked.annotation_type.recognise(document, call)?;
        asked.out.write(&serde_json::to_vec(&recognition).map_err(|error| Error::Internal(error.to_string()))?)
    };
    // SAFETY: the host's arguments.
    unsafe { answer((instance, call, request, document, out), error, body) }
}

unsafe extern "C" fn import_document(
    instance: *mut c_void,
    call: *const LbxCall,
    request: LbxStr,
    document: LbxBytes,
    out: *const LbxSink,
    error: *mut LbxError,
) -> i32 {
    let body = |asked: &Asked<'_>, call: &Call<'_>| {
        let (request, bytes) = asked.document()?;
        let document = Document { name: &request.name, format: &request.format, bytes };
        let imported = asked.annotation_type.import(document, call)?;
        write_imported(&imported, &mut |piece| asked.out.write(piece))
    };
    // SAFETY: the host's arguments.
    unsafe { answer((instance, call, request, document, out), error, body) }
}

unsafe extern "C" fn validate(
    instance: *mut c_void,
    call: *const LbxCall,
    request: LbxStr,
    document: LbxBytes,
    out: *const LbxSink,
    error: *mut LbxError,
) -> i32 {
    let body = |asked: &Asked<'_>, call: &Call<'_>| {
        let validated = asked.annotation_type.validate(Batch::decode(asked.document)?, call)?;
        write_validated(&validated, &mut |piece| asked.out.write(piece))
    };
    // SAFETY: the host's arguments.
    unsafe { answer((instance, call, request, document, out), error, body) }
}

unsafe extern "C" fn merge(
    instance: *mut c_void,
    call: *const LbxCall,
    request: LbxStr,
    document: LbxBytes,
    out: *const LbxSink,
    error: *mut LbxError,
) -> i32 {
    let body = |asked: &Asked<'_>, call: &Call<'_>| {
        let merged = asked.annotation_type.merge(Batch::decode(asked.document)?, call)?;
        write_validated(&merged, &mut |piece| asked.out.write(piece))
    };
    // SAFETY: the host's arguments.
    unsafe { answer((instance, call, request, document, out), error, body) }
}

unsafe extern "C" fn export_document(
    instance: *mut c_void,
    call: *const LbxCall,
    request: LbxStr,
    document: LbxBytes,
    out: *const LbxSink,
    error: *mut LbxError,
) -> i32 {
    let body = |asked: &Asked<'_>, call: &Call<'_>| {
        let (request, batch) = asked.document()?;
        let exported = asked.annotation_type.export(Batch::decode(batch)?, &request.format, call)?;
        write_exported(&exported, &mut |piece| asked.out.write(piece))
    };
    // SAFETY: the host's arguments.
    unsafe { answer((instance, call, request, document, out), error, body) }
}
