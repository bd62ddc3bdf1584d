//! Typed access to data elements that were read. What is absent, empty or of another type is `None`.

use dicom_core::value::{PrimitiveValue, Value};
use dicom_core::{Tag, VR};
use dicom_object::InMemDicomObject;
use lightbox_sdk::{Error, Result};

/// The text without the padding of its end; `None` when nothing is left.
pub fn text(object: &InMemDicomObject, tag: Tag) -> Option<String> {
    let text = object.get(tag)?.value().to_str().ok()?;
    let text = text.trim_matches(|letter: char| letter.is_whitespace() || letter == '\0');
    (!text.is_empty()).then(|| text.to_owned())
}

/// Numbers that are finite; `None` when one cannot be read or none is there.
pub fn numbers(object: &InMemDicomObject, tag: Tag) -> Option<Vec<f64>> {
    let numbers = object.get(tag)?.value().to_multi_float64().ok()?;
    (!numbers.is_empty() && numbers.iter().all(|number| number.is_finite())).then_some(numbers)
}

/// The first number.
pub fn first_number(object: &InMemDicomObject, tag: Tag) -> Option<f64> {
    // Read one by one: a file with a good first and a bad second window still has a first one.
    match object.get(tag)?.value() {
        Value::Primitive(value @ (PrimitiveValue::Str(_) | PrimitiveValue::Strs(_))) => {
            let texts = value.to_multi_str();
            let first = texts.first()?.trim_matches(|letter: char| letter.is_whitespace() || letter == '\0');
            first.parse().ok().filter(|number: &f64| number.is_finite())
        }
        _ => numbers(object, tag)?.first().copied(),
    }
}

/// A number that has to be readable if it is there at all.
pub fn number(object: &InMemDicomObject, tag: Tag, name: &str) -> Result<Option<f64>> {
    if is_empty(object, tag) {
        return Ok(None);
    }
    let broken = || Error::Corrupt(format!("{name} is not a number"));
    first_number(object, tag).map(Some).ok_or_else(broken)
}

/// A single unsigned number; its absence is no error, several or unreadable ones are.
pub fn count(object: &InMemDicomObject, tag: Tag, name: &str) -> Result<Option<u32>> {
    if is_empty(object, tag) {
        return Ok(None);
    }
    let values = object.get(tag).and_then(|element| element.value().to_multi_int::<i64>().ok()).unwrap_or_default();
    match values.as_slice() {
        [] => Err(Error::Corrupt(format!("{name} is not a whole number"))),
        [value] => {
            let value = u32::try_from(*value);
            value.map(Some).map_err(|_| Error::Corrupt(format!("{name} is {}, which is out of range", values[0])))
        }
        several => Err(Error::Corrupt(format!("{name} has {} values instead of one", several.len()))),
    }
}

/// Whether the element is absent or without value.
pub fn is_empty(object: &InMemDicomObject, tag: Tag) -> bool {
    object.get(tag).is_none_or(|element| match element.value() {
        Value::Primitive(PrimitiveValue::Empty) => true,
        Value::Primitive(value @ (PrimitiveValue::Str(_) | PrimitiveValue::Strs(_))) => {
            value.to_str().trim_matches(|letter: char| letter.is_whitespace() || letter == '\0').is_empty()
        }
        Value::Primitive(value) => value.calculate_byte_len() == 0,
        _ => false,
    })
}

/// The first item of a sequence.
pub fn first_item(object: &InMemDicomObject, tag: Tag) -> Option<&InMemDicomObject> {
    object.get(tag)?.value().items()?.first()
}

/// 16-bit words of a lookup table; bytes, where the table is written as such, pair up in little endian.
pub fn words(object: &InMemDicomObject, tag: Tag) -> Option<Vec<u16>> {
    let words: Vec<u16> = match object.get(tag)?.value() {
        Value::Primitive(PrimitiveValue::U16(words)) => words.to_vec(),
        Value::Primitive(PrimitiveValue::I16(words)) => words.iter().map(|word| word.cast_unsigned()).collect(),
        Value::Primitive(PrimitiveValue::U8(bytes)) => {
            bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair)).collect()
        }
        _ => return None,
    };
    (!words.is_empty()).then_some(words)
}

/// Whether the element was written with the signed VR.
pub fn is_signed(object: &InMemDicomObject, tag: Tag) -> bool {
    object.get(tag).is_some_and(|element| element.vr() == VR::SS)
}
