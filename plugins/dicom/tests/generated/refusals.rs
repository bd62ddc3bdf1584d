//! What is refused, and with which kind of error.

use crate::encapsulated::JPEG_LS;
use crate::fixture::{EXPLICIT, Fixture, RLE, ramp};
use crate::support::{decode, display};
use dicom_core::value::PrimitiveValue;
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;
use lightbox_plugin_dicom::Dicom;
use lightbox_sdk::pixels::OwnedPixels;
use lightbox_sdk::{Call, DecodeMode, DecodeRequest, Error, ImageFormat, PixelOut};

fn picture() -> Fixture {
    Fixture::new(4, 4).words_of_pixels(&ramp(16))
}

fn floats() -> Fixture {
    let values = PrimitiveValue::F32([0.0f32; 16].as_ref().into());
    picture().without(tags::PIXEL_DATA).number(tags::BITS_ALLOCATED, 32).element(tags::FLOAT_PIXEL_DATA, VR::OF, values)
}

#[test]
fn headers_that_do_not_describe_the_data_are_refused() {
    let cases = [
        ("fewer pixels than Rows says", picture().number(tags::ROWS, 5)),
        ("more frames than there are", picture().frames(2)),
        ("frames beyond counting", picture().frames(2_147_483_647)),
        ("half of BitsAllocated", picture().depth(8, 8, false)),
        ("twice BitsAllocated", picture().depth(32, 32, false)),
        ("no rows", picture().number(tags::ROWS, 0)),
        ("Rows missing", picture().without(tags::ROWS)),
        ("BitsAllocated missing", picture().without(tags::BITS_ALLOCATED)),
        ("more bits stored than allocated", picture().depth(16, 17, false)),
        ("a high bit below the stored bits", picture().number(tags::HIGH_BIT, 3)),
        ("frames that are no number", picture().text(tags::NUMBER_OF_FRAMES, VR::IS, "1A")),
        ("three samples of grey", picture().number(tags::SAMPLES_PER_PIXEL, 3)),
        ("a codec's colour space without the codec", picture().photometric("YBR_ICT", 3)),
        ("a palette of wide indices", picture().depth(32, 32, false).photometric("PALETTE COLOR", 1)),
        ("floats in a palette", floats().photometric("PALETTE COLOR", 1)),
        ("floats without their bits", floats().number(tags::BITS_ALLOCATED, 16)),
        ("a codec and native pixels", picture().syntax(JPEG_LS)),
        ("no codec and fragments", Fixture::new(4, 4).fragments(RLE, &[], &[vec![0; 64]]).syntax(EXPLICIT)),
        ("fewer fragments than frames", Fixture::new(4, 4).frames(3).fragments(RLE, &[], &[vec![0; 64], vec![0; 64]])),
        ("a stream that is none", Fixture::new(4, 4).fragments(JPEG_LS, &[], &[vec![7; 64]])),
    ];
    for (name, fixture) in cases {
        let error = display(&fixture.file()).unwrap_err();
        assert!(matches!(error, Error::Corrupt(_)), "{name}: {error:?}");
    }
}

#[test]
fn what_is_valid_and_not_supported_is_named() {
    let video = [
        (100, "MPEG2"),
        (101, "MPEG2"),
        (102, "MPEG-4"),
        (103, "MPEG-4"),
        (104, "MPEG-4"),
        (105, "MPEG-4"),
        (106, "MPEG-4"),
        (107, "HEVC"),
        (108, "HEVC"),
    ];
    let others = [(92, "JPEG 2000 Part 2"), (93, "JPEG 2000 Part 2"), (94, "JPIP"), (95, "JPIP"), (205, "JPIP")];
    let retired = [(52, "JPEG Extended"), (58, "Process 15"), (59, "Hierarchical"), (66, "Process 29")];
    for (number, name) in video.into_iter().chain(others).chain(retired) {
        let uid = format!("1.2.840.10008.1.2.4.{number}");
        let error = display(&picture().syntax(&uid).file()).unwrap_err();
        let Error::Unsupported(message) = error else { panic!("{error:?}") };
        assert!(message.contains(&uid) && message.contains(name), "{message}");
    }
    let error = display(&picture().photometric("HSV", 3).file()).unwrap_err();
    assert!(matches!(&error, Error::Unsupported(message) if message.contains("HSV")), "{error:?}");
}

#[test]
fn files_without_pixels_name_their_sop_class() {
    let report = picture().without(tags::PIXEL_DATA).text(tags::SOP_CLASS_UID, VR::UI, "1.2.840.10008.5.1.4.1.1.88.11");
    let error = display(&report.file()).unwrap_err();
    assert!(matches!(&error, Error::NoPixels(message) if message.contains("Basic Text SR")), "{error:?}");
    let directory = report.text(tags::SOP_CLASS_UID, VR::UI, "1.2.840.10008.1.3.10");
    let error = display(&directory.file()).unwrap_err();
    assert!(matches!(&error, Error::NoPixels(message) if message.contains("DICOMDIR")), "{error:?}");
}

#[test]
fn every_cut_of_a_file_is_refused() {
    let file = picture().file();
    for length in 0..file.len() {
        assert!(decode(&file[..length], 0, DecodeMode::Stored).is_err(), "{length} of {}", file.len());
    }
}

/// What would be left over of it is not the start of the next header, whose length could be any.
#[test]
fn an_element_that_ends_in_the_middle_of_a_number_is_refused() {
    for (letters, size) in [(b"AT", 4), (b"US", 2), (b"SS", 2), (b"UL", 4), (b"SL", 4), (b"FL", 4), (b"FD", 8)] {
        let with = |length| picture().file_with_raw(Tag(0x0028, 0x1101), letters, &vec![0; length]);
        assert!(display(&with(2 * size)).is_ok());
        let error = display(&with(size + size / 2)).unwrap_err();
        let Error::Corrupt(message) = error else { panic!("{error:?}") };
        assert!(message.contains("(0028,1101)") && message.contains(&format!("take {size} each")), "{message}");
        let call = Call::unlimited();
        let elements = |file: &[u8]| Dicom.open(file, &call).unwrap().elements(&call).unwrap().unwrap();
        let shown = |length| elements(&picture().file_with_raw(Tag(0x0029, 0x1010), letters, &vec![0; length]));
        assert!(shown(2 * size).contains("00291010"));
        let without = shown(size + size / 2);
        assert!(!without.contains("00291010") && without.contains("00280103"), "left out alone: {without}");
    }
}

#[test]
fn more_memory_than_allowed_is_not_taken() {
    // An empty JPEG-LS stream of 60,000 × 60,000 pixels would take 7 GB.
    let file = Fixture::new(60_000, 60_000).fragments(JPEG_LS, &[], &[vec![0xFF, 0xD8, 0xFF, 0xF7]]).file();
    let call = Call::new(None, 1 << 20, &|| false);
    let request = DecodeRequest { frame: 0, mode: DecodeMode::Display, window: None };
    let mut reader = Dicom.open(&file, &call).unwrap();
    let error = reader.decode(&request, PixelOut::new(&mut OwnedPixels::default()), &call).unwrap_err();
    assert!(matches!(error, Error::Limit(_)), "{error:?}");
}

#[test]
fn a_cancelled_call_ends() {
    let file = picture().file();
    let open = Call::unlimited();
    let mut reader = Dicom.open(&file, &open).unwrap();
    let cancelled = Call::new(None, 1 << 20, &|| true);
    let request = DecodeRequest { frame: 0, mode: DecodeMode::Display, window: None };
    let error = reader.decode(&request, PixelOut::new(&mut OwnedPixels::default()), &cancelled).unwrap_err();
    assert_eq!(error, Error::Cancelled);
}

#[test]
fn other_files_are_not_claimed() {
    let others: [&[u8]; 7] = [
        b"",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0",
        b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xdb\0\x43",
        b"PK\x03\x04\x14\0\0\0\x08\0aaaaaaaaaaaaaaaaaaaa",
        b"image/a.png,cat,1\nimage/b.png,dog,0\n",
        b"\x08\0\0\0\x10\0\0\0\xff\xff\xff\xffxxxxxxxxxxxx",
        b"{\"shapes\": [], \"imagePath\": \"a.png\"}",
    ];
    for other in others {
        assert_eq!(Dicom.probe(other, other.len() as u64, "a.dcm"), 0, "{other:?}");
        assert!(display(other).is_err());
    }
    let file = picture().file();
    assert_eq!(Dicom.probe(&file[..file.len().min(4096)], file.len() as u64, "x"), 100);
    let bare = picture().data_set();
    assert_eq!(Dicom.probe(&bare[..bare.len().min(4096)], bare.len() as u64, "x"), 70);
}
