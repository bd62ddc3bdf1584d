//! The counts that a set keeps: counted once, when its annotations are written, and again by `lightbox check`.

use super::annotation::ImageAnnotations;
use super::ids::StudyId;

/// Counts of one label.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LabelTally {
    pub image_count: i64,
    pub study_count: i64,
    pub annotation_count: i64,
}

/// Counts of a whole set; an annotation counts when its value is not 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnnotationTally {
    pub image_count: i64,
    pub study_count: i64,
    pub annotation_count: i64,
    /// Covered images without any label that counts.
    pub unlabelled_image_count: i64,
    pub labels: Vec<LabelTally>,
}

/// Counts images one by one, in any order.
#[derive(Debug, Default)]
pub struct AnnotationCounter {
    tally: AnnotationTally,
    studies: std::collections::HashSet<StudyId>,
    label_studies: std::collections::HashSet<(u32, StudyId)>,
}

impl AnnotationCounter {
    pub fn new(label_count: usize) -> Self {
        let tally = AnnotationTally { labels: vec![LabelTally::default(); label_count], ..AnnotationTally::default() };
        Self { tally, ..Self::default() }
    }

    pub fn count(&mut self, study: StudyId, annotations: &ImageAnnotations) {
        self.tally.image_count += 1;
        if self.studies.insert(study) {
            self.tally.study_count += 1;
        }
        for (label, value) in annotations.labels.iter().zip(&annotations.values) {
            if *value != 0 {
                self.tally.annotation_count += 1;
                self.tally.labels[*label as usize].annotation_count += 1;
            }
        }
        let labels = annotations.counted_labels();
        if labels.is_empty() {
            self.tally.unlabelled_image_count += 1;
        }
        for label in labels {
            let tally = &mut self.tally.labels[label as usize];
            tally.image_count += 1;
            if self.label_studies.insert((label, study)) {
                tally.study_count += 1;
            }
        }
    }

    pub fn finish(self) -> AnnotationTally {
        self.tally
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(labels: &[(u32, u8)]) -> ImageAnnotations {
        ImageAnnotations {
            labels: labels.iter().map(|each| each.0).collect(),
            values: labels.iter().map(|each| each.1).collect(),
            ..ImageAnnotations::default()
        }
    }

    #[test]
    fn an_image_marked_as_not_having_a_label_is_covered_but_counts_for_no_label() {
        let mut counter = AnnotationCounter::new(2);
        counter.count(StudyId(1), &image(&[(0, 1), (0, 1), (1, 0)]));
        counter.count(StudyId(1), &image(&[(0, 1)]));
        counter.count(StudyId(2), &image(&[]));
        let tally = counter.finish();
        assert_eq!((tally.image_count, tally.study_count, tally.annotation_count), (3, 2, 3));
        assert_eq!(tally.unlabelled_image_count, 1);
        assert_eq!(tally.labels[0], LabelTally { image_count: 2, study_count: 1, annotation_count: 3 });
        assert_eq!(tally.labels[1], LabelTally::default());
    }
}
