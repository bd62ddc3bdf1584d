//! The rules of a batch of boxes: each is judged by itself, and equal ones fall together.

use crate::bounds::{Fate, judge};
use lightbox_formats::repeats::Repeats;
use lightbox_formats::{code, labels, place, retain};
use lightbox_sdk::{Batch, Call, Error, Finding, Result, Validated};

/// Annotations between two looks at the clock.
const BETWEEN_CHECKS: usize = 4096;

/// Clips, refuses and drops repeats. Every box dropped has one finding beside that of its clipping.
pub(crate) fn validate(mut batch: Batch, call: &Call<'_>) -> Result<Validated> {
    require_boxes(&batch)?;
    labels::unite(&mut batch);
    let mut findings = Vec::new();
    let mut keep = Vec::with_capacity(batch.len());
    let mut repeats = Repeats::default();
    for index in 0..batch.len() {
        if index % BETWEEN_CHECKS == 0 {
            call.check()?;
        }
        let kept = judge_one(&mut batch, index, &mut findings);
        keep.push(kept && !is_repeat(&batch, index, &mut repeats, &mut findings, warn_of_repeat));
    }
    retain::retain(&mut batch, &keep);
    Ok(Validated { batch, findings })
}

/// Boxes equal in image, label and place fall together; every one dropped has one finding.
pub(crate) fn merge(mut batch: Batch) -> Result<Validated> {
    require_boxes(&batch)?;
    labels::unite(&mut batch);
    let mut findings = Vec::new();
    let mut repeats = Repeats::default();
    let keep: Vec<bool> =
        (0..batch.len()).map(|index| !is_repeat(&batch, index, &mut repeats, &mut findings, tell_of_repeat)).collect();
    retain::retain(&mut batch, &keep);
    Ok(Validated { batch, findings })
}

fn require_boxes(batch: &Batch) -> Result<()> {
    batch.check()?;
    if batch.boxes.len() == batch.len() {
        Ok(())
    } else {
        Err(Error::Invalid("annotations of detection need boxes".to_owned()))
    }
}

/// Whether the box stays, perhaps clipped.
fn judge_one(batch: &mut Batch, index: usize, findings: &mut Vec<Finding>) -> bool {
    let fate = judge(batch.boxes[index], place::image_size(batch, index));
    let (kept, finding) = match fate {
        Fate::Stays => return true,
        Fate::Clipped(clipped, finding) => {
            batch.boxes[index] = clipped;
            (true, finding)
        }
        Fate::Refused(finding) => (false, finding),
    };
    findings.push(place::at_annotation(finding, batch, index));
    kept
}

fn is_repeat(
    batch: &Batch,
    index: usize,
    repeats: &mut Repeats,
    findings: &mut Vec<Finding>,
    report: fn(String) -> Finding,
) -> bool {
    let key = |each: usize| (batch.image[each], batch.label[each], batch.boxes[each].map(bits));
    let Some(first) = repeats.find_or_add(index, key) else { return false };
    let message =
        format!("the same box of '{}' is there from {}", place::label_of(batch, index), place::name_of(batch, first));
    findings.push(place::at_annotation(report(message), batch, index));
    true
}

/// Equal numbers have equal bits, 0 and -0 too.
fn bits(number: f64) -> u64 {
    (number + 0.0).to_bits()
}

fn warn_of_repeat(message: String) -> Finding {
    Finding::warning(code::DUPLICATE_ROW, message)
}

fn tell_of_repeat(message: String) -> Finding {
    Finding::info(code::MERGED_DUPLICATE, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightbox_sdk::{ImageRef, Severity};
    use proptest::prelude::*;

    fn sample(boxes: &[(u32, u32, [f64; 4])]) -> Batch {
        let image = |number| ImageRef { path: format!("image{number}.png"), width: 64, height: 64, line: 1 };
        Batch {
            labels: vec!["a".into(), "b".into()],
            images: (0..2).map(image).collect(),
            image: boxes.iter().map(|each| each.0).collect(),
            label: boxes.iter().map(|each| each.1).collect(),
            line: (1..=boxes.len() as u32).collect(),
            value: vec![1; boxes.len()],
            boxes: boxes.iter().map(|each| each.2).collect(),
            ..Batch::default()
        }
    }

    fn codes(validated: &Validated) -> Vec<(&str, u32)> {
        validated.findings.iter().map(|finding| (finding.code.as_str(), finding.line.unwrap_or(0))).collect()
    }

    #[test]
    fn equal_boxes_fall_together_also_after_clipping() {
        let own = [0.0, 0.0, 64.0, 64.0];
        let batch = sample(&[
            (0, 0, own),
            (1, 0, own),
            (0, 1, own),
            (0, 0, [-0.0, 0.0, 64.0, 64.0]),
            (0, 0, [-1.0, 0.0, 99.0, 64.0]),
        ]);
        let validated = validate(batch.clone(), &Call::unlimited()).unwrap();
        assert_eq!(validated.batch.line, [1, 2, 3]);
        let expected = [(code::DUPLICATE_ROW, 4), (code::BOX_CLIPPED, 5), (code::DUPLICATE_ROW, 5)];
        assert_eq!(codes(&validated), expected);
        let merged = merge(batch).unwrap();
        assert_eq!((merged.batch.line.clone(), codes(&merged)), (vec![1, 2, 3, 5], vec![(code::MERGED_DUPLICATE, 4)]));
    }

    #[test]
    fn annotations_without_boxes_are_an_error() {
        let batch = Batch { boxes: vec![], ..sample(&[(0, 0, [0.0; 4])]) };
        assert!(matches!(merge(batch), Err(Error::Invalid(_))));
    }

    proptest! {
        #[test]
        fn what_goes_in_comes_out_or_has_one_finding(
            boxes in prop::collection::vec((0..2u32, 0..2u32, prop::array::uniform4((-2..5i32).prop_map(|n| f64::from(n) * 20.0))), 0..20),
        ) {
            let batch = sample(&boxes);
            let validated = validate(batch.clone(), &Call::unlimited()).unwrap();
            let dropped = validated.findings.iter().filter(|finding| finding.code != code::BOX_CLIPPED).count();
            prop_assert_eq!(validated.batch.len() + dropped, batch.len());
            let again = validate(validated.batch.clone(), &Call::unlimited()).unwrap();
            prop_assert_eq!((again.batch, again.findings), (validated.batch, vec![]));
            let merged = merge(batch.clone()).unwrap();
            prop_assert!(merged.findings.iter().all(|finding| finding.severity == Severity::Info));
            prop_assert_eq!(merged.batch.len() + merged.findings.len(), batch.len());
        }
    }
}
