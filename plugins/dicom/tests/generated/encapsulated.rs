//! Fragments and codecs: the same picture in every form gives the same stored samples.

use crate::fixture::{Fixture, RLE, bytes_of, deflate, ramp};
use crate::support::{decode, display};
use charls::{CharLS, FrameInfo};
use dicom_dictionary_std::tags::PLANAR_CONFIGURATION;
use lightbox_sdk::{DecodeMode, Error};

pub const JPEG_LS: &str = "1.2.840.10008.1.2.4.80";
const DEFLATED_FRAME: &str = "1.2.840.10008.1.2.8.1";
const ENCAPSULATED: &str = "1.2.840.10008.1.2.1.98";

/// PackBits with literal runs and, where four and more bytes are alike, a repeated one.
fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let mut rest = bytes;
    while let Some(first) = rest.first() {
        let alike = rest.iter().take(128).take_while(|byte| *byte == first).count();
        let taken = if alike >= 4 {
            packed.extend([(257 - alike) as u8, *first]);
            alike
        } else {
            let literal = rest.len().min(3);
            packed.push(literal as u8 - 1);
            packed.extend_from_slice(&rest[..literal]);
            literal
        };
        rest = &rest[taken..];
    }
    packed
}

/// A frame of interleaved little-endian cells as RLE.
fn rle(cells: &[u8], samples: usize, cell_bytes: usize) -> Vec<u8> {
    let plane = |sample: usize, byte: usize| {
        let bytes = cells.chunks(samples * cell_bytes).map(|pixel| pixel[sample * cell_bytes + cell_bytes - 1 - byte]);
        pack(&bytes.collect::<Vec<_>>())
    };
    let segments: Vec<Vec<u8>> = (0..samples)
        .flat_map(|sample| (0..cell_bytes).map(move |byte| (sample, byte)))
        .map(|(s, b)| plane(s, b))
        .collect();
    let mut header = vec![segments.len() as u32];
    let mut at = 64;
    for segment in &segments {
        header.push(at);
        at += segment.len() as u32;
    }
    header.resize(16, 0);
    let header = header.into_iter().flat_map(u32::to_le_bytes);
    header.chain(segments.into_iter().flatten()).collect()
}

pub fn rle_file() -> Vec<u8> {
    let frames: Vec<_> = ramp(24).chunks(12).map(|frame| rle(&bytes_of(frame), 1, 2)).collect();
    Fixture::new(3, 4).frames(2).fragments(RLE, &[], &frames).file()
}

fn jpeg_ls(words: &[u16], columns: u32, rows: u32, bits: i32) -> Vec<u8> {
    near_jpeg_ls(words, columns, rows, bits, 0)
}

/// No sample is further than `near` from the one that went in.
fn near_jpeg_ls(words: &[u16], columns: u32, rows: u32, bits: i32, near: i32) -> Vec<u8> {
    let info = FrameInfo { width: columns, height: rows, bits_per_sample: bits, component_count: 1 };
    CharLS::default().encode(info, near, &bytes_of(words)).unwrap()
}

pub fn jpeg_ls_file() -> Vec<u8> {
    let stream = jpeg_ls(&ramp(16), 4, 4, 12);
    Fixture::new(4, 4).depth(16, 12, false).fragments(JPEG_LS, &[], &[stream]).file()
}

fn stored(file: &[u8], frame: u32) -> Vec<u8> {
    decode(file, frame, DecodeMode::Stored).unwrap().samples
}

#[test]
fn a_picture_has_the_same_stored_samples_in_every_lossless_form() {
    let words = ramp(64);
    let fixture = Fixture::new(8, 8).depth(16, 12, true);
    let native = stored(&fixture.clone().words_of_pixels(&words).file(), 0);
    let forms = [
        (RLE, rle(&bytes_of(&words), 1, 2)),
        (JPEG_LS, jpeg_ls(&words, 8, 8, 12)),
        (JPEG_LS, jpeg_ls(&words, 8, 8, 16)),
        (DEFLATED_FRAME, deflate(&bytes_of(&words))),
        (ENCAPSULATED, bytes_of(&words)),
    ];
    for (syntax, stream) in forms {
        let file = fixture.clone().fragments(syntax, &[], &[stream]).file();
        assert_eq!(stored(&file, 0), native, "{syntax}");
    }
}

#[test]
fn near_lossless_jpeg_ls_is_as_near_as_its_stream_says() {
    let words = ramp(64);
    let stream = near_jpeg_ls(&words, 8, 8, 12, 3);
    let file = Fixture::new(8, 8).depth(16, 12, false).fragments("1.2.840.10008.1.2.4.81", &[], &[stream]).file();
    let samples = stored(&file, 0);
    let found = samples.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair));
    let apart: Vec<u16> = found.zip(&words).map(|(found, word)| found.abs_diff(*word)).collect();
    assert!(apart.iter().all(|apart| *apart <= 3) && apart.contains(&3), "{apart:?}");
}

#[test]
fn frames_in_fragments_hold_bits_and_planes() {
    let packed = [0b1010_1010, 0b0101_0101, 0b1];
    for (syntax, stream) in [(ENCAPSULATED, packed.to_vec()), (DEFLATED_FRAME, deflate(&packed))] {
        // Every frame starts in a byte of its own.
        let frames = [stream.clone(), stream];
        let bits = Fixture::new(1, 17).depth(1, 1, false).frames(2).fragments(syntax, &[], &frames).file();
        for frame in [0, 1] {
            assert_eq!(stored(&bits, frame), [0, 1, 0, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1, 0, 1], "{syntax}, {frame}");
        }
    }
    let planes = [1, 4, 2, 5, 3, 6];
    for (syntax, stream) in [(ENCAPSULATED, planes.to_vec()), (DEFLATED_FRAME, deflate(&planes))] {
        let fixture = Fixture::new(1, 2).depth(8, 8, false).photometric("RGB", 3).number(PLANAR_CONFIGURATION, 1);
        assert_eq!(stored(&fixture.fragments(syntax, &[], &[stream]).file(), 0), [1, 2, 3, 4, 5, 6], "{syntax}");
    }
}

#[test]
fn rle_holds_bytes_words_wide_words_colour_and_bits() {
    let bytes: Vec<u8> = (0..48).map(|index| (index / 5 * 7) as u8).collect();
    for (allocated, samples, pixels) in [(8, 1, 48), (8, 3, 16), (16, 1, 24), (16, 3, 8), (32, 1, 12)] {
        let name = if samples == 1 { "MONOCHROME2" } else { "RGB" };
        let stream = rle(&bytes, samples.into(), usize::from(allocated) / 8);
        let fixture = Fixture::new(1, pixels).depth(allocated, allocated, false).photometric(name, samples);
        assert_eq!(stored(&fixture.fragments(RLE, &[], &[stream]).file(), 0), bytes, "{allocated} {samples}");
    }
    let bits = Fixture::new(1, 10).depth(1, 1, false).fragments(RLE, &[], &[rle(&[0b1100_0001, 0b10], 1, 1)]);
    assert_eq!(stored(&bits.file(), 0), [1, 0, 0, 0, 0, 0, 1, 1, 0, 1]);
}

#[test]
fn frames_are_found_by_either_table_by_count_and_by_their_first_bytes() {
    let words = ramp(32);
    let streams: Vec<_> = words.chunks(16).map(|frame| jpeg_ls(frame, 4, 4, 12)).collect();
    let halves: Vec<Vec<u8>> = streams
        .iter()
        .flat_map(|stream| {
            let (left, right) = stream.split_at(stream.len() / 2 / 2 * 2);
            [left.to_vec(), right.to_vec()]
        })
        .collect();
    let even = |bytes: &Vec<u8>| bytes.len().next_multiple_of(2) as u32 + 8;
    let second = even(&halves[0]) + even(&halves[1]);
    let fixture = Fixture::new(4, 4).depth(16, 12, false).frames(2);
    let offsets: Vec<u8> = [0, u64::from(second)].into_iter().flat_map(u64::to_le_bytes).collect();
    let extended = |fixture: Fixture| {
        fixture.element(dicom_dictionary_std::tags::EXTENDED_OFFSET_TABLE, dicom_core::VR::OV, offsets.clone())
    };
    let forms = [
        ("count", fixture.clone().fragments(JPEG_LS, &[], &streams)),
        ("basic table", fixture.clone().fragments(JPEG_LS, &[0, second], &halves)),
        ("extended table", extended(fixture.clone()).fragments(JPEG_LS, &[], &halves)),
        ("first bytes", fixture.clone().fragments(JPEG_LS, &[], &halves)),
    ];
    for (name, form) in forms {
        let file = form.file();
        assert_eq!(stored(&file, 1), bytes_of(&words[16..]), "{name}");
        assert_eq!(stored(&file, 0), bytes_of(&words[..16]), "{name}");
    }
    let beside = fixture.fragments(JPEG_LS, &[0, second + 2], &halves).file();
    assert!(matches!(display(&beside), Err(Error::Corrupt(message)) if message.contains("offset table")));
}

#[test]
fn a_stream_of_another_kind_than_the_transfer_syntax_says_is_named() {
    let stream = jpeg_ls(&ramp(16), 4, 4, 12);
    let cases = [("1.2.840.10008.1.2.4.70", "JPEG-LS"), ("1.2.840.10008.1.2.4.90", "not a JPEG 2000 stream")];
    for (syntax, name) in cases {
        let file = Fixture::new(4, 4).depth(16, 12, false).fragments(syntax, &[], std::slice::from_ref(&stream)).file();
        assert!(matches!(display(&file), Err(Error::Corrupt(message)) if message.contains(name)), "{syntax}");
    }
}

#[test]
fn streams_that_end_early_are_refused() {
    let words = ramp(64);
    for (syntax, stream) in [(RLE, rle(&bytes_of(&words), 1, 2)), (JPEG_LS, jpeg_ls(&words, 8, 8, 12))] {
        let cut = stream[..stream.len() - 12].to_vec();
        let file = Fixture::new(8, 8).depth(16, 12, false).fragments(syntax, &[], &[cut]).file();
        assert!(matches!(display(&file), Err(Error::Corrupt(_))), "{syntax}");
    }
}
