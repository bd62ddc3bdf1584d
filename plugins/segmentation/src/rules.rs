//! The rules of a batch of masks: each fits its image, and equal ones fall together. Several masks of one class on one
//! image are instances.

use crate::canonical::{self, Stored};
use lightbox_formats::mask::read_payload;
use lightbox_formats::repeats::Repeats;
use lightbox_formats::{code, labels, place, retain};
use lightbox_sdk::{Batch, Call, Finding, Result, Validated};

/// Annotations between two looks at the clock.
const BETWEEN_CHECKS: usize = 256;

/// Checks every mask, stores it in its one form with its box, and drops repeats. Every mask dropped has one finding.
pub(crate) fn validate(mut batch: Batch, call: &Call<'_>) -> Result<Validated> {
    batch.check()?;
    labels::unite(&mut batch);
    let mut findings = Vec::new();
    let mut keep = Vec::with_capacity(batch.len());
    let (mut boxes, mut ends, mut bytes) = (Vec::new(), Vec::new(), Vec::new());
    for index in 0..batch.len() {
        if index % BETWEEN_CHECKS == 0 {
            call.check()?;
        }
        let read = canonical::read(batch.payload(index), place::image_size(&batch, index));
        keep.push(read.is_ok());
        let stored = read.unwrap_or_else(|finding| {
            findings.push(place::at_annotation(finding, &batch, index));
            None
        });
        let stored = stored.unwrap_or_else(|| unread(&batch, index));
        boxes.push(stored.bounds);
        bytes.extend_from_slice(&stored.rle);
        ends.push(bytes.len() as u64);
    }
    (batch.boxes, batch.payload_ends, batch.payload_bytes) = (boxes, ends, bytes);
    retain::retain(&mut batch, &keep);
    drop_repeats(&mut batch, &mut findings, |message| Finding::warning(code::DUPLICATE_ROW, message));
    Ok(Validated { batch, findings })
}

/// Masks equal in image, label and pixels fall together; every one dropped has one finding.
pub(crate) fn merge(mut batch: Batch) -> Result<Validated> {
    batch.check()?;
    labels::unite(&mut batch);
    let mut findings = Vec::new();
    drop_repeats(&mut batch, &mut findings, |message| Finding::info(code::MERGED_DUPLICATE, message));
    Ok(Validated { batch, findings })
}

/// A mask that could not be looked into keeps its RLE and the box that came with it.
fn unread(batch: &Batch, index: usize) -> Stored {
    let (_, rle) = read_payload(batch.payload(index));
    Stored { rle: rle.to_vec(), bounds: batch.boxes.get(index).copied().unwrap_or_default() }
}

fn drop_repeats(batch: &mut Batch, findings: &mut Vec<Finding>, report: fn(String) -> Finding) {
    let mut repeats = Repeats::default();
    let keep: Vec<bool> = (0..batch.len())
        .map(|index| {
            let key = |each: usize| (batch.image[each], batch.label[each], batch.payload(each));
            let Some(first) = repeats.find_or_add(index, key) else { return true };
            let (label, earlier) = (place::label_of(batch, index), place::name_of(batch, first));
            let finding = report(format!("the same mask of '{label}' is there from {earlier}"));
            findings.push(place::at_annotation(finding, batch, index));
            false
        })
        .collect();
    retain::retain(batch, &keep);
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightbox_formats::mask::write_payload;
    use lightbox_sdk::ImageRef;
    use lightbox_sdk::mask::Mask;

    fn sample(masks: &[(u32, &[u8; 6])]) -> Batch {
        let image = |number| ImageRef { path: format!("image{number}.png"), width: 3, height: 2, line: 1 };
        let mut batch = Batch {
            labels: vec!["a".into()],
            images: (0..2).map(image).collect(),
            image: masks.iter().map(|each| each.0).collect(),
            label: vec![0; masks.len()],
            line: (1..=masks.len() as u32).collect(),
            value: vec![1; masks.len()],
            ..Batch::default()
        };
        for (_, pixels) in masks {
            batch.push_payload(&write_payload(&Mask::from_pixels(3, 2, *pixels)));
        }
        batch
    }

    const LEFT: &[u8; 6] = &[1, 0, 0, 1, 0, 0];
    const RIGHT: &[u8; 6] = &[0, 0, 1, 0, 0, 0];

    fn codes(validated: &Validated) -> Vec<(&str, u32)> {
        validated.findings.iter().map(|finding| (finding.code.as_str(), finding.line.unwrap_or(0))).collect()
    }

    #[test]
    fn several_masks_of_a_class_are_instances_and_equal_ones_fall_together() {
        let batch = sample(&[(0, LEFT), (0, RIGHT), (1, LEFT), (0, LEFT), (0, &[0; 6])]);
        let validated = validate(batch, &Call::unlimited()).unwrap();
        assert_eq!(validated.batch.line, [1, 2, 3]);
        assert_eq!(codes(&validated), [(code::BAD_MASK, 5), (code::DUPLICATE_ROW, 4)]);
        assert_eq!(validated.batch.boxes, [[0.0, 0.0, 1.0, 2.0], [2.0, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, 2.0]]);
        let again = validate(validated.batch.clone(), &Call::unlimited()).unwrap();
        assert_eq!((again.batch, again.findings), (validated.batch, vec![]));
    }

    #[test]
    fn merging_drops_equal_masks_and_tells() {
        let batch = validate(sample(&[(0, LEFT), (1, LEFT)]), &Call::unlimited()).unwrap().batch;
        let united = Batch { image: vec![0, 0], ..batch };
        let merged = merge(united).unwrap();
        assert_eq!((merged.batch.line.clone(), codes(&merged)), (vec![1], vec![(code::MERGED_DUPLICATE, 2)]));
    }

    #[test]
    fn while_sizes_are_unknown_the_rle_is_kept_as_it_is() {
        let mut batch = sample(&[(0, LEFT)]);
        batch.images[0].width = 0;
        let rle = Mask::from_pixels(3, 2, LEFT).to_coco();
        let validated = validate(batch.clone(), &Call::unlimited()).unwrap();
        assert_eq!((validated.batch.payload(0), validated.findings.len()), (rle.as_bytes(), 0));
        let again = validate(validated.batch.clone(), &Call::unlimited()).unwrap();
        assert_eq!(again.batch, validated.batch);
    }
}
