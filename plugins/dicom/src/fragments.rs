//! Encapsulated pixel data: which fragments make up which frame (PS3.5 A.4). Built once, so that every frame is
//! equally near.

use crate::data_set::DataSet;
use crate::syntax::Codec;
use crate::walk::{Element, Encoding, element_at};
use dicom_core::Tag;
use lightbox_sdk::{Error, Result};
use std::borrow::Cow;
use std::ops::Range;

const ITEM: Tag = Tag(0xFFFE, 0xE000);
const SEQUENCE_END: Tag = Tag(0xFFFE, 0xE0DD);

/// The fragments of every frame.
#[derive(Debug)]
pub struct Fragments {
    /// Bytes of each fragment in the data set.
    ranges: Vec<Range<usize>>,
    /// Fragments of each frame.
    frames: Vec<Range<usize>>,
}

impl Fragments {
    /// Walks the items by their lengths and assigns them to frames.
    pub fn index(bytes: &[u8], set: &DataSet, element: &Element, frames: u32, codec: Codec) -> Result<Self> {
        let mut items = walk_items(bytes, element.value)?;
        if items.is_empty() {
            return Err(Error::Corrupt("the pixel data has no offset table and no fragments".to_owned()));
        }
        let table = items.remove(0);
        let first_item = table.end;
        let offsets = offsets(bytes, set, table)?;
        let frames = assign(bytes, &items, frames as usize, offsets, first_item, codec)?;
        Ok(Self { ranges: items, frames })
    }

    /// The first fragment, in which the first stream's header stands.
    pub fn first<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        self.ranges.first().and_then(|range| bytes.get(range.clone())).unwrap_or_default()
    }

    /// The stream of one frame; copied only if it is in several fragments.
    pub fn frame<'b>(&self, bytes: &'b [u8], frame: usize) -> Result<Cow<'b, [u8]>> {
        let fragments = self.frames.get(frame).and_then(|range| self.ranges.get(range.clone())).unwrap_or_default();
        match fragments {
            [] => Err(Error::Corrupt(format!("frame {frame} has no fragment"))),
            [only] => Ok(Cow::Borrowed(bytes.get(only.clone()).unwrap_or_default())),
            several => {
                let parts: Vec<&[u8]> = several.iter().filter_map(|range| bytes.get(range.clone())).collect();
                Ok(Cow::Owned(parts.concat()))
            }
        }
    }
}

/// All items up to the delimiter, the offset table among them.
fn walk_items(bytes: &[u8], mut at: usize) -> Result<Vec<Range<usize>>> {
    let mut items = Vec::new();
    loop {
        // Streams are sometimes written without the delimiter; whether all frames are there is checked elsewhere.
        if at == bytes.len() && items.len() > 1 {
            return Ok(items);
        }
        let item = element_at(bytes, at, Encoding::EXPLICIT_LITTLE);
        let item = item.ok_or_else(|| Error::Corrupt(format!("the pixel data is cut at byte {at}")))?;
        match (item.tag, item.length) {
            (SEQUENCE_END, _) => return Ok(items),
            (ITEM, Some(length)) if length <= bytes.len().saturating_sub(item.value) => {
                at = item.value + length;
                items.push(item.value..at);
            }
            (ITEM, length) => {
                return Err(Error::Corrupt(format!(
                    "fragment {} claims {} bytes, but only {} are left: the pixel data is cut",
                    items.len(),
                    length.map_or("an unknown number of".to_owned(), |length| length.to_string()),
                    bytes.len().saturating_sub(item.value)
                )));
            }
            (tag, _) => {
                return Err(Error::Corrupt(format!(
                    "the tag {tag} stands where a fragment of the pixel data belongs: the pixel data is not \
                     encapsulated, or damaged"
                )));
            }
        }
    }
}

/// Offsets of the frames' first items from the first one; empty when no table gives them.
fn offsets(bytes: &[u8], set: &DataSet, basic: Range<usize>) -> Result<Vec<u64>> {
    if let Some(extended) = &set.extended_offsets
        && let Some(length) = extended.length.filter(|length| *length > 0)
    {
        let table = bytes.get(extended.value..extended.value + length).unwrap_or_default();
        return Ok(table.as_chunks::<8>().0.iter().map(|offset| u64::from_le_bytes(*offset)).collect());
    }
    let (offsets, rest) = bytes.get(basic).unwrap_or_default().as_chunks::<4>();
    if !rest.is_empty() {
        return Err(Error::Corrupt("the offset table ends in the middle of an offset".to_owned()));
    }
    Ok(offsets.iter().map(|offset| u64::from(u32::from_le_bytes(*offset))).collect())
}

fn assign(
    bytes: &[u8],
    items: &[Range<usize>],
    frames: usize,
    offsets: Vec<u64>,
    first_item: usize,
    codec: Codec,
) -> Result<Vec<Range<usize>>> {
    if items.len() < frames {
        return Err(Error::Corrupt(format!(
            "NumberOfFrames is {frames}, but the number of fragments is {}",
            items.len()
        )));
    }
    if frames == 1 {
        return Ok(std::iter::once(0..items.len()).collect());
    }
    let starts = if items.len() == frames {
        (0..frames).collect()
    } else if offsets.is_empty() {
        starts_by_signature(bytes, items, codec)
    } else {
        starts_by_offset(items, &offsets, first_item)?
    };
    if starts.len() != frames || starts.first() != Some(&0) || !starts.is_sorted_by(|left, right| left < right) {
        return Err(Error::Corrupt(format!(
            "NumberOfFrames is {frames}, but the {} fragments make up {} frames",
            items.len(),
            starts.len()
        )));
    }
    let ends = starts.iter().skip(1).copied().chain([items.len()]);
    Ok(starts.iter().copied().zip(ends).map(|(start, end)| start..end).collect())
}

fn starts_by_offset(items: &[Range<usize>], offsets: &[u64], first_item: usize) -> Result<Vec<usize>> {
    let find = |offset: &u64| {
        // An offset points at the item's header, 8 bytes before its content.
        let content = usize::try_from(*offset).ok().and_then(|offset| offset.checked_add(first_item + 8));
        content.and_then(|content| items.binary_search_by_key(&content, |item| item.start).ok())
    };
    let starts: Option<Vec<usize>> = offsets.iter().map(find).collect();
    starts.ok_or_else(|| Error::Corrupt("the offset table points beside the fragments".to_owned()))
}

/// Without a table a frame starts where a stream starts: behind the end marker of the one before.
fn starts_by_signature(bytes: &[u8], items: &[Range<usize>], codec: Codec) -> Vec<usize> {
    let content = |item: &Range<usize>| bytes.get(item.clone()).unwrap_or_default();
    let is_start = |item: &Range<usize>| match codec {
        Codec::Jpeg | Codec::JpegLs => content(item).starts_with(&[0xFF, 0xD8, 0xFF]),
        Codec::Jpeg2000 => {
            content(item).starts_with(&[0xFF, 0x4F, 0xFF, 0x51]) || content(item).starts_with(b"\0\0\0\x0CjP  ")
        }
        Codec::JpegXl => content(item).starts_with(&[0xFF, 0x0A]) || content(item).starts_with(b"\0\0\0\x0CJXL "),
        _ => false,
    };
    items.iter().enumerate().filter(|(_, item)| is_start(item)).map(|(index, _)| index).collect()
}
