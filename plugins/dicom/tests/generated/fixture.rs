//! Writes small DICOM files with dicom-object.

use dicom_core::value::{PixelFragmentSequence, PrimitiveValue, Value};
use dicom_core::{DataElement, Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use dicom_object::mem::InMemElement;
use dicom_transfer_syntax_registry::entries;

pub const IMPLICIT: &str = "1.2.840.10008.1.2";
pub const EXPLICIT: &str = "1.2.840.10008.1.2.1";
pub const DEFLATED: &str = "1.2.840.10008.1.2.1.99";
pub const BIG_ENDIAN: &str = "1.2.840.10008.1.2.2";
pub const RLE: &str = "1.2.840.10008.1.2.5";

/// A file in the making: a grey picture of 16 bits unless told otherwise.
#[derive(Clone)]
pub struct Fixture {
    object: InMemDicomObject,
    syntax: String,
}

impl Fixture {
    pub fn new(rows: u16, columns: u16) -> Self {
        let empty = Self { object: InMemDicomObject::new_empty(), syntax: EXPLICIT.to_owned() };
        empty
            .text(tags::SOP_CLASS_UID, VR::UI, "1.2.840.10008.5.1.4.1.1.7")
            .text(tags::SOP_INSTANCE_UID, VR::UI, "1.2.3.4")
            .text(tags::STUDY_INSTANCE_UID, VR::UI, "1.2.3")
            .text(tags::PATIENT_ID, VR::LO, "P-1")
            .text(tags::MODALITY, VR::CS, "OT")
            .number(tags::ROWS, rows)
            .number(tags::COLUMNS, columns)
            .photometric("MONOCHROME2", 1)
            .depth(16, 16, false)
    }

    pub fn element(mut self, tag: Tag, vr: VR, value: impl Into<PrimitiveValue>) -> Self {
        self.object.put(InMemElement::new(tag, vr, value.into()));
        self
    }

    pub fn text(self, tag: Tag, vr: VR, value: &str) -> Self {
        self.element(tag, vr, value)
    }

    pub fn number(self, tag: Tag, value: u16) -> Self {
        self.element(tag, VR::US, value)
    }

    pub fn without(mut self, tag: Tag) -> Self {
        self.object.remove_element(tag);
        self
    }

    pub fn photometric(self, name: &str, samples: u16) -> Self {
        self.text(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, name).number(tags::SAMPLES_PER_PIXEL, samples)
    }

    pub fn depth(self, allocated: u16, stored: u16, is_signed: bool) -> Self {
        self.number(tags::BITS_ALLOCATED, allocated)
            .number(tags::BITS_STORED, stored)
            .number(tags::HIGH_BIT, stored - 1)
            .number(tags::PIXEL_REPRESENTATION, is_signed.into())
    }

    pub fn frames(self, frames: usize) -> Self {
        self.text(tags::NUMBER_OF_FRAMES, VR::IS, &frames.to_string())
    }

    pub fn sequence(mut self, tag: Tag, items: Vec<InMemDicomObject>) -> Self {
        self.object.put(sequence(tag, items));
        self
    }

    pub fn bytes_of_pixels(self, pixels: &[u8]) -> Self {
        self.element(tags::PIXEL_DATA, VR::OB, PrimitiveValue::from(pixels))
    }

    pub fn words_of_pixels(self, pixels: &[u16]) -> Self {
        self.element(tags::PIXEL_DATA, VR::OW, PrimitiveValue::U16(pixels.into()))
    }

    pub fn syntax(mut self, uid: &str) -> Self {
        self.syntax = uid.to_owned();
        self
    }

    /// Encapsulated pixel data in the syntax `uid`.
    pub fn fragments(mut self, uid: &str, offsets: &[u32], fragments: &[Vec<u8>]) -> Self {
        let even = |fragment: &Vec<u8>| {
            let mut fragment = fragment.clone();
            fragment.resize(fragment.len().next_multiple_of(2), 0);
            fragment
        };
        let sequence = PixelFragmentSequence::new(offsets.to_vec(), fragments.iter().map(even).collect::<Vec<_>>());
        self.object.put(DataElement::new(tags::PIXEL_DATA, VR::OB, Value::PixelSequence(sequence)));
        self.syntax(uid)
    }

    /// The data elements alone.
    pub fn data_set(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let syntax = match self.syntax.as_str() {
            IMPLICIT => entries::IMPLICIT_VR_LITTLE_ENDIAN.erased(),
            BIG_ENDIAN => entries::EXPLICIT_VR_BIG_ENDIAN.erased(),
            _ => entries::EXPLICIT_VR_LITTLE_ENDIAN.erased(),
        };
        self.object.write_dataset_with_ts(&mut out, &syntax).unwrap();
        if self.syntax == DEFLATED { deflate(&out) } else { out }
    }

    /// The whole file.
    pub fn file(&self) -> Vec<u8> {
        let mut file = vec![0; 128];
        file.extend_from_slice(b"DICM");
        file.extend_from_slice(&meta(&self.syntax));
        file.extend_from_slice(&self.data_set());
        file
    }

    /// The whole file, in explicit little endian, with an element of these bytes right before its pixels.
    pub fn file_with_raw(&self, tag: Tag, letters: &[u8; 2], value: &[u8]) -> Vec<u8> {
        let mut file = self.file();
        let pixels = file.windows(6).position(|bytes| bytes == b"\xe0\x7f\x10\x00OW").unwrap();
        let mut element = bytes_of(&[tag.0, tag.1]);
        element.extend_from_slice(letters);
        element.extend_from_slice(&(value.len() as u16).to_le_bytes());
        element.extend_from_slice(value);
        file.splice(pixels..pixels, element);
        file
    }
}

pub fn sequence(tag: Tag, items: Vec<InMemDicomObject>) -> InMemElement {
    DataElement::new(tag, VR::SQ, Value::from(dicom_core::value::DataSetSequence::from(items)))
}

pub fn item(elements: Vec<InMemElement>) -> InMemDicomObject {
    InMemDicomObject::from_element_iter(elements)
}

pub fn primitive(tag: Tag, vr: VR, value: impl Into<PrimitiveValue>) -> InMemElement {
    InMemElement::new(tag, vr, value.into())
}

/// A meta group with nothing but the transfer syntax.
pub fn meta(syntax: &str) -> Vec<u8> {
    let mut uid = syntax.as_bytes().to_vec();
    uid.resize(uid.len().next_multiple_of(2), 0);
    let mut element = vec![2, 0, 0x10, 0, b'U', b'I'];
    element.extend_from_slice(&(uid.len() as u16).to_le_bytes());
    element.extend_from_slice(&uid);
    let mut meta = vec![2, 0, 0, 0, b'U', b'L', 4, 0];
    meta.extend_from_slice(&(element.len() as u32).to_le_bytes());
    meta.extend_from_slice(&element);
    meta
}

pub fn deflate(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Little-endian bytes of words.
pub fn bytes_of(words: &[u16]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// A value of 16 bits for every pixel, no two neighbours alike.
pub fn ramp(pixels: usize) -> Vec<u16> {
    (0..pixels).map(|index| (index * 977 % 4096) as u16).collect()
}
