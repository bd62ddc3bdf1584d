//! What annotation calls exchange beside batches: the request that comes with a document, and the outcome.
//!
//! An outcome is, all numbers little endian: `LBXOUTC1`; `u64` length of the head, the head as JSON
//! ([`OutcomeHead`]), padded to 8; `u64` length of the batch, the batch ([`crate::batch`]), padded to 8; then the
//! bytes of the embedded images, or of the files written, one after the other.

use crate::{Batch, Error, Exported, Finding, Imported, Result, Validated};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

const MAGIC: &[u8; 8] = b"LBXOUTC1";

/// Which document `recognise` and `import_document` are given, and which one `export_document` writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentRequest<'a> {
    /// Its path in the archive, '/' separated.
    #[serde(borrow)]
    pub name: Cow<'a, str>,
    /// Empty while it is being recognised.
    #[serde(borrow, default)]
    pub format: Cow<'a, str>,
}

/// The part of an outcome that is JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomeHead {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub embedded_images: Vec<EmbeddedImage>,
    /// Of an export.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<WrittenFile>,
}

/// A file that an export consists of; its bytes stand at the end of the outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenFile {
    pub path: String,
    pub size_bytes: u64,
}

/// A picture that a document carries inside; its bytes stand at the end of the outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmbeddedImage {
    /// As the document writes it.
    pub path: String,
    pub size_bytes: u64,
}

/// Writes an outcome to `write`, piece by piece and without a copy of the embedded images.
pub fn write_imported(imported: &Imported, write: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let embedded_images = (imported.embedded_images.iter())
        .map(|(path, bytes)| EmbeddedImage { path: path.clone(), size_bytes: bytes.len() as u64 })
        .collect();
    let head = OutcomeHead { findings: imported.findings.clone(), embedded_images, files: Vec::new() };
    write_start(&head, &imported.batch, write)?;
    imported.embedded_images.iter().try_for_each(|(_, bytes)| write(bytes))
}

/// Writes an outcome without embedded images.
pub fn write_validated(validated: &Validated, write: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let head = OutcomeHead { findings: validated.findings.clone(), ..OutcomeHead::default() };
    write_start(&head, &validated.batch, write)
}

/// Writes an outcome of files, piece by piece and without a copy of them; its batch is empty.
pub fn write_exported(exported: &Exported, write: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let files = (exported.files.iter())
        .map(|(path, bytes)| WrittenFile { path: path.clone(), size_bytes: bytes.len() as u64 })
        .collect();
    let head = OutcomeHead { findings: exported.findings.clone(), embedded_images: Vec::new(), files };
    write_start(&head, &Batch::default(), write)?;
    exported.files.iter().try_for_each(|(_, bytes)| write(bytes))
}

fn write_start(head: &OutcomeHead, batch: &Batch, write: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let head = serde_json::to_vec(head).map_err(|error| Error::Internal(error.to_string()))?;
    let mut out = Vec::with_capacity(24 + head.len());
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&(head.len() as u64).to_le_bytes());
    out.extend_from_slice(&head);
    out.resize(out.len().next_multiple_of(8), 0);
    let length_at = out.len();
    out.extend_from_slice(&[0; 8]);
    batch.encode_into(&mut out);
    let length = (out.len() - length_at - 8) as u64;
    out[length_at..length_at + 8].copy_from_slice(&length.to_le_bytes());
    out.resize(out.len().next_multiple_of(8), 0);
    write(&out)
}

/// Reads and checks an outcome.
///
/// # Errors
/// [`Error::Invalid`] for a wrong signature, a cut part, a head that is not the JSON expected, a broken batch.
pub fn read_imported(bytes: &[u8]) -> Result<Imported> {
    let (head, batch, mut rest) = read_start(bytes)?;
    let image = |image: EmbeddedImage| Ok((image.path, read_file(&mut rest, image.size_bytes)?));
    let embedded_images = head.embedded_images.into_iter().map(image).collect::<Result<_>>()?;
    Ok(Imported { batch, findings: head.findings, embedded_images })
}

/// Reads and checks an outcome of files. Whether their paths are fit for an archive is the reader's to check.
///
/// # Errors
/// As for [`read_imported`].
pub fn read_exported(bytes: &[u8]) -> Result<Exported> {
    let (head, _, mut rest) = read_start(bytes)?;
    let file = |file: WrittenFile| Ok((file.path, read_file(&mut rest, file.size_bytes)?));
    let files = head.files.into_iter().map(file).collect::<Result<_>>()?;
    Ok(Exported { files, findings: head.findings })
}

fn read_start(bytes: &[u8]) -> Result<(OutcomeHead, Batch, &[u8])> {
    let mut rest = bytes.strip_prefix(MAGIC).ok_or_else(|| invalid("does not start with its signature"))?;
    let head: OutcomeHead = serde_json::from_slice(read_part(&mut rest)?)
        .map_err(|error| invalid(&format!("has a head that is not the JSON expected: {error}")))?;
    let batch = Batch::decode(read_part(&mut rest)?)?;
    Ok((head, batch, rest))
}

fn read_file(rest: &mut &[u8], size_bytes: u64) -> Result<Vec<u8>> {
    let length = usize::try_from(size_bytes).unwrap_or(usize::MAX);
    let (bytes, tail) = rest.split_at_checked(length).ok_or_else(cut)?;
    *rest = tail;
    Ok(bytes.to_vec())
}

/// As [`read_imported`], for outcomes without embedded images.
pub fn read_validated(bytes: &[u8]) -> Result<Validated> {
    let imported = read_imported(bytes)?;
    Ok(Validated { batch: imported.batch, findings: imported.findings })
}

fn read_part<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8]> {
    let (length, tail) = rest.split_first_chunk::<8>().ok_or_else(cut)?;
    let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| cut())?;
    let padded = length.checked_next_multiple_of(8).ok_or_else(cut)?;
    let part = tail.get(..length).ok_or_else(cut)?;
    *rest = tail.get(padded..).ok_or_else(cut)?;
    Ok(part)
}

fn cut() -> Error {
    invalid("is cut")
}

fn invalid(what: &str) -> Error {
    Error::Invalid(format!("the outcome of an annotation call {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn outcome(imported: &Imported) -> Vec<u8> {
        let mut bytes = Vec::new();
        write_imported(imported, &mut |piece| {
            bytes.extend_from_slice(piece);
            Ok(())
        })
        .unwrap();
        bytes
    }

    fn sample() -> Imported {
        let mut batch = Batch { labels: vec!["näv".into()], ..Batch::default() };
        batch.images.push(crate::ImageRef { path: "a/b.png".into(), ..Default::default() });
        batch.image.push(0);
        batch.label.push(0);
        batch.line.push(2);
        batch.value.push(1);
        Imported {
            batch,
            findings: vec![Finding::warning("BOX_CLIPPED", "a box").at_line(7)],
            embedded_images: vec![("x.png".into(), vec![1, 2, 3]), ("y.png".into(), Vec::new())],
        }
    }

    #[test]
    fn an_outcome_survives_the_way_over_the_boundary() {
        let there = sample();
        let back = read_imported(&outcome(&there)).unwrap();
        assert_eq!(back.batch, there.batch);
        assert_eq!(back.findings, there.findings);
        assert_eq!(back.embedded_images, there.embedded_images);
    }

    #[test]
    fn an_outcome_that_is_cut_anywhere_is_refused() {
        let bytes = outcome(&sample());
        for length in 0..bytes.len() {
            assert!(read_imported(&bytes[..length]).is_err(), "{length} of {} bytes were read", bytes.len());
        }
    }

    proptest! {
        #[test]
        fn an_outcome_with_any_byte_changed_never_panics(at in 0usize..400, to: u8) {
            let mut bytes = outcome(&sample());
            let at = at % bytes.len();
            bytes[at] = to;
            let _ = read_imported(&bytes);
        }
    }
}
