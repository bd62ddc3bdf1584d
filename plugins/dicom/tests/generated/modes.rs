//! The 16-bit range, and one decoding for several modes.

use crate::fixture::{Fixture, bytes_of};
use crate::support::decode;
use dicom_core::VR;
use dicom_core::value::PrimitiveValue;
use dicom_dictionary_std::tags;
use lightbox_plugin_dicom::Dicom;
use lightbox_sdk::pixels::OwnedPixels;
use lightbox_sdk::{Call, DecodeMode, DecodeRequest, Error, ImageFormat, PixelFormat, PixelOut};

fn levels(fixture: &Fixture) -> Vec<u16> {
    let pixels = decode(&fixture.file(), 0, DecodeMode::Modality16).unwrap();
    assert_eq!(pixels.format, Some(PixelFormat::Gray16));
    pixels.samples.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair)).collect()
}

fn rescaled(fixture: Fixture, slope: &str, intercept: &str) -> Fixture {
    fixture.text(tags::RESCALE_SLOPE, VR::DS, slope).text(tags::RESCALE_INTERCEPT, VR::DS, intercept)
}

#[test]
fn whole_steps_are_counted_from_the_lowest_value_that_can_be() {
    let unsigned = Fixture::new(1, 3).depth(16, 12, false).words_of_pixels(&[0, 7, 4095]);
    assert_eq!(levels(&unsigned), [0, 7, 4095]);
    assert_eq!(levels(&rescaled(unsigned.clone(), "2", "-1024")), [0, 14, 8190]);
    assert_eq!(levels(&rescaled(unsigned.clone(), "-1", "0.5")), [4095, 4088, 0]);
    assert_eq!(levels(&unsigned.photometric("MONOCHROME1", 1)), [4095, 4088, 0]);
    let signed = Fixture::new(1, 3).depth(16, 16, true).words_of_pixels(&[0x8000, 0, 0x7FFF]);
    assert_eq!(levels(&signed), [0, 32768, 65535]);
}

#[test]
fn fractions_and_wide_ranges_are_stretched_to_all_levels() {
    let unsigned = Fixture::new(1, 3).depth(16, 8, false).words_of_pixels(&[0, 51, 255]);
    assert_eq!(levels(&rescaled(unsigned.clone(), "0.5", "0")), [0, 13107, 65535]);
    let values = PrimitiveValue::U32([0, u32::MAX].as_ref().into());
    let wide = Fixture::new(1, 2).depth(32, 32, false).element(tags::PIXEL_DATA, VR::OL, values);
    assert_eq!(levels(&wide), [0, 65535]);
    let values = PrimitiveValue::F32([2.0f32, 3.0, 4.0].as_ref().into());
    let float = Fixture::new(1, 3).number(tags::BITS_ALLOCATED, 32).element(tags::FLOAT_PIXEL_DATA, VR::OF, values);
    assert_eq!(levels(&float), [0, 32768, 65535]);
}

#[test]
fn a_slope_of_zero_is_a_flat_picture() {
    let flat = rescaled(Fixture::new(1, 2).words_of_pixels(&[1, 9]), "0", "5");
    assert_eq!(levels(&flat), [0, 0]);
}

#[test]
fn one_reader_gives_every_frame_in_every_mode_in_any_order() {
    let words = [1, 2, 3, 4];
    let file = Fixture::new(1, 2).frames(2).words_of_pixels(&words).file();
    let call = Call::unlimited();
    let mut reader = Dicom.open(&file, &call).unwrap();
    for (frame, mode) in
        [(1, DecodeMode::Stored), (1, DecodeMode::Display), (0, DecodeMode::Stored), (1, DecodeMode::Stored)]
    {
        let mut pixels = OwnedPixels::default();
        let request = DecodeRequest { frame, mode, window: None };
        reader.decode(&request, PixelOut::new(&mut pixels), &call).unwrap();
        if mode == DecodeMode::Stored {
            assert_eq!(pixels.samples, bytes_of(&words[frame as usize * 2..][..2]));
        }
    }
    let request = DecodeRequest { frame: 2, mode: DecodeMode::Display, window: None };
    let beyond = reader.decode(&request, PixelOut::new(&mut OwnedPixels::default()), &call);
    assert!(matches!(beyond, Err(Error::Invalid(message)) if message.contains("frame 2")));
}
