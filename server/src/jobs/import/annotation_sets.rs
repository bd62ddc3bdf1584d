//! From what documents say to annotation sets: which documents make one set, which images they mean, and what their
//! type says to it.

use super::Import;
use super::candidates::Candidates;
use super::documents::{ReadDocument, read_class_folders, refused_document};
use super::images::ReadImages;
use super::matching::{Matcher, match_images};
use crate::domain::annotation::split_by_image;
use crate::domain::annotation_set::AnnotationSource;
use crate::domain::findings::{Finding, FindingLog};
use crate::jobs::content::NewAnnotationSet;
use crate::jobs::failure::JobResult;
use crate::services::compute;
use lightbox_sdk::{Batch, ImageRef};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// Matches what the documents say to the images, has it checked, and makes sets of it.
pub async fn annotation_sets(
    import: &Import,
    candidates: &Candidates,
    mut documents: Vec<ReadDocument>,
    read: &Arc<ReadImages>,
    log: &mut FindingLog,
) -> JobResult<Vec<NewAnnotationSet>> {
    documents.extend(read_class_folders(import, candidates, read, log).await?);
    let catalog = import.run.services.plugins.catalog();
    let extensions = catalog.image_formats().flat_map(|(format, _)| format.extensions.clone());
    let mut uniting = Uniting { matcher: Matcher::new(read.clone(), extensions.collect()), said: HashSet::new() };
    let mut sets = Vec::new();
    for ((_, annotation_type), group) in group(documents) {
        import.run.check()?;
        let name = set_name(import, &annotation_type, &group);
        let mut found = std::mem::take(log);
        let (back, united, found) = compute(move || {
            let united = uniting.unite(group, &mut found);
            (uniting, united, found)
        })
        .await?;
        (uniting, *log) = (back, found);
        sets.extend(checked_set(import, name, annotation_type, united, log).await?);
    }
    Ok(sets)
}

/// Documents that a type reads together make one set, in the order of their first.
fn group(documents: Vec<ReadDocument>) -> BTreeMap<(usize, String), Vec<ReadDocument>> {
    let mut together: BTreeMap<(usize, String), Vec<ReadDocument>> = BTreeMap::new();
    let mut first_of: HashMap<(String, String), usize> = HashMap::new();
    for (number, document) in documents.into_iter().enumerate() {
        let key = (document.annotation_type.clone(), document.format.clone());
        let place = if document.shares { *first_of.entry(key).or_insert(number) } else { number };
        together.entry((place, document.annotation_type.clone())).or_default().push(document);
    }
    together
}

fn set_name(import: &Import, annotation_type: &str, group: &[ReadDocument]) -> String {
    match group {
        [one] if !one.shares => one.path.clone(),
        _ => {
            let known = import.run.services.plugins.catalog();
            let known = known.find_annotation_type(annotation_type);
            let of_type = known.map_or(annotation_type, |(each, _)| &each.name);
            format!("{} ({of_type})", group.first().map_or("", |document| &document.format))
        }
    }
}

/// What is kept from one set to the next.
struct Uniting {
    matcher: Matcher,
    /// Findings of documents that several types read.
    said: HashSet<Finding>,
}

/// The documents of one set together.
struct United {
    batch: Batch,
    /// For each image of the batch, its index among the images of the archive.
    index_of: Vec<usize>,
}

impl Uniting {
    fn unite(&mut self, group: Vec<ReadDocument>, log: &mut FindingLog) -> United {
        let mut batch = Batch::default();
        self.matcher.begin_set();
        for mut document in group {
            let found = std::mem::take(&mut document.imported.findings);
            let placed = found.into_iter().map(|finding| placed(finding, &document.path));
            // Types that share a document say the same of what all of them look at.
            log.extend(placed.filter(|finding| !document.shares || self.said.insert(finding.clone())));
            match_images(&mut self.matcher, document, &mut batch, log);
        }
        let index_of = batch.images.iter().map(|image| image.line as usize).collect();
        let images = std::mem::take(&mut batch.images);
        batch.images = images.into_iter().map(|image| ImageRef { line: 0, ..image }).collect();
        United { batch, index_of }
    }
}

/// A finding of a document is in that document unless it names another file.
fn placed(finding: Finding, path: &str) -> Finding {
    if finding.path.is_some() { finding } else { finding.in_file(path) }
}

async fn checked_set(
    import: &Import,
    name: String,
    annotation_type: String,
    united: United,
    log: &mut FindingLog,
) -> JobResult<Option<NewAnnotationSet>> {
    let United { batch, index_of } = united;
    if batch.images.is_empty() {
        let message = "no row names an image of the archive, so there is nothing to attach the annotations to";
        log.push(Finding::warning("EMPTY_ANNOTATION_SET", message).in_file(name));
        return Ok(None);
    }
    let validated = import.run.services.plugins.validate(&annotation_type, batch);
    let validated = match import.run.wait_for(validated).await? {
        Ok(validated) => validated,
        Err(error) => return refused_document(import, &name, &error, log).map(|()| None),
    };
    log.extend(validated.findings.into_iter().map(|finding| placed_in_set(finding, &name)));
    let batch = validated.batch;
    let (images, labels) = compute(move || {
        let mut images: Vec<_> = index_of.into_iter().zip(split_by_image(&batch)).collect();
        images.sort_by_key(|(index, _)| *index);
        (images, batch.labels)
    })
    .await?;
    Ok(Some(NewAnnotationSet { name, annotation_type, source: AnnotationSource::Upload, labels, images }))
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
