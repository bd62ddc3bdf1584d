//! JPEG XL, written with zune-jpegxl.

use crate::fixture::{Fixture, bytes_of, ramp};
use crate::jpeg_xl_streams::{LOSSY, RECOMPRESSED};
use crate::jpeg2000_streams as hexadecimal;
use crate::support::{decode, display};
use lightbox_sdk::{DecodeMode, Error};
use zune_core::bit_depth::BitDepth;
use zune_core::colorspace::ColorSpace;
use zune_core::options::EncoderOptions;
use zune_jpegxl::JxlSimpleEncoder;

const LOSSLESS: &str = "1.2.840.10008.1.2.4.110";

fn encode(bytes: &[u8], columns: usize, rows: usize, colour: ColorSpace, depth: BitDepth) -> Vec<u8> {
    let options = EncoderOptions::new(columns, rows, colour, depth).set_num_threads(1);
    let mut stream = Vec::new();
    JxlSimpleEncoder::new(bytes, options).encode(&mut stream).unwrap();
    stream
}

pub fn jpeg_xl_file() -> Vec<u8> {
    let stream = encode(&bytes_of(&ramp(64)), 8, 8, ColorSpace::Luma, BitDepth::Sixteen);
    Fixture::new(8, 8).fragments(LOSSLESS, &[], &[stream]).file()
}

#[test]
fn grey_words_and_colour_bytes_come_out_as_they_went_in() {
    let words = bytes_of(&ramp(16 * 16));
    let grey = encode(&words, 16, 16, ColorSpace::Luma, BitDepth::Sixteen);
    let file = Fixture::new(16, 16).fragments(LOSSLESS, &[], &[grey]).file();
    assert_eq!(decode(&file, 0, DecodeMode::Stored).unwrap().samples, words);

    let bytes: Vec<u8> = (0..16 * 16 * 3).map(|index| (index * 7) as u8).collect();
    let rgb = encode(&bytes, 16, 16, ColorSpace::RGB, BitDepth::Eight);
    let fixture = Fixture::new(16, 16).depth(8, 8, false).photometric("RGB", 3);
    assert_eq!(display(&fixture.fragments(LOSSLESS, &[], &[rgb]).file()).unwrap().samples, bytes);
}

#[test]
fn lossy_streams_and_recompressed_jpeg_are_near_the_native_picture() {
    for (syntax, stream) in [("1.2.840.10008.1.2.4.112", LOSSY), ("1.2.840.10008.1.2.4.111", RECOMPRESSED)] {
        let fixture = Fixture::new(8, 8).depth(8, 8, false).fragments(syntax, &[], &[hexadecimal::bytes_of(stream)]);
        let samples = decode(&fixture.file(), 0, DecodeMode::Stored).unwrap().samples;
        let expected = (0..64u8).map(|index| (index / 8 + index % 8) * 16);
        let largest = samples.iter().zip(expected).map(|(found, expected)| found.abs_diff(expected)).max().unwrap();
        assert!(largest <= 2, "{syntax}: {largest}");
    }
}

#[test]
fn cut_streams_are_refused() {
    let words = bytes_of(&ramp(16 * 16));
    let stream = encode(&words, 16, 16, ColorSpace::Luma, BitDepth::Sixteen);
    for length in (0..stream.len() - 4).step_by(5) {
        let file = Fixture::new(16, 16).fragments(LOSSLESS, &[], &[stream[..length].to_vec()]).file();
        assert!(matches!(display(&file), Err(Error::Corrupt(_))), "{length} of {}", stream.len());
    }
}
