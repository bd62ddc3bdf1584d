//! Which pictures stand in more than one source, and in which sense they are the same.

use crate::domain::digest::Digest;
use crate::domain::image::Image;
use std::collections::{HashMap, HashSet};
use std::hash::Hash;

/// In which sense two images of different sources are the same; the first that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, async_graphql::Enum)]
pub enum DuplicateKind {
    /// Equal SHA-256.
    SameFile,
    /// Equal decoded pixels, another file.
    SamePixels,
    /// Equal SOPInstanceUID and pixels, another file.
    SameUid,
    /// Equal SOPInstanceUID, other pixels.
    UidConflict,
}

/// Pictures that stand in more than one source, each counted once a kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DuplicateCounts {
    pub same_file: usize,
    pub same_pixels: usize,
    pub same_uid: usize,
    pub uid_conflict: usize,
}

impl DuplicateCounts {
    pub fn each(&self) -> [(DuplicateKind, usize); 4] {
        [
            (DuplicateKind::SameFile, self.same_file),
            (DuplicateKind::SamePixels, self.same_pixels),
            (DuplicateKind::SameUid, self.same_uid),
            (DuplicateKind::UidConflict, self.uid_conflict),
        ]
    }
}

/// What is known of one key: in which sources it stands, and with which files and pixels.
#[derive(Default)]
struct Group {
    sources: HashSet<usize>,
    files: HashSet<Digest>,
    pixels: HashSet<Digest>,
}

fn group_by<'a, K: Hash + Eq>(sources: &[&'a [Image]], key: impl Fn(&'a Image) -> Option<K>) -> HashMap<K, Group> {
    let mut groups: HashMap<K, Group> = HashMap::new();
    for (number, images) in sources.iter().enumerate() {
        for image in images.iter() {
            if let Some(key) = key(image) {
                let group = groups.entry(key).or_default();
                group.sources.insert(number);
                group.files.insert(image.sha256);
                group.pixels.insert(image.pixel_digest);
            }
        }
    }
    groups.retain(|_, group| group.sources.len() > 1);
    groups
}

pub fn count_duplicates(sources: &[&[Image]]) -> DuplicateCounts {
    let by_file = group_by(sources, |image| Some(image.sha256));
    let by_uid = group_by(sources, |image| image.sop_instance_uid.as_deref());
    let by_pixels = group_by(sources, |image| Some(image.pixel_digest));
    let same_uid: Vec<&Group> = by_uid.values().filter(|g| g.files.len() > 1 && g.pixels.len() == 1).collect();
    let pixels_of_uids: HashSet<Digest> = same_uid.iter().flat_map(|group| group.pixels.iter().copied()).collect();
    let other_files = |(pixels, group): &(&Digest, &Group)| group.files.len() > 1 && !pixels_of_uids.contains(*pixels);
    DuplicateCounts {
        same_file: by_file.len(),
        same_pixels: by_pixels.iter().filter(other_files).count(),
        same_uid: same_uid.len(),
        uid_conflict: by_uid.values().filter(|group| group.pixels.len() > 1).count(),
    }
}

/// Patients that stand in more than one source; `None` when no source knows its patients.
pub fn count_shared_patients(sources: &[&[Image]]) -> Option<usize> {
    let known = sources.iter().any(|images| images.iter().any(|image| image.patient_key.is_some()));
    known.then(|| group_by(sources, |image| image.patient_key).len())
}

#[cfg(test)]
mod tests {
    use super::super::samples::image;
    use super::*;

    #[test]
    fn every_kind_of_duplicate_is_told_apart() {
        let first = [
            image(1, "a", "png", 1, 1, None),
            image(2, "b", "png", 2, 2, None),
            image(3, "c", "dicom", 3, 3, Some("1.2")),
            image(4, "d", "dicom", 4, 4, Some("1.3")),
            image(5, "e", "png", 5, 5, None),
        ];
        let second = [
            image(6, "a", "png", 1, 1, None),
            image(7, "b", "png", 12, 2, None),
            image(8, "c", "dicom", 13, 3, Some("1.2")),
            image(9, "d", "dicom", 14, 14, Some("1.3")),
        ];
        let counts = count_duplicates(&[&first, &second]);
        assert_eq!(counts, DuplicateCounts { same_file: 1, same_pixels: 1, same_uid: 1, uid_conflict: 1 });
    }

    #[test]
    fn the_same_picture_twice_in_one_source_is_no_duplicate() {
        let twice = [image(1, "a", "png", 1, 1, None), image(2, "b", "png", 1, 1, None)];
        assert_eq!(count_duplicates(&[&twice, &[]]), DuplicateCounts::default());
    }

    #[test]
    fn shared_patients_are_unknown_when_no_source_knows_its_patients() {
        let mut known = image(1, "a", "dicom", 1, 1, None);
        assert_eq!(count_shared_patients(&[&[known.clone()], &[known.clone()]]), None);
        known.patient_key = Some(Digest([1; 32]));
        assert_eq!(count_shared_patients(&[&[known.clone()], &[known.clone()]]), Some(1));
        assert_eq!(count_shared_patients(&[&[known], &[]]), Some(0));
    }
}
