//! The functions of one annotation type as the trait that they were made of.

use super::caller::{collect, descriptor, missing};
use crate::wire::{DocumentRequest, read_exported, read_imported, read_validated};
use crate::{
    AnnotationType, AnnotationTypeDescriptor, Batch, Call, Document, Error, Exported, Imported, Recognition, Result,
    Validated,
};
use lightbox_abi::*;
use std::ffi::c_void;

pub(super) struct Type {
    instance: *mut c_void,
    table: LbxAnnotationTypeV1,
    descriptor: AnnotationTypeDescriptor,
}

// SAFETY: by contract the functions are called from any thread, several at a time.
unsafe impl Send for Type {}
// SAFETY: as above.
unsafe impl Sync for Type {}

impl Type {
    /// # Safety
    /// `capability` is an annotation type of a plugin.
    pub(super) unsafe fn new(capability: &LbxCapability) -> Result<Self> {
        // SAFETY: as promised by the caller.
        let (table, descriptor) = unsafe { (read_table(capability.vtable.cast()), descriptor(capability)?) };
        let table = table.ok_or_else(|| missing("at all"))?;
        Ok(Self { instance: capability.instance, table, descriptor })
    }

    fn ask(
        &self,
        (name, function): (&str, LbxAnnotationCall),
        document: Document<'_>,
        call: &Call<'_>,
    ) -> Result<Vec<u8>> {
        let function = function.ok_or_else(|| missing(name))?;
        let request = DocumentRequest { name: document.name.into(), format: document.format.into() };
        let request = serde_json::to_string(&request).map_err(|error| Error::Internal(error.to_string()))?;
        collect(call, |call, out, error| {
            // SAFETY: the arguments live until the call returns.
            unsafe { function(self.instance, call, LbxStr::new(&request), LbxBytes::new(document.bytes), out, error) }
        })
    }

    fn ask_about(
        &self,
        function: (&str, LbxAnnotationCall),
        batch: &Batch,
        format: &str,
        call: &Call<'_>,
    ) -> Result<Vec<u8>> {
        self.ask(function, Document { name: "", format, bytes: &batch.encode() }, call)
    }
}

impl AnnotationType for Type {
    fn descriptor(&self) -> AnnotationTypeDescriptor {
        self.descriptor.clone()
    }

    fn recognise(&self, document: Document<'_>, call: &Call<'_>) -> Result<Recognition> {
        let recognition = self.ask(("recognise", self.table.recognise), document, call)?;
        serde_json::from_slice(&recognition)
            .map_err(|error| Error::Internal(format!("the recognition is not the JSON expected: {error}")))
    }

    fn import(&self, document: Document<'_>, call: &Call<'_>) -> Result<Imported> {
        read_imported(&self.ask(("import_document", self.table.import_document), document, call)?)
    }

    fn validate(&self, batch: Batch, call: &Call<'_>) -> Result<Validated> {
        read_validated(&self.ask_about(("validate", self.table.validate), &batch, "", call)?)
    }

    fn merge(&self, batch: Batch, call: &Call<'_>) -> Result<Validated> {
        read_validated(&self.ask_about(("merge", self.table.merge), &batch, "", call)?)
    }

    fn export(&self, batch: Batch, format: &str, call: &Call<'_>) -> Result<Exported> {
        read_exported(&self.ask_about(("export_document", self.table.export_document), &batch, format, call)?)
    }
}
