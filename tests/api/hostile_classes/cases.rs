//! The hostile files, one by one: what each claims, and what has to become of it. No file is larger than 300 KB.

use crate::support::archives::{grey_png, jpeg, zip};
use crate::support::dicom::{long, short};
use crate::support::dicom_elements::{
    COLUMNS, DEFLATED_FRAMES, Elements, FRAMES, JPEG, JPEG_2000, PIXELS, RLE, ROWS, words,
};
use std::io::Write;

pub struct Case {
    /// In the archive; the folder names the class.
    pub path: String,
    pub bytes: Vec<u8>,
    pub expected: Expected,
}

pub enum Expected {
    /// The finding's code, and what its sentence says.
    Refused(&'static str, &'static str),
    /// All samples, interleaved, as the format says that they are.
    Shown(Vec<u16>),
    /// A file of a kind that this server does not read, left alone.
    Ignored,
}

use Expected::{Ignored, Refused, Shown};

const UNREADABLE: &str = "IMAGE_UNREADABLE";

pub fn cases() -> Vec<Case> {
    let classes = [
        ("CVE-2026-5437", meta_headers()),
        ("CVE-2026-5439", archives_within()),
        ("CVE-2026-5441", private_compression()),
        ("CVE-2026-5442", wide_sides()),
        ("CVE-2026-5443", overflowing_palettes()),
        ("CVE-2026-5444", overflowing_headers()),
        ("CVE-2026-5445", short_tables()),
        ("leaked-memory", missing_pixels()),
    ];
    let case = |class: &str, (name, bytes, expected): Row| Case { path: format!("{class}/{name}"), bytes, expected };
    classes.into_iter().flat_map(|(class, rows)| rows.into_iter().map(move |row| case(class, row))).collect()
}

type Row = (&'static str, Vec<u8>, Expected);

/// Eight pixels that no other case has.
fn pixels(seed: u8) -> [u8; 8] {
    std::array::from_fn(|at| seed.wrapping_mul(11).wrapping_add(at as u8 * 29))
}

/// 2 × 4 pixels, whole and honest.
fn picture(seed: u8) -> Elements {
    Elements::grey(2, 4, &pixels(seed))
}

fn as_they_are(samples: &[u8]) -> Expected {
    Shown(samples.iter().map(|sample| u16::from(*sample)).collect())
}

fn group_length(length: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    short(&mut bytes, (0x0002, 0x0000), b"UL", &length.to_le_bytes());
    bytes
}

fn syntax_of_meta() -> Vec<u8> {
    let mut bytes = Vec::new();
    short(&mut bytes, (0x0002, 0x0010), b"UI", b"1.2.840.10008.1.2.1\0");
    bytes
}

/// 5437: the reader of the file meta group took lengths from it and read behind its buffer.
fn meta_headers() -> Vec<Row> {
    let (group, syntax) = (|length| group_length(length), syntax_of_meta());
    let version = |claimed: u32| {
        let mut bytes = Vec::new();
        long(&mut bytes, (0x0002, 0x0001), b"OB", &[]);
        bytes[8..].copy_from_slice(&claimed.to_le_bytes());
        [group(40), bytes, vec![0, 1], syntax_of_meta()].concat()
    };
    let mut long_group = group(30);
    long_group[6..8].copy_from_slice(&0xfffeu16.to_le_bytes());
    let cut = |bytes: &[u8]| [&[0; 128], &b"DICM"[..], bytes].concat();
    let file = |seed: u8, meta: &[u8]| picture(seed).file_with_meta(meta);
    vec![
        // The group's length is for skipping it, which nothing here does.
        ("group-too-long.dcm", file(1, &[group(0xffff_fff0), syntax.clone()].concat()), as_they_are(&pixels(1))),
        ("group-too-short.dcm", file(2, &[group(0), syntax.clone()].concat()), as_they_are(&pixels(2))),
        ("length-of-the-group-length.dcm", file(3, &long_group), Refused(UNREADABLE, "claims 65534 bytes")),
        ("element-behind-the-end.dcm", file(4, &version(0x7fff_ffff)), Refused(UNREADABLE, "claims 2147483647 bytes")),
        ("length-that-wraps.dcm", file(5, &version(0xffff_fffe)), Refused(UNREADABLE, "claims 4294967294 bytes")),
        ("length-left-open.dcm", file(6, &version(0xffff_ffff)), Refused(UNREADABLE, "where an item belongs")),
        ("nothing-but-the-signature.dcm", cut(b""), Refused(UNREADABLE, "no data elements")),
        ("cut-in-a-tag.dcm", cut(&group(30)[..3]), Refused(UNREADABLE, "no data elements")),
        (
            "cut-in-a-length.dcm",
            cut(&[group(30), syntax[..7].to_vec()].concat()),
            Refused(UNREADABLE, "no data elements"),
        ),
        (
            "cut-in-a-value.dcm",
            cut(&[group(30), syntax[..12].to_vec()].concat()),
            Refused(UNREADABLE, "claims 20 bytes"),
        ),
    ]
}

/// 5439, inside the archive: what is packed in it is not unpacked by itself. Its own entries are in `archives.rs`.
fn archives_within() -> Vec<Row> {
    let bomb = zip(&[("bomb.png", vec![0; 1 << 24])]);
    let nested = zip(&[("nested.zip", &bomb)]);
    vec![
        ("nested.zip", nested.clone(), Ignored),
        ("nested.png", nested.clone(), Refused(UNREADABLE, "its content is none")),
        ("nested.dcm", nested, Refused(UNREADABLE, "its content is none")),
    ]
}

/// 5441: PMSCT_RLE1, a compression of Philips' in private elements, whose reader went behind the end of the data when
/// it ended with an escape (A5). Nothing here reads private pixels; the standard's RLE has escapes of its own.
fn private_compression() -> Vec<Row> {
    let private = |set: Elements| {
        let set = set.with((0x07a1, 0x0010), b"LO", b"ELSCINT1");
        let stream = [&[0; 22][..], &[0xa5, 0xff]].concat();
        set.with((0x07a1, 0x100a), b"OB", &stream).with((0x07a1, 0x1011), b"CS", b"PMSCT_RLE1")
    };
    let rle = |segment: &[u8], offset: u32| picture(0).fragment(RLE, &packed(&[offset], segment)).file();
    vec![
        ("private-alone.dcm", private(picture(0).without(PIXELS)).file(), Refused("NO_PIXEL_DATA", "no pixel data")),
        ("private-beside-public.dcm", private(picture(7)).file(), as_they_are(&pixels(7))),
        (
            "private-and-empty.dcm",
            private(picture(0).with(PIXELS, b"OW", &[])).file(),
            Refused(UNREADABLE, "has 0 bytes"),
        ),
        ("escape-at-the-end.dcm", rle(&[3, 1, 2, 3, 4, 0xfe], 64), Refused(UNREADABLE, "RLE segment ends")),
        ("run-behind-the-end.dcm", rle(&[127, 1, 2, 3], 64), Refused(UNREADABLE, "RLE segment ends")),
        ("nothing-to-repeat.dcm", rle(&[0x80, 0x80], 64), Refused(UNREADABLE, "RLE segment ends")),
        ("segment-behind-the-end.dcm", rle(&[7, 1], 0xffff_fff0), Refused(UNREADABLE, "does not lie in the stream")),
        ("segment-in-the-header.dcm", rle(&[7, 1], 4), Refused(UNREADABLE, "does not lie in the stream")),
    ]
}

/// 5442: Rows and Columns under VR UL, with 32 bits where 16 are allowed: the size of a frame wrapped.
fn wide_sides() -> Vec<Row> {
    let wide = |rows: u32, columns: u32, pixels: &[u8]| {
        Elements::grey(0, 0, pixels).wide_number(ROWS, rows).wide_number(COLUMNS, columns)
    };
    let rows = |vr: &[u8; 2], value: &[u8]| picture(0).with(ROWS, vr, value).file();
    vec![
        // 2³² + 65,536 pixels, of which 32 bits keep 65,536.
        ("product-wraps.dcm", wide(65_536, 65_537, &[7; 65_536]).file(), Refused(UNREADABLE, "Rows is 65536")),
        ("low-half-fits.dcm", wide(65_536 + 2, 4, &pixels(0)).file(), Refused(UNREADABLE, "Rows is 65538")),
        ("columns-of-32-bits.dcm", wide(2, u32::MAX, &pixels(0)).file(), Refused(UNREADABLE, "Columns is 4294967295")),
        ("negative.dcm", rows(b"SL", &(-2i32).to_le_bytes()), Refused(UNREADABLE, "Rows is -2")),
        ("two-values.dcm", rows(b"US", &[2, 0, 2, 0]), Refused(UNREADABLE, "Rows has 2 values")),
        ("no-value.dcm", rows(b"UL", &[]), Refused(UNREADABLE, "Rows is missing")),
        ("wide-and-honest.dcm", wide(2, 4, &pixels(8)).file(), as_they_are(&pixels(8))),
    ]
}

/// 5443: the length of a PALETTE COLOR picture was checked with 32 bits. Each has as many bytes as are left of its
/// size in 32 bits.
fn overflowing_palettes() -> Vec<Row> {
    let palette = |pixels: &[u8]| Elements::palette(2, 4, pixels, [4, 0, 16], [&[0, 9, 99, 999]; 3]);
    let square = palette(&[1; 9_266]).bits(16).number(ROWS, 46_341).number(COLUMNS, 46_341);
    let wide = palette(&[1; 2]).wide_number(ROWS, 3).wide_number(COLUMNS, 0x5555_5556);
    let frames = palette(&[1; 4_096]).number(ROWS, 64).number(COLUMNS, 64).with(FRAMES, b"IS", b"1048577 ");
    let most = palette(&[1; 4]).bits(16).number(ROWS, 65_535).number(COLUMNS, 65_535);
    let most = most.with(FRAMES, b"IS", b"2147483647");
    let packed = square.clone().fragment(RLE, &packed(&[64, 70], &[0; 9_266]));
    vec![
        ("three-long-rows.dcm", wide.file(), Refused(UNREADABLE, "Columns is 1431655766")),
        ("two-bytes-an-index.dcm", square.file(), Refused(UNREADABLE, "has 9266 bytes")),
        ("frames-wrap.dcm", frames.file(), Refused(UNREADABLE, "has 4096 bytes")),
        ("beyond-64-bits.dcm", most.file(), Refused(UNREADABLE, "has 4 bytes")),
        ("packed.dcm", packed.file(), Refused("IMAGE_TOO_LARGE", "46341 × 46341")),
    ]
}

/// 5444: a PAM picture whose width times height wrapped. This server reads no PAM; the same in the headers that it
/// reads.
fn overflowing_headers() -> Vec<Row> {
    let pam =
        b"P7\nWIDTH 65536\nHEIGHT 65537\nDEPTH 1\nMAXVAL 255\nTUPLTYPE GRAYSCALE\nENDHDR\n\x01\x02\x03\x04".to_vec();
    let png = |width: u32, height: u32| {
        let mut bytes = grey_png(8, 1, &pixels(0));
        bytes[16..20].copy_from_slice(&width.to_be_bytes());
        bytes[20..24].copy_from_slice(&height.to_be_bytes());
        let mut crc = flate2::Crc::new();
        crc.update(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&crc.sum().to_be_bytes());
        bytes
    };
    let mut jpeg = jpeg(8, 8, 3);
    let frame = jpeg.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xff; 4]);
    let tiles = jpeg_2000((1 << 31) - 1, (1 << 31) - 1, &[]);
    vec![
        ("a.pam", pam.clone(), Ignored),
        ("pam.png", pam.clone(), Refused(UNREADABLE, "its content is none")),
        ("pam-in-a-fragment.dcm", picture(0).fragment(JPEG, &pam).file(), Refused(UNREADABLE, "JPEG")),
        ("product-wraps.png", png(65_536, 65_537), Refused("IMAGE_TOO_LARGE", "65536 × 65537")),
        ("three-long-rows.png", png(0x5555_5556, 3), Refused("IMAGE_TOO_LARGE", "needs more than")),
        ("most.jpg", jpeg, Refused("IMAGE_TOO_LARGE", "65535 × 65535")),
        ("tiles.dcm", picture(0).fragment(JPEG_2000, &tiles).file(), Refused(UNREADABLE, "2147483647 × 2147483647")),
    ]
}

/// 5445: indices behind the end of a palette. They get its last entry (PS3.3 C.7.6.3.1.5), and those before its first
/// mapped value the first one; a table shorter than it says itself is refused.
fn short_tables() -> Vec<Row> {
    let indices = [0, 1, 2, 3, 4, 5, 200, 255];
    let [red, green, blue] = [&[0x1000, 0x2000, 0x3000, 0x4000][..], &[0x5000, 0x6000, 0, 0], &[0x7000, 0, 0, 0xff00]];
    let palette =
        |first: u16, entries: u16| Elements::palette(2, 4, &indices, [entries, first, 16], [red, green, blue]);
    let colours = |of: &dyn Fn(usize) -> usize| {
        let colour = |index: u8| [red, green, blue].map(|table| table[of(usize::from(index)).min(3)] >> 8);
        Shown(indices.into_iter().flat_map(colour).collect())
    };
    let deep: Vec<u8> = words(&[0, 1, 2, 3, 4, 5, 0x8000, 0xffff]);
    let deep = palette(0, 4).bits(16).with(PIXELS, b"OW", &deep);
    let lut = |set: Elements, sequence: u16, descriptor: [u16; 3], entries: &[u16]| {
        let mut item = Vec::new();
        short(&mut item, (0x0028, 0x3002), b"US", &words(&descriptor));
        long(&mut item, (0x0028, 0x3006), b"OW", &words(entries));
        let length = (item.len() as u32).to_le_bytes();
        set.with((0x0028, sequence), b"SQ", &[&b"\xfe\xff\0\xe0"[..], &length, &item].concat())
    };
    let grey = Elements::grey(2, 4, &indices);
    // Grey levels of the last entry wherever an index has none of its own.
    let clamped = Shown([10, 20, 30, 40, 40, 40, 40, 40].into());
    vec![
        ("index-behind-the-end.dcm", palette(0, 4).file(), colours(&|index| index)),
        ("index-before-the-first.dcm", palette(2, 4).file(), colours(&|index| index.saturating_sub(2))),
        ("all-behind-the-end.dcm", palette(0x8000, 4).file(), colours(&|_| 0)),
        ("indices-of-16-bits.dcm", deep.file(), colours(&|index| index)),
        ("says-more-than-it-has.dcm", palette(0, 255).file(), Refused(UNREADABLE, "4 entries of the 255")),
        ("says-65536.dcm", palette(0, 0).file(), Refused(UNREADABLE, "4 entries of the 65536")),
        ("voi-behind-the-end.dcm", lut(grey.clone(), 0x3010, [4, 0, 8], &[10, 20, 30, 40]).file(), clamped),
        ("voi-too-short.dcm", lut(grey.clone(), 0x3010, [64, 0, 8], &[1; 4]).file(), Refused(UNREADABLE, "of the 64")),
        ("modality-too-short.dcm", lut(grey, 0x3000, [64, 0, 8], &[2; 4]).file(), Refused(UNREADABLE, "of the 64")),
        ("segment-of-nothing.dcm", endless_segments(), Refused(UNREADABLE, "segment without an entry")),
        (
            "segment-behind-the-end.dcm",
            segmented(&[2, 9, 0xfff0, 0xffff]),
            Refused(UNREADABLE, "ends inside a segment"),
        ),
    ]
}

fn segmented(table: &[u16]) -> Vec<u8> {
    let mut set = Elements::palette(2, 4, &pixels(0), [256, 0, 16], [&[]; 3]);
    for channel in 0..3 {
        set = set.without((0x0028, 0x1201 + channel)).with((0x0028, 0x1221 + channel), b"OW", &words(table));
    }
    set.file()
}

/// A table that refers to its own empty segments again and again: 80 million steps for no entry.
fn endless_segments() -> Vec<u8> {
    let mut table = vec![0, 1, 7];
    table.extend([2, 0x5000, 0x8100, 0].repeat(4 * 1024));
    table.resize(64 * 1024, 0);
    segmented(&table)
}

/// What the nine had in common: memory that was not written, shown as pixels. Here the data ends before the picture
/// does.
fn missing_pixels() -> Vec<Row> {
    let claimed = picture(0).file();
    let short = |bytes: usize| Elements::grey(2, 4, &vec![1; bytes]).file();
    let bits = Elements::grey(6, 8, &[0xff; 5]).bits(1).file();
    let deflated = |bytes: &[u8]| {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let jpeg = jpeg(16, 16, 4);
    let scan = jpeg.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap();
    let photo = Elements::grey(16, 16, &[]).colour(b"YBR_FULL_422");
    let ended = |at: usize| [&jpeg[..at], &[0xff, 0xd9]].concat();
    let png = grey_png(64, 64, &std::array::from_fn::<u8, 4096, _>(|at| (at * at / 7) as u8));
    let no_packets = jpeg_2000(4, 2, &[]);
    let empty_packets = Elements::grey(64, 64, &[]).fragment(JPEG_2000, &jpeg_2000(64, 64, &[0]));
    vec![
        ("cut.dcm", claimed[..claimed.len() - 3].to_vec(), Refused(UNREADABLE, "claims 8 bytes, but only 5")),
        ("too-few.dcm", short(6), Refused(UNREADABLE, "has 6 bytes")),
        ("bits.dcm", bits, Refused(UNREADABLE, "has 5 bytes")),
        (
            "rle.dcm",
            picture(0).fragment(RLE, &packed(&[64], &[3, 1, 2, 3, 4])).file(),
            Refused(UNREADABLE, "RLE segment ends"),
        ),
        (
            "deflated.dcm",
            picture(0).fragment(DEFLATED_FRAMES, &deflated(&[9; 5])).file(),
            Refused(UNREADABLE, "has 5 bytes"),
        ),
        ("jpeg-half.dcm", photo.clone().fragment(JPEG, &ended(scan + 40)).file(), Refused(UNREADABLE, "JPEG")),
        ("jpeg-nothing.dcm", photo.fragment(JPEG, &ended(scan + 14)).file(), Refused(UNREADABLE, "JPEG")),
        ("jpeg-half.jpg", ended(scan + 40), Refused(UNREADABLE, "")),
        ("half.png", png[..png.len() / 2].to_vec(), Refused(UNREADABLE, "")),
        ("j2k-no-packets.dcm", picture(0).fragment(JPEG_2000, &no_packets).file(), Refused(UNREADABLE, "JPEG 2000")),
        // All coefficients are 0, which is the middle of the range.
        ("j2k-empty-packets.dcm", empty_packets.file(), Shown(vec![128; 64 * 64])),
    ]
}

/// An RLE stream with segments at these offsets (PS3.5 annex G).
fn packed(offsets: &[u32], content: &[u8]) -> Vec<u8> {
    let mut stream: Vec<u8> =
        std::iter::once(&(offsets.len() as u32)).chain(offsets).flat_map(|number| number.to_le_bytes()).collect();
    stream.resize(64, 0);
    stream.extend(content);
    stream
}

/// A codestream of one tile and one component of 8 bits, with no wavelet and this for its packets (ISO/IEC 15444-1,
/// annex A).
fn jpeg_2000(width: u32, height: u32, packets: &[u8]) -> Vec<u8> {
    let sides = [width, height, 0, 0, width, height, 0, 0].map(u32::to_be_bytes).concat();
    let size = [&b"\xff\x4f\xff\x51\0\x29\0\0"[..], &sides, b"\0\x01\x07\x01\x01"].concat();
    let style = b"\xff\x52\0\x0c\0\0\0\x01\0\0\x04\x04\0\x01\xff\x5c\0\x04\x40\x40";
    let length = (14 + packets.len() as u32).to_be_bytes();
    [&size, &style[..], b"\xff\x90\0\x0a\0\0", &length, b"\0\x01\xff\x93", packets, b"\xff\xd9"].concat()
}
