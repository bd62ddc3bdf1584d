//! Annotation documents: which type reads which, and from what they say to annotation sets.

use super::Import;
use super::candidates::{Candidates, is_label_csv, path_listing, read_document};
use super::embedded::EmbeddedImages;
use super::images::ReadImages;
use super::matching::{Matcher, match_images};
use crate::domain::annotation::split_by_image;
use crate::domain::annotation_set::AnnotationSource;
use crate::domain::findings::{Finding, FindingLog};
use crate::jobs::content::NewAnnotationSet;
use crate::jobs::failure::{Failure, JobResult};
use crate::plugin_host::PluginError;
use bytes::Bytes;
use lightbox_sdk::{Batch, Imported, Recognition};
use std::collections::BTreeMap;

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
    images: &mut ReadImages,
    log: &mut FindingLog,
) -> JobResult<Vec<ReadDocument>> {
    let mut read = Vec::new();
    let mut embedded = EmbeddedImages::new(images);
    for candidate in &candidates.documents {
        import.run.check()?;
        let (archive, index) = (import.archive.clone(), candidate.index);
        let limit = import.run.services.limits.document_bytes;
        let bytes = match tokio::task::spawn_blocking(move || read_document(&archive, index, limit)).await? {
            Ok(bytes) => bytes,
            Err(finding) => {
                log.push(finding.in_file(&candidate.path));
                continue;
            }
        };
        if let Some(reason) = import.archive.passed_limit() {
            return Err(Failure::Refused(reason));
        }
        let document = Document { path: &candidate.path, bytes };
        for mut one in read_one(import, &document, log).await {
            let pictures = std::mem::take(&mut one.imported.embedded_images);
            embedded.add(import, &one.path, pictures, images, log).await?;
            read.push(one);
        }
    }
    for table in candidates.documents.iter().filter(|candidate| is_label_csv(&candidate.path)).skip(1) {
        let message = "the archive has more than one label.csv; each makes a set of its own";
        log.push(Finding::info("SEVERAL_LABEL_FILES", message).in_file(&table.path));
    }
    Ok(read)
}

/// A document in memory.
struct Document<'a> {
    path: &'a str,
    bytes: Bytes,
}

async fn read_one(import: &Import, document: &Document<'_>, log: &mut FindingLog) -> Vec<ReadDocument> {
    let (plugins, path) = (&import.run.services.plugins, document.path);
    let recognised = plugins.recognise_document(path, "", document.bytes.clone()).await;
    let chosen = choose(&recognised);
    if chosen.is_empty() {
        log.push(unrecognised(document, &recognised));
    }
    let mut read = Vec::with_capacity(chosen.len());
    for (annotation_type, recognition) in chosen {
        let format = &recognition.format;
        match plugins.import_document(annotation_type, path, format, document.bytes.clone()).await {
            Ok(imported) => read.push(ReadDocument {
                path: path.to_owned(),
                annotation_type: annotation_type.clone(),
                format: format.clone(),
                shares: recognition.shares,
                imported,
            }),
            Err(error) => log.push(Finding::error("BAD_DOCUMENT", error.message).in_file(path)),
        }
    }
    read
}

/// The best type that wants the document for itself, or every type that shares it.
fn choose(recognised: &[(String, Recognition)]) -> Vec<(&String, &Recognition)> {
    let wanted = recognised.iter().filter(|(_, each)| each.confidence > 0).map(|(id, each)| (id, each));
    let (sharing, alone): (Vec<_>, Vec<_>) = wanted.partition(|(_, each)| each.shares);
    if sharing.is_empty() { alone.into_iter().take(1).collect() } else { sharing }
}

/// JSON of another kind is somebody else's and passed over; what does not even parse is an error.
fn unrecognised(document: &Document<'_>, recognised: &[(String, Recognition)]) -> Finding {
    let reason = recognised.iter().map(|(_, each)| each.reason.as_str()).find(|reason| !reason.is_empty());
    let reason = reason.unwrap_or("no annotation type reads this document").to_owned();
    let parses = serde_json::from_slice::<serde::de::IgnoredAny>(&document.bytes).is_ok();
    let finding = if parses && !is_label_csv(document.path) {
        Finding::info("IGNORED_FILE", format!("no annotation file: {reason}"))
    } else {
        Finding::error("BAD_DOCUMENT", reason)
    };
    finding.in_file(document.path)
}

/// Matches what the documents say to the images, has it checked, and makes sets of it.
pub async fn annotation_sets(
    import: &Import,
    candidates: &Candidates,
    mut documents: Vec<ReadDocument>,
    read: &ReadImages,
    log: &mut FindingLog,
) -> JobResult<Vec<NewAnnotationSet>> {
    documents.extend(read_class_folders(import, candidates, read, log).await?);
    let extensions = import.run.services.plugins.image_formats().flat_map(|(format, _)| format.extensions.clone());
    let mut matcher = Matcher::new(read, extensions.collect());
    let (mut sets, mut said) = (Vec::new(), std::collections::HashSet::new());
    // Documents that a type reads together make one set, in the order of their first.
    let mut together: BTreeMap<(usize, String), Vec<ReadDocument>> = BTreeMap::new();
    let mut first_of: std::collections::HashMap<(String, String), usize> = Default::default();
    for (number, document) in documents.into_iter().enumerate() {
        let key = (document.annotation_type.clone(), document.format.clone());
        let place = if document.shares { *first_of.entry(key).or_insert(number) } else { number };
        together.entry((place, document.annotation_type.clone())).or_default().push(document);
    }
    for ((_, annotation_type), group) in together {
        import.run.check()?;
        let name = set_name(import, &annotation_type, &group);
        let mut batch = Batch::default();
        matcher.begin_set();
        for mut document in group {
            let found = std::mem::take(&mut document.imported.findings);
            let placed = found.into_iter().map(|finding| placed(finding, &document.path));
            // Types that share a document say the same of what all of them look at.
            log.extend(placed.filter(|finding| !document.shares || said.insert(finding.clone())));
            match_images(&mut matcher, read, document, &mut batch, log);
        }
        sets.extend(checked_set(import, name, annotation_type, batch, log).await?);
    }
    Ok(sets)
}

/// A finding of a document is in that document unless it names another file.
fn placed(finding: Finding, path: &str) -> Finding {
    if finding.path.is_some() { finding } else { finding.in_file(path) }
}

fn set_name(import: &Import, annotation_type: &str, group: &[ReadDocument]) -> String {
    match group {
        [one] if !one.shares => one.path.clone(),
        _ => {
            let known = import.run.services.plugins.find_annotation_type(annotation_type);
            let of_type = known.map_or(annotation_type, |(each, _)| &each.name);
            format!("{} ({of_type})", group.first().map_or("", |document| &document.format))
        }
    }
}

async fn checked_set(
    import: &Import,
    name: String,
    annotation_type: String,
    mut batch: Batch,
    log: &mut FindingLog,
) -> JobResult<Option<NewAnnotationSet>> {
    if batch.images.is_empty() {
        let message = "no row names an image of the archive, so there is nothing to attach the annotations to";
        log.push(Finding::warning("EMPTY_ANNOTATION_SET", message).in_file(name));
        return Ok(None);
    }
    let images = std::mem::take(&mut batch.images);
    let index_of: Vec<usize> = images.iter().map(|image| image.line as usize).collect();
    batch.images = images.into_iter().map(|image| lightbox_sdk::ImageRef { line: 0, ..image }).collect();
    let validated = match import.run.services.plugins.validate(&annotation_type, batch).await {
        Ok(validated) => validated,
        Err(error) => return refused_document(import, &name, &error, log).map(|()| None),
    };
    log.extend(validated.findings.into_iter().map(|finding| placed_in_set(finding, &name)));
    let mut images: Vec<_> = index_of.into_iter().zip(split_by_image(&validated.batch)).collect();
    images.sort_by_key(|(index, _)| *index);
    Ok(Some(NewAnnotationSet {
        name,
        annotation_type,
        source: AnnotationSource::Upload,
        labels: validated.batch.labels,
        images,
    }))
}

/// What a plugin cannot read or check costs its document, never the images.
fn refused_document(import: &Import, name: &str, error: &PluginError, log: &mut FindingLog) -> JobResult<()> {
    import.run.check()?;
    log.push(Finding::error("BAD_DOCUMENT", error.message.clone()).in_file(name));
    Ok(())
}

/// Lines are the document's; a finding with a line is placed there, whatever image it is about.
fn placed_in_set(finding: Finding, document: &str) -> Finding {
    match (finding.line, &finding.path) {
        (Some(_), Some(image)) => {
            let message = format!("{} ({image})", finding.message);
            Finding { message, path: Some(document.to_owned()), ..finding }
        }
        (Some(_), None) => finding.in_file(document),
        _ => finding,
    }
}

async fn read_class_folders(
    import: &Import,
    candidates: &Candidates,
    read: &ReadImages,
    log: &mut FindingLog,
) -> JobResult<Option<ReadDocument>> {
    let plugins = &import.run.services.plugins;
    let listing = path_listing(read.images.iter().map(|image| &image.new.path));
    let recognised = plugins.recognise_document("", CLASS_FOLDERS, listing.clone()).await;
    let Some((annotation_type, _)) = choose(&recognised).into_iter().next() else { return Ok(None) };
    if candidates.documents.iter().any(|document| is_label_csv(&document.path)) {
        let message = "the archive has class folders and a label.csv; label.csv wins";
        log.push(Finding::info("CLASS_FOLDERS_IGNORED", message));
        return Ok(None);
    }
    let imported = match plugins.import_document(annotation_type, "", CLASS_FOLDERS, listing).await {
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
