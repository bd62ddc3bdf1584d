//! Formats of many files: which of the archive's files belong to one, asked before anything is taken for an image, and
//! what they say, once the images' sizes are known.

use super::Import;
use super::archive::Archive;
use super::candidates::{Candidate, Candidates, read_document};
use super::documents::{ReadDocument, choose, failure};
use super::images::ReadImages;
use crate::domain::findings::{Finding, FindingLog};
use crate::jobs::failure::JobResult;
use crate::plugin_host::Recognitions;
use bytes::Bytes;
use lightbox_sdk::bundle::{self, BUNDLE_FORMAT, BundledFile};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A format of many files that one type reads.
pub struct Bundle {
    annotation_type: String,
    format: String,
    shares: bool,
    files: Vec<Candidate>,
}

/// The text files of an archive that may belong to a format of many files, by path.
pub type Texts = HashMap<String, Bytes>;

/// Reads the archive's text files, all of them together no longer than one document may be; longer ones are nobody's.
pub async fn read_texts(import: &Import, candidates: &Candidates) -> JobResult<Texts> {
    let (archive, texts) = (import.archive.clone(), candidates.texts.clone());
    let limit_bytes = import.run.services.limits.document_bytes;
    Ok(tokio::task::spawn_blocking(move || read_all(&archive, &texts, limit_bytes)).await?)
}

fn read_all(archive: &Archive, texts: &[Candidate], limit_bytes: u64) -> Texts {
    let mut left = limit_bytes;
    let mut read = Texts::new();
    for text in texts {
        // What does not unpack is told of when it is looked at as a file like any other.
        let Ok(bytes) = read_document(archive, text.index, left) else { continue };
        left = left.saturating_sub(bytes.len() as u64);
        read.insert(text.path.clone(), bytes);
    }
    read
}

/// Asks the types, and takes the files that they want out of the candidates. Text files that nobody wants stay among the
/// candidates, where they are passed over like any other file.
pub async fn claim(
    import: &Import,
    candidates: &mut Candidates,
    texts: &Texts,
    log: &mut FindingLog,
) -> JobResult<Vec<Bundle>> {
    let listed = candidates.images.iter().map(|image| BundledFile::new(image.path.as_str(), &[][..]));
    let with_bytes = candidates.texts.iter().filter_map(|text| {
        let bytes = texts.get(&text.path)?;
        Some(BundledFile::new(text.path.as_str(), bytes.as_ref()))
    });
    let files: Vec<BundledFile<'_>> = with_bytes.chain(listed).collect();
    let document = Bytes::from(bundle::encode(&files));
    let plugins = &import.run.services.plugins;
    let Recognitions { surest_first: recognised, failed } =
        plugins.recognise_document("", BUNDLE_FORMAT, document).await;
    log.extend(failed.iter().map(|error| failure(import, error)));
    let chosen: Vec<(String, String, bool, HashSet<String>)> = choose(&recognised)
        .into_iter()
        .map(|(id, each)| (id.clone(), each.format.clone(), each.shares, each.files.iter().cloned().collect()))
        .collect();
    let wanted: HashSet<&String> = chosen.iter().flat_map(|(_, _, _, files)| files).collect();
    let mut claimed = Vec::new();
    let mut left = Vec::new();
    for candidate in std::mem::take(&mut candidates.images).into_iter().chain(std::mem::take(&mut candidates.texts)) {
        if wanted.contains(&candidate.path) { claimed.push(candidate) } else { left.push(candidate) }
    }
    left.sort_by_key(|candidate| candidate.index);
    candidates.images = left;
    Ok(chosen
        .into_iter()
        .map(|(annotation_type, format, shares, files)| Bundle {
            annotation_type,
            format,
            shares,
            files: claimed.iter().filter(|candidate| files.contains(&candidate.path)).cloned().collect(),
        })
        .collect())
}

/// What the bundles say, now that the images have been read.
pub async fn read(
    import: &Import,
    bundles: Vec<Bundle>,
    texts: Texts,
    images: &ReadImages,
    log: &mut FindingLog,
) -> JobResult<Vec<ReadDocument>> {
    let sizes = images.images.iter().map(|image| (image.new.path.clone(), image.new.width, image.new.height));
    let sizes: Arc<Vec<(String, u32, u32)>> = Arc::new(sizes.collect());
    let texts = Arc::new(texts);
    let mut documents = Vec::new();
    for Bundle { annotation_type, format, shares, files } in bundles {
        import.run.check()?;
        let (archive, texts, sizes) = (import.archive.clone(), texts.clone(), sizes.clone());
        let limit_bytes = import.run.services.limits.document_bytes;
        let put_together = move || put_together(&archive, &files, &texts, &sizes, limit_bytes);
        let bytes = match tokio::task::spawn_blocking(put_together).await? {
            Ok(bytes) => bytes,
            Err(finding) => {
                log.push(finding);
                continue;
            }
        };
        let plugins = &import.run.services.plugins;
        match plugins.import_document(&annotation_type, &format, &format, bytes).await {
            Ok(imported) => {
                documents.push(ReadDocument { path: format.clone(), annotation_type, format, shares, imported });
            }
            Err(error) => log.push(failure(import, &error).in_file(&format)),
        }
    }
    Ok(documents)
}

fn put_together(
    archive: &Archive,
    files: &[Candidate],
    texts: &Texts,
    sizes: &[(String, u32, u32)],
    limit_bytes: u64,
) -> Result<Bytes, Finding> {
    let mut left = limit_bytes;
    let mut bundled = Vec::with_capacity(files.len() + sizes.len());
    for file in files {
        let bytes = match texts.get(&file.path) {
            Some(bytes) => bytes.clone(),
            None => read_document(archive, file.index, left).map_err(|finding| finding.in_file(&file.path))?,
        };
        left = left.saturating_sub(bytes.len() as u64);
        bundled.push(BundledFile::new(file.path.as_str(), bytes.to_vec()));
    }
    bundled.extend(sizes.iter().map(|(path, width, height)| BundledFile::image(path.as_str(), *width, *height)));
    Ok(Bytes::from(bundle::encode(&bundled)))
}
