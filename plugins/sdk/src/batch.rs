//! Annotations by the thousand, as columns: what annotation calls take and give, and how it crosses the boundary.
//!
//! Layout, all numbers little endian, sections in this order, each a `u64` length in bytes and then its bytes, padded
//! to 8: labels, image paths, image widths, image heights, image lines, then per annotation: image, label, line,
//! value, box, payload ends, payload bytes. Texts are two sections: all ends
//! (`u32` each), then all bytes. The whole starts with `LBXBTCH1`; what follows the last section is left alone.

use crate::{Error, Result};

const MAGIC: &[u8; 8] = b"LBXBTCH1";

/// An image that annotations refer to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageRef {
    /// As the document writes it; after the host has matched it, the image's own path.
    pub path: String,
    /// Pixels; 0 while unknown.
    pub width: u32,
    pub height: u32,
    /// First line that names it; 0 when the document has no lines.
    pub line: u32,
}

/// Annotations as columns. Every column but `boxes` and the payload has one entry an annotation; those two are
/// either empty or have one too.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Batch {
    /// In the order of the set.
    pub labels: Vec<String>,
    /// Every image that the set covers, those without annotations among them.
    pub images: Vec<ImageRef>,
    /// Index into `images`.
    pub image: Vec<u32>,
    /// Index into `labels`.
    pub label: Vec<u32>,
    /// 1-based line of the document; 0 when it has no lines.
    pub line: Vec<u32>,
    /// 1: counts for its label; 0: the image was marked as not having the label.
    pub value: Vec<u8>,
    /// `[x, y, width, height]` in pixels from the top-left corner of the image.
    pub boxes: Vec<[f64; 4]>,
    /// End of each payload in `payload_bytes`; it starts where the one before ends.
    pub payload_ends: Vec<u64>,
    pub payload_bytes: Vec<u8>,
}

impl Batch {
    /// How many annotations.
    pub fn len(&self) -> usize {
        self.image.len()
    }

    pub fn is_empty(&self) -> bool {
        self.image.is_empty()
    }

    /// The payload of one annotation; empty when the type has none.
    pub fn payload(&self, index: usize) -> &[u8] {
        let Some(end) = self.payload_ends.get(index) else { return &[] };
        let start = if index == 0 { 0 } else { self.payload_ends[index - 1] };
        &self.payload_bytes[start as usize..*end as usize]
    }

    pub fn push_payload(&mut self, payload: &[u8]) {
        self.payload_bytes.extend_from_slice(payload);
        self.payload_ends.push(self.payload_bytes.len() as u64);
    }

    /// An empty batch with the same labels and images.
    pub fn without_annotations(&self) -> Self {
        Self { labels: self.labels.clone(), images: self.images.clone(), ..Self::default() }
    }

    /// Copies annotation `index` of `from`, whose images and labels are those of this batch.
    pub fn push_from(&mut self, from: &Self, index: usize) {
        self.image.push(from.image[index]);
        self.label.push(from.label[index]);
        self.line.push(from.line[index]);
        self.value.push(from.value[index]);
        if let Some(each) = from.boxes.get(index) {
            self.boxes.push(*each);
        }
        if !from.payload_ends.is_empty() {
            self.push_payload(from.payload(index));
        }
    }

    /// The bytes that cross the boundary.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.encode_into(&mut out);
        out
    }

    /// Appends the bytes that cross the boundary.
    pub fn encode_into(&self, out: &mut Vec<u8>) {
        let start = out.len();
        out.reserve(128 + self.image.len() * 56 + self.payload_bytes.len());
        out.extend_from_slice(MAGIC);
        write_texts(out, self.labels.iter().map(String::as_str));
        write_texts(out, self.images.iter().map(|image| image.path.as_str()));
        write_section(out, self.images.iter().map(|image| image.width.to_le_bytes()));
        write_section(out, self.images.iter().map(|image| image.height.to_le_bytes()));
        write_section(out, self.images.iter().map(|image| image.line.to_le_bytes()));
        for column in [&self.image, &self.label, &self.line] {
            write_section(out, column.iter().map(|each| each.to_le_bytes()));
        }
        write_section(out, [&self.value]);
        write_section(out, self.boxes.iter().flatten().map(|each| each.to_le_bytes()));
        write_section(out, self.payload_ends.iter().map(|each| each.to_le_bytes()));
        write_section(out, [&self.payload_bytes]);
        debug_assert_eq!((out.len() - start) % 8, 0);
    }

    /// Reads and checks what came over the boundary: a batch that this returns has consistent columns.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a wrong signature, a cut section, columns of unequal length, an index out of range.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let mut rest = bytes.strip_prefix(MAGIC).ok_or_else(|| invalid("does not start with its signature"))?;
        let labels = read_texts(&mut rest)?;
        let paths = read_texts(&mut rest)?;
        let widths = read_numbers(&mut rest, u32::from_le_bytes)?;
        let heights = read_numbers(&mut rest, u32::from_le_bytes)?;
        let lines = read_numbers(&mut rest, u32::from_le_bytes)?;
        if [widths.len(), heights.len(), lines.len()] != [paths.len(); 3] {
            return Err(invalid("has image columns of unequal length"));
        }
        let images = (paths.into_iter().zip(widths).zip(heights).zip(lines))
            .map(|(((path, width), height), line)| ImageRef { path, width, height, line })
            .collect();
        let batch = Self {
            labels,
            images,
            image: read_numbers(&mut rest, u32::from_le_bytes)?,
            label: read_numbers(&mut rest, u32::from_le_bytes)?,
            line: read_numbers(&mut rest, u32::from_le_bytes)?,
            value: read_section(&mut rest)?.to_vec(),
            boxes: read_boxes(&mut rest)?,
            payload_ends: read_numbers(&mut rest, u64::from_le_bytes)?,
            payload_bytes: read_section(&mut rest)?.to_vec(),
        };
        batch.check()?;
        Ok(batch)
    }

    /// Whether the columns fit each other.
    pub fn check(&self) -> Result<()> {
        let count = self.image.len();
        let optional = |len: usize| len == count || len == 0;
        if [self.label.len(), self.line.len(), self.value.len()] != [count; 3]
            || !optional(self.boxes.len())
            || !optional(self.payload_ends.len())
        {
            return Err(invalid("has annotation columns of unequal length"));
        }
        if self.image.iter().any(|image| *image as usize >= self.images.len()) {
            return Err(invalid("names an image that it does not list"));
        }
        if self.label.iter().any(|label| *label as usize >= self.labels.len()) {
            return Err(invalid("names a label that it does not list"));
        }
        let last = self.payload_ends.last().copied().unwrap_or(0);
        if !self.payload_ends.is_sorted() || last != self.payload_bytes.len() as u64 {
            return Err(invalid("has payload ends that do not fit its payload"));
        }
        Ok(())
    }
}

fn invalid(what: &str) -> Error {
    Error::Invalid(format!("the annotation batch {what}"))
}

fn write_section<P: AsRef<[u8]>>(out: &mut Vec<u8>, pieces: impl IntoIterator<Item = P>) {
    let at = out.len();
    out.extend_from_slice(&[0; 8]);
    for piece in pieces {
        out.extend_from_slice(piece.as_ref());
    }
    let length = (out.len() - at - 8) as u64;
    out[at..at + 8].copy_from_slice(&length.to_le_bytes());
    let padding = length.next_multiple_of(8) - length;
    out.extend_from_slice(&[0; 8][..padding as usize]);
}

fn write_texts<'a>(out: &mut Vec<u8>, texts: impl Iterator<Item = &'a str> + Clone) {
    let mut end = 0u32;
    let ends = texts.clone().map(|text| {
        // Texts of more than 4 GiB in all give ends that do not rise, which `decode` refuses.
        end = end.wrapping_add(text.len() as u32);
        end.to_le_bytes()
    });
    write_section(out, ends);
    write_section(out, texts.map(str::as_bytes));
}

fn read_section<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8]> {
    let cut = || invalid("ends in the middle of a section");
    let (length, tail) = rest.split_first_chunk::<8>().ok_or_else(cut)?;
    let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| cut())?;
    let padded = length.checked_next_multiple_of(8).ok_or_else(cut)?;
    let section = tail.get(..length).ok_or_else(cut)?;
    *rest = tail.get(padded..).ok_or_else(cut)?;
    Ok(section)
}

fn read_numbers<const N: usize, T>(rest: &mut &[u8], from: fn([u8; N]) -> T) -> Result<Vec<T>> {
    let (chunks, tail) = read_section(rest)?.as_chunks::<N>();
    if !tail.is_empty() {
        return Err(invalid("has a column that ends in the middle of a number"));
    }
    Ok(chunks.iter().map(|chunk| from(*chunk)).collect())
}

fn read_boxes(rest: &mut &[u8]) -> Result<Vec<[f64; 4]>> {
    let numbers = read_numbers(rest, f64::from_le_bytes)?;
    let (boxes, tail) = numbers.as_chunks::<4>();
    if tail.is_empty() { Ok(boxes.to_vec()) } else { Err(invalid("has a box of fewer than four numbers")) }
}

fn read_texts(rest: &mut &[u8]) -> Result<Vec<String>> {
    let ends = read_numbers(rest, u32::from_le_bytes)?;
    let bytes = read_section(rest)?;
    let mut start = 0usize;
    ends.into_iter()
        .map(|end| {
            let text = bytes.get(start..end as usize).ok_or_else(|| invalid("has a text that ends outside it"))?;
            start = end as usize;
            String::from_utf8(text.to_vec()).map_err(|_| invalid("has a text that is not UTF-8"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    prop_compose! {
        fn batches()(
            labels in prop::collection::vec(".{0,6}", 1..4),
            paths in prop::collection::vec((".{0,12}", any::<u32>(), any::<u32>(), any::<u32>()), 1..5),
            rows in prop::collection::vec(
                (any::<u32>(), any::<u32>(), any::<u32>(), 0u8..2, prop::array::uniform4(-1e6f64..1e6), prop::collection::vec(any::<u8>(), 0..9)),
                0..20,
            ),
            (with_boxes, with_payloads) in any::<(bool, bool)>(),
        ) -> Batch {
            let images: Vec<ImageRef> =
                paths.into_iter().map(|(path, width, height, line)| ImageRef { path, width, height, line }).collect();
            let mut batch = Batch { labels, images, ..Batch::default() };
            for (image, label, line, value, each, payload) in rows {
                batch.image.push(image % batch.images.len() as u32);
                batch.label.push(label % batch.labels.len() as u32);
                batch.line.push(line);
                batch.value.push(value);
                if with_boxes {
                    batch.boxes.push(each);
                }
                if with_payloads {
                    batch.push_payload(&payload);
                }
            }
            batch
        }
    }

    proptest! {
        #[test]
        fn a_batch_survives_the_way_over_the_boundary(batch in batches()) {
            prop_assert_eq!(Batch::decode(&batch.encode()).unwrap(), batch);
        }

        #[test]
        fn a_batch_that_is_cut_is_refused(batch in batches(), cut in any::<prop::sample::Index>()) {
            let bytes = batch.encode();
            prop_assert!(Batch::decode(&bytes[..cut.index(bytes.len())]).is_err());
        }

        #[test]
        fn changed_bytes_never_panic_and_give_consistent_columns(
            batch in batches(), at in any::<prop::sample::Index>(), to: u8,
        ) {
            let mut bytes = batch.encode();
            let at = at.index(bytes.len());
            bytes[at] = to;
            if let Ok(batch) = Batch::decode(&bytes) {
                prop_assert!(batch.check().is_ok());
                for index in 0..batch.len() {
                    batch.payload(index);
                }
            }
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = Batch::decode(&[MAGIC.as_slice(), &bytes].concat());
        }

        #[test]
        fn copying_every_annotation_gives_the_same_batch(batch in batches()) {
            let mut copy = batch.without_annotations();
            (0..batch.len()).for_each(|index| copy.push_from(&batch, index));
            prop_assert_eq!(copy, batch);
        }
    }

    #[test]
    fn an_annotation_of_an_image_that_is_not_listed_is_refused() {
        let batch = Batch {
            labels: vec!["a".into()],
            image: vec![0],
            label: vec![0],
            line: vec![0],
            value: vec![1],
            ..Batch::default()
        };
        assert_eq!(
            Batch::decode(&batch.encode()),
            Err(Error::Invalid("the annotation batch names an image that it does not list".into()))
        );
    }
}
