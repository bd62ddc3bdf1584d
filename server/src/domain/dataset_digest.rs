//! The digest of a dataset's content: of every image, study, label, annotation and how they hang together. It depends on no
//! id, time, name of a dataset or set, order of labels, or server; equal digests mean equal content.
//!
//! SHA-256 over `lightbox-dataset/1`, the images by path (path, SHA-256 of the file, StudyInstanceUID, first image of the study), and
//! the digests of the annotation sets in ascending order. That of a set: over its type, its labels by name, and for each
//! image that it covers, by path, the digest of its annotations (label, value, box, payload), in ascending order too.

use super::annotation::ImageAnnotations;
use super::digest::Digest;
use super::image::Image;
use super::study::Study;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;

const VERSION: &[u8] = b"lightbox-dataset/1";

/// What is digested so far.
pub struct DatasetDigest {
    images: Sha256,
    sets: Vec<[u8; 32]>,
}

/// For each image its place among the images by path.
pub fn ranks(images: &[Image]) -> Vec<u32> {
    let mut by_path: Vec<usize> = (0..images.len()).collect();
    by_path.sort_unstable_by(|a, b| images[*a].path.cmp(&images[*b].path));
    let mut ranks = vec![0; images.len()];
    by_path.into_iter().zip(0..).for_each(|(index, rank)| ranks[index] = rank);
    ranks
}

impl DatasetDigest {
    /// `ranks`: of these images.
    pub fn new(images: &[Image], ranks: &[u32], studies: &[Study]) -> Self {
        let uids: HashMap<_, _> =
            studies.iter().map(|study| (study.id, study.study_instance_uid.as_deref().unwrap_or_default())).collect();
        let mut first_of: HashMap<_, u32> = HashMap::new();
        for (image, rank) in images.iter().zip(ranks) {
            first_of.entry(image.study_id).and_modify(|first| *first = (*first).min(*rank)).or_insert(*rank);
        }
        let mut by_rank: Vec<&Image> = images.iter().collect();
        by_rank.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        let mut digest = Sha256::new_with_prefix(VERSION);
        digest.update((images.len() as u64).to_le_bytes());
        for image in by_rank {
            add(&mut digest, image.path.as_bytes());
            digest.update(image.sha256.0);
            add(&mut digest, uids.get(&image.study_id).copied().unwrap_or_default().as_bytes());
            digest.update(first_of.get(&image.study_id).copied().unwrap_or_default().to_le_bytes());
        }
        Self { images: digest, sets: Vec::new() }
    }

    pub fn add_set(&mut self, set: SetDigest) {
        self.sets.push(set.finish());
    }

    pub fn finish(mut self) -> Digest {
        self.sets.sort_unstable();
        self.sets.iter().for_each(|set| self.images.update(set));
        Digest(self.images.finalize().into())
    }
}

/// One annotation set, image by image in any order.
pub struct SetDigest {
    head: Sha256,
    labels: Vec<String>,
    images: Vec<(u32, [u8; 32])>,
}

impl SetDigest {
    /// `labels`: in the order of the set.
    pub fn new(annotation_type: &str, labels: Vec<String>) -> Self {
        let mut head = Sha256::new();
        add(&mut head, annotation_type.as_bytes());
        head.update((labels.len() as u64).to_le_bytes());
        let mut by_name: Vec<&String> = labels.iter().collect();
        by_name.sort_unstable();
        by_name.into_iter().for_each(|label| add(&mut head, label.as_bytes()));
        Self { head, labels, images: Vec::new() }
    }

    /// `rank`: the image's place by path.
    pub fn add_image(&mut self, rank: u32, annotations: &ImageAnnotations) {
        let mut each: Vec<Vec<u8>> = (0..annotations.len()).map(|index| self.encode(annotations, index)).collect();
        each.sort_unstable();
        let mut digest = Sha256::new();
        each.iter().for_each(|annotation| add(&mut digest, annotation));
        self.images.push((rank, digest.finalize().into()));
    }

    fn encode(&self, annotations: &ImageAnnotations, index: usize) -> Vec<u8> {
        let label = self.labels.get(annotations.labels[index] as usize).map_or("", String::as_str);
        let payload = annotations.payloads.get(index).map_or(&[][..], Vec::as_slice);
        let mut out = Vec::with_capacity(label.len() + payload.len() + 41);
        out.extend_from_slice(&(label.len() as u64).to_le_bytes());
        out.extend_from_slice(label.as_bytes());
        out.push(annotations.values[index]);
        for number in annotations.boxes.get(index).into_iter().flatten() {
            // Both zeros are the same place.
            out.extend_from_slice(&(number + 0.0).to_le_bytes());
        }
        out.extend_from_slice(payload);
        out
    }

    fn finish(mut self) -> [u8; 32] {
        self.images.sort_unstable();
        for (rank, digest) in &self.images {
            self.head.update(rank.to_le_bytes());
            self.head.update(digest);
        }
        self.head.finalize().into()
    }
}

fn add(digest: &mut Sha256, bytes: &[u8]) {
    digest.update((bytes.len() as u64).to_le_bytes());
    digest.update(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn annotations(rows: &[(u32, f64)]) -> ImageAnnotations {
        ImageAnnotations {
            labels: rows.iter().map(|row| row.0).collect(),
            values: vec![1; rows.len()],
            boxes: rows.iter().map(|row| [row.1, 0.0, 1.0, 1.0]).collect(),
            payloads: Vec::new(),
        }
    }

    fn digest(labels: &[&str], images: &[(u32, &[(u32, f64)])]) -> Digest {
        let mut set = SetDigest::new("detection", labels.iter().map(|label| (*label).to_owned()).collect());
        images.iter().for_each(|(rank, rows)| set.add_image(*rank, &annotations(rows)));
        let mut dataset = DatasetDigest::new(&[], &[], &[]);
        dataset.add_set(set);
        dataset.finish()
    }

    #[test]
    fn order_says_nothing_and_content_everything() {
        let one = digest(&["a", "b"], &[(0, &[(0, 1.0), (1, 2.0)]), (1, &[])]);
        assert_eq!(one, digest(&["b", "a"], &[(1, &[]), (0, &[(0, 2.0), (1, 1.0)])]));
        assert_eq!(digest(&["a"], &[(0, &[(0, 0.0)])]), digest(&["a"], &[(0, &[(0, -0.0)])]));
        for other in [
            digest(&["a", "b"], &[(0, &[(0, 1.0), (1, 2.0)])]),
            digest(&["a", "b", "c"], &[(0, &[(0, 1.0), (1, 2.0)]), (1, &[])]),
            digest(&["a", "b"], &[(0, &[(0, 1.0), (1, 2.5)]), (1, &[])]),
            digest(&["a", "b"], &[(0, &[(0, 1.0), (0, 2.0)]), (1, &[])]),
            digest(&["a", "b"], &[(1, &[(0, 1.0), (1, 2.0)]), (0, &[])]),
            digest(&["a", "b"], &[(0, &[(0, 1.0), (1, 2.0), (1, 2.0)]), (1, &[])]),
        ] {
            assert_ne!(one, other);
        }
    }
}
