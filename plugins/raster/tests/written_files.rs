//! Files that this plugin wrote itself: they come back as they were, and what is done to them is noticed.

// In a test a panic is the report.
#![allow(clippy::unwrap_used)]

mod support;

use lightbox_plugin_raster::{Jpeg, Png};
use lightbox_sdk::pixels::OwnedPixels;
use lightbox_sdk::{Call, DecodeMode, EncodeOptions, Error, ImageFormat, PixelFormat, Pixels};
use proptest::prelude::*;
use support::read;

const PNG_FORMATS: [PixelFormat; 8] = [
    PixelFormat::Gray8,
    PixelFormat::Gray16,
    PixelFormat::GrayAlpha8,
    PixelFormat::GrayAlpha16,
    PixelFormat::Rgb8,
    PixelFormat::Rgb16,
    PixelFormat::Rgba8,
    PixelFormat::Rgba16,
];

fn encode(
    format: &dyn ImageFormat,
    (width, height): (u32, u32),
    pixels: PixelFormat,
    samples: &[u8],
    small: bool,
) -> Vec<u8> {
    let pixels = Pixels { width, height, format: pixels, samples };
    format.encode(pixels, &EncodeOptions { quality: None, small }, &Call::unlimited()).unwrap()
}

/// A slope from dark to light.
fn slope(width: u32, height: u32, pixels: PixelFormat) -> Vec<u8> {
    let length = pixels.size_bytes(width, height).unwrap();
    (0..length).map(|index| (index * 255 / length) as u8).collect()
}

fn one(format: &dyn ImageFormat, file: &[u8], mode: DecodeMode) -> OwnedPixels {
    read(format, file, &[mode]).unwrap().1.remove(0)
}

#[test]
fn a_png_of_every_format_comes_back_sample_for_sample() {
    for pixels in PNG_FORMATS {
        for small in [false, true] {
            let samples = slope(13, 7, pixels);
            let file = encode(&Png, (13, 7), pixels, &samples, small);
            let back = one(&Png, &file, DecodeMode::Stored);
            assert_eq!((back.format, back.samples), (Some(pixels), samples), "small: {small}");
        }
    }
}

#[test]
fn sixteen_bit_grey_is_kept_for_modality_and_rounded_for_display() {
    let file = encode(&Png, (2, 1), PixelFormat::Gray16, &[0x34, 0x12, 0xff, 0xff], false);
    assert_eq!(one(&Png, &file, DecodeMode::Modality16).samples, [0x34, 0x12, 0xff, 0xff]);
    assert_eq!(one(&Png, &file, DecodeMode::Display).samples, [0x12, 0xff]);
}

#[test]
fn eight_bit_grey_fills_sixteen_bits_and_colour_stays() {
    let gray = encode(&Png, (2, 1), PixelFormat::Gray8, &[0x12, 0xff], false);
    let wide = one(&Png, &gray, DecodeMode::Modality16);
    assert_eq!((wide.format, wide.samples), (Some(PixelFormat::Gray16), vec![0x12, 0x12, 0xff, 0xff]));
    let colour = encode(&Png, (1, 1), PixelFormat::Rgb8, &[1, 2, 3], false);
    assert_eq!(one(&Png, &colour, DecodeMode::Modality16).format, Some(PixelFormat::Rgb8));
}

#[test]
fn one_bit_grey_is_stored_as_0_and_1_and_shown_black_and_white() {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 4, 1);
    encoder.set_depth(png::BitDepth::One);
    encoder.write_header().unwrap().write_image_data(&[0b0110_0000]).unwrap();
    let (metadata, _) = read(&Png, &file, &[]).unwrap();
    assert_eq!((metadata.bits_per_sample, metadata.samples_per_pixel), (1, 1));
    assert_eq!(one(&Png, &file, DecodeMode::Stored).samples, [0, 1, 1, 0]);
    assert_eq!(one(&Png, &file, DecodeMode::Display).samples, [0, 255, 255, 0]);
}

#[test]
fn a_jpeg_comes_back_much_as_it_was() {
    for (pixels, small) in [(PixelFormat::Gray8, false), (PixelFormat::Rgb8, false), (PixelFormat::Rgb8, true)] {
        let samples = slope(64, 40, pixels);
        let back = one(&Jpeg, &encode(&Jpeg, (64, 40), pixels, &samples, small), DecodeMode::Stored);
        let worst = back.samples.iter().zip(&samples).map(|(one, other)| one.abs_diff(*other)).max().unwrap();
        assert!(back.format == Some(pixels) && worst < 24, "{pixels:?}, small: {small}: differs by {worst}");
    }
}

#[test]
fn a_jpeg_cut_anywhere_is_refused_even_with_an_end_marker_put_behind() {
    for (pixels, small) in [(PixelFormat::Gray8, false), (PixelFormat::Rgb8, false)] {
        let file = encode(&Jpeg, (64, 40), pixels, &slope(64, 40, pixels), small);
        for length in 0..file.len() - 2 {
            assert!(read(&Jpeg, &file[..length], &[DecodeMode::Stored]).is_err(), "{length} of {} bytes", file.len());
        }
        for length in (0..file.len() - 20).step_by(7) {
            let mended = [&file[..length], b"\xff\xd9"].concat();
            assert!(read(&Jpeg, &mended, &[DecodeMode::Stored]).is_err(), "{length} of {} bytes", file.len());
        }
    }
}

#[test]
fn a_png_cut_in_its_pixels_is_refused() {
    let file = encode(&Png, (64, 40), PixelFormat::Rgb8, &slope(64, 40, PixelFormat::Rgb8), false);
    for length in 0..file.len() - 20 {
        assert!(read(&Png, &file[..length], &[DecodeMode::Stored]).is_err(), "{length} of {} bytes", file.len());
    }
}

#[test]
fn a_picture_over_the_limit_is_refused_before_memory_is_taken() {
    let file = encode(&Png, (100, 100), PixelFormat::Gray8, &vec![0; 10_000], false);
    let call = Call::new(None, 9_999, &|| false);
    let mut pixels = OwnedPixels::default();
    let request = lightbox_sdk::DecodeRequest { frame: 0, mode: DecodeMode::Stored, window: None };
    let mut reader = Png.open(&file, &call).unwrap();
    let error = reader.decode(&request, lightbox_sdk::PixelOut::new(&mut pixels), &call).unwrap_err();
    let sentence = "the picture of 100 × 100 Gray8 pixels takes 10000 bytes, 9999 are allowed";
    assert_eq!(error, Error::Limit(sentence.to_owned()));
}

#[test]
fn a_second_frame_does_not_exist() {
    let file = encode(&Png, (1, 1), PixelFormat::Gray8, &[0], false);
    let call = Call::unlimited();
    let mut pixels = OwnedPixels::default();
    let request = lightbox_sdk::DecodeRequest { frame: 1, mode: DecodeMode::Stored, window: None };
    let mut reader = Png.open(&file, &call).unwrap();
    let error = reader.decode(&request, lightbox_sdk::PixelOut::new(&mut pixels), &call).unwrap_err();
    assert!(matches!(error, Error::Invalid(_)), "{error:?}");
}

proptest! {
    #[test]
    fn changed_files_never_panic(is_png: bool, changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let samples = slope(24, 16, PixelFormat::Rgb8);
        let format: &dyn ImageFormat = if is_png { &Png } else { &Jpeg };
        let mut file = encode(format, (24, 16), PixelFormat::Rgb8, &samples, false);
        for (at, to) in changes {
            let at = at.index(file.len());
            file[at] = to;
        }
        let _ = read(format, &file, &[DecodeMode::Stored, DecodeMode::Display, DecodeMode::Modality16]);
    }
}
