//! The capability to read, check, merge and perhaps write one kind of annotation.

use crate::{Batch, Call, Error, Finding, Result};
use serde::{Deserialize, Serialize};

/// What of a batch's columns a type uses; the host shows, counts and stores by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnnotationShape {
    /// A label and a value.
    Classification,
    /// A label and a box.
    Box,
    /// A label, a box and a mask: the payload is COCO's compressed RLE of the image's size, the box is the mask's.
    Mask,
    /// A label and a payload in JSON.
    Custom,
}

/// What a type says of itself, once, when it is loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnnotationTypeDescriptor {
    /// Lower case and stable, such as `single-label-classification`.
    pub id: String,
    /// For people, such as `Single-label classification`.
    pub name: String,
    /// One sentence for people.
    pub description: String,
    pub shape: AnnotationShape,
    /// Ids of the document formats that it imports, such as `deepq-csv`.
    pub formats: Vec<String>,
    /// Ids of the document formats that [`AnnotationType::export`] writes; empty: none.
    #[serde(default)]
    pub exports: Vec<String>,
}

/// A document that holds annotations.
#[derive(Debug, Clone, Copy)]
pub struct Document<'a> {
    /// Its path in the archive, '/' separated.
    pub name: &'a str,
    /// The format that it was recognised as or that the user named; empty while it is being recognised.
    /// `class-folders` is made by the host: its bytes are the archive's image paths, one a line.
    /// While `bundle` is being recognised, the bytes are a [bundle](crate::bundle) of the archive's text files that no type
    /// read alone, and of its images, listed without bytes and size. A type that wants files of it names them in
    /// [`Recognition::files`] and is then asked to import, by its own format, a bundle of those files with their bytes
    /// and of the dataset's images with their sizes.
    pub format: &'a str,
    pub bytes: &'a [u8],
}

/// How well a document fits a type.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recognition {
    /// 0: not mine; 100: certainly. The type with the highest confidence gets the document.
    pub confidence: u8,
    /// Id of the document format.
    pub format: String,
    /// Why, in one sentence.
    pub reason: String,
    /// true: this type makes its own set of the document, whatever other types do with it. false: the best one gets it.
    #[serde(default)]
    pub shares: bool,
    /// Of a bundle: paths of the files that this type would read. The host takes them for nothing else, so that masks do
    /// not become images of the dataset.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
}

impl Recognition {
    /// Not a document of this type.
    pub fn none(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), ..Self::default() }
    }
}

/// What a document held.
#[derive(Debug, Clone, Default)]
pub struct Imported {
    /// `images[..].path` are paths as the document writes them; sizes are unknown and 0. An image that is listed with
    /// nothing to label stands in `images` and has no annotation.
    pub batch: Batch,
    /// Rows refused or repaired.
    pub findings: Vec<Finding>,
    /// Pictures that the document carries inside: path as the document writes it, and bytes.
    pub embedded_images: Vec<(String, Vec<u8>)>,
}

/// Annotations that may be stored, and what was refused or repaired.
#[derive(Debug, Clone, Default)]
pub struct Validated {
    pub batch: Batch,
    pub findings: Vec<Finding>,
}

/// What was written of annotations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exported {
    /// Path and bytes of each file. Paths are '/' separated, below the export's top folder, and no two are equal.
    pub files: Vec<(String, Vec<u8>)>,
    /// What the format could not say, such as a fraction of a pixel.
    pub findings: Vec<Finding>,
}

/// One kind of annotation.
pub trait AnnotationType: Send + Sync + 'static {
    fn descriptor(&self) -> AnnotationTypeDescriptor;

    /// Looks at a document and says whether it is this type's.
    fn recognise(&self, document: Document<'_>, call: &Call<'_>) -> Result<Recognition>;

    /// Reads a document, row by row; a bad row becomes a finding and costs no other row.
    fn import(&self, document: Document<'_>, call: &Call<'_>) -> Result<Imported>;

    /// Checks annotations against the sizes of their images, which the host has filled in; clips, drops and reports.
    /// What the type demands of all annotations of one image (one class only, no exact repeats) is checked here too.
    fn validate(&self, batch: Batch, call: &Call<'_>) -> Result<Validated>;

    /// Brings the annotations of images that were united, or whose labels were renamed, into the type's own form:
    /// exact repeats fall together, contradictions are settled and reported.
    fn merge(&self, batch: Batch, call: &Call<'_>) -> Result<Validated>;

    /// Writes annotations as the files of a format. Only called with one that the descriptor's `exports` names. The
    /// images' paths are those that they have in the export, whose images the host writes. What is imported from these
    /// files is the same batch, as far as the format can say it. The same batch gives the same bytes, always.
    fn export(&self, batch: Batch, format: &str, call: &Call<'_>) -> Result<Exported> {
        let _ = (batch, call);
        Err(Error::Unsupported(format!("this annotation type does not write {format}")))
    }
}
