//! Files that are refused, each with its sentence, and that nothing else happens whatever the bytes are.

#![allow(clippy::unwrap_used)] // in a test a panic is the report

mod support;

use example_plugin_nifti::Nifti;
use lightbox_sdk::pixels::OwnedPixels;
use lightbox_sdk::{Call, DecodeMode, DecodeRequest, Error, ImageFormat, PixelOut, Window};
use proptest::prelude::*;
use support::{File, decode, decode_window, gzip, metadata};

fn plain() -> File {
    File::new(&[2, 3, 4], 2, 8, (0..24).collect())
}

fn sized(dim: &[i16]) -> File {
    File { dim: dim.to_vec(), ..plain() }
}

#[test]
fn files_that_cannot_be_are_refused_with_what_was_found() {
    let cases = [
        (sized(&[0, 2, 3]), "corrupt: dim[0] is 0; a picture has 1 to 7 axes"),
        (sized(&[8, 2, 3]), "corrupt: dim[0] is 8; a picture has 1 to 7 axes"),
        (sized(&[-1, 2, 3]), "corrupt: dim[0] is -1; a picture has 1 to 7 axes"),
        (sized(&[2, 0, 3]), "corrupt: dim[1] is 0; an axis has 1 to 32767 voxels"),
        (sized(&[3, 2, 3, -4]), "corrupt: dim[3] is -4; an axis has 1 to 32767 voxels"),
        (
            sized(&[7, 1, 1, 32767, 32767, 32767, 1, 1]),
            "limit: the axes from the third on make more than 4294967295 slices, the most there may be",
        ),
        (
            File { datatype: 64, ..sized(&[4, 32767, 32767, 32767, 32767]) },
            "corrupt: its 1073676289 slices end at byte 9222246188486492520, but the file has 376 bytes at most: the file is cut \
             or its dim is wrong",
        ),
        (
            File { datatype: 64, ..sized(&[6, 32767, 32767, 32767, 32767, 2, 2]) },
            "limit: 4294705156 slices of 8589410312 bytes are more bytes than can be counted",
        ),
        (
            sized(&[3, 2, 3, 5]),
            "corrupt: its 5 slices end at byte 382, but the file has 376 bytes at most: the file is cut or its dim is wrong",
        ),
        (File { datatype: 0, ..plain() }, "corrupt: the datatype 0 is none of NIfTI-1's"),
        (File { datatype: 9999, ..plain() }, "corrupt: the datatype 9999 is none of NIfTI-1's"),
        (
            File { slope: 1.0, intercept: f32::INFINITY, ..plain() },
            "corrupt: scl_inter is inf beside the scl_slope 1; a finite number is expected",
        ),
    ];
    for (file, expected) in cases {
        assert_eq!(refusal(&file.write()), expected);
    }
}

#[test]
fn offsets_that_cannot_be_are_refused() {
    for offset in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -352.0, 0.0, 348.0, 352.5, 1e30] {
        let sentence = refusal(&File { first_voxel: offset, ..plain() }.write());
        let expected = format!("corrupt: vox_offset is {offset}; a whole number from 352 on is expected");
        assert_eq!(sentence, expected);
    }
    let behind = refusal(&File { first_voxel: 4e9, ..plain() }.write());
    assert!(behind.starts_with("corrupt: its 4 slices end at byte 4000000024, but the file has 376"), "{behind}");
}

#[test]
fn datatypes_that_are_not_read_are_named() {
    let names = [
        (1, "BINARY (bits)"),
        (32, "COMPLEX64"),
        (1024, "INT64"),
        (1280, "UINT64"),
        (1536, "FLOAT128"),
        (1792, "COMPLEX128"),
        (2048, "COMPLEX256"),
        (2304, "RGBA32"),
    ];
    for (datatype, name) in names {
        let sentence = refusal(&File { datatype, ..plain() }.write());
        assert!(sentence.starts_with(&format!("unsupported: the voxels are {name};")), "{sentence}");
    }
}

#[test]
fn the_rest_of_the_family_is_recognised_and_refused_by_name() {
    let marked = |mark: &[u8; 4]| {
        let mut bytes = plain().write();
        bytes[344..348].copy_from_slice(mark);
        bytes
    };
    let mut second = vec![0; 600];
    second[..4].copy_from_slice(&540i32.to_be_bytes());
    second[4..12].copy_from_slice(b"n+2\0\r\n\x1a\n");
    let cases = [
        (marked(b"ni1\0"), "a.hdr", 100, "unsupported: this is the header of a pair of .hdr and .img"),
        (second, "a.nii", 100, "unsupported: this is NIfTI-2; NIfTI-1 is read"),
        (marked(b"\0\0\0\0"), "a.HDR", 50, "unsupported: this is an ANALYZE header without NIfTI's mark"),
    ];
    for (file, name, confidence, sentence) in cases {
        for file in [gzip(&file), file] {
            assert_eq!(Nifti.probe(&file, file.len() as u64, name), confidence, "{name}");
            assert!(refusal(&file).starts_with(sentence), "{name}");
        }
    }
}

#[test]
fn the_header_is_recognised_by_its_content_and_nothing_else_is() {
    let file = plain().write();
    let big = File { is_big: true, ..plain() }.write();
    for known in [&file, &big, &gzip(&file)] {
        assert_eq!(Nifti.probe(known, 0, "x"), 100);
    }
    // Of a large file in gzip only the head is seen.
    let mut seed = 1u32;
    let mut noise = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 24) as u8
    };
    let large = gzip(&File::new(&[100, 100], 2, 8, (0..10_000).map(|_| noise()).collect()).write());
    assert!(large.len() > 4096);
    assert_eq!(Nifti.probe(&large[..4096], 0, "x"), 100);
    let mut unmarked = file.clone();
    unmarked[344..348].fill(0);
    for unknown in [b"".as_slice(), b"\x1f\x8b", &file[..347], &unmarked, &gzip(b"a text"), &[0xff; 400]] {
        assert_eq!(Nifti.probe(unknown, 0, "a.txt"), 0);
    }
}

#[test]
fn a_file_that_is_cut_anywhere_is_refused() {
    let whole = File::new(&[5, 4, 3], 4, 16, (0..120).collect()).write();
    for file in [whole.clone(), gzip(&whole)] {
        assert!(decode(&file, 2, DecodeMode::Stored).is_ok());
        for length in 0..file.len() {
            let outcome = decode(&file[..length], 2, DecodeMode::Stored);
            assert!(matches!(outcome, Err(Error::Corrupt(_))), "{length} of {} bytes: {outcome:?}", file.len());
        }
    }
}

#[test]
fn a_gzip_stream_whose_checksum_is_wrong_is_refused_with_its_last_slice() {
    let mut file = gzip(&plain().write());
    let checksum = file.len() - 8;
    file[checksum] ^= 1;
    assert!(decode(&file, 0, DecodeMode::Stored).is_ok());
    assert!(matches!(decode(&file, 3, DecodeMode::Stored), Err(Error::Corrupt(_))));
}

#[test]
fn gzip_gives_no_more_than_the_call_allows() {
    let file = gzip(&File::new(&[1000, 1000], 2, 8, vec![0; 1_000_000]).write());
    let call = Call::new(None, 1_000_351, &|| false);
    let outcome = Nifti.open(&file, &call).map(|_| ());
    let sentence = "the volume takes 1000352 bytes out of gzip, 1000351 are allowed: upload the .nii without gzip";
    assert_eq!(outcome, Err(Error::Limit(sentence.to_owned())));
    let (roomy, mut pixels) = (Call::unlimited(), OwnedPixels::default());
    let request = DecodeRequest { frame: 0, mode: DecodeMode::Stored, window: None };
    let outcome = Nifti.open(&file, &roomy).unwrap().decode(&request, PixelOut::new(&mut pixels), &call);
    assert_eq!(
        outcome,
        Err(Error::Limit("1000352 bytes of the gzip stream are needed, 1000351 are allowed".to_owned()))
    );
}

#[test]
fn a_call_that_was_cancelled_ends() {
    let call = Call::new(None, 1 << 20, &|| true);
    let request = DecodeRequest { frame: 0, mode: DecodeMode::Display, window: None };
    let file = plain().write();
    let outcome = Nifti.open(&file, &call).unwrap().decode(&request, PixelOut::new(&mut OwnedPixels::default()), &call);
    assert_eq!(outcome, Err(Error::Cancelled));
    let packed = gzip(&file);
    assert_eq!(Nifti.open(&packed, &call).map(|_| ()), Err(Error::Cancelled));
}

#[test]
fn frames_and_windows_that_are_not_there_are_told() {
    let file = plain().write();
    let outcome = decode(&file, 4, DecodeMode::Stored).map(|_| ());
    assert_eq!(outcome, Err(Error::Invalid("frame 4 was asked for, the file has 4".to_owned())));
    let window = Some(Window { center: 0.0, width: f64::NAN });
    assert!(matches!(decode_window(&file, 0, DecodeMode::Display, window), Err(Error::Invalid(_))));
}

fn refusal(file: &[u8]) -> String {
    match metadata(file) {
        Err(Error::Corrupt(sentence)) => format!("corrupt: {sentence}"),
        Err(Error::Limit(sentence)) => format!("limit: {sentence}"),
        Err(Error::Unsupported(sentence)) => format!("unsupported: {sentence}"),
        other => format!("{other:?}"),
    }
}

/// Every question that a host can ask, with 1 MB to answer it.
fn ask_everything(file: &[u8]) {
    let call = Call::new(None, 1 << 20, &|| false);
    Nifti.probe(&file[..file.len().min(4096)], file.len() as u64, "a.nii");
    let Ok(mut reader) = Nifti.open(file, &call) else { return };
    let found = reader.metadata(&call).unwrap();
    assert!(found.width > 0 && found.height > 0 && found.frame_count > 0);
    for frame in [0, 1, found.frame_count - 1, found.frame_count] {
        for mode in [DecodeMode::Display, DecodeMode::Modality16, DecodeMode::Stored] {
            let request = DecodeRequest { frame, mode, window: None };
            let _ = reader.decode(&request, PixelOut::new(&mut OwnedPixels::default()), &call);
        }
    }
}

prop_compose! {
    /// A header whose fields are anything, around voxels that may or may not be there.
    fn files()(
        is_big: bool,
        dim in prop::collection::vec(prop_oneof![1i16..8, any::<i16>()], 1..8),
        datatype in prop_oneof![prop::sample::select(vec![2i16, 4, 8, 16, 64, 128, 256, 512, 768]), any::<i16>()],
        first_voxel in prop_oneof![Just(352.0f32), any::<f32>()],
        (bitpix, slope, intercept, shown, form_code) in any::<(i16, f32, f32, (f32, f32), i16)>(),
        voxels in prop::collection::vec(any::<u8>(), 0..2000),
    ) -> File {
        File { is_big, dim, datatype, bitpix, first_voxel, slope, intercept, shown, form_code, voxels }
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..1000)) {
        ask_everything(&bytes);
        ask_everything(&[b"\x1f\x8b\x08\0\0\0\0\0\0\xff", bytes.as_slice()].concat());
    }

    #[test]
    fn arbitrary_fields_never_panic(file in files()) {
        ask_everything(&file.write());
        ask_everything(&gzip(&file.write()));
    }

    #[test]
    fn a_file_with_a_byte_turned_never_panics(at in 0usize..400, flip in 1u8..=255, packed: bool) {
        let mut file = if packed { gzip(&plain().write()) } else { plain().write() };
        let at = at % file.len();
        file[at] ^= flip;
        ask_everything(&file);
    }
}
