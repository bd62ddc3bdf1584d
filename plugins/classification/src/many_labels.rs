//! The rule of multi-label classification: every label is there (1) or not there (0), once an image.

use crate::occasion::{BETWEEN_CHECKS, Occasion};
use lightbox_formats::repeats::Repeats;
use lightbox_formats::{code, labels, place, retain};
use lightbox_sdk::{Batch, Call, Finding, Result, Validated};

/// Keeps one annotation of every image and label. Of a 1 and a 0, a validation keeps the first; a merge keeps the 1,
/// because one source saw what the other did not. Every annotation dropped has one finding.
pub(crate) fn settle(mut batch: Batch, occasion: Occasion, call: &Call<'_>) -> Result<Validated> {
    labels::unite(&mut batch);
    let mut findings = Vec::new();
    let mut repeats = Repeats::default();
    let mut keep = vec![true; batch.len()];
    // By the first annotation of a pair of image and label: the one that stands for the pair now.
    let mut standing: Vec<usize> = (0..batch.len()).collect();
    for index in 0..batch.len() {
        if index % BETWEEN_CHECKS == 0 {
            call.check()?;
        }
        let (dropped, finding) = match settle_one(&batch, index, &mut repeats, &mut standing, occasion) {
            None => continue,
            Some(settled) => settled,
        };
        keep[dropped] = false;
        findings.push(place::at_annotation(finding, &batch, dropped));
    }
    retain::retain(&mut batch, &keep);
    Ok(Validated { batch, findings })
}

/// The annotation that is dropped because `index` came, and why.
fn settle_one(
    batch: &Batch,
    index: usize,
    repeats: &mut Repeats,
    standing: &mut [usize],
    occasion: Occasion,
) -> Option<(usize, Finding)> {
    let value = batch.value[index];
    if value > 1 {
        return Some((index, Finding::error(code::BAD_NUMBER, format!("the value is {value}; 0 or 1 is expected"))));
    }
    let first = repeats.find_or_add(index, |each| (batch.image[each], batch.label[each]))?;
    let other = standing[first];
    let (label, other_value) = (place::label_of(batch, index), batch.value[other]);
    if value == other_value {
        let message =
            format!("the image has the class '{label}' with {value} from {} already", place::name_of(batch, other));
        return Some((index, occasion.repeat(message)));
    }
    let new_wins = occasion == Occasion::Merge && value == 1;
    let (dropped, kept) = if new_wins { (other, index) } else { (index, other) };
    standing[first] = kept;
    let message = format!(
        "the class '{label}' with {} contradicts {} with {}, which stays",
        batch.value[dropped],
        place::name_of(batch, kept),
        batch.value[kept]
    );
    Some((dropped, occasion.contradiction(message)))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use lightbox_sdk::ImageRef;
    use proptest::prelude::*;

    /// Annotations of (image, label, value) on lines 1, 2, 3…
    pub(crate) fn sample(annotations: &[(u32, u32, u8)]) -> Batch {
        let image = |number| ImageRef { path: format!("image{number}.png"), ..ImageRef::default() };
        Batch {
            labels: ["a", "b", "c"].map(String::from).to_vec(),
            images: (0..3).map(image).collect(),
            image: annotations.iter().map(|each| each.0).collect(),
            label: annotations.iter().map(|each| each.1).collect(),
            value: annotations.iter().map(|each| each.2).collect(),
            line: (1..=annotations.len() as u32).collect(),
            ..Batch::default()
        }
    }

    pub(crate) fn draw_batch() -> impl Strategy<Value = Batch> {
        prop::collection::vec((0..3u32, 0..3u32, 0..3u8), 0..20).prop_map(|annotations| sample(&annotations))
    }

    pub(crate) fn codes(validated: &Validated) -> Vec<(&str, u32)> {
        validated.findings.iter().map(|finding| (finding.code.as_str(), finding.line.unwrap_or(0))).collect()
    }

    fn settled(batch: Batch, occasion: Occasion) -> Validated {
        settle(batch, occasion, &Call::unlimited()).unwrap()
    }

    #[test]
    fn of_a_1_and_a_0_in_one_document_the_first_stays() {
        let validated = settled(sample(&[(0, 0, 0), (0, 0, 1), (0, 0, 0), (0, 1, 1), (0, 1, 2)]), Occasion::Validation);
        assert_eq!(validated.batch.line, [1, 4]);
        let expected = [(code::CONTRADICTION, 2), (code::DUPLICATE_ROW, 3), (code::BAD_NUMBER, 5)];
        assert_eq!(codes(&validated), expected);
        assert!(validated.findings[0].message.contains("line 1"));
    }

    #[test]
    fn of_a_1_and_a_0_of_two_sources_the_1_stays() {
        let merged = settled(sample(&[(0, 0, 0), (0, 0, 1), (0, 0, 0), (0, 0, 1)]), Occasion::Merge);
        assert_eq!(merged.batch.line, [2]);
        let expected = [(code::CONFLICTING_LABELS, 1), (code::CONFLICTING_LABELS, 3), (code::MERGED_DUPLICATE, 4)];
        assert_eq!(codes(&merged), expected);
    }

    proptest! {
        #[test]
        fn what_goes_in_comes_out_or_has_one_finding(batch in draw_batch(), merge in any::<bool>()) {
            let occasion = if merge { Occasion::Merge } else { Occasion::Validation };
            let once = settled(batch.clone(), occasion);
            prop_assert_eq!(once.batch.len() + once.findings.len(), batch.len());
            let mut pairs: Vec<_> = once.batch.image.iter().zip(&once.batch.label).collect();
            pairs.sort_unstable();
            prop_assert!(pairs.windows(2).all(|pair| pair[0] != pair[1]));
            prop_assert_eq!(settled(once.batch.clone(), occasion).batch, once.batch);
        }
    }
}
