//! The digest of everything that a combination's result depends on, but the names of what it makes.

use super::request::CombineInput;
use crate::domain::digest::Digest;
use crate::services::DatasetContent;
use sha2::{Digest as _, Sha256};

/// Equal digests, equal results: the request's own part and every source's content.
pub fn digest_of(input: &CombineInput, sources: &[DatasetContent]) -> String {
    let mut hasher = Sha256::new();
    let request = CombineInput { annotation_set_name: None, expected_digest: None, ..input.clone() };
    add(&mut hasher, &serde_json::to_vec(&request).unwrap_or_default());
    for source in sources {
        add(&mut hasher, source.dataset.name.as_bytes());
        for label in &source.labels {
            add(&mut hasher, label.name.as_bytes());
        }
        for (image, annotations) in source.images.iter().zip(&source.annotations) {
            add(&mut hasher, image.path.as_bytes());
            hasher.update(image.sha256.0);
            let study = source.studies.get(&image.study_id).map_or("", |study| &study.name);
            add(&mut hasher, study.as_bytes());
            match annotations {
                Some(annotations) => add(&mut hasher, &annotations.encode()),
                None => hasher.update([0xff; 8]),
            }
        }
    }
    Digest(hasher.finalize().into()).to_string()
}

/// With its length, so that no two lists of texts run into the same bytes.
fn add(hasher: &mut Sha256, bytes: &[u8]) {
    hasher.update((bytes.len() as u64).to_le_bytes());
    hasher.update(bytes);
}
