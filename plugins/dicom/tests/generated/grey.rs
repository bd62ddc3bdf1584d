//! Grey on screen, by the formulas of PS3.3 C.11.

use crate::fixture::{EXPLICIT, Fixture, IMPLICIT, item, primitive, sequence};
use crate::support::{decode_window, display};
use dicom_core::VR;
use dicom_core::value::PrimitiveValue;
use dicom_dictionary_std::tags;
use lightbox_sdk::{DecodeMode, Error, Window};

const VALUES: [u16; 6] = [0, 100, 200, 300, 400, 4095];

fn shown(fixture: &Fixture) -> Vec<u8> {
    display(&fixture.file()).unwrap().samples
}

fn grey() -> Fixture {
    Fixture::new(1, 6).depth(16, 12, false).words_of_pixels(&VALUES)
}

fn window(fixture: Fixture, center: &str, width: &str) -> Fixture {
    fixture.text(tags::WINDOW_CENTER, VR::DS, center).text(tags::WINDOW_WIDTH, VR::DS, width)
}

/// The formula again, written down from the standard for the test.
fn linear(x: f64, center: f64, width: f64) -> u8 {
    if x <= center - 0.5 - (width - 1.0) / 2.0 {
        0
    } else if x > center - 0.5 + (width - 1.0) / 2.0 {
        255
    } else {
        ((((x - (center - 0.5)) / (width - 1.0)) + 0.5) * 255.0 + 0.5).floor() as u8
    }
}

#[test]
fn without_a_window_the_frame_s_own_range_is_shown() {
    let expected = VALUES.map(|value| (f64::from(value) / 4095.0 * 255.0 + 0.5).floor() as u8);
    assert_eq!(shown(&grey()), expected);
}

#[test]
fn padding_counts_towards_the_range_and_the_byte_behind_an_odd_picture_does_not() {
    let padded = Fixture::new(1, 3).depth(8, 8, false).number(tags::PIXEL_PADDING_VALUE, 0);
    assert_eq!(shown(&padded.bytes_of_pixels(&[0, 51, 102, 255])), [0, 128, 255]);
}

#[test]
fn a_flat_picture_is_black() {
    let flat = Fixture::new(1, 2).words_of_pixels(&[7, 7]);
    assert_eq!(shown(&flat), [0, 0]);
}

#[test]
fn the_first_window_counts() {
    let expected = VALUES.map(|value| linear(value.into(), 200.0, 300.0));
    assert_eq!(shown(&window(grey(), "200\\9", "300\\9")), expected);
    for syntax in [IMPLICIT, EXPLICIT] {
        assert_eq!(shown(&window(grey(), "200", "300").syntax(syntax)), expected);
    }
}

#[test]
fn linear_exact_and_sigmoid_have_their_own_formulas() {
    let exact = window(grey(), "200", "400").text(tags::VOILUT_FUNCTION, VR::CS, "LINEAR_EXACT");
    assert_eq!(shown(&exact), [0, 64, 128, 191, 255, 255]);
    let sigmoid = window(grey(), "200", "400").text(tags::VOILUT_FUNCTION, VR::CS, "SIGMOID");
    let expected =
        VALUES.map(|value| (255.0 / (1.0 + (-4.0 * (f64::from(value) - 200.0) / 400.0).exp()) + 0.5).floor() as u8);
    assert_eq!(shown(&sigmoid), expected);
}

#[test]
fn unlawful_windows_fall_back_to_the_range() {
    for (center, width) in [("200", "0"), ("200", "-5"), ("200", "0.5"), ("x", "300"), ("200", ""), ("nan", "300")] {
        assert_eq!(shown(&window(grey(), center, width)), shown(&grey()), "{center} {width}");
    }
}

#[test]
fn the_window_asked_for_wins_over_the_file_s() {
    let file = window(grey(), "1000", "10").file();
    let ask = |center, width| {
        decode_window(&file, 0, DecodeMode::Display, Some(Window { center, width })).map(|pixels| pixels.samples)
    };
    assert_eq!(ask(200.0, 300.0).unwrap(), VALUES.map(|value| linear(value.into(), 200.0, 300.0)));
    // LINEAR has no widths below 1: the picture splits at the centre.
    assert_eq!(ask(250.0, 0.5).unwrap(), [0, 0, 0, 255, 255, 255]);
    for width in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(ask(1.0, width), Err(Error::Invalid(_))), "{width}");
    }
}

#[test]
fn values_are_rescaled_before_the_window() {
    let signed = Fixture::new(1, 3).depth(16, 12, true).words_of_pixels(&[0x0FFF, 0, 5]);
    let rescaled = window(signed, "0", "100").text(tags::RESCALE_SLOPE, VR::DS, "2.5").text(
        tags::RESCALE_INTERCEPT,
        VR::DS,
        "-10",
    );
    assert_eq!(shown(&rescaled), [-12.5, -10.0, 2.5].map(|x| linear(x, 0.0, 100.0)));
}

#[test]
fn a_slope_that_is_no_number_is_refused() {
    let broken = grey().text(tags::RESCALE_SLOPE, VR::DS, "two").text(tags::RESCALE_INTERCEPT, VR::DS, "0");
    assert!(matches!(display(&broken.file()), Err(Error::Corrupt(message)) if message.contains("RescaleSlope")));
}

#[test]
fn monochrome1_is_inverted() {
    let inverted = grey().photometric("MONOCHROME1", 1);
    let expected: Vec<u8> = shown(&grey()).iter().map(|value| 255 - value).collect();
    assert_eq!(shown(&inverted), expected);
}

fn lut(tag: dicom_core::Tag, first: u16, entries: &[u16], bits: u16) -> Fixture {
    let descriptor = PrimitiveValue::U16([entries.len() as u16, first, bits].as_ref().into());
    let item = item(vec![
        primitive(tags::LUT_DESCRIPTOR, VR::US, descriptor),
        primitive(tags::LUT_DATA, VR::US, PrimitiveValue::U16(entries.into())),
    ]);
    grey().sequence(tag, vec![item])
}

#[test]
fn a_voi_table_wins_over_the_file_s_window() {
    let table = window(lut(tags::VOILUT_SEQUENCE, 100, &[0, 1023, 512], 10), "1", "1");
    assert_eq!(shown(&table), [0, 0, 128, 128, 128, 128]);
}

#[test]
fn a_modality_table_wins_over_slope_and_intercept() {
    let table = lut(tags::MODALITY_LUT_SEQUENCE, 0, &[50, 10, 20], 16)
        .text(tags::RESCALE_SLOPE, VR::DS, "9")
        .text(tags::RESCALE_INTERCEPT, VR::DS, "9")
        .words_of_pixels(&[0, 1, 2, 2, 2, 9]);
    // The range is that of the table's values, not of its ends.
    assert_eq!(shown(&table), [255, 0, 64, 64, 64, 64]);
}

#[test]
fn every_frame_has_the_window_and_slope_of_its_own_group() {
    let group = |center: &str, slope: &str| {
        item(vec![
            sequence(
                tags::FRAME_VOILUT_SEQUENCE,
                vec![item(vec![
                    primitive(tags::WINDOW_CENTER, VR::DS, center),
                    primitive(tags::WINDOW_WIDTH, VR::DS, "100"),
                ])],
            ),
            sequence(
                tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE,
                vec![item(vec![
                    primitive(tags::RESCALE_SLOPE, VR::DS, slope),
                    primitive(tags::RESCALE_INTERCEPT, VR::DS, "0"),
                ])],
            ),
        ])
    };
    let frames = Fixture::new(1, 2).frames(2).words_of_pixels(&[0, 50, 0, 50]);
    for syntax in [IMPLICIT, EXPLICIT] {
        let own = frames
            .clone()
            .syntax(syntax)
            .sequence(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, vec![group("50", "1"), group("100", "2")]);
        let shown = |frame| decode_window(&own.file(), frame, DecodeMode::Display, None).unwrap().samples;
        assert_eq!(shown(0), [0.0, 50.0].map(|x| linear(x, 50.0, 100.0)));
        assert_eq!(shown(1), [0.0, 100.0].map(|x| linear(x, 100.0, 100.0)));
    }
    let shared = frames.sequence(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, vec![group("50", "1")]);
    let last = decode_window(&shared.file(), 1, DecodeMode::Display, None).unwrap().samples;
    assert_eq!(last, [0.0, 50.0].map(|x| linear(x, 50.0, 100.0)));
}

#[test]
fn floats_and_wide_integers_are_windowed_one_by_one() {
    let values = PrimitiveValue::F32([0.0f32, 0.25, 1.0, f32::NAN].as_ref().into());
    let float = Fixture::new(1, 4).number(tags::BITS_ALLOCATED, 32).element(tags::FLOAT_PIXEL_DATA, VR::OF, values);
    assert_eq!(shown(&float), [0, 64, 255, 0]);
    let values = PrimitiveValue::U32([0, 1 << 30, u32::MAX].as_ref().into());
    let wide = Fixture::new(1, 3).depth(32, 32, false).element(tags::PIXEL_DATA, VR::OL, values);
    assert_eq!(shown(&wide), [0, 64, 255]);
}
