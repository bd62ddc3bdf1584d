//! JPEG 2000: sign, colour transform, and streams that are not whole.

use crate::fixture::{Fixture, bytes_of, ramp};
use crate::jpeg2000_streams::{
    self as streams, COLOUR, HIGH_THROUGHPUT, HIGH_THROUGHPUT_LOSSY, LOSSY, SIGNED, UNSIGNED,
};
use crate::support::{decode, display, metadata};
use lightbox_sdk::{DecodeMode, Error};

const LOSSLESS: &str = "1.2.840.10008.1.2.4.90";

fn file(stream: &[u8], is_signed: bool) -> Vec<u8> {
    Fixture::new(8, 8).depth(16, 12, is_signed).fragments(LOSSLESS, &[], &[stream.to_vec()]).file()
}

pub fn jpeg_2000_file() -> Vec<u8> {
    file(&streams::bytes_of(SIGNED), true)
}

fn stored(file: &[u8]) -> Vec<u8> {
    decode(file, 0, DecodeMode::Stored).unwrap().samples
}

#[test]
fn a_lossless_stream_has_the_samples_of_the_native_picture() {
    assert_eq!(stored(&file(&streams::bytes_of(UNSIGNED), false)), bytes_of(&ramp(64)));
}

#[test]
fn high_throughput_streams_have_the_samples_of_the_native_picture() {
    for syntax in ["1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.202", "1.2.840.10008.1.2.4.203"] {
        let file = Fixture::new(8, 8).fragments(syntax, &[], &[streams::bytes_of(HIGH_THROUGHPUT)]).file();
        assert_eq!(stored(&file), bytes_of(&ramp(64)), "{syntax}");
    }
}

#[test]
fn lossy_streams_are_near_the_native_picture() {
    let cases = [("1.2.840.10008.1.2.4.91", LOSSY, 64), ("1.2.840.10008.1.2.4.203", HIGH_THROUGHPUT_LOSSY, 4)];
    for (syntax, stream, most) in cases {
        let file = Fixture::new(8, 8).fragments(syntax, &[], &[streams::bytes_of(stream)]).file();
        let samples = stored(&file);
        let found = samples.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair));
        let expected = (0..64).map(|index| (index / 8 + index % 8) * 256);
        let largest = found.zip(expected).map(|(found, expected)| found.abs_diff(expected)).max().unwrap();
        assert!(largest <= most, "{syntax}: {largest}");
    }
}

#[test]
fn a_stream_of_more_bits_than_the_decoder_has_is_named() {
    let mut stream = streams::bytes_of(UNSIGNED);
    let precision = stream.iter().position(|byte| *byte == 0x0B).unwrap();
    stream[precision] = 31; // 32 bits
    let file = Fixture::new(8, 8).depth(32, 32, false).fragments(LOSSLESS, &[], &[stream]).file();
    assert!(matches!(display(&file), Err(Error::Unsupported(message)) if message.contains("32 bits")));
}

#[test]
fn where_stream_and_header_disagree_on_the_sign_the_stream_is_right() {
    let expected: Vec<u16> = ramp(64).iter().map(|value| value.wrapping_sub(2048)).collect();
    for is_signed in [true, false] {
        let file = file(&streams::bytes_of(SIGNED), is_signed);
        assert_eq!(stored(&file), bytes_of(&expected));
        let metadata = metadata(&file).unwrap();
        assert!(metadata.signed);
        assert_eq!(metadata.findings.iter().any(|finding| finding.code == "SIGN_CONTRADICTED"), !is_signed);
    }
    // Two's complement in a stream that calls it unsigned.
    let file = file(&streams::bytes_of(UNSIGNED), true);
    let expected: Vec<u16> = ramp(64).iter().map(|value| (value ^ 2048).wrapping_sub(2048)).collect();
    assert_eq!(stored(&file), bytes_of(&expected));
    assert_eq!(metadata(&file).unwrap().findings[0].code, "SIGN_CONTRADICTED");
}

#[test]
fn the_transform_of_the_stream_makes_rgb_of_any_header() {
    let expected: Vec<u8> = (0..16).flat_map(|index| [index * 16, 255 - index * 16, index * 8]).collect();
    for name in ["YBR_RCT", "RGB", "YBR_FULL"] {
        let fixture = Fixture::new(4, 4).depth(8, 8, false).photometric(name, 3);
        let file = fixture.fragments(LOSSLESS, &[], &[streams::bytes_of(COLOUR)]).file();
        assert_eq!(display(&file).unwrap().samples, expected, "{name}");
    }
}

#[test]
fn every_cut_of_a_stream_is_refused() {
    let stream = streams::bytes_of(UNSIGNED);
    // Without the end marker, the last two bytes, the picture is whole; the fixture pads a byte before it.
    for length in 0..=stream.len() - 4 {
        let file = file(&stream[..length], false);
        assert!(matches!(display(&file), Err(Error::Corrupt(_))), "{length} of {}", stream.len());
    }
}
