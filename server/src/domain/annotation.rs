//! The annotations of one image in one set, as columns, and the bytes that they are stored as.
//!
//! Stored form, little endian: count `u32`, flags `u8` (1: boxes, 2: payloads), label positions `u32` each, values
//! `u8` each, then boxes of four `f64` each, then payload ends `u32` each and the payload bytes.

use lightbox_sdk::Batch;

/// Annotations of one image; `labels` are positions in the set.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ImageAnnotations {
    pub labels: Vec<u32>,
    /// 1: counts for its label; 0: marked as not having it.
    pub values: Vec<u8>,
    /// Empty, or one `[x, y, width, height]` each.
    pub boxes: Vec<[f64; 4]>,
    /// Empty, or one each: a mask's COCO counts, or a custom type's JSON.
    pub payloads: Vec<Vec<u8>>,
}

const HAS_BOXES: u8 = 1;
const HAS_PAYLOADS: u8 = 2;

impl ImageAnnotations {
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Appends one annotation of a batch, its label at `label` in the set.
    pub fn push(&mut self, batch: &Batch, index: usize, label: u32) {
        self.labels.push(label);
        self.values.push(batch.value[index]);
        if let Some(each) = batch.boxes.get(index) {
            self.boxes.push(*each);
        }
        if !batch.payload_ends.is_empty() {
            self.payloads.push(batch.payload(index).to_vec());
        }
    }

    /// Appends every annotation to a batch, as annotations of its image `image`.
    pub fn append_to(&self, batch: &mut Batch, image: u32) {
        for (index, label) in self.labels.iter().enumerate() {
            batch.image.push(image);
            batch.label.push(*label);
            batch.line.push(0);
            batch.value.push(self.values[index]);
            if let Some(each) = self.boxes.get(index) {
                batch.boxes.push(*each);
            }
            if let Some(payload) = self.payloads.get(index) {
                batch.push_payload(payload);
            }
        }
    }

    /// Positions of the labels that count here, each once, in order.
    pub fn counted_labels(&self) -> Vec<u32> {
        let counts = self.labels.iter().zip(&self.values).filter(|(_, value)| **value != 0);
        let mut labels: Vec<u32> = counts.map(|(label, _)| *label).collect();
        labels.sort_unstable();
        labels.dedup();
        labels
    }

    pub fn encode(&self) -> Vec<u8> {
        let payload_bytes: usize = self.payloads.iter().map(Vec::len).sum();
        let mut out = Vec::with_capacity(5 + self.len() * 41 + payload_bytes);
        out.extend_from_slice(&(self.len() as u32).to_le_bytes());
        let boxes = if self.boxes.is_empty() { 0 } else { HAS_BOXES };
        let payloads = if self.payloads.is_empty() { 0 } else { HAS_PAYLOADS };
        out.push(boxes | payloads);
        out.extend(self.labels.iter().flat_map(|label| label.to_le_bytes()));
        out.extend_from_slice(&self.values);
        out.extend(self.boxes.iter().flatten().flat_map(|number| number.to_le_bytes()));
        let mut end = 0u32;
        for payload in &self.payloads {
            end += payload.len() as u32;
            out.extend_from_slice(&end.to_le_bytes());
        }
        self.payloads.iter().for_each(|payload| out.extend_from_slice(payload));
        out
    }

    /// `None` for bytes that `encode` did not make.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (count, rest) = bytes.split_first_chunk::<4>()?;
        let (flags, rest) = rest.split_first()?;
        let count = u32::from_le_bytes(*count) as usize;
        let (labels, rest) = rest.split_at_checked(count.checked_mul(4)?)?;
        let (values, rest) = rest.split_at_checked(count)?;
        let boxed = if flags & HAS_BOXES != 0 { count.checked_mul(32)? } else { 0 };
        let (boxes, rest) = rest.split_at_checked(boxed)?;
        Some(Self {
            labels: labels.as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect(),
            values: values.to_vec(),
            boxes: boxes.as_chunks::<32>().0.iter().map(decode_box).collect(),
            payloads: if flags & HAS_PAYLOADS != 0 { decode_payloads(rest, count)? } else { Vec::new() },
        })
    }
}

fn decode_box(bytes: &[u8; 32]) -> [f64; 4] {
    let numbers = bytes.as_chunks::<8>().0;
    std::array::from_fn(|index| f64::from_le_bytes(numbers[index]))
}

fn decode_payloads(rest: &[u8], count: usize) -> Option<Vec<Vec<u8>>> {
    let (ends, bytes) = rest.split_at_checked(count.checked_mul(4)?)?;
    let mut start = 0;
    let ends = ends.as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes) as usize);
    ends.map(|end| {
        let payload = bytes.get(start..end)?.to_vec();
        start = end;
        Some(payload)
    })
    .collect()
}

/// The annotations of each of a batch's images, in the batch's order of images.
pub fn split_by_image(batch: &Batch) -> Vec<ImageAnnotations> {
    let mut images = vec![ImageAnnotations::default(); batch.images.len()];
    for index in 0..batch.len() {
        images[batch.image[index] as usize].push(batch, index, batch.label[index]);
    }
    images
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn annotations() -> impl Strategy<Value = ImageAnnotations> {
        let one = (0u32..5, 0u8..2, prop::array::uniform4(-1e6f64..1e6), prop::collection::vec(any::<u8>(), 0..20));
        (prop::collection::vec(one, 0..20), any::<bool>(), any::<bool>()).prop_map(|(each, boxes, payloads)| {
            ImageAnnotations {
                labels: each.iter().map(|one| one.0).collect(),
                values: each.iter().map(|one| one.1).collect(),
                boxes: if boxes { each.iter().map(|one| one.2).collect() } else { Vec::new() },
                payloads: if payloads { each.into_iter().map(|one| one.3).collect() } else { Vec::new() },
            }
        })
    }

    proptest! {
        #[test]
        fn what_is_stored_reads_back_as_it_was(annotations in annotations()) {
            prop_assert_eq!(ImageAnnotations::decode(&annotations.encode()), Some(annotations));
        }

        #[test]
        fn cut_or_foreign_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = ImageAnnotations::decode(&bytes);
        }
    }
}
