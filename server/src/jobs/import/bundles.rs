//! Formats of many files: which of the archive's files belong to one, asked before anything is taken for an image, and
//! what they say, once the images' sizes are known.

use super::Import;
use super::archive::Archive;
use super::candidates::{Candidate, Candidates, read_document};
use super::documents::{ReadDocument, failure};
use super::images::ReadImages;
use super::recognition::{choose, keep_wanted};
use crate::domain::findings::{Finding, FindingLog};
use crate::jobs::failure::{Failure, JobResult};
use crate::plugin_host::Recognitions;
use crate::services::compute;
use bytes::Bytes;
use lightbox_sdk::Recognition;
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
/// candidates, where they are passed over like any other file. `places`: paths of images that are not in the archive.
pub async fn claim(
    import: &Import,
    candidates: Candidates,
    texts: &Arc<Texts>,
    places: Vec<String>,
    log: &mut FindingLog,
) -> JobResult<(Candidates, Vec<Bundle>)> {
    let given = texts.clone();
    let (candidates, document) = compute(move || {
        let document = listing(&candidates, &given, &places);
        (candidates, document)
    })
    .await?;
    let plugins = &import.run.services.plugins;
    let Recognitions { surest_first: mut recognised, failed } =
        import.run.wait_for(plugins.recognise_document("", BUNDLE_FORMAT, document.into())).await?;
    keep_wanted(import, &mut recognised);
    log.extend(failed.iter().map(|error| failure(import, error)));
    Ok(compute(move || take(candidates, &recognised)).await?)
}

/// Texts with their bytes, images without.
fn listing(candidates: &Candidates, texts: &Texts, places: &[String]) -> Bytes {
    let with_bytes = candidates.texts.iter().filter_map(|text| {
        let bytes = texts.get(&text.path)?;
        Some(BundledFile::new(text.path.as_str(), bytes.as_ref()))
    });
    let here: HashSet<&str> = candidates.images.iter().map(|image| image.path.as_str()).collect();
    let elsewhere = places.iter().map(String::as_str).filter(|path| !here.contains(path));
    let images = candidates.images.iter().map(|image| image.path.as_str()).chain(elsewhere);
    let listed = images.map(|path| BundledFile::new(path, &[][..]));
    Bytes::from(bundle::encode(&with_bytes.chain(listed).collect::<Vec<_>>()))
}

fn take(mut candidates: Candidates, recognised: &[(String, Recognition)]) -> (Candidates, Vec<Bundle>) {
    let bundle = |(id, each): (&String, &Recognition)| {
        let wanted: HashSet<&str> = each.files.iter().map(String::as_str).collect();
        let all = candidates.images.iter().chain(&candidates.texts);
        let files = all.filter(|candidate| wanted.contains(candidate.path.as_str())).cloned().collect();
        Bundle { annotation_type: id.clone(), format: each.format.clone(), shares: each.shares, files }
    };
    // One that is made of nothing in the archive has nothing to say of it.
    let bundles = choose(recognised).into_iter().map(bundle).filter(|bundle| !bundle.files.is_empty());
    let bundles: Vec<Bundle> = bundles.collect();
    let claimed: HashSet<usize> = bundles.iter().flat_map(|bundle| &bundle.files).map(|file| file.index).collect();
    candidates.images.append(&mut candidates.texts);
    candidates.images.retain(|candidate| !claimed.contains(&candidate.index));
    candidates.images.sort_by_key(|candidate| candidate.index);
    (candidates, bundles)
}

/// What the bundles say, now that the images have been read.
pub async fn read(
    import: &Import,
    bundles: Vec<Bundle>,
    texts: Arc<Texts>,
    images: &ReadImages,
    log: &mut FindingLog,
) -> JobResult<Vec<ReadDocument>> {
    let sizes = images.images.iter().map(|image| (image.new.path.clone(), image.new.width, image.new.height));
    let sizes: Arc<Vec<(String, u32, u32)>> = Arc::new(sizes.collect());
    let mut documents = Vec::new();
    for Bundle { annotation_type, format, shares, files } in bundles {
        import.run.check()?;
        if import.into.is_some() {
            import.run.advance().await;
        }
        let (archive, texts, sizes) = (import.archive.clone(), texts.clone(), sizes.clone());
        let limit_bytes = import.run.services.limits.document_bytes;
        let put_together = move || put_together(&archive, &files, &texts, &sizes, limit_bytes);
        let bytes = tokio::task::spawn_blocking(put_together).await?;
        if let Some(reason) = import.archive.passed_limit() {
            return Err(Failure::Refused(reason));
        }
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(finding) => {
                log.push(finding);
                continue;
            }
        };
        let plugins = &import.run.services.plugins;
        let imported = plugins.import_document(&annotation_type, &format, &format, bytes.into());
        match import.run.wait_for(imported).await? {
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
    let mut contents: Vec<Bytes> = Vec::with_capacity(files.len());
    for file in files {
        let bytes = match texts.get(&file.path) {
            Some(bytes) => bytes.clone(),
            None => read_document(archive, file.index, left).map_err(|finding| finding.in_file(&file.path))?,
        };
        left = left.saturating_sub(bytes.len() as u64);
        contents.push(bytes);
    }
    let with_bytes =
        files.iter().zip(&contents).map(|(file, bytes)| BundledFile::new(file.path.as_str(), bytes.as_ref()));
    let images = sizes.iter().map(|(path, width, height)| BundledFile::image(path.as_str(), *width, *height));
    Ok(Bytes::from(bundle::encode(&with_bytes.chain(images).collect::<Vec<_>>())))
}
