//! The calls of one annotation type, safe: every answer of the plugin is checked here.

use super::output::Output;
use super::status::{Caller, Circumstances};
use super::{PluginError, PluginErrorKind, limits};
use lightbox_abi::*;
use lightbox_sdk::wire::{DocumentRequest, read_imported, read_validated};
use lightbox_sdk::{Batch, Document, ImageRef, Imported, Recognition, Validated};
use std::ffi::c_void;
use std::sync::Arc;

/// The functions of one annotation type.
pub(super) struct AnnotationTypeCalls {
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
    pub(super) unsafe fn new(caller: Arc<Caller>, capability: &LbxCapability) -> Result<Self, String> {
        // SAFETY: as promised by the caller.
        let table = unsafe { read_table(capability.vtable.cast::<LbxAnnotationTypeV1>()) }.ok_or("has no functions")?;
        let required = [
            ("recognise", table.recognise),
            ("import_document", table.import_document),
            ("validate", table.validate),
            ("merge", table.merge),
        ];
        match required.iter().find(|(_, function)| function.is_none()) {
            Some((name, _)) => Err(format!("has no function {name}")),
            None => Ok(Self { caller, instance: capability.instance, table }),
        }
    }

    pub(super) fn recognise(&self, document: Document<'_>, now: &Circumstances) -> Result<Recognition, PluginError> {
        let out = Output::new("a recognition", limits::RECOGNITION_BYTES);
        let bytes = self.ask(self.table.recognise, &self.request(document)?, document.bytes, out, now)?;
        let mut recognition: Recognition = serde_json::from_slice(&bytes)
            .map_err(|error| self.caller.internal(format!("its recognition is not the JSON expected: {error}")))?;
        recognition.confidence = recognition.confidence.min(100);
        Ok(recognition)
    }

    pub(super) fn import(&self, document: Document<'_>, now: &Circumstances) -> Result<Imported, PluginError> {
        let request = self.request(document)?;
        let bytes = self.ask(self.table.import_document, &request, document.bytes, annotations(), now)?;
        read_imported(&bytes).map_err(|error| self.caller.internal(error.to_string()))
    }

    pub(super) fn validate(&self, batch: &Batch, now: &Circumstances) -> Result<Validated, PluginError> {
        self.transform(self.table.validate, batch, now)
    }

    pub(super) fn merge(&self, batch: &Batch, now: &Circumstances) -> Result<Validated, PluginError> {
        self.transform(self.table.merge, batch, now)
    }

    /// Batch in, batch of the same images out.
    fn transform(
        &self,
        function: LbxAnnotationCall,
        batch: &Batch,
        now: &Circumstances,
    ) -> Result<Validated, PluginError> {
        batch.check().map_err(|error| self.caller.error(PluginErrorKind::Invalid, error.to_string()))?;
        let bytes = self.ask(function, "{}", &batch.encode(), annotations(), now)?;
        let validated = read_validated(&bytes).map_err(|error| self.caller.internal(error.to_string()))?;
        let path = |image: &ImageRef| image.path.clone();
        if validated.batch.images.iter().map(path).ne(batch.images.iter().map(path)) {
            return Err(self.caller.internal("it gave back other images than it was given"));
        }
        Ok(validated)
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
