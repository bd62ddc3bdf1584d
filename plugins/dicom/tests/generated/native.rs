//! Uncompressed layouts.

use crate::fixture::{BIG_ENDIAN, DEFLATED, EXPLICIT, Fixture, IMPLICIT, bytes_of, ramp};
use crate::support::{decode, metadata};
use dicom_core::VR;
use dicom_core::value::PrimitiveValue;
use dicom_dictionary_std::tags;
use lightbox_sdk::{DecodeMode, PixelFormat};

fn stored(file: &[u8], frame: u32) -> Vec<u8> {
    decode(file, frame, DecodeMode::Stored).unwrap().samples
}

#[test]
fn words_are_the_same_in_every_encoding() {
    let words = ramp(35);
    for syntax in [IMPLICIT, EXPLICIT, BIG_ENDIAN, DEFLATED] {
        let file = Fixture::new(5, 7).words_of_pixels(&words).syntax(syntax).file();
        assert_eq!(stored(&file, 0), bytes_of(&words), "{syntax}");
    }
}

#[test]
fn bytes_in_big_endian_words_are_put_in_order() {
    let pixels: Vec<u8> = (0..18).collect();
    let words: Vec<u16> = pixels.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
    let fixture = Fixture::new(3, 3).depth(8, 8, false).frames(2).syntax(BIG_ENDIAN);
    // 9 bytes a frame: the second frame starts in the middle of a word.
    for file in [fixture.clone().words_of_pixels(&words).file(), fixture.bytes_of_pixels(&pixels).file()] {
        assert_eq!(stored(&file, 0), pixels[..9]);
        assert_eq!(stored(&file, 1), pixels[9..]);
    }
}

#[test]
fn single_bits_go_on_across_rows_and_frames() {
    // 3 × 3 pixels, two frames: 18 bits, least significant first.
    let packed = [0b1010_1010, 0b0101_0100, 0b11];
    for syntax in [EXPLICIT, IMPLICIT] {
        let pixels = [packed[0], packed[1], packed[2], 0];
        let fixture = Fixture::new(3, 3).depth(1, 1, false).frames(2).syntax(syntax);
        let file = fixture.bytes_of_pixels(&pixels).file();
        assert_eq!(stored(&file, 0), [0, 1, 0, 1, 0, 1, 0, 1, 0], "{syntax}");
        assert_eq!(stored(&file, 1), [0, 1, 0, 1, 0, 1, 0, 1, 1], "{syntax}");
    }
}

#[test]
fn values_stand_between_overlay_bits_and_below_the_high_bit() {
    let words = [0xF123, 0x0ABC, 0xFFFF];
    let fixture = Fixture::new(1, 3).depth(16, 12, false).words_of_pixels(&words);
    assert_eq!(stored(&fixture.file(), 0), bytes_of(&[0x123, 0xABC, 0xFFF]));
    let signed = fixture.clone().depth(16, 12, true).file();
    assert_eq!(stored(&signed, 0), bytes_of(&[0x123, 0xFABC, 0xFFFF]));
    let high = fixture.number(tags::HIGH_BIT, 15).file();
    assert_eq!(stored(&high, 0), bytes_of(&[0xF12, 0x0AB, 0xFFF]));
}

#[test]
fn wide_and_floating_samples_keep_their_bits() {
    let wide = Fixture::new(1, 2).depth(32, 32, false);
    let file = wide.element(tags::PIXEL_DATA, VR::OL, PrimitiveValue::U32([7, u32::MAX].as_ref().into())).file();
    let pixels = decode(&file, 0, DecodeMode::Stored).unwrap();
    assert_eq!((pixels.format, pixels.samples), (Some(PixelFormat::Gray32), vec![7, 0, 0, 0, 255, 255, 255, 255]));

    let values = PrimitiveValue::F32([0.5f32, -1.25].as_ref().into());
    let float = Fixture::new(1, 2).number(tags::BITS_ALLOCATED, 32).element(tags::FLOAT_PIXEL_DATA, VR::OF, values);
    let pixels = decode(&float.file(), 0, DecodeMode::Stored).unwrap();
    let expected: Vec<u8> = [0.5f32, -1.25].iter().flat_map(|value| value.to_le_bytes()).collect();
    assert_eq!((pixels.format, pixels.samples), (Some(PixelFormat::GrayF32), expected));

    let values = PrimitiveValue::F64([0.5f64, -1.25].as_ref().into());
    let double =
        Fixture::new(1, 2).number(tags::BITS_ALLOCATED, 64).element(tags::DOUBLE_FLOAT_PIXEL_DATA, VR::OD, values);
    let pixels = decode(&double.file(), 0, DecodeMode::Stored).unwrap();
    let expected: Vec<u8> = [0.5f64, -1.25].iter().flat_map(|value| value.to_le_bytes()).collect();
    assert_eq!((pixels.format, pixels.samples), (Some(PixelFormat::GrayF64), expected));
}

#[test]
fn every_frame_is_its_own() {
    let words = ramp(4 * 6);
    let file = Fixture::new(2, 3).frames(4).words_of_pixels(&words).file();
    assert_eq!(metadata(&file).unwrap().frame_count, 4);
    for (frame, expected) in words.chunks(6).enumerate() {
        assert_eq!(stored(&file, frame as u32), bytes_of(expected));
    }
}

#[test]
fn pixels_of_no_frames_are_one_frame_with_a_finding() {
    let words = ramp(6);
    let file = Fixture::new(2, 3).frames(0).words_of_pixels(&words).file();
    assert_eq!(stored(&file, 0), bytes_of(&words));
    let told = metadata(&file).unwrap();
    assert_eq!((told.frame_count, told.findings[0].code.as_str()), (1, "FRAMES_GUESSED"));
    let two = Fixture::new(2, 3).frames(0).words_of_pixels(&ramp(12)).file();
    assert!(metadata(&two).is_err());
}

#[test]
fn bare_data_sets_are_read_with_a_finding() {
    let words = ramp(4);
    for syntax in [IMPLICIT, EXPLICIT, BIG_ENDIAN] {
        let bare = Fixture::new(2, 2).words_of_pixels(&words).syntax(syntax).data_set();
        assert_eq!(stored(&bare, 0), bytes_of(&words), "{syntax}");
        assert_eq!(metadata(&bare).unwrap().findings[0].code, "TRANSFER_SYNTAX_GUESSED", "{syntax}");
    }
}

#[test]
fn files_without_preamble_may_change_their_encoding_after_the_meta_group() {
    let words = ramp(4);
    for syntax in [IMPLICIT, EXPLICIT, BIG_ENDIAN] {
        let mut file = crate::fixture::meta(syntax);
        file.extend_from_slice(&Fixture::new(2, 2).words_of_pixels(&words).syntax(syntax).data_set());
        assert_eq!(stored(&file, 0), bytes_of(&words), "{syntax}");
        assert!(metadata(&file).unwrap().findings.is_empty(), "{syntax}");
    }
}

#[test]
fn elements_in_another_encoding_than_the_meta_group_says_are_read_with_a_finding() {
    let fixture = Fixture::new(2, 2).words_of_pixels(&ramp(4));
    let mut file = vec![0; 128];
    file.extend_from_slice(b"DICM");
    file.extend_from_slice(&crate::fixture::meta(EXPLICIT));
    file.extend_from_slice(&fixture.syntax(IMPLICIT).data_set());
    assert_eq!(stored(&file, 0), bytes_of(&ramp(4)));
    assert_eq!(metadata(&file).unwrap().findings.len(), 1);
}

#[test]
fn identity_is_read_and_empty_values_are_absent() {
    let file = Fixture::new(1, 1).text(tags::STUDY_DESCRIPTION, VR::LO, " ").words_of_pixels(&[1]).file();
    let identity = metadata(&file).unwrap().dicom.unwrap();
    assert_eq!(identity.study_instance_uid.as_deref(), Some("1.2.3"));
    assert_eq!(identity.patient_id.as_deref(), Some("P-1"));
    assert_eq!(identity.modality.as_deref(), Some("OT"));
    assert_eq!((identity.study_description, identity.series_instance_uid), (None, None));
}
