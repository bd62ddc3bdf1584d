//! The data elements as DICOM JSON.

use crate::fixture::{BIG_ENDIAN, EXPLICIT, Fixture, IMPLICIT, item, primitive};
use dicom_core::value::PrimitiveValue;
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;
use lightbox_plugin_dicom::Dicom;
use lightbox_sdk::{Call, ImageFormat};
use serde_json::{Value, json};

fn elements(file: &[u8]) -> Value {
    let call = Call::unlimited();
    let text = Dicom.open(file, &call).unwrap().elements(&call).unwrap().unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn elements_are_told_without_pictures_and_large_binary_values() {
    let overlay = Tag(0x6000, 0x3000);
    let icon = item(vec![
        primitive(tags::ROWS, VR::US, 1u16),
        primitive(tags::PIXEL_DATA, VR::OB, PrimitiveValue::from(vec![1u8, 2])),
        primitive(Tag(0x0029, 0x1010), VR::OB, PrimitiveValue::from(vec![0u8; 8192])),
    ]);
    for syntax in [EXPLICIT, IMPLICIT, BIG_ENDIAN] {
        let file = Fixture::new(1, 2)
            .element(overlay, VR::OW, PrimitiveValue::U16(vec![0; 8192].into()))
            .element(Tag(0x0029, 0x1020), VR::OB, PrimitiveValue::from(vec![1u8, 2]))
            .sequence(tags::ICON_IMAGE_SEQUENCE, vec![icon.clone()])
            .words_of_pixels(&[1, 2])
            .syntax(syntax)
            .file();
        let json = elements(&file);
        assert_eq!(json["00100020"], json!({"vr": "LO", "Value": ["P-1"]}), "{syntax}");
        assert_eq!(json["00280010"], json!({"vr": "US", "Value": [1]}), "{syntax}");
        assert_eq!(json["00291020"]["InlineBinary"], "AQI=", "{syntax}");
        assert_eq!(json["00880200"]["Value"], json!([{"00280010": {"vr": "US", "Value": [1]}}]), "{syntax}");
        assert!(json.get("7FE00010").is_none() && json.get("60003000").is_none(), "{syntax}");
    }
}

#[test]
fn names_are_told_in_their_character_set() {
    let mut bytes = Fixture::new(1, 1)
        .text(tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 100")
        .text(tags::PATIENT_NAME, VR::PN, "Buc^Jerome")
        .words_of_pixels(&[1])
        .file();
    let at = bytes.windows(10).position(|window| window == b"Buc^Jerome").unwrap();
    bytes[at + 5] = 0xE9;
    assert_eq!(elements(&bytes)["00100010"]["Value"], json!([{"Alphabetic": "Buc^Jérome"}]));
}
