//! Reading images: each entry is unpacked once, digested on the way, decoded once, and staged.

use super::Import;
use super::candidates::{Candidate, Candidates};
use crate::blobs::{StageError, StagedFile, Staging};
use crate::domain::digest::Digest;
use crate::domain::file_extension::find_stem;
use crate::domain::findings::{Finding, FindingLog};
use crate::jobs::content::NewImage;
use crate::jobs::failure::{Failure, JobResult, told};
use crate::plugin_host::{PluginError, PluginErrorKind, PluginHost};
use crate::services::bytes::THUMBNAIL_SIZE;
use crate::services::compute;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use lightbox_sdk::DicomIdentity;
use std::collections::{HashMap, HashSet};
use std::io::Read;

/// An image that can be used, with what groups it into studies.
pub struct ReadImage {
    pub new: NewImage,
    pub study_instance_uid: Option<String>,
    pub study_description: Option<String>,
}

/// What became of the candidates.
#[derive(Default)]
pub struct ReadImages {
    pub images: Vec<ReadImage>,
    /// Paths of files that look like images but cannot be used.
    pub refused: HashSet<String>,
}

/// What one candidate turned out to be.
enum Outcome {
    Image(Box<ReadImage>, Vec<Finding>),
    Refused(Finding),
    /// Neither image nor document.
    Passed(Finding),
}

/// First bytes of a file that formats recognise it by.
const HEAD_BYTES: usize = 4096;

/// Reads every candidate, several at a time; images and findings come back in the order of the archive.
pub async fn read_all(import: &Import, candidates: &Candidates, log: &mut FindingLog) -> JobResult<ReadImages> {
    let parallel = std::thread::available_parallelism().map_or(2, |cores| cores.get()) * 2;
    // Ordered, so that the same archive gives the same dataset and the same findings.
    let reads = stream::iter(0..candidates.images.len()).map(|index| read_one(import, &candidates.images[index]));
    let mut outcomes = reads.buffered(parallel);
    let mut read = ReadImages::default();
    while let Some(outcome) = outcomes.next().await {
        import.run.check()?;
        if let Some(reason) = import.archive.passed_limit() {
            return Err(Failure::Refused(reason));
        }
        match outcome? {
            Outcome::Image(image, findings) => {
                log.extend(findings);
                read.images.push(*image);
            }
            Outcome::Refused(finding) => {
                read.refused.extend(finding.path.clone());
                log.push(finding);
            }
            Outcome::Passed(finding) => log.push(finding),
        }
        import.run.advance().await;
    }
    let (read, findings) = compute(move || {
        let findings = repeated(&read.images);
        (read, findings)
    })
    .await?;
    log.extend(findings);
    Ok(read)
}

/// Waits for a plugin that is switched off, and tries again then: what other files did to it is not this one's fault.
async fn read_one(import: &Import, candidate: &Candidate) -> JobResult<Outcome> {
    loop {
        import.run.check()?;
        match try_to_read(import, candidate).await? {
            Ok(outcome) => return Ok(outcome),
            Err(error)
                if error.kind == PluginErrorKind::Suspended
                    && import.patience.wait(&import.run, &error.plugin).await => {}
            Err(error) => return Ok(refusal(import, &candidate.path, &error)),
        }
    }
}

async fn try_to_read(import: &Import, candidate: &Candidate) -> JobResult<Result<Outcome, PluginError>> {
    let (archive, staging) = (import.archive.clone(), import.staging.clone());
    let (plugins, task) = (import.run.services.plugins.clone(), candidate.clone());
    let limit = import.run.services.limits.image_bytes;
    let unpacked = tokio::task::spawn_blocking(move || {
        archive
            .read_entry(task.index, |reader| unpack(reader, task.declared_bytes, &plugins, &staging, &task.path, limit))
    });
    let (format, file) = match unpacked.await? {
        Ok(Ok(Unpacked::Image(format, file))) => (format, file),
        Ok(Ok(Unpacked::Unasked(error))) => return Ok(Err(error)),
        Ok(Ok(Unpacked::Unknown)) => return Ok(Ok(unknown(import, &candidate.path))),
        Ok(Err(StageError::Store(error))) => return Err(error.into()),
        Ok(Err(StageError::TooLarge { limit_bytes })) => {
            let message = format!("the file has more than {limit_bytes} bytes; that is the most allowed");
            return Ok(Ok(refused("IMAGE_TOO_LARGE", message, &candidate.path)));
        }
        Ok(Err(StageError::Source(error))) | Err(error) => {
            return Ok(Ok(refused("IMAGE_UNREADABLE", format!("the entry does not unpack: {error}"), &candidate.path)));
        }
    };
    inspect(import, candidate, format, file).await
}

enum Unpacked {
    Image(String, StagedFile),
    Unknown,
    /// A plugin that may know the file could not be asked.
    Unasked(PluginError),
}

/// `declared_bytes`: how long the file is said to be, which plugins are told as a hint and nothing else relies on.
fn unpack(
    reader: &mut dyn Read,
    declared_bytes: u64,
    plugins: &PluginHost,
    staging: &Staging,
    path: &str,
    limit: u64,
) -> Result<Unpacked, StageError> {
    let mut head = Vec::with_capacity(HEAD_BYTES);
    reader.take(HEAD_BYTES as u64).read_to_end(&mut head).map_err(StageError::Source)?;
    match plugins.recognise_image(&head, length_to_tell(head.len(), declared_bytes), path) {
        Err(error) => Ok(Unpacked::Unasked(error)),
        Ok(None) => Ok(Unpacked::Unknown),
        Ok(Some(format)) => Ok(Unpacked::Image(format, staging.write(head.as_slice().chain(reader), limit)?)),
    }
}

/// A file that ends within its head has exactly those bytes, and no file is shorter than what was seen of it.
fn length_to_tell(head_bytes: usize, declared_bytes: u64) -> u64 {
    if head_bytes < HEAD_BYTES { head_bytes as u64 } else { declared_bytes.max(head_bytes as u64) }
}

/// A file named like an image that is none is an error, any other one is passed over.
fn unknown(import: &Import, path: &str) -> Outcome {
    let catalog = import.run.services.plugins.catalog();
    let extensions = catalog.image_formats().flat_map(|(format, _)| &format.extensions);
    if find_stem(path, extensions).is_some() {
        return refused(
            "IMAGE_UNREADABLE",
            "the file is named like an image, but its content is none".to_owned(),
            path,
        );
    }
    Outcome::Passed(Finding::info("IGNORED_FILE", "neither an image nor an annotation file").in_file(path))
}

fn refused(code: &str, message: String, path: &str) -> Outcome {
    Outcome::Refused(Finding::error(code, message).in_file(path))
}

/// A staged file that was decoded, which proves that it can be used. It is kept only when it becomes an image of the
/// dataset: what is kept is handed over, and a file that no image needs must not be.
pub(super) struct Decoded {
    pub image: ReadImage,
    pub findings: Vec<Finding>,
    file: StagedFile,
    thumbnail: Bytes,
}

impl Decoded {
    /// It becomes an image of the dataset.
    pub fn keep(self, import: &Import) -> JobResult<(ReadImage, Vec<Finding>)> {
        import.staging.keep(&self.file, &self.thumbnail)?;
        Ok((self.image, self.findings))
    }

    /// It does not.
    pub fn discard(self, import: &Import) {
        import.staging.discard(&self.file.path);
    }
}

/// Decodes a staged file once.
async fn decode(
    import: &Import,
    path: &str,
    format: &str,
    file: StagedFile,
) -> JobResult<Result<Decoded, PluginError>> {
    let plugins = &import.run.services.plugins;
    let inspected = match plugins.inspect(format, file.path.clone(), THUMBNAIL_SIZE, &import.run.stop).await {
        Ok(inspected) => inspected,
        Err(_) if import.run.stop.is_cancelled() => return Err(import.run.stopped()),
        Err(error) => {
            import.staging.discard(&file.path);
            return Ok(Err(error));
        }
    };
    let metadata = inspected.metadata;
    let identity = metadata.dicom.unwrap_or_default();
    let new = NewImage {
        study: 0,
        path: path.to_owned(),
        raw_path: None,
        format: format.to_owned(),
        width: metadata.width,
        height: metadata.height,
        frame_count: metadata.frame_count,
        bits_per_sample: metadata.bits_per_sample,
        size_bytes: file.size_bytes,
        sha256: file.sha256,
        pixel_digest: Digest(inspected.pixel_digest),
        patient_key: patient_key(import, &identity),
        sop_instance_uid: identity.sop_instance_uid,
        origin: None,
    };
    let (study_instance_uid, study_description) = (identity.study_instance_uid, identity.study_description);
    let image = ReadImage { new, study_instance_uid, study_description };
    Ok(Ok(Decoded { image, findings: metadata.findings, file, thumbnail: inspected.thumbnail }))
}

async fn inspect(
    import: &Import,
    candidate: &Candidate,
    format: String,
    file: StagedFile,
) -> JobResult<Result<Outcome, PluginError>> {
    let decoded = match decode(import, &candidate.path, &format, file).await? {
        Ok(decoded) => decoded,
        Err(error) => return Ok(Err(error)),
    };
    let (mut image, findings) = decoded.keep(import)?;
    image.new.raw_path = candidate.raw_path.clone();
    let findings = findings.into_iter().map(|finding| finding.in_file(&candidate.path)).collect();
    Ok(Ok(Outcome::Image(Box::new(image), findings)))
}

fn refusal(import: &Import, path: &str, error: &PluginError) -> Outcome {
    let code = match error.kind {
        PluginErrorKind::NoPixels if is_dicomdir(path) => {
            let message = "a DICOMDIR lists other files; it is no image";
            return Outcome::Passed(Finding::info("IGNORED_FILE", message).in_file(path));
        }
        PluginErrorKind::NoPixels => "NO_PIXEL_DATA",
        PluginErrorKind::Unsupported => "UNSUPPORTED_TRANSFER_SYNTAX",
        PluginErrorKind::Limit => "IMAGE_TOO_LARGE",
        kind => kind.code().unwrap_or("IMAGE_UNREADABLE"),
    };
    refused(code, told(error, import.run.job.id), path)
}

fn is_dicomdir(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| name.eq_ignore_ascii_case("DICOMDIR"))
}

fn patient_key(import: &Import, identity: &DicomIdentity) -> Option<Digest> {
    let patient = identity.patient_id.as_deref().filter(|id| !id.trim().is_empty())?;
    import.run.services.keys.patient_key(patient, identity.issuer_of_patient_id.as_deref())
}

/// The same file twice, and the same SOPInstanceUID with other pixels: all stay, each is named.
fn repeated(images: &[ReadImage]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let (mut files, mut uids): (HashMap<Digest, &str>, HashMap<&str, &NewImage>) = Default::default();
    for image in images.iter().map(|image| &image.new) {
        match files.get(&image.sha256) {
            Some(first) => {
                let message = format!("the same file stands in the archive as {first}; both stay");
                findings.push(Finding::warning("DUPLICATE_IMAGE", message).in_file(&image.path));
            }
            None => {
                files.insert(image.sha256, &image.path);
            }
        }
        let Some(uid) = image.sop_instance_uid.as_deref() else { continue };
        let first = *uids.entry(uid).or_insert(image);
        if first.pixel_digest != image.pixel_digest {
            let message = format!("its SOPInstanceUID {uid} stands for other pixels in {}; both stay", first.path);
            findings.push(Finding::error("UID_CONFLICT", message).in_file(&image.path));
        }
    }
    findings
}

/// Writes a picture that came out of a document to the staging folder, and decodes it; whether it is kept is the
/// caller's matter.
pub(super) async fn read_embedded(import: &Import, path: &str, bytes: Vec<u8>) -> JobResult<Result<Decoded, String>> {
    let (plugins, staging) = (import.run.services.plugins.clone(), import.staging.clone());
    let (name, limit) = (path.to_owned(), import.run.services.limits.image_bytes);
    let unpacked = tokio::task::spawn_blocking(move || {
        unpack(&mut bytes.as_slice(), bytes.len() as u64, &plugins, &staging, &name, limit)
    });
    let (format, staged) = match unpacked.await? {
        Ok(Unpacked::Image(format, staged)) => (format, staged),
        Ok(Unpacked::Unknown) => return Ok(Err("its embedded picture is of no known format".to_owned())),
        Ok(Unpacked::Unasked(error)) => {
            return Ok(Err(format!("its embedded picture cannot be looked at: {}", told(&error, import.run.job.id))));
        }
        Err(StageError::TooLarge { limit_bytes }) => {
            return Ok(Err(format!(
                "its embedded picture has more than {limit_bytes} bytes; that is the most allowed"
            )));
        }
        Err(error) => return Err(error.into()),
    };
    let read = decode(import, path, &format, staged).await?;
    Ok(read.map_err(|error| format!("its embedded picture cannot be used: {}", told(&error, import.run.job.id))))
}
