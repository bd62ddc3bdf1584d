//! The rules of a batch of keypoints: points lie on their image, and equal annotations fall together.

use crate::findings::Findings;
use crate::payload::Payload;
use lightbox_sdk::{Batch, Call, Error, Finding, ImageRef, Result, Validated};
use std::collections::{HashMap, HashSet};

/// Annotations between two questions whether to go on.
const BETWEEN_CHECKS: usize = 4096;

/// Takes points off that lie outside of their image, as boxes are clipped to it; an annotation that has none left is
/// refused. Then exact repeats are dropped.
pub fn validate(batch: Batch, call: &Call<'_>) -> Result<Validated> {
    require_payloads(&batch)?;
    let (mut kept, mut findings) = (batch.without_annotations(), Findings::default());
    for index in 0..batch.len() {
        check_now_and_then(index, call)?;
        let image = image_of(&batch, index);
        let (fate, finding) = judge(batch.payload(index), image);
        findings.extend(finding.map(|finding| finding.in_file(&image.path)));
        push(&mut kept, &batch, index, fate);
    }
    unite_labels(&mut kept);
    without_repeats(kept, findings, call, |message| Finding::warning("DUPLICATE_ROW", message))
}

/// Annotations of united images stand side by side; exact repeats fall together.
pub fn merge(mut batch: Batch, call: &Call<'_>) -> Result<Validated> {
    require_payloads(&batch)?;
    unite_labels(&mut batch);
    without_repeats(batch, Findings::default(), call, |message| Finding::info("MERGED_DUPLICATE", message))
}

fn require_payloads(batch: &Batch) -> Result<()> {
    batch.check()?;
    if batch.payload_ends.len() == batch.len() {
        Ok(())
    } else {
        Err(Error::Invalid("annotations of keypoints need a payload each".to_owned()))
    }
}

fn check_now_and_then(index: usize, call: &Call<'_>) -> Result<()> {
    if index.is_multiple_of(BETWEEN_CHECKS) { call.check() } else { Ok(()) }
}

/// `Batch::check` saw to it that there is one.
fn image_of(batch: &Batch, index: usize) -> &ImageRef {
    &batch.images[batch.image[index] as usize]
}

/// What becomes of an annotation.
enum Fate {
    Stays,
    Becomes(Vec<u8>),
    Refused,
}

fn push(kept: &mut Batch, batch: &Batch, index: usize, fate: Fate) {
    match fate {
        Fate::Stays => kept.push_from(batch, index),
        Fate::Becomes(payload) => {
            kept.image.push(batch.image[index]);
            kept.label.push(batch.label[index]);
            kept.line.push(batch.line[index]);
            kept.value.push(batch.value[index]);
            kept.push_payload(&payload);
        }
        Fate::Refused => {}
    }
}

/// Checks one payload against the size of its image where that is known. The far edges belong to the image.
fn judge(bytes: &[u8], image: &ImageRef) -> (Fate, Option<Finding>) {
    let Some(mut payload) = Payload::read(bytes) else {
        let message = "the payload is not that of keypoints";
        return (Fate::Refused, Some(Finding::error("BAD_PAYLOAD", message)));
    };
    let labelled = payload.labelled();
    let mut outside = payload.points.iter_mut().filter(|point| point.v > 0 && !is_inside(point.place(), image));
    let Some(first) = outside.next() else { return (Fate::Stays, None) };
    let (name, (x, y)) = (first.name.clone().into_owned(), first.place().unwrap_or((f64::NAN, f64::NAN)));
    first.clear();
    let dropped = 1 + outside.map(|point| point.clear()).count();
    let ImageRef { width, height, .. } = image;
    let what = format!(
        "{dropped} of {labelled} points, {name} at ({x}, {y}) the first, lie outside of the image of {width} × {height} pixels"
    );
    if dropped == labelled {
        return (Fate::Refused, Some(Finding::error("POINTS_OUTSIDE", format!("{what}; the annotation is left out"))));
    }
    (Fate::Becomes(payload.write()), Some(Finding::warning("POINTS_DROPPED", format!("{what} and are taken off"))))
}

fn is_inside(place: Option<(f64, f64)>, image: &ImageRef) -> bool {
    let is_known = image.width > 0 && image.height > 0;
    let within = |at: f64, size: u32| at.is_finite() && (!is_known || (0.0..=f64::from(size)).contains(&at));
    place.is_some_and(|(x, y)| within(x, image.width) && within(y, image.height))
}

/// Labels that have become equal by renaming become one: the first of them.
fn unite_labels(batch: &mut Batch) {
    let mut numbers: HashMap<&str, u32> = HashMap::new();
    let mut kept = Vec::new();
    let renumbered: Vec<u32> = (batch.labels.iter())
        .map(|label| {
            *numbers.entry(label).or_insert_with(|| {
                kept.push(label.clone());
                kept.len() as u32 - 1
            })
        })
        .collect();
    for label in &mut batch.label {
        *label = renumbered[*label as usize];
    }
    batch.labels = kept;
}

/// Every annotation dropped has one finding.
fn without_repeats(
    batch: Batch,
    mut findings: Findings,
    call: &Call<'_>,
    report: impl Fn(String) -> Finding,
) -> Result<Validated> {
    let mut seen = HashSet::with_capacity(batch.len());
    let mut repeats = Vec::new();
    for index in 0..batch.len() {
        check_now_and_then(index, call)?;
        if !seen.insert((batch.image[index], batch.label[index], batch.payload(index))) {
            let message =
                format!("the same points of '{}' are there already", batch.labels[batch.label[index] as usize]);
            findings.push(report(message).in_file(&image_of(&batch, index).path));
            repeats.push(index);
        }
    }
    drop(seen);
    Ok(Validated { batch: leave_out(batch, &repeats), findings: findings.into_vec() })
}

/// `left_out`: in rising order.
fn leave_out(batch: Batch, left_out: &[usize]) -> Batch {
    if left_out.is_empty() {
        return batch;
    }
    let mut kept = batch.without_annotations();
    let mut left_out = left_out.iter().peekable();
    for index in 0..batch.len() {
        if left_out.next_if_eq(&&index).is_none() {
            kept.push_from(&batch, index);
        }
    }
    kept
}
