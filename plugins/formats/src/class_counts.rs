//! Classes with too few images to train with.

use crate::code;
use lightbox_sdk::{Batch, Finding};

/// Images that a class needs.
pub const MINIMUM_IMAGES: usize = 3;

/// One WARNING for every label that fewer than [`MINIMUM_IMAGES`] images have.
pub fn below_minimum(batch: &Batch) -> impl Iterator<Item = Finding> + '_ {
    let images = first_images_per_label(batch);
    let rare = batch.labels.iter().zip(images).filter(|(_, images)| images.len() < MINIMUM_IMAGES);
    rare.map(|(label, images)| {
        let message = format!("the class '{label}' has fewer than {MINIMUM_IMAGES} images: {}", images.len());
        Finding::warning(code::CLASS_BELOW_MINIMUM, message)
    })
}

/// By label, the first images with an annotation that counts for it; as many as decide, no more.
fn first_images_per_label(batch: &Batch) -> Vec<Vec<u32>> {
    let mut found: Vec<Vec<u32>> = vec![Vec::new(); batch.labels.len()];
    for ((label, image), value) in batch.label.iter().zip(&batch.image).zip(&batch.value) {
        let Some(images) = found.get_mut(*label as usize) else { continue };
        if *value > 0 && images.len() < MINIMUM_IMAGES && !images.contains(image) {
            images.push(*image);
        }
    }
    found
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
