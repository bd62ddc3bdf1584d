//! Annotation documents: which type reads which, and what it says. What becomes of that is in `annotation_sets.rs`.

use super::Import;
use super::bundles::Texts;
use super::candidates::{Candidates, is_label_csv, path_listing};
use super::embedded::EmbeddedImages;
use super::images::ReadImages;
use super::recognition::{choose, keep_wanted, why_not};
use super::unpacked::{is_json, unpack};
use crate::domain::findings::{Finding, FindingLog};
use crate::domain::label_list;
use crate::jobs::failure::{Failure, JobResult, told};
use crate::plugin_host::{DocumentContent, PluginError, Recognitions};
use crate::services::compute;
use lightbox_sdk::{Imported, Recognition};
use std::collections::HashSet;
use std::sync::Arc;

/// One document as one type read it.
pub struct ReadDocument {
    pub path: String,
    pub annotation_type: String,
    pub format: String,
    /// The type makes a set of all such documents together, not of each.
    pub shares: bool,
    pub imported: Imported,
}

/// Format of the listing that class folders are read from, and the name of the set that they make.
const CLASS_FOLDERS: &str = "class-folders";
const CLASS_FOLDERS_SET: &str = "classes";

/// Reads the documents one by one with the types that each is for. Pictures inside them join the images at once, so
/// that no more than one document is held whole.
pub async fn read_all(
    import: &Import,
    candidates: &Candidates,
    texts: &Texts,
    images: &mut ReadImages,
    log: &mut FindingLog,
) -> JobResult<Vec<ReadDocument>> {
    let mut read = Vec::new();
    let mut embedded = EmbeddedImages::new(images);
    for candidate in &candidates.documents {
        import.run.check()?;
        let content = unpack(import, candidate).await?;
        if import.into.is_some() {
            import.run.advance().await;
        }
        if let Some(reason) = import.archive.passed_limit() {
            return Err(Failure::Refused(reason));
        }
        let content = match content {
            Ok(content) => content,
            Err(finding) => {
                log.push(finding.in_file(&candidate.path));
                continue;
            }
        };
        let document = Document { path: &candidate.path, content };
        let list = texts.get(&label_list::path_beside(&candidate.path)).filter(|_| is_label_csv(&candidate.path));
        let read_by_types = read_one(import, &document, log).await?;
        if let DocumentContent::File(path) = &document.content {
            import.staging.discard(path);
        }
        for mut one in read_by_types {
            if let Some(list) = list {
                label_list::order(&mut one.imported.batch, &String::from_utf8_lossy(list));
            }
            let pictures = std::mem::take(&mut one.imported.embedded_images);
            if import.into.is_none() {
                embedded.add(import, &one.path, pictures, images, log).await?;
            }
            read.push(one);
        }
    }
    for table in candidates.documents.iter().filter(|candidate| is_label_csv(&candidate.path)).skip(1) {
        let message = "the archive has more than one label.csv; each makes a set of its own";
        log.push(Finding::info("SEVERAL_LABEL_FILES", message).in_file(&table.path));
    }
    Ok(read)
}

/// Unpacked, to be read by one type or several.
struct Document<'a> {
    path: &'a str,
    content: DocumentContent,
}

async fn read_one(import: &Import, document: &Document<'_>, log: &mut FindingLog) -> JobResult<Vec<ReadDocument>> {
    let (plugins, path) = (&import.run.services.plugins, document.path);
    let Recognitions { surest_first: mut recognised, failed } =
        import.run.wait_for(plugins.recognise_document(path, "", document.content.clone())).await?;
    log.extend(failed.iter().map(|error| failure(import, error).in_file(path)));
    let named = keep_wanted(import, &mut recognised);
    let mut chosen = choose(&recognised);
    if chosen.is_empty() {
        match &named {
            Some((annotation_type, recognition)) => chosen.push((annotation_type, recognition)),
            None => log.push(unrecognised(document, &recognised).await?),
        }
    }
    let mut read = Vec::with_capacity(chosen.len());
    for (annotation_type, recognition) in chosen {
        let format = &recognition.format;
        let imported = plugins.import_document(annotation_type, path, format, document.content.clone());
        match import.run.wait_for(imported).await? {
            Ok(imported) => read.push(ReadDocument {
                path: path.to_owned(),
                annotation_type: annotation_type.clone(),
                format: format.clone(),
                shares: recognition.shares,
                imported,
            }),
            Err(error) => log.push(failure(import, &error).in_file(path)),
        }
    }
    Ok(read)
}

/// Lists of labels belong to their tables, not to other formats.
pub fn take_label_lists(candidates: &mut Candidates) {
    let tables = candidates.documents.iter().filter(|document| is_label_csv(&document.path));
    let lists: HashSet<String> = tables.map(|table| label_list::path_beside(&table.path)).collect();
    candidates.texts.retain(|text| !lists.contains(&text.path));
}

/// JSON and XML of another kind are somebody else's and passed over; a table, and JSON that does not even parse, is an error.
async fn unrecognised(document: &Document<'_>, recognised: &[(String, Recognition)]) -> JobResult<Finding> {
    let reason = why_not(recognised);
    let is_xml = document.path.to_ascii_lowercase().ends_with(".xml");
    let content = document.content.clone();
    let parses = is_xml || tokio::task::spawn_blocking(move || is_json(&content)).await?;
    let finding = if parses && !is_label_csv(document.path) {
        Finding::info("IGNORED_FILE", format!("no annotation file: {reason}"))
    } else {
        Finding::error("BAD_DOCUMENT", reason)
    };
    Ok(finding.in_file(document.path))
}

/// A document that a plugin could not work on, by the plugin's fault or the document's.
pub(super) fn failure(import: &Import, error: &PluginError) -> Finding {
    Finding::error(error.kind.code().unwrap_or("BAD_DOCUMENT"), told(error, import.run.job.id))
}

/// What a plugin cannot read or check costs its document, never the images.
pub(super) fn refused_document(
    import: &Import,
    name: &str,
    error: &PluginError,
    log: &mut FindingLog,
) -> JobResult<()> {
    import.run.check()?;
    log.push(failure(import, error).in_file(name));
    Ok(())
}

/// Class folders are a document too: the listing of the images' paths. For a dataset that is there those of the archive
/// count; what the paths of its own images say it was told when they came.
pub(super) async fn read_class_folders(
    import: &Import,
    candidates: &Candidates,
    read: &Arc<ReadImages>,
    log: &mut FindingLog,
) -> JobResult<Option<ReadDocument>> {
    let plugins = &import.run.services.plugins;
    let listing = if import.into.is_some() {
        path_listing(candidates.images.iter().map(|image| &image.path))
    } else {
        let images = read.clone();
        compute(move || path_listing(images.images.iter().map(|image| &image.new.path))).await?
    };
    let Recognitions { surest_first: mut recognised, failed } =
        import.run.wait_for(plugins.recognise_document("", CLASS_FOLDERS, listing.clone().into())).await?;
    log.extend(failed.iter().map(|error| failure(import, error)));
    keep_wanted(import, &mut recognised);
    let Some((annotation_type, _)) = choose(&recognised).into_iter().next() else { return Ok(None) };
    if candidates.documents.iter().any(|document| is_label_csv(&document.path)) {
        let message = "the archive has class folders and a label.csv; label.csv wins";
        log.push(Finding::info("CLASS_FOLDERS_IGNORED", message));
        return Ok(None);
    }
    let imported = plugins.import_document(annotation_type, "", CLASS_FOLDERS, listing.into());
    let imported = match import.run.wait_for(imported).await? {
        Ok(imported) => imported,
        Err(error) => return refused_document(import, CLASS_FOLDERS_SET, &error, log).map(|()| None),
    };
    Ok(Some(ReadDocument {
        path: CLASS_FOLDERS_SET.to_owned(),
        annotation_type: annotation_type.clone(),
        format: CLASS_FOLDERS.to_owned(),
        shares: false,
        imported,
    }))
}
