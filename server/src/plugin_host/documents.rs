//! What plugins do with annotations: recognise and import documents, validate and merge batches.

use super::{PluginError, PluginErrorKind, PluginHost};
use bytes::Bytes;
use lightbox_sdk::{Batch, Imported, Recognition, Validated};

impl PluginHost {
    /// What each annotation type makes of a document, surest first; those that say 0 or fail are left out.
    /// `format` may be empty.
    pub async fn recognise_document(&self, name: &str, format: &str, bytes: Bytes) -> Vec<(String, Recognition)> {
        let _ = (name, format, bytes);
        Vec::new()
    }

    pub async fn import_document(
        &self,
        annotation_type: &str,
        name: &str,
        format: &str,
        bytes: Bytes,
    ) -> Result<Imported, PluginError> {
        let _ = (name, format, bytes);
        Err(pending(annotation_type))
    }

    /// Checks annotations against the sizes of their images.
    pub async fn validate(&self, annotation_type: &str, batch: Batch) -> Result<Validated, PluginError> {
        let _ = batch;
        Err(pending(annotation_type))
    }

    /// Brings united or renamed annotations into the type's own form.
    pub async fn merge(&self, annotation_type: &str, batch: Batch) -> Result<Validated, PluginError> {
        let _ = batch;
        Err(pending(annotation_type))
    }
}

fn pending(annotation_type: &str) -> PluginError {
    PluginError {
        kind: PluginErrorKind::Internal,
        plugin: String::new(),
        message: format!("no plugin of this server knows annotations of the type {annotation_type}"),
    }
}
