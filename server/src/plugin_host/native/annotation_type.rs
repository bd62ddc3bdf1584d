//! The calls of one annotation type, safe. What the bytes that come back say is checked by who asked for them.

use super::caller::Caller;
use super::output::Output;
use crate::plugin_host::circumstances::Circumstances;
use crate::plugin_host::{PluginError, PluginErrorKind, limits};
use lightbox_abi::*;
use lightbox_sdk::wire::DocumentRequest;
use lightbox_sdk::{AnnotationTypeDescriptor, Document};
use std::ffi::c_void;
use std::sync::Arc;

/// The functions of one annotation type.
pub struct AnnotationTypeCalls {
    caller: Arc<Caller>,
    instance: *mut c_void,
    table: LbxAnnotationTypeV1,
}

// SAFETY: by contract the functions are called from any thread, several at a time; `Caller` serialises where asked.
unsafe impl Send for AnnotationTypeCalls {}
// SAFETY: as above.
unsafe impl Sync for AnnotationTypeCalls {}

impl AnnotationTypeCalls {
    /// # Safety
    /// `capability` is an annotation type of a plugin that follows the ABI.
    ///
    /// # Errors
    /// What the table lacks, to follow "its annotation type x".
    pub unsafe fn new(
        caller: Arc<Caller>,
        capability: &LbxCapability,
        descriptor: &AnnotationTypeDescriptor,
    ) -> Result<Self, String> {
        // SAFETY: as promised by the caller.
        let table = unsafe { read_table(capability.vtable.cast::<LbxAnnotationTypeV1>()) }.ok_or("has no functions")?;
        let required = [
            ("recognise", table.recognise.is_some()),
            ("import_document", table.import_document.is_some()),
            ("validate", table.validate.is_some()),
            ("merge", table.merge.is_some()),
            ("export_document", table.export_document.is_some() || descriptor.exports.is_empty()),
        ];
        match required.iter().find(|(_, is_there)| !is_there) {
            Some((name, _)) => Err(format!("has no function {name}")),
            None => Ok(Self { caller, instance: capability.instance, table }),
        }
    }

    /// The recognition's JSON, as the plugin wrote it.
    pub fn recognise(&self, document: Document<'_>, now: &Circumstances) -> Result<Vec<u8>, PluginError> {
        let out = Output::new("a recognition", limits::RECOGNITION_BYTES);
        self.ask(self.table.recognise, &self.request(document)?, document.bytes, out, now)
    }

    /// An outcome, as the plugin wrote it.
    pub fn import(&self, document: Document<'_>, now: &Circumstances) -> Result<Vec<u8>, PluginError> {
        self.ask(self.table.import_document, &self.request(document)?, document.bytes, annotations(), now)
    }

    /// Batch in, outcome out.
    pub fn validate(&self, batch: &[u8], now: &Circumstances) -> Result<Vec<u8>, PluginError> {
        self.ask(self.table.validate, "{}", batch, annotations(), now)
    }

    /// Batch in, outcome out.
    pub fn merge(&self, batch: &[u8], now: &Circumstances) -> Result<Vec<u8>, PluginError> {
        self.ask(self.table.merge, "{}", batch, annotations(), now)
    }

    /// Batch in, an outcome with the files of that format out.
    pub fn export(&self, batch: &[u8], format: &str, now: &Circumstances) -> Result<Vec<u8>, PluginError> {
        let request = self.request(Document { name: "", format, bytes: batch })?;
        let out = Output::new("an export", limits::EXPORT_BYTES);
        self.ask(self.table.export_document, &request, batch, out, now)
    }

    fn request(&self, document: Document<'_>) -> Result<String, PluginError> {
        let request = DocumentRequest { name: document.name.into(), format: document.format.into() };
        serde_json::to_string(&request).map_err(|error| self.caller.internal(error.to_string()))
    }

    fn ask(
        &self,
        function: LbxAnnotationCall,
        request: &str,
        document: &[u8],
        mut out: Output,
        now: &Circumstances,
    ) -> Result<Vec<u8>, PluginError> {
        let function = function.ok_or_else(|| self.caller.internal("the plugin does not offer this"))?;
        let (limit_bytes, sink) = (out.limit_bytes(), out.sink());
        let done = self.caller.call(now, limit_bytes, |call, error| {
            let (request, document) = (LbxStr::new(request), LbxBytes::new(document));
            // SAFETY: the arguments live until the call returns.
            unsafe { function(self.instance, call, request, document, &raw const sink, error) }
        });
        let bytes = out.finish().map_err(|reason| self.caller.error(PluginErrorKind::Limit, reason))?;
        done.map(|()| bytes)
    }
}

fn annotations() -> Output {
    Output::new("annotations", limits::ANNOTATIONS_BYTES)
}
