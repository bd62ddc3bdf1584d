//! The rule of single-label classification: one label an image; the first one stays.

use crate::occasion::{BETWEEN_CHECKS, Occasion};
use lightbox_formats::{code, labels, place, retain};
use lightbox_sdk::{Batch, Call, Finding, Result, Validated};

/// Keeps the first annotation of every image; every other one is dropped and has one finding.
pub(crate) fn settle(mut batch: Batch, occasion: Occasion, call: &Call<'_>) -> Result<Validated> {
    labels::unite(&mut batch);
    let mut findings = Vec::new();
    let mut firsts: Vec<Option<usize>> = vec![None; batch.images.len()];
    let mut keep = Vec::with_capacity(batch.len());
    for index in 0..batch.len() {
        if index % BETWEEN_CHECKS == 0 {
            call.check()?;
        }
        let finding = refuse(&batch, index, &mut firsts, occasion);
        keep.push(finding.is_none());
        findings.extend(finding.map(|finding| place::at_annotation(finding, &batch, index)));
    }
    retain::retain(&mut batch, &keep);
    Ok(Validated { batch, findings })
}

fn refuse(batch: &Batch, index: usize, firsts: &mut [Option<usize>], occasion: Occasion) -> Option<Finding> {
    let value = batch.value[index];
    if value != 1 {
        let message =
            format!("the value is {value}; an image has its one class or is not listed with it, so 1 is expected");
        return Some(Finding::error(code::BAD_NUMBER, message));
    }
    let Some(first) = firsts[batch.image[index] as usize] else {
        firsts[batch.image[index] as usize] = Some(index);
        return None;
    };
    let (own, other) = (place::label_of(batch, index), place::label_of(batch, first));
    let earlier = place::name_of(batch, first);
    Some(if batch.label[index] == batch.label[first] {
        occasion.repeat(format!("the image has the class '{own}' from {earlier} already"))
    } else {
        occasion.contradiction(format!("the class '{own}' contradicts '{other}' from {earlier}, which stays"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::many_labels::tests::{codes, draw_batch, sample};
    use proptest::prelude::*;

    fn settled(batch: Batch, occasion: Occasion) -> Validated {
        settle(batch, occasion, &Call::unlimited()).unwrap()
    }

    #[test]
    fn the_first_class_of_an_image_stays() {
        let batch = sample(&[(0, 0, 1), (0, 1, 1), (0, 0, 1), (1, 1, 1), (1, 0, 0)]);
        let validated = settled(batch.clone(), Occasion::Validation);
        assert_eq!(validated.batch.line, [1, 4]);
        let expected = [(code::CONTRADICTION, 2), (code::DUPLICATE_ROW, 3), (code::BAD_NUMBER, 5)];
        assert_eq!(codes(&validated), expected);
        assert!(validated.findings[0].message.contains("line 1"));
        let merged = settled(batch, Occasion::Merge);
        assert_eq!(codes(&merged)[..2], [(code::CONFLICTING_LABELS, 2), (code::MERGED_DUPLICATE, 3)]);
    }

    #[test]
    fn without_lines_findings_name_the_image() {
        let batch = Batch { line: vec![0, 0], ..sample(&[(1, 0, 1), (1, 1, 1)]) };
        let findings = settled(batch, Occasion::Merge).findings;
        assert_eq!((findings[0].path.as_deref(), findings[0].line), (Some("image1.png"), None));
    }

    proptest! {
        #[test]
        fn what_goes_in_comes_out_or_has_one_finding(batch in draw_batch(), merge in any::<bool>()) {
            let occasion = if merge { Occasion::Merge } else { Occasion::Validation };
            let once = settled(batch.clone(), occasion);
            prop_assert_eq!(once.batch.len() + once.findings.len(), batch.len());
            let mut images = once.batch.image.clone();
            images.sort_unstable();
            prop_assert!(images.windows(2).all(|pair| pair[0] != pair[1]));
            prop_assert_eq!(settled(once.batch.clone(), occasion).batch, once.batch);
        }
    }
}
