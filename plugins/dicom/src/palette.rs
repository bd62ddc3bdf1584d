//! PALETTE COLOR: three tables, plain or in segments (PS3.3 C.7.6.3.1.5, C.7.6.3.1.6, C.7.9.2).

use crate::attribute;
use crate::header::Bits;
use crate::lut::{Descriptor, Lut};
use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use lightbox_sdk::{Error, Result};

const CHANNELS: [(Tag, Tag, Tag); 3] = [
    (
        tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
        tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
        tags::SEGMENTED_RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
    ),
    (
        tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
        tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA,
        tags::SEGMENTED_GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA,
    ),
    (
        tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
        tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA,
        tags::SEGMENTED_BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA,
    ),
];

/// Red, green and blue of every index.
#[derive(Debug)]
pub struct Palette {
    channels: [Lut; 3],
}

impl Palette {
    /// # Errors
    /// [`Error::Corrupt`] when a table is missing or damaged.
    pub fn read(object: &InMemDicomObject, is_signed_input: bool) -> Result<Self> {
        let [red, green, blue] = CHANNELS.map(|tags| channel(object, tags, is_signed_input));
        Ok(Self { channels: [red?, green?, blue?] })
    }

    /// Whether the entries have more than 8 bits; 16-bit entries that hold 8-bit values do not.
    pub fn is_deep(&self) -> bool {
        self.channels.iter().flat_map(|channel| &channel.entries).any(|entry| *entry > 255)
    }

    /// Red, green and blue of a stored value, as the tables have them.
    pub fn colour(&self, value: i64) -> [u16; 3] {
        self.channels.each_ref().map(|channel| channel.entry(value))
    }

    /// 8-bit colour of every cell of `bits`, by the stored bits as an unsigned number.
    pub fn table(&self, bits: Bits) -> Vec<[u8; 3]> {
        let shift = if self.is_deep() { 8 } else { 0 };
        let unshifted = Bits { shift: 0, ..bits };
        (0..=bits.mask())
            .map(|cell| self.colour(unshifted.value(cell as u32)).map(|entry| (entry >> shift) as u8))
            .collect()
    }
}

fn channel(object: &InMemDicomObject, tags: (Tag, Tag, Tag), is_signed_input: bool) -> Result<Lut> {
    let (descriptor, data, segmented) = tags;
    let missing = || Error::Corrupt("a PALETTE COLOR picture has no colour tables".to_owned());
    let descriptor = Descriptor::read(object, descriptor, is_signed_input).ok_or_else(missing)?;
    if let Some(words) = attribute::words(object, data) {
        return descriptor.table(words);
    }
    let words = attribute::words(object, segmented).ok_or_else(missing)?;
    let as_words = || expand(Segments { units: &words, unit_bytes: 2, at: 0 }, descriptor.entries);
    let entries = if descriptor.bits == 8 {
        // Segments of 8-bit entries are written in bytes throughout, two a word; some writers use words all the same.
        let bytes: Vec<u16> = words.iter().flat_map(|word| word.to_le_bytes()).map(u16::from).collect();
        expand(Segments { units: &bytes, unit_bytes: 1, at: 0 }, descriptor.entries).or_else(|_| as_words())
    } else {
        as_words()
    };
    descriptor.table(entries?)
}

/// Expands segments to `wanted` entries.
fn expand(mut rest: Segments<'_>, wanted: usize) -> Result<Vec<u16>> {
    let mut entries = Vec::new();
    while entries.len() < wanted && rest.at < rest.units.len() {
        rest.expand_next(&mut entries, wanted, true)?;
    }
    if entries.len() < wanted {
        return Err(Error::Corrupt(format!("a segmented colour table has {} of {wanted} entries", entries.len())));
    }
    Ok(entries)
}

/// Opcodes, lengths and entries, all of one size.
#[derive(Clone, Copy)]
struct Segments<'w> {
    units: &'w [u16],
    unit_bytes: usize,
    at: usize,
}

impl Segments<'_> {
    fn next(&mut self) -> Result<u16> {
        let unit = self.units.get(self.at).copied();
        self.at += 1;
        unit.ok_or_else(|| Error::Corrupt("a segmented colour table ends inside a segment".to_owned()))
    }

    /// 0: discrete, 1: linear, 2: segments from elsewhere in the table, which are of the first two kinds. Each has an
    /// entry at least: a small table could refer to empty ones a billion times.
    fn expand_next(&mut self, out: &mut Vec<u16>, wanted: usize, may_refer: bool) -> Result<()> {
        match (self.next()?, self.next()?) {
            (0..=2, 0) => Err(Error::Corrupt("a segmented colour table has a segment without an entry".to_owned())),
            (0, length) => (0..length).try_for_each(|_| self.next().map(|entry| out.push(entry))),
            (1, length) => {
                let end = self.next()?;
                extend_line(out, length, end)
            }
            (2, count) if may_refer => {
                let mut offset_bytes = 0;
                for part in 0..4 / self.unit_bytes {
                    offset_bytes |= usize::from(self.next()?) << (8 * self.unit_bytes * part);
                }
                let mut source = Segments { at: offset_bytes / self.unit_bytes, ..*self };
                for _ in 0..count {
                    if out.len() >= wanted {
                        break;
                    }
                    source.expand_next(out, wanted, false)?;
                }
                Ok(())
            }
            (kind, _) => Err(Error::Corrupt(format!("a segmented colour table has a segment of kind {kind}"))),
        }
    }
}

/// `length` entries on the line from the entry before to `end`.
fn extend_line(out: &mut Vec<u16>, length: u16, end: u16) -> Result<()> {
    let start = out.last().copied();
    let start = start.ok_or_else(|| Error::Corrupt("a segmented colour table starts with a line".to_owned()))?;
    let (start, length, end) = (f64::from(start), f64::from(length), f64::from(end));
    out.extend((1..=length as u32).map(|step| (start + (end - start) * f64::from(step) / length).round() as u16));
    Ok(())
}
