//! The data elements as DICOM JSON (PS3.18, annex F), for people to look at.
//!
//! Left out: pixel data, and binary values above [`MAX_BINARY_BYTES`] such as overlays and tables. An element that
//! cannot be read is left out alone.

use crate::pixel_element::is_pixel_data;
use crate::selection::Selection;
use crate::walk::{self, Element, Encoding, element_at};
use dicom_core::VR;
use dicom_core::header::Header;
use dicom_core::value::Value;
use dicom_object::InMemDicomObject;
use lightbox_sdk::{Call, Error, Result};

/// Binary values up to this size are shown, in base64.
const MAX_BINARY_BYTES: usize = 4096;
/// Texts, sequences and all others up to this size are shown.
const MAX_VALUE_BYTES: usize = 1 << 20;
const MAX_TOTAL_BYTES: usize = 4 << 20;

/// The top-level elements before the pixel data, with all that is in them.
pub fn to_json(bytes: &[u8], encoding: Encoding, call: &Call<'_>) -> Result<String> {
    let mut object = read_all(bytes, encoding, call)?;
    drop_bulk(&mut object);
    let json = dicom_json::to_string(&object);
    let json = json.map_err(|error| Error::Corrupt(format!("the data elements cannot be shown as JSON: {error}")))?;
    if json.len() as u64 > call.max_output_bytes() {
        return Err(Error::Limit(format!(
            "the data elements as JSON have {} bytes, {} are allowed",
            json.len(),
            call.max_output_bytes()
        )));
    }
    Ok(json)
}

fn read_all(bytes: &[u8], encoding: Encoding, call: &Call<'_>) -> Result<InMemDicomObject> {
    let (mut all, mut each) = (Selection::default(), Vec::new());
    let mut at = 0;
    while let Some(element) = element_at(bytes, at, encoding).filter(|element| !is_pixel_data(element.tag)) {
        let Ok(end) = walk::end_of(bytes, &element, encoding) else { break };
        if is_shown(&element, end) && all.len() + (end - at) <= MAX_TOTAL_BYTES {
            all.add(bytes, &element, end);
            each.push((element, end));
        }
        at = end;
    }
    call.check()?;
    all.read(encoding).or_else(|_| Ok(read_singly(bytes, encoding, &each)))
}

/// One by one, without those that cannot be read.
fn read_singly(bytes: &[u8], encoding: Encoding, elements: &[(Element, usize)]) -> InMemDicomObject {
    let readable = elements.iter().filter_map(|(element, end)| {
        let mut single = Selection::default();
        single.add(bytes, element, *end);
        single.read(encoding).ok()
    });
    InMemDicomObject::from_element_iter(readable.flatten())
}

fn is_shown(element: &Element, end: usize) -> bool {
    // An unknown VR is that of the dictionary, if it knows the tag.
    let vr = element.vr.filter(|vr| *vr != VR::UN).or_else(|| walk::dictionary_vr(element.tag));
    let is_binary = element.length.is_some() && vr.is_none_or(is_bulk);
    let limit = if is_binary { MAX_BINARY_BYTES } else { MAX_VALUE_BYTES };
    element.tag.1 != 0 && end - element.value <= limit
}

fn is_bulk(vr: VR) -> bool {
    matches!(vr, VR::OB | VR::OD | VR::OF | VR::OL | VR::OV | VR::OW | VR::UN)
}

/// Takes large binary values and pictures out of sequences.
fn drop_bulk(object: &mut InMemDicomObject) {
    object.retain(|element| {
        let is_small = element.value().primitive().is_none_or(|value| value.calculate_byte_len() <= MAX_BINARY_BYTES);
        !is_pixel_data(element.tag()) && (is_small || !is_bulk(element.vr()))
    });
    let sequences: Vec<_> =
        object.iter().filter(|element| element.value().items().is_some()).map(|e| e.tag()).collect();
    for tag in sequences {
        object.update_value(tag, |value| {
            if let Value::Sequence(sequence) = value {
                sequence.items_mut().iter_mut().for_each(drop_bulk);
            }
        });
    }
}
