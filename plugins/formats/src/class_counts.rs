//! Classes with too few images to train with.

use crate::code;
use lightbox_sdk::{Batch, Finding};

/// Images that a class needs.
pub const MINIMUM_IMAGES: u32 = 3;

/// One WARNING for every label that fewer than [`MINIMUM_IMAGES`] images have.
pub fn below_minimum(batch: &Batch) -> impl Iterator<Item = Finding> + '_ {
    let counts = images_per_label(batch);
    batch.labels.iter().zip(counts).filter(|(_, count)| *count < MINIMUM_IMAGES).map(|(label, count)| {
        let message = format!("the class '{label}' has fewer than {MINIMUM_IMAGES} images: {count}");
        Finding::warning(code::CLASS_BELOW_MINIMUM, message)
    })
}

/// Images with at least one annotation that counts for the label, by label.
fn images_per_label(batch: &Batch) -> Vec<u32> {
    let mut pairs: Vec<(u32, u32)> = (batch.label.iter().zip(&batch.image).zip(&batch.value))
        .filter(|(_, value)| **value > 0)
        .map(|((label, image), _)| (*label, *image))
        .collect();
    pairs.sort_unstable();
    pairs.dedup();
    let mut counts = vec![0; batch.labels.len()];
    for (label, _) in pairs {
        if let Some(count) = counts.get_mut(label as usize) {
            *count += 1;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_counted_once_and_zeros_do_not_count() {
        let batch = Batch {
            labels: vec!["often".into(), "rare".into(), "absent".into()],
            image: vec![0, 1, 2, 0, 0, 0, 1, 2],
            label: vec![0, 0, 0, 1, 1, 1, 2, 2],
            value: vec![1, 1, 1, 1, 1, 1, 0, 0],
            ..Batch::default()
        };
        let messages: Vec<_> = below_minimum(&batch).map(|finding| finding.message).collect();
        assert_eq!(messages.len(), 2);
        assert!(messages[0].contains("'rare'") && messages[0].ends_with(": 1") && messages[1].ends_with(": 0"));
    }
}
