//! What plugins do with annotations: recognise and import documents, validate and merge batches.

use super::status::Circumstances;
use super::{PluginError, PluginHost};
use bytes::Bytes;
use futures_util::future::join_all;
use lightbox_sdk::{Batch, Document, Imported, Recognition, Validated};

impl PluginHost {
    /// What each annotation type makes of a document, surest first, then by id; those that say 0 give their reasons at
    /// the end, and those that fail are logged. `format` may be empty.
    pub async fn recognise_document(&self, name: &str, format: &str, bytes: Bytes) -> Vec<(String, Recognition)> {
        let mut asked = Vec::new();
        for chosen in &self.inner.registry.annotation_types {
            let (id, calls) = (chosen.descriptor.id.clone(), chosen.calls.clone());
            let (name, format, bytes) = (name.to_owned(), format.to_owned(), bytes.clone());
            let work = move |now: &Circumstances| {
                calls.recognise(Document { name: &name, format: &format, bytes: &bytes }, now)
            };
            asked.push(async move { (id, self.inner.runner.run(None, work).await) });
        }
        let answers = join_all(asked).await;
        let mut recognised: Vec<(String, Recognition)> = answers.into_iter().filter_map(keep).collect();
        recognised.sort_by_key(|(_, recognition)| std::cmp::Reverse(recognition.confidence));
        recognised
    }

    /// Reads a document; bad rows become findings.
    pub async fn import_document(
        &self,
        annotation_type: &str,
        name: &str,
        format: &str,
        bytes: Bytes,
    ) -> Result<Imported, PluginError> {
        let calls = self.inner.require_annotation_type(annotation_type)?;
        let (name, format) = (name.to_owned(), format.to_owned());
        let work =
            move |now: &Circumstances| calls.import(Document { name: &name, format: &format, bytes: &bytes }, now);
        self.inner.runner.run(None, work).await
    }

    /// Checks annotations against the sizes of their images. The images of the answer are those of `batch`.
    pub async fn validate(&self, annotation_type: &str, batch: Batch) -> Result<Validated, PluginError> {
        let calls = self.inner.require_annotation_type(annotation_type)?;
        self.inner.runner.run(None, move |now| calls.validate(&batch, now)).await
    }

    /// Brings united or renamed annotations into the type's own form. The images of the answer are those of `batch`.
    pub async fn merge(&self, annotation_type: &str, batch: Batch) -> Result<Validated, PluginError> {
        let calls = self.inner.require_annotation_type(annotation_type)?;
        self.inner.runner.run(None, move |now| calls.merge(&batch, now)).await
    }
}

fn keep((id, answer): (String, Result<Recognition, PluginError>)) -> Option<(String, Recognition)> {
    match answer {
        Ok(recognition) => Some((id, recognition)),
        Err(error) => {
            tracing::warn!(annotation_type = %id, %error, "a document could not be looked at");
            None
        }
    }
}
