//! The whole content of a dataset as values, before it is published.

use crate::domain::annotation::ImageAnnotations;
use crate::domain::annotation_set::AnnotationSource;
use crate::domain::dataset::CombinedSource;
use crate::domain::digest::Digest;
use crate::domain::ids::ImageId;

/// What a job made; published as one.
#[derive(Debug, Default)]
pub struct Content {
    /// Name and StudyInstanceUID.
    pub studies: Vec<(String, Option<String>)>,
    pub images: Vec<NewImage>,
    pub annotation_sets: Vec<NewAnnotationSet>,
    /// Of a combination.
    pub sources: Vec<CombinedSource>,
}

#[derive(Debug)]
pub struct NewImage {
    /// Index into `Content::studies`.
    pub study: usize,
    pub path: String,
    pub raw_path: Option<Vec<u8>>,
    pub format: String,
    pub width: u32,
    pub height: u32,
    pub frame_count: u32,
    pub bits_per_sample: u32,
    pub size_bytes: u64,
    pub sha256: Digest,
    pub pixel_digest: Digest,
    pub sop_instance_uid: Option<String>,
    pub patient_key: Option<Digest>,
    pub origin: Option<ImageId>,
}

#[derive(Debug)]
pub struct NewAnnotationSet {
    pub name: String,
    pub annotation_type: String,
    pub source: AnnotationSource,
    pub labels: Vec<String>,
    /// Index into `Content::images` and annotations, in ascending order of images.
    pub images: Vec<(usize, ImageAnnotations)>,
}
