//! Where the elements of a data set start and end (PS3.5, section 7). Values are not interpreted here.

use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::StandardDataDictionary;
use lightbox_sdk::{Error, Result};

/// Sequences inside sequences that are still followed; real files stay below 10.
const MAX_DEPTH: usize = 32;
const UNDEFINED: u32 = u32::MAX;
const ITEM: Tag = Tag(0xFFFE, 0xE000);
const ITEM_END: Tag = Tag(0xFFFE, 0xE00D);
const SEQUENCE_END: Tag = Tag(0xFFFE, 0xE0DD);

/// How element headers and numbers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoding {
    pub explicit: bool,
    pub big_endian: bool,
}

impl Encoding {
    pub const IMPLICIT_LITTLE: Self = Self { explicit: false, big_endian: false };
    pub const EXPLICIT_LITTLE: Self = Self { explicit: true, big_endian: false };
    pub const EXPLICIT_BIG: Self = Self { explicit: true, big_endian: true };

    fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        let pair = *bytes.get(at..)?.first_chunk::<2>()?;
        Some(if self.big_endian { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) })
    }

    fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let four = *bytes.get(at..)?.first_chunk::<4>()?;
        Some(if self.big_endian { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) })
    }

    fn tag(self, bytes: &[u8], at: usize) -> Option<Tag> {
        Some(Tag(self.u16(bytes, at)?, self.u16(bytes, at + 2)?))
    }
}

/// One element's header.
#[derive(Debug, Clone, Copy)]
pub struct Element {
    pub tag: Tag,
    /// `None` in implicit encodings and for item tags; unknown letters count as UN, as PS3.5 6.2 asks for.
    pub vr: Option<VR>,
    /// Byte where the header starts.
    pub start: usize,
    /// Byte where the value starts.
    pub value: usize,
    /// Bytes of the value as the header claims; `None` when it is undefined. Never trusted: see [`end_of`].
    pub length: Option<usize>,
}

/// Whether the VR has a 16-bit length field (PS3.5 7.1.2).
fn is_short(vr: VR) -> bool {
    use VR::{AE, AS, AT, CS, DA, DS, DT, FD, FL, IS, LO, LT, PN, SH, SL, SS, ST, TM, UI, UL, US};
    matches!(vr, AE | AS | AT | CS | DA | DS | DT | FD | FL | IS | LO | LT | PN | SH | SL | SS | ST | TM | UI | UL | US)
}

/// The header at `at`; `None` when the bytes end inside it.
pub fn element_at(bytes: &[u8], at: usize, encoding: Encoding) -> Option<Element> {
    let tag = encoding.tag(bytes, at)?;
    if !encoding.explicit || tag.0 == 0xFFFE {
        let length = encoding.u32(bytes, at + 4)?;
        return Some(element(tag, None, at, at + 8, length));
    }
    let letters = *bytes.get(at + 4..)?.first_chunk::<2>()?;
    let vr = VR::from_binary(letters).unwrap_or(VR::UN);
    Some(if is_short(vr) {
        element(tag, Some(vr), at, at + 8, u32::from(encoding.u16(bytes, at + 6)?))
    } else {
        element(tag, Some(vr), at, at + 12, encoding.u32(bytes, at + 8)?)
    })
}

fn element(tag: Tag, vr: Option<VR>, start: usize, value: usize, length: u32) -> Element {
    Element { tag, vr, start, value, length: (length != UNDEFINED).then_some(length as usize) }
}

/// Byte behind the element's value. Only sequences of undefined length are entered.
pub fn end_of(bytes: &[u8], element: &Element, encoding: Encoding) -> Result<usize> {
    Walk { bytes, is_deep: false }.element_end(element, encoding, 0)
}

/// Checks every length inside the elements of `bytes` and how deep its sequences go, so that a recursive parser may
/// read it, and reads it as it is read here.
pub fn check(bytes: &[u8], encoding: Encoding) -> Result<()> {
    Walk { bytes, is_deep: true }.elements(0, Some(bytes.len()), encoding, 0).map(|_| ())
}

/// Byte ranges of the content of a sequence's items.
pub fn items(bytes: &[u8], sequence: &Element, encoding: Encoding) -> Result<Vec<std::ops::Range<usize>>> {
    let walk = Walk { bytes, is_deep: false };
    let mut found = Vec::new();
    walk.items(sequence.value, end_by(sequence, bytes)?, inner_encoding(sequence, encoding), 0, &mut |range| {
        found.push(range);
    })?;
    Ok(found)
}

/// UN of undefined length holds implicit little endian, whatever is around it (PS3.5 6.2.2).
fn inner_encoding(sequence: &Element, encoding: Encoding) -> Encoding {
    if sequence.vr == Some(VR::UN) { Encoding::IMPLICIT_LITTLE } else { encoding }
}

fn end_by(element: &Element, bytes: &[u8]) -> Result<Option<usize>> {
    let Some(length) = element.length else { return Ok(None) };
    let left = bytes.len().saturating_sub(element.value);
    if length > left {
        return Err(Error::Corrupt(format!(
            "the element {} at byte {} claims {length} bytes, but only {left} are left: the file is cut or damaged",
            element.tag, element.start
        )));
    }
    Ok(Some(element.value + length))
}

struct Walk<'b> {
    bytes: &'b [u8],
    /// Enter sequences of defined length too.
    is_deep: bool,
}

impl Walk<'_> {
    fn element_end(&self, element: &Element, encoding: Encoding, depth: usize) -> Result<usize> {
        let end = end_by(element, self.bytes)?;
        if self.is_deep {
            check_values(element)?;
        }
        if let Some(end) = end
            && !(self.is_deep && is_sequence(element))
        {
            return Ok(end);
        }
        self.items(element.value, end, inner_encoding(element, encoding), depth + 1, &mut |_| ())
    }

    /// Elements up to `end` or, if that is unknown, up to the item delimiter. Returns the byte behind them.
    fn elements(&self, mut at: usize, end: Option<usize>, encoding: Encoding, depth: usize) -> Result<usize> {
        loop {
            if end.is_some_and(|end| at >= end) {
                return Ok(at);
            }
            let element = element_at(self.bytes, at, encoding).ok_or_else(|| self.cut(at))?;
            if element.tag == ITEM_END {
                return Ok(element.value);
            }
            at = self.element_end(&element, encoding, depth)?;
        }
    }

    /// Items up to `end` or, if that is unknown, up to the sequence delimiter. Returns the byte behind them.
    fn items(
        &self,
        mut at: usize,
        end: Option<usize>,
        encoding: Encoding,
        depth: usize,
        found: &mut dyn FnMut(std::ops::Range<usize>),
    ) -> Result<usize> {
        if depth > MAX_DEPTH {
            return Err(Error::Corrupt(format!("sequences are nested more than {MAX_DEPTH} deep at byte {at}")));
        }
        loop {
            if end.is_some_and(|end| at >= end) {
                return Ok(at);
            }
            let item = element_at(self.bytes, at, encoding).ok_or_else(|| self.cut(at))?;
            match item.tag {
                SEQUENCE_END => return Ok(item.value),
                ITEM => at = self.item(&item, encoding, depth, found)?,
                tag => return Err(Error::Corrupt(format!("the tag {tag} at byte {at} stands where an item belongs"))),
            }
        }
    }

    fn item(
        &self,
        item: &Element,
        encoding: Encoding,
        depth: usize,
        found: &mut dyn FnMut(std::ops::Range<usize>),
    ) -> Result<usize> {
        let end = end_by(item, self.bytes)?;
        if let Some(end) = end
            && !self.is_deep
        {
            found(item.value..end);
            return Ok(end);
        }
        let behind = self.elements(item.value, end, encoding, depth)?;
        // An item of undefined length ends with a delimiter of 8 bytes.
        found(item.value..end.unwrap_or(behind.saturating_sub(8)));
        Ok(behind)
    }

    fn cut(&self, at: usize) -> Error {
        Error::Corrupt(format!(
            "the file ends at byte {}, in the middle of the element that starts at byte {at}",
            self.bytes.len()
        ))
    }
}

/// dicom-parser reads numbers as long as whole ones are left, and takes what is left over for the next header.
fn check_values(element: &Element) -> Result<()> {
    let (Some(length), Some(vr)) = (element.length, vr_of(element)) else { return Ok(()) };
    let size = value_size(vr);
    if length % size == 0 {
        return Ok(());
    }
    Err(Error::Corrupt(format!(
        "the element {} at byte {} has {length} bytes, but its values ({vr}) take {size} each",
        element.tag, element.start
    )))
}

/// Bytes of one value, of VRs whose values are numbers (PS3.5 6.2); 1 for all others.
fn value_size(vr: VR) -> usize {
    use VR::{AT, FD, FL, OD, OF, OL, OV, OW, SL, SS, SV, UL, US, UV};
    match vr {
        US | SS | OW => 2,
        AT | UL | SL | FL | OF | OL => 4,
        FD | OD | OV | SV | UV => 8,
        _ => 1,
    }
}

fn is_sequence(element: &Element) -> bool {
    vr_of(element) == Some(VR::SQ)
}

/// As the header says or, in implicit encodings, the dictionary.
fn vr_of(element: &Element) -> Option<VR> {
    element.vr.or_else(|| dictionary_vr(element.tag))
}

/// The VR of the standard's dictionary; of several, the unsigned or shorter one.
pub fn dictionary_vr(tag: Tag) -> Option<VR> {
    StandardDataDictionary.by_tag(tag).map(|entry| entry.vr().relaxed())
}
