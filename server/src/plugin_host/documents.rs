//! What plugins do with annotations: recognise and import documents, validate and merge batches, write batches as files.

use super::circumstances::Circumstances;
use super::generation::Generation;
use super::task::{Answer, Input, Task};
use super::{Catalog, PluginError, PluginErrorKind, PluginHost, answers};
use bytes::Bytes;
use futures_util::future::join_all;
use lightbox_sdk::{Batch, Exported, Imported, Recognition, Validated};
use std::path::PathBuf;

/// The bytes of a document.
#[derive(Debug, Clone)]
pub enum DocumentContent {
    Memory(Bytes),
    /// A file that nobody changes while it is read; plugins map it, and the server never holds it.
    File(PathBuf),
}

impl From<Bytes> for DocumentContent {
    fn from(bytes: Bytes) -> Self {
        Self::Memory(bytes)
    }
}

impl From<DocumentContent> for Input {
    fn from(content: DocumentContent) -> Self {
        match content {
            DocumentContent::Memory(bytes) => bytes.into(),
            DocumentContent::File(path) => Self::File(path),
        }
    }
}

/// What the annotation types make of a document.
#[derive(Debug, Default)]
pub struct Recognitions {
    /// Type and what it says, then by id; those that say 0 give their reasons at the end.
    pub surest_first: Vec<(String, Recognition)>,
    /// Those that could not be asked.
    pub failed: Vec<PluginError>,
}

impl PluginHost {
    /// What each annotation type makes of a document. `format` may be empty.
    pub async fn recognise_document(&self, name: &str, format: &str, content: DocumentContent) -> Recognitions {
        let generation = self.generation();
        let document = Input::from(content);
        let mut asked = Vec::new();
        for (id, plugin) in generation.catalog.annotation_type_owners() {
            let (name, format) = (name.to_owned(), format.to_owned());
            let task = Task::Recognise { annotation_type: id.to_owned(), name, format };
            let (id, document, generation) = (id.to_owned(), document.clone(), generation.clone());
            let work = move |now: &Circumstances| {
                let [recognition] = generation.call(plugin, &task, document, now)?.into_parts()?;
                answers::read_recognition(&recognition).map_err(|reason| generation.blame(plugin, reason))
            };
            asked.push(async move { (id, self.inner.runner.run(None, work).await) });
        }
        let mut recognitions = Recognitions::default();
        for (id, answer) in join_all(asked).await {
            match answer {
                Ok(recognition) => recognitions.surest_first.push((id, recognition)),
                Err(error) => recognitions.failed.push(error),
            }
        }
        recognitions.surest_first.sort_by_key(|(_, recognition)| std::cmp::Reverse(recognition.confidence));
        recognitions
    }

    /// Reads a document; bad rows become findings.
    pub async fn import_document(
        &self,
        annotation_type: &str,
        name: &str,
        format: &str,
        content: DocumentContent,
    ) -> Result<Imported, PluginError> {
        let (name, format) = (name.to_owned(), format.to_owned());
        let task = Task::Import { annotation_type: annotation_type.to_owned(), name, format };
        let generation = self.generation();
        let plugin = generation.catalog.require_annotation_type(annotation_type)?;
        let work = move |now: &Circumstances| {
            let [outcome] = generation.call(plugin, &task, content.into(), now)?.into_parts()?;
            answers::read_import(&outcome).map_err(|reason| generation.blame(plugin, reason))
        };
        self.inner.runner.run(None, work).await
    }

    /// Checks annotations against the sizes of their images. The images of the answer are those of `batch`.
    pub async fn validate(&self, annotation_type: &str, batch: Batch) -> Result<Validated, PluginError> {
        let task = Task::Validate { annotation_type: annotation_type.to_owned() };
        self.transform(annotation_type, task, batch).await
    }

    /// Brings united or renamed annotations into the type's own form. The images of the answer are those of `batch`.
    pub async fn merge(&self, annotation_type: &str, batch: Batch) -> Result<Validated, PluginError> {
        let task = Task::Merge { annotation_type: annotation_type.to_owned() };
        self.transform(annotation_type, task, batch).await
    }

    /// Writes annotations as files, in one of the formats that the type's descriptor exports.
    pub async fn export(&self, annotation_type: &str, format: &str, batch: Batch) -> Result<Exported, PluginError> {
        let generation = self.generation();
        let plugin = generation.catalog.require_annotation_type(annotation_type)?;
        check_exports(&generation.catalog, annotation_type, format)
            .map_err(|reason| generation.error(plugin, PluginErrorKind::Unsupported, reason))?;
        let task = Task::Export { annotation_type: annotation_type.to_owned(), format: format.to_owned() };
        let work = move |now: &Circumstances| {
            let [outcome] = call_with(&generation, plugin, &task, &batch, now)?.into_parts()?;
            answers::read_export(&outcome).map_err(|reason| generation.blame(plugin, reason))
        };
        self.inner.runner.run(None, work).await
    }

    async fn transform(&self, annotation_type: &str, task: Task, batch: Batch) -> Result<Validated, PluginError> {
        let generation = self.generation();
        let plugin = generation.catalog.require_annotation_type(annotation_type)?;
        self.inner.runner.run(None, move |now| transform(&generation, plugin, &task, &batch, now)).await
    }
}

/// # Errors
/// What the type writes instead, in one sentence.
fn check_exports(catalog: &Catalog, annotation_type: &str, format: &str) -> Result<(), String> {
    let found = catalog.find_annotation_type(annotation_type);
    let exports = found.map_or(&[][..], |(descriptor, _)| &descriptor.exports);
    if exports.iter().any(|each| each == format) {
        return Ok(());
    }
    let offered = if exports.is_empty() { "nothing".to_owned() } else { exports.join(", ") };
    Err(format!("the annotation type {annotation_type} was asked to write {format}, but writes {offered}"))
}

fn transform(
    generation: &Generation,
    plugin: usize,
    task: &Task,
    batch: &Batch,
    now: &Circumstances,
) -> Result<Validated, PluginError> {
    let [outcome] = call_with(generation, plugin, task, batch, now)?.into_parts()?;
    answers::read_transformed(&outcome, batch).map_err(|reason| generation.blame(plugin, reason))
}

/// A batch whose columns do not fit is the caller's fault, and reaches no plugin.
fn call_with(
    generation: &Generation,
    plugin: usize,
    task: &Task,
    batch: &Batch,
    now: &Circumstances,
) -> Result<Answer, PluginError> {
    batch.check().map_err(|error| generation.error(plugin, PluginErrorKind::Invalid, error.to_string()))?;
    generation.call(plugin, task, Bytes::from(batch.encode()).into(), now)
}
