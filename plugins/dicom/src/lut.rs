//! Lookup tables of modality, VOI and palette: descriptor and entries (PS3.3 C.11.1.1, C.11.2.1.1, C.7.6.3.1.5).

use crate::attribute;
use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use lightbox_sdk::{Error, Result};

/// A table of at least one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lut {
    /// Input that the first entry stands for; smaller inputs get it too.
    pub first: i64,
    pub entries: Vec<u16>,
    /// Bits of an entry, as the descriptor says.
    pub bits: u32,
}

impl Lut {
    /// The entry of an input; what lies outside gets the first or the last one.
    pub fn entry(&self, input: i64) -> u16 {
        let last = self.entries.len().saturating_sub(1);
        let index = usize::try_from(input.saturating_sub(self.first)).unwrap_or(0).min(last);
        self.entries.get(index).copied().unwrap_or(0)
    }

    /// The table of a LUT sequence's item; `None` when it has no descriptor or no data.
    pub fn of_item(item: &InMemDicomObject, is_signed_input: bool) -> Result<Option<Self>> {
        let Some(descriptor) = Descriptor::read(item, tags::LUT_DESCRIPTOR, is_signed_input) else { return Ok(None) };
        let Some(words) = attribute::words(item, tags::LUT_DATA) else { return Ok(None) };
        descriptor.table(words).map(Some)
    }
}

/// Number of entries, first input, bits of an entry.
#[derive(Debug, Clone, Copy)]
pub struct Descriptor {
    pub entries: usize,
    pub first: i64,
    pub bits: u32,
}

impl Descriptor {
    /// `is_signed_input`: how to read the first input where the encoding does not tell US from SS.
    pub fn read(object: &InMemDicomObject, tag: Tag, is_signed_input: bool) -> Option<Self> {
        let words = attribute::words(object, tag)?;
        let [entries, first, bits, ..] = *words.as_slice() else { return None };
        let is_signed = attribute::is_signed(object, tag) || is_signed_input;
        Some(Self {
            // 65,536 does not fit the 16 bits and is written as 0.
            entries: if entries == 0 { 65_536 } else { usize::from(entries) },
            first: if is_signed { i64::from(first.cast_signed()) } else { i64::from(first) },
            bits: u32::from(bits),
        })
    }

    /// The table that `words` hold; two entries a word where there are only half as many.
    pub fn table(self, words: Vec<u16>) -> Result<Lut> {
        let entries = if words.len() >= self.entries {
            words
        } else if words.len() * 2 >= self.entries {
            words.iter().flat_map(|word| word.to_le_bytes()).map(u16::from).collect()
        } else {
            return Err(Error::Corrupt(format!(
                "a lookup table has {} entries of the {} that its descriptor names",
                words.len(),
                self.entries
            )));
        };
        let entries = entries.into_iter().take(self.entries).collect();
        Ok(Lut { first: self.first, entries, bits: self.bits.clamp(1, 16) })
    }
}
