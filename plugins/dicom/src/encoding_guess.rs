//! What a data set is written in, when nothing says so or what says so is wrong.

use crate::pixel_element::is_pixel_data;
use crate::walk::{Element, Encoding, dictionary_vr, element_at};
use dicom_core::{Tag, VR};

/// Elements that have to look right.
const LOOKED_AT: usize = 4;

const FILE_META_GROUP: u16 = 0x0002;

/// The encoding in which the first elements of `bytes` make sense; `declared` wins if it is one.
/// `total_bytes` is the length of the whole data set, of which `bytes` may be the beginning.
pub fn guess(bytes: &[u8], total_bytes: u64, declared: Option<Encoding>) -> Option<Encoding> {
    let rest = [Encoding::EXPLICIT_LITTLE, Encoding::IMPLICIT_LITTLE, Encoding::EXPLICIT_BIG];
    declared.into_iter().chain(rest).find(|encoding| is_plausible(bytes, total_bytes, *encoding))
}

fn is_plausible(bytes: &[u8], total_bytes: u64, encoding: Encoding) -> bool {
    let (mut at, mut before) = (0usize, None);
    for _ in 0..LOOKED_AT {
        if at as u64 == total_bytes {
            break;
        }
        let Some(element) = element_at(bytes, at, encoding) else { return before.is_some() && at > bytes.len() };
        if before.is_some_and(|tag: Tag| tag.0 == FILE_META_GROUP && element.tag.0 != FILE_META_GROUP) {
            break; // what follows the file meta group may be written in another encoding
        }
        if before.is_some_and(|tag| element.tag <= tag) || !is_element_plausible(bytes, &element, encoding) {
            return false;
        }
        before = Some(element.tag);
        let Some(length) = element.length else { break };
        at = element.value.saturating_add(length);
        if at as u64 > total_bytes {
            return false;
        }
    }
    before.is_some()
}

fn is_element_plausible(bytes: &[u8], element: &Element, encoding: Encoding) -> bool {
    if element.tag.0 == 0 || element.tag.0 > 0x7FE0 || (element.length.is_none() && !may_be_open(element)) {
        return false;
    }
    if element.tag.1 == 0 && element.length != Some(4) {
        return false; // a group length is always one 32-bit number
    }
    if !encoding.explicit {
        // A VR's two letters where the length belongs would make a length of 16 MiB and more.
        return element.length.is_none_or(|length| length % 2 == 0 || length < 1024);
    }
    let letters = bytes.get(element.start + 4..element.start + 6).and_then(|pair| <[u8; 2]>::try_from(pair).ok());
    letters.and_then(VR::from_binary).is_some()
}

/// Whether an element may have an undefined length: sequences, unknown ones, and pixel data.
fn may_be_open(element: &Element) -> bool {
    let vr = element.vr.or_else(|| dictionary_vr(element.tag));
    matches!(vr, None | Some(VR::SQ | VR::UN)) || is_pixel_data(element.tag)
}

/// Whether the beginning of a file without preamble looks like a DICOM data set: a first element of the file meta
/// group or of group 0008 that the dictionary knows.
pub fn is_bare_data_set(head: &[u8], total_bytes: u64) -> bool {
    let Some(encoding) = guess(head, total_bytes, None) else { return false };
    let Some(first) = element_at(head, 0, encoding) else { return false };
    let is_known = first.tag.1 == 0 || dictionary_vr(first.tag).is_some();
    matches!(first.tag.0, 0x0002 | 0x0008) && is_known && total_bytes >= 16
}
