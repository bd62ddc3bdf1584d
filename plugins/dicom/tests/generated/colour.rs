//! Colour: RGB, planes, YBR, palettes.

use crate::fixture::{BIG_ENDIAN, EXPLICIT, Fixture, IMPLICIT};
use crate::support::{decode, display};
use dicom_core::VR;
use dicom_core::value::PrimitiveValue;
use dicom_dictionary_std::tags;
use lightbox_sdk::{DecodeMode, Error, PixelFormat};

fn colour(name: &str, columns: u16) -> Fixture {
    Fixture::new(1, columns).depth(8, 8, false).photometric(name, 3).number(tags::PLANAR_CONFIGURATION, 0)
}

fn shown(fixture: &Fixture) -> Vec<u8> {
    let pixels = display(&fixture.file()).unwrap();
    assert_eq!(pixels.format, Some(PixelFormat::Rgb8));
    pixels.samples
}

#[test]
fn rgb_is_shown_as_it_is_whatever_the_window() {
    let rgb = colour("RGB", 2).text(tags::WINDOW_CENTER, VR::DS, "1").text(tags::WINDOW_WIDTH, VR::DS, "1");
    assert_eq!(shown(&rgb.bytes_of_pixels(&[1, 2, 3, 4, 5, 6])), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn planes_are_interleaved() {
    let planar = colour("RGB", 2).number(tags::PLANAR_CONFIGURATION, 1);
    assert_eq!(shown(&planar.bytes_of_pixels(&[1, 4, 2, 5, 3, 6])), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn deep_colour_shows_its_highest_bits_and_keeps_all_of_them_in_16() {
    let words = [0, 0x0800, 0x0FFF];
    let deep = Fixture::new(1, 1).depth(16, 12, false).photometric("RGB", 3).words_of_pixels(&words);
    assert_eq!(shown(&deep), [0, 128, 255]);
    let pixels = decode(&deep.file(), 0, DecodeMode::Modality16).unwrap();
    let levels: Vec<u16> = pixels.samples.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
    assert_eq!((pixels.format, levels), (Some(PixelFormat::Rgb16), vec![0, 32776, 65535]));
}

#[test]
fn ybr_full_becomes_rgb() {
    let pixels = [128, 128, 128, 76, 85, 255, 29, 255, 107];
    assert_eq!(shown(&colour("YBR_FULL", 3).bytes_of_pixels(&pixels)), [128, 128, 128, 254, 0, 0, 0, 0, 254]);
}

#[test]
fn subsampled_chroma_is_replicated() {
    // Two pixels of luma 100 and 200 that share their chroma.
    let half = colour("YBR_FULL_422", 2).bytes_of_pixels(&[100, 200, 128, 128]);
    assert_eq!(shown(&half), [100, 100, 100, 200, 200, 200]);
    let stored = decode(&half.file(), 0, DecodeMode::Stored).unwrap();
    assert_eq!(stored.samples, [100, 128, 128, 200, 128, 128]);
    // Some writers name it and store all samples.
    let full = colour("YBR_FULL_422", 2).bytes_of_pixels(&[100, 128, 128, 200, 128, 128]);
    assert_eq!(shown(&full), shown(&half));
    let odd = colour("YBR_FULL_422", 3).bytes_of_pixels(&[0; 6]).file();
    assert!(matches!(display(&odd), Err(Error::Corrupt(_))));
}

/// A palette of three entries whose tables are `data` of the element `tag`, in all three channels.
fn palette(entries: u16, first: u16, bits: u16, segmented: bool, data: &[u16]) -> Fixture {
    let descriptor = || PrimitiveValue::U16([entries, first, bits].as_ref().into());
    let data = || PrimitiveValue::U16(data.into());
    let (red, green, blue) = if segmented {
        (
            tags::SEGMENTED_RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
            tags::SEGMENTED_GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA,
            tags::SEGMENTED_BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA,
        )
    } else {
        (
            tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
            tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA,
            tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA,
        )
    };
    Fixture::new(1, 4)
        .depth(8, 8, false)
        .photometric("PALETTE COLOR", 1)
        .element(tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR, VR::US, descriptor())
        .element(tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR, VR::US, descriptor())
        .element(tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR, VR::US, descriptor())
        .element(red, VR::OW, data())
        .element(green, VR::OW, data())
        .element(blue, VR::OW, data())
        .bytes_of_pixels(&[9, 10, 11, 200])
}

fn triples(values: [u8; 4]) -> Vec<u8> {
    values.into_iter().flat_map(|value| [value; 3]).collect()
}

#[test]
fn palettes_map_indices_and_clamp_those_outside() {
    for syntax in [EXPLICIT, IMPLICIT, BIG_ENDIAN] {
        let deep = palette(3, 9, 16, false, &[0x0100, 0x8000, 0xFF00]).syntax(syntax);
        assert_eq!(shown(&deep), triples([1, 128, 255, 255]), "{syntax}");
    }
}

#[test]
fn sixteen_bit_entries_that_hold_eight_bits_are_not_shifted() {
    assert_eq!(shown(&palette(3, 9, 16, false, &[1, 128, 255])), triples([1, 128, 255, 255]));
}

#[test]
fn eight_bit_entries_come_two_a_word() {
    let packed = [u16::from_le_bytes([1, 128]), u16::from_le_bytes([255, 0])];
    assert_eq!(shown(&palette(3, 9, 8, false, &packed)), triples([1, 128, 255, 255]));
}

#[test]
fn segmented_tables_are_expanded() {
    // Discrete 0, then a line of 4 to 0x4000, then both again from byte 0.
    let segments = [0, 1, 0, 1, 4, 0x4000, 2, 2, 0, 0];
    let table = palette(10, 0, 16, true, &segments).bytes_of_pixels(&[0, 2, 4, 9]);
    assert_eq!(shown(&table), triples([0, 0x20, 0x40, 0x40]));
    for broken in
        [&[1, 4, 9][..], &[0, 200, 1], &[2, 9, 0, 0], &[7, 1, 1], &[0, 0], &[0, 1, 5, 1, 0, 9], &[0, 1, 5, 2, 0, 0, 0]]
    {
        let file = palette(10, 0, 16, true, broken).file();
        assert!(matches!(display(&file), Err(Error::Corrupt(_))), "{broken:?}");
    }
}

#[test]
fn segments_of_eight_bit_tables_are_bytes() {
    let words =
        |bytes: &[u8]| -> Vec<u16> { bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair)).collect() };
    // Red and green of the standard's SPRING, blue of its SUMMER.
    for syntax in [EXPLICIT, IMPLICIT, BIG_ENDIAN] {
        let spring = palette(256, 0, 8, true, &words(&[0, 1, 255, 1, 255, 255]))
            .element(
                tags::SEGMENTED_GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA,
                VR::OW,
                PrimitiveValue::U16(words(&[0, 1, 0, 1, 255, 255]).into()),
            )
            .element(
                tags::SEGMENTED_BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA,
                VR::OW,
                PrimitiveValue::U16(words(&[0, 1, 0, 1, 127, 0, 1, 128, 254, 0]).into()),
            )
            .syntax(syntax);
        let colours = shown(&spring.words_of_pixels(&words(&[0, 127, 128, 255])));
        assert_eq!(colours, [255, 0, 0, 255, 127, 0, 255, 128, 2, 255, 255, 254], "{syntax}");
    }
    // Discrete 9, a line of 4 to 49, then the line again from byte 3.
    let again = palette(9, 0, 8, true, &words(&[0, 1, 9, 1, 4, 49, 2, 1, 3, 0, 0, 0]));
    assert_eq!(shown(&again.bytes_of_pixels(&[0, 1, 4, 8])), triples([9, 19, 49, 49]));
    let in_words = palette(10, 0, 8, true, &[0, 1, 0, 1, 9, 90]).bytes_of_pixels(&[0, 1, 5, 9]);
    assert_eq!(shown(&in_words), triples([0, 10, 50, 90]));
}

#[test]
fn stored_samples_of_a_palette_are_its_indices() {
    let stored = decode(&palette(3, 9, 16, false, &[1, 2, 3]).file(), 0, DecodeMode::Stored).unwrap();
    assert_eq!((stored.format, stored.samples), (Some(PixelFormat::Gray8), vec![9, 10, 11, 200]));
}

#[test]
fn a_palette_without_tables_is_refused() {
    let bare = Fixture::new(1, 1).depth(8, 8, false).photometric("PALETTE COLOR", 1).bytes_of_pixels(&[0, 0]);
    assert!(matches!(display(&bare.file()), Err(Error::Corrupt(message)) if message.contains("tables")));
}
