//! What files decode to: every datatype in both byte orders, scaling, shades, frames.

mod support;

use lightbox_sdk::{DecodeMode, PixelFormat, Severity, Window};
use support::{File, decode, decode_window, gzip, levels, metadata, shades};

/// Code, voxels in little endian, the stored format, signed, levels and shades of four voxels in a row.
type Row = (i16, Vec<u8>, PixelFormat, bool, [u16; 4], [u8; 4]);

fn bytes<const N: usize>(numbers: [[u8; N]; 4]) -> Vec<u8> {
    numbers.concat()
}

/// Computed by hand. Shades run from the smallest to the largest value; levels count from the datatype's smallest
/// value for 8 and 16 bits, from the slice's for 32, and are stretched where the range is wider than 65,535.
fn table() -> Vec<Row> {
    use PixelFormat::{Gray8, Gray16, Gray32, GrayF32, GrayF64};
    vec![
        (2, vec![0, 51, 102, 255], Gray8, false, [0, 51, 102, 255], [0, 51, 102, 255]),
        (256, bytes([-128i8, -1, 0, 127].map(i8::to_le_bytes)), Gray8, true, [0, 127, 128, 255], [0, 127, 128, 255]),
        (
            512,
            bytes([0u16, 1, 32768, 65535].map(u16::to_le_bytes)),
            Gray16,
            false,
            [0, 1, 32768, 65535],
            [0, 0, 128, 255],
        ),
        (
            4,
            bytes([-1000i16, 0, 250, 4000].map(i16::to_le_bytes)),
            Gray16,
            true,
            [31768, 32768, 33018, 36768],
            [0, 51, 64, 255],
        ),
        (8, bytes([-5i32, 0, 5, 250].map(i32::to_le_bytes)), Gray32, true, [0, 5, 10, 255], [0, 5, 10, 255]),
        (
            768,
            bytes([0u32, 1 << 16, 1 << 31, u32::MAX].map(u32::to_le_bytes)),
            Gray32,
            false,
            [0, 1, 32768, 65535],
            [0, 0, 128, 255],
        ),
        (
            16,
            bytes([-1.0f32, 0.0, 0.5, 1.0].map(f32::to_le_bytes)),
            GrayF32,
            false,
            [0, 32768, 49151, 65535],
            [0, 128, 191, 255],
        ),
        (
            64,
            bytes([0.0f64, 0.25, 1e-9, 1.0].map(f64::to_le_bytes)),
            GrayF64,
            false,
            [0, 16384, 0, 65535],
            [0, 64, 0, 255],
        ),
    ]
}

#[test]
fn every_datatype_gives_the_same_picture_in_both_byte_orders_and_out_of_gzip() {
    for (code, voxels, format, signed, expected_levels, expected_shades) in table() {
        let bits = voxels.len() * 2;
        let little = File::new(&[4, 1], code, bits as i16, voxels.clone());
        let turned = voxels.chunks(bits / 8).flat_map(|voxel| voxel.iter().rev().copied()).collect();
        let big = File { is_big: true, voxels: turned, ..little.clone() };
        for file in [little.write(), big.write(), gzip(&little.write()), gzip(&big.write())] {
            let stored = decode(&file, 0, DecodeMode::Stored).unwrap();
            assert_eq!((stored.format, &stored.samples), (Some(format), &voxels), "datatype {code}");
            assert_eq!(levels(&file, 0), expected_levels, "datatype {code}");
            assert_eq!(shades(&file, 0), expected_shades, "datatype {code}");
            let found = metadata(&file).unwrap();
            assert_eq!((found.width, found.height, found.frame_count), (4, 1, 1));
            let expected = (bits as u32, 1, signed);
            assert_eq!((found.bits_per_sample, found.samples_per_pixel, found.signed), expected, "datatype {code}");
            assert_eq!(found.findings, []);
        }
    }
}

#[test]
fn colours_are_the_same_in_every_mode_and_never_scaled() {
    let file = File { slope: 2.0, shown: (0.0, 9.0), ..File::new(&[2, 1], 128, 24, vec![1, 2, 3, 250, 251, 252]) };
    for mode in [DecodeMode::Stored, DecodeMode::Display, DecodeMode::Modality16] {
        let pixels = decode(&file.write(), 0, mode).unwrap();
        assert_eq!((pixels.format, pixels.samples), (Some(PixelFormat::Rgb8), vec![1, 2, 3, 250, 251, 252]));
    }
    let found = metadata(&file.write()).unwrap();
    assert_eq!((found.bits_per_sample, found.samples_per_pixel), (8, 3));
}

#[test]
fn slices_of_all_further_axes_are_frames_in_the_order_of_the_file() {
    let file = File::new(&[2, 1, 2, 1, 3], 2, 8, (0..12).collect());
    for bytes in [file.write(), gzip(&file.write())] {
        assert_eq!(metadata(&bytes).unwrap().frame_count, 6);
        for frame in 0..6u8 {
            let stored = decode(&bytes, frame.into(), DecodeMode::Stored).unwrap();
            assert_eq!(stored.samples, [frame * 2, frame * 2 + 1]);
        }
    }
}

#[test]
fn axes_that_are_not_counted_do_not_count_whatever_they_say() {
    let mut file = File::new(&[2, 2], 2, 8, vec![0; 4]);
    file.dim.extend([0, -7, 32767]);
    let found = metadata(&file.write()).unwrap();
    assert_eq!((found.width, found.height, found.frame_count), (2, 2, 1));
    let line = metadata(&File::new(&[4], 2, 8, vec![0; 4]).write()).unwrap();
    assert_eq!((line.width, line.height, line.frame_count), (4, 1, 1));
}

#[test]
fn one_reader_gives_frames_in_any_order_out_of_gzip() {
    use lightbox_sdk::{Call, DecodeRequest, ImageFormat, PixelOut, pixels::OwnedPixels};
    let file = gzip(&File::new(&[1, 1, 5], 2, 8, vec![9, 8, 7, 6, 5]).write());
    let call = Call::unlimited();
    let mut reader = example_plugin_nifti::Nifti.open(&file, &call).unwrap();
    for (frame, expected) in [(3, 6), (0, 9), (4, 5), (4, 5), (1, 8)] {
        let (mut pixels, mode) = (OwnedPixels::default(), DecodeMode::Stored);
        reader.decode(&DecodeRequest { frame, mode, window: None }, PixelOut::new(&mut pixels), &call).unwrap();
        assert_eq!(pixels.samples, [expected]);
    }
}

#[test]
fn voxels_start_where_the_header_says() {
    let mut file = File { first_voxel: 368.0, ..File::new(&[2, 1], 2, 8, vec![0xee; 16]) };
    file.voxels.extend([3, 4]);
    assert_eq!(decode(&file.write(), 0, DecodeMode::Stored).unwrap().samples, [3, 4]);
}

#[test]
fn values_are_stored_numbers_times_slope_plus_intercept() {
    let file = File::new(&[3, 1], 4, 16, [-10i16, 0, 10].map(i16::to_le_bytes).concat());
    let with = |slope, intercept| File { slope, intercept, ..file.clone() }.write();
    // A whole slope keeps whole steps as long as they fit: here the range is 131,070 wide and does not.
    assert_eq!(levels(&with(1.0, -24.0), 0), [32758, 32768, 32778]);
    assert_eq!(levels(&with(-1.0, 0.0), 0), [32777, 32767, 32757]);
    assert_eq!(levels(&with(2.0, 0.0), 0), [32758, 32768, 32778]);
    assert_eq!(shades(&with(-0.5, 3.0), 0), [255, 128, 0]);
    assert_eq!(levels(&with(0.0, 7.0), 0), [32758, 32768, 32778]);
    assert_eq!(levels(&with(f32::NAN, f32::NAN), 0), [32758, 32768, 32778]);
}

#[test]
fn wider_integers_keep_whole_steps_where_the_slice_allows_it() {
    let file = File::new(&[3, 1], 8, 32, [7i32, 8, 1007].map(i32::to_le_bytes).concat());
    assert_eq!(levels(&file.write(), 0), [0, 1, 1000]);
    assert_eq!(levels(&File { slope: 60.0, ..file.clone() }.write(), 0), [0, 60, 60000]);
    assert_eq!(levels(&File { slope: 0.5, ..file }.write(), 0), [0, 66, 65535]);
}

#[test]
fn the_window_asked_for_goes_before_the_files_own_and_that_before_the_slices() {
    let file = File { slope: 2.0, intercept: -100.0, ..File::new(&[5, 1], 2, 8, vec![0, 25, 50, 75, 100]) };
    assert_eq!(shades(&file.write(), 0), [0, 64, 128, 191, 255]);
    let own = File { shown: (-50.0, 50.0), ..file.clone() };
    assert_eq!(shades(&own.write(), 0), [0, 0, 128, 255, 255]);
    let window = Some(Window { center: 50.5, width: 101.0 });
    let shown = decode_window(&own.write(), 0, DecodeMode::Display, window).unwrap();
    assert_eq!(shown.samples, [0, 0, 0, 128, 255]);
    let turned = File { shown: (50.0, -50.0), ..file };
    assert_eq!(shades(&turned.write(), 0), [0, 64, 128, 191, 255]);
}

#[test]
fn every_slice_is_shown_from_its_own_smallest_to_its_own_largest_value() {
    let file = File::new(&[2, 1, 2], 2, 8, vec![0, 10, 100, 200]).write();
    assert_eq!((shades(&file, 0), shades(&file, 1)), (vec![0, 255], vec![0, 255]));
}

#[test]
fn floats_that_are_no_numbers_do_not_spoil_the_others() {
    let voxels = [f32::NAN, f32::NEG_INFINITY, 1.0, 2.0, 3.0, f32::INFINITY].map(f32::to_le_bytes).concat();
    let file = File::new(&[6, 1], 16, 32, voxels).write();
    assert_eq!(shades(&file, 0), [0, 0, 0, 128, 255, 255]);
    assert_eq!(levels(&file, 0), [0, 0, 0, 32768, 65535, 65535]);
    for number in [f64::NAN, f64::INFINITY, 5.0] {
        let file = File::new(&[2, 1], 64, 64, [number; 2].map(f64::to_le_bytes).concat()).write();
        assert_eq!((shades(&file, 0), levels(&file, 0)), (vec![0; 2], vec![0; 2]), "{number}");
    }
}

#[test]
fn slices_larger_than_a_block_are_whole() {
    let voxels: Vec<u8> = (0..300 * 100).map(|index| (index % 256) as u8).collect();
    let file = File::new(&[300, 100], 2, 8, voxels.clone()).write();
    assert_eq!(shades(&file, 0), voxels);
    assert!(levels(&file, 0).iter().zip(&voxels).all(|(level, voxel)| *level == u16::from(*voxel)));
}

#[test]
fn what_is_odd_is_told_and_lived_with() {
    let plain = File::new(&[1], 2, 8, vec![0]);
    let cases = [
        (File { bitpix: 16, ..plain.clone() }, "BITPIX", Severity::Warning),
        (File { slope: f32::INFINITY, ..plain.clone() }, "SLOPE_IGNORED", Severity::Warning),
        (File { form_code: 1, ..plain }, "ORIENTATION_KEPT", Severity::Info),
    ];
    for (file, code, severity) in cases {
        let findings = metadata(&file.write()).unwrap().findings;
        let found: Vec<_> = findings.iter().map(|each| (each.code.as_str(), each.severity)).collect();
        assert_eq!(found, [(code, severity)]);
    }
}
