//! Annotations by the thousand, as columns: what annotation calls take and give, and how it crosses the boundary.
//!
//! Layout, all numbers little endian, sections in this order, each a `u64` length in bytes and then its bytes, padded
//! to 8: labels, image paths, image widths, image heights, image lines, then per annotation: image, label, line,
//! value, box, payload ends, payload bytes. Texts are stored as all ends (`u32` each), then all bytes.

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
        let mut out = Vec::with_capacity(64 + self.image.len() * 48 + self.payload_bytes.len());
        out.extend_from_slice(MAGIC);
        write_texts(&mut out, self.labels.iter().map(String::as_str));
        write_texts(&mut out, self.images.iter().map(|image| image.path.as_str()));
        write_section(&mut out, self.images.iter().flat_map(|image| image.width.to_le_bytes()));
        write_section(&mut out, self.images.iter().flat_map(|image| image.height.to_le_bytes()));
        write_section(&mut out, self.images.iter().flat_map(|image| image.line.to_le_bytes()));
        for column in [&self.image, &self.label, &self.line] {
            write_section(&mut out, column.iter().flat_map(|each| each.to_le_bytes()));
        }
        write_section(&mut out, self.value.iter().copied());
        write_section(&mut out, self.boxes.iter().flatten().flat_map(|each| each.to_le_bytes()));
        write_section(&mut out, self.payload_ends.iter().flat_map(|each| each.to_le_bytes()));
        write_section(&mut out, self.payload_bytes.iter().copied());
        out
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

fn write_section(out: &mut Vec<u8>, bytes: impl Iterator<Item = u8>) {
    let at = out.len();
    out.extend_from_slice(&[0; 8]);
    out.extend(bytes);
    let length = (out.len() - at - 8) as u64;
    out[at..at + 8].copy_from_slice(&length.to_le_bytes());
    out.resize(out.len().next_multiple_of(8), 0);
}

fn write_texts<'a>(out: &mut Vec<u8>, texts: impl Iterator<Item = &'a str> + Clone) {
    let mut end = 0u32;
    write_section(
        out,
        texts.clone().flat_map(|text| {
            end += text.len() as u32;
            end.to_le_bytes()
        }),
    );
    write_section(out, texts.flat_map(|text| text.bytes()));
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
