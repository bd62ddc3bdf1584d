//! JPEG: every process, who decides on colour, and streams that are damaged or odd.

use crate::fixture::{Fixture, bytes_of, ramp};
use crate::jpeg_encoder::{Parameters, encode, without_colour_markers};
use crate::support::{decode, display};
use lightbox_sdk::{DecodeMode, Error};
use turbojpeg_sys as turbo;

const BASELINE: &str = "1.2.840.10008.1.2.4.50";
const EXTENDED: &str = "1.2.840.10008.1.2.4.51";
const SPECTRAL: &str = "1.2.840.10008.1.2.4.53";
const PROGRESSIVE: &str = "1.2.840.10008.1.2.4.55";
const LOSSLESS: &str = "1.2.840.10008.1.2.4.57";
const LOSSLESS_FIRST: &str = "1.2.840.10008.1.2.4.70";
const IS_LOSSLESS: (turbo::TJPARAM, i32) = (turbo::TJPARAM_TJPARAM_LOSSLESS, 1);

fn stored(file: &[u8]) -> Vec<u8> {
    decode(file, 0, DecodeMode::Stored).unwrap().samples
}

/// One file of each process.
pub fn jpeg_files() -> Vec<Vec<u8>> {
    let words = gradient(256);
    let progressive = [(turbo::TJPARAM_TJPARAM_PROGRESSIVE, 1)];
    let cases: [(&str, i32, Parameters<'_>); 4] =
        [(BASELINE, 8, &[]), (EXTENDED, 12, &[]), (PROGRESSIVE, 8, &progressive), (LOSSLESS, 16, &[IS_LOSSLESS])];
    let file = |(syntax, precision, parameters)| {
        let stream = encode(&words, 16, 1, precision, parameters);
        Fixture::new(16, 16).depth(16, precision as u16, false).fragments(syntax, &[], &[stream]).file()
    };
    cases.into_iter().map(file).collect()
}

#[test]
fn lossless_streams_of_every_predictor_and_depth_give_the_native_samples() {
    for precision in [2, 8, 10, 12, 13, 16] {
        let words: Vec<u16> = ramp(16 * 9).iter().map(|value| value.rotate_left(4) >> (16 - precision)).collect();
        for predictor in 1..=7 {
            let parameters = [IS_LOSSLESS, (turbo::TJPARAM_TJPARAM_LOSSLESSPSV, predictor)];
            let stream = encode(&words, 16, 1, precision, &parameters);
            let syntax = if predictor == 1 { LOSSLESS_FIRST } else { LOSSLESS };
            let fixture = Fixture::new(9, 16).depth(16, precision as u16, false);
            let file = fixture.fragments(syntax, &[], &[stream]).file();
            assert_eq!(stored(&file), bytes_of(&words), "{precision} bits, predictor {predictor}");
        }
    }
}

#[test]
fn signed_values_come_out_of_lossless_streams() {
    let cells = ramp(64);
    let stream = encode(&cells, 8, 1, 12, &[IS_LOSSLESS]);
    let fixture = Fixture::new(8, 8).depth(16, 12, true);
    let native = stored(&fixture.clone().words_of_pixels(&cells).file());
    assert_eq!(stored(&fixture.fragments(LOSSLESS, &[], &[stream]).file()), native);
}

/// A gradient that survives a lossy codec.
fn gradient(levels: usize) -> Vec<u16> {
    (0..256).map(|index| (index * levels / 256) as u16).collect()
}

#[test]
fn lossy_processes_of_8_and_12_bits_are_near_the_native_picture() {
    let cases: [(&str, i32, Parameters<'_>); 5] = [
        (BASELINE, 8, &[]),
        (EXTENDED, 12, &[]),
        (EXTENDED, 8, &[]),
        (SPECTRAL, 8, &[(turbo::TJPARAM_TJPARAM_PROGRESSIVE, 1)]),
        (PROGRESSIVE, 12, &[(turbo::TJPARAM_TJPARAM_PROGRESSIVE, 1)]),
    ];
    for (syntax, precision, parameters) in cases {
        let words = gradient(1 << precision);
        let stream = encode(&words, 16, 1, precision, parameters);
        let fixture = Fixture::new(16, 16).depth(16, precision as u16, false).fragments(syntax, &[], &[stream]);
        let samples = stored(&fixture.file());
        let found = samples.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair));
        let largest = found.zip(&words).map(|(found, word)| found.abs_diff(*word)).max().unwrap();
        assert!(largest <= 3 << (precision - 8), "{syntax}, {precision} bits: {largest}");
    }
}

fn colour(syntax: &str, name: &str, stream: Vec<u8>) -> Vec<u8> {
    let file = Fixture::new(8, 8).depth(8, 8, false).photometric(name, 3).fragments(syntax, &[], &[stream]).file();
    let pixels = display(&file).unwrap().samples;
    pixels[..3].to_vec()
}

fn is_near(found: &[u8], expected: [u8; 3]) -> bool {
    found.iter().zip(expected).all(|(found, expected)| found.abs_diff(expected) <= 3)
}

#[test]
fn the_stream_decides_on_colour_before_the_header_does() {
    let orange: Vec<u16> = [250, 120, 10].repeat(64);
    let stream = encode(&orange, 8, 3, 8, &[]);
    for name in ["RGB", "YBR_FULL_422", "YBR_FULL"] {
        assert!(is_near(&colour(BASELINE, name, stream.clone()), [250, 120, 10]), "{name}");
    }
    let silent = without_colour_markers(&stream);
    assert!(is_near(&colour(BASELINE, "YBR_FULL", silent.clone()), [250, 120, 10]));
    // The bare samples: luma 146, chroma 51 and 202.
    assert!(is_near(&colour(BASELINE, "RGB", silent), [146, 51, 202]));
}

#[test]
fn lossless_colour_is_not_transformed() {
    let orange: Vec<u16> = [250, 120, 10].repeat(64);
    let stream = encode(&orange, 8, 3, 8, &[IS_LOSSLESS]);
    assert_eq!(colour(LOSSLESS, "RGB", stream.clone()), [250, 120, 10]);
    assert_eq!(colour(LOSSLESS, "RGB", without_colour_markers(&stream)), [250, 120, 10]);
    // Markers that promise YCbCr do not change that.
    let jfif = [0xFF, 0xE0, 0, 16, b'J', b'F', b'I', b'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0];
    let adobe = [0xFF, 0xEE, 0, 14, b'A', b'd', b'o', b'b', b'e', 0, 100, 0, 0, 0, 0, 1];
    for marker in [&jfif[..], &adobe, &[jfif.as_slice(), &adobe].concat()] {
        let mut marked = without_colour_markers(&stream);
        marked.splice(2..2, marker.iter().copied());
        assert_eq!(colour(LOSSLESS, "RGB", marked), [250, 120, 10]);
    }
    let luma: Vec<u16> = [146, 51, 202].repeat(64);
    let stream = without_colour_markers(&encode(&luma, 8, 3, 8, &[IS_LOSSLESS]));
    assert!(is_near(&colour(LOSSLESS, "YBR_FULL", stream), [250, 120, 10]));
}

#[test]
fn a_sequential_scan_that_claims_no_spectral_range_is_read() {
    let words = gradient(4096);
    let mut stream = encode(&words, 16, 1, 12, &[]);
    let scan = stream.windows(2).position(|pair| pair == [0xFF, 0xDA]).unwrap();
    let end = scan + 2 + usize::from(stream[scan + 3]) - 2;
    assert_eq!(stream[end], 63);
    let file =
        |stream: &[u8]| Fixture::new(16, 16).depth(16, 12, false).fragments(EXTENDED, &[], &[stream.to_vec()]).file();
    let expected = stored(&file(&stream));
    stream[end] = 0;
    assert_eq!(stored(&file(&stream)), expected);
}

#[test]
fn cut_streams_and_processes_without_a_decoder_are_refused() {
    let words = ramp(64);
    for (syntax, parameters) in [(BASELINE, &[][..]), (LOSSLESS, &[IS_LOSSLESS])] {
        let bytes: Vec<u16> = words.iter().map(|word| word & 0xFF).collect();
        let stream = encode(&bytes, 8, 1, 8, parameters);
        for length in (0..stream.len() - 8).step_by(7) {
            let fixture = Fixture::new(8, 8).depth(8, 8, false);
            let file = fixture.fragments(syntax, &[], &[stream[..length].to_vec()]).file();
            assert!(matches!(display(&file), Err(Error::Corrupt(_))), "{syntax}, {length} of {}", stream.len());
        }
        let mut other = stream;
        let frame = other.windows(2).position(|pair| matches!(pair, [0xFF, 0xC0 | 0xC3])).unwrap();
        other[frame + 1] = 0xCB;
        let file = Fixture::new(8, 8).depth(8, 8, false).fragments(syntax, &[], &[other]).file();
        assert!(matches!(display(&file), Err(Error::Unsupported(message)) if message.contains("SOF11")));
    }
}
