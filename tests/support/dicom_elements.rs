//! DICOM files that may lie: any element under any VR with any length, a file meta group of one's own, and pixel data
//! in fragments (PS3.5 section 7 and annex A, PS3.10 section 7). For honest pictures there is `dicom.rs`.

use super::dicom::{long, short};
use std::collections::BTreeMap;

pub const EXPLICIT: &str = "1.2.840.10008.1.2.1";
pub const RLE: &str = "1.2.840.10008.1.2.5";
pub const JPEG: &str = "1.2.840.10008.1.2.4.50";
pub const JPEG_2000: &str = "1.2.840.10008.1.2.4.90";
pub const DEFLATED_FRAMES: &str = "1.2.840.10008.1.2.8.1";

type Tag = (u16, u16);

pub const FRAMES: Tag = (0x0028, 0x0008);
pub const ROWS: Tag = (0x0028, 0x0010);
pub const COLUMNS: Tag = (0x0028, 0x0011);
pub const PIXELS: Tag = (0x7fe0, 0x0010);

/// VRs with a length of 32 bits (PS3.5 7.1.2).
const LONG: [&[u8; 2]; 5] = [b"OB", b"OW", b"SQ", b"UN", b"UT"];

/// A data set in explicit VR little endian, in the order of its tags.
#[derive(Clone)]
pub struct Elements {
    elements: BTreeMap<Tag, Vec<u8>>,
    syntax: &'static str,
}

impl Elements {
    /// A grey picture of 8 bits that is shown as it is: its window is the whole range.
    pub fn grey(rows: u16, columns: u16, pixels: &[u8]) -> Self {
        let none = Self { elements: BTreeMap::new(), syntax: EXPLICIT };
        none.with((0x0008, 0x0016), b"UI", b"1.2.840.10008.5.1.4.1.1.7\0")
            .with((0x0020, 0x000d), b"UI", b"1.2.826.0.1.3680043.10.4\0\0")
            .number((0x0028, 0x0002), 1)
            .with((0x0028, 0x0004), b"CS", b"MONOCHROME2 ")
            .number(ROWS, rows)
            .number(COLUMNS, columns)
            .number((0x0028, 0x0100), 8)
            .number((0x0028, 0x0101), 8)
            .number((0x0028, 0x0102), 7)
            .number((0x0028, 0x0103), 0)
            .with((0x0028, 0x1050), b"DS", b"128 ")
            .with((0x0028, 0x1051), b"DS", b"256 ")
            .with(PIXELS, b"OB", pixels)
    }

    /// A picture of 8-bit indices into three tables of 16-bit words, with one descriptor for all.
    pub fn palette(rows: u16, columns: u16, indices: &[u8], descriptor: [u16; 3], tables: [&[u16]; 3]) -> Self {
        let mut set = Self::grey(rows, columns, indices).with((0x0028, 0x0004), b"CS", b"PALETTE COLOR ");
        for (channel, table) in (0..).zip(tables) {
            set = set.with((0x0028, 0x1101 + channel), b"US", &words(&descriptor));
            set = set.with((0x0028, 0x1201 + channel), b"OW", &words(table));
        }
        set
    }

    /// Puts an element in, or in the place of the one with its tag.
    pub fn with(mut self, tag: Tag, vr: &[u8; 2], value: &[u8]) -> Self {
        let mut bytes = Vec::new();
        let write = if LONG.contains(&vr) { long } else { short };
        write(&mut bytes, tag, vr, value);
        self.elements.insert(tag, bytes);
        self
    }

    pub fn without(mut self, tag: Tag) -> Self {
        self.elements.remove(&tag);
        self
    }

    pub fn number(self, tag: Tag, value: u16) -> Self {
        self.with(tag, b"US", &value.to_le_bytes())
    }

    /// A number of 32 bits where the standard wants 16.
    pub fn wide_number(self, tag: Tag, value: u32) -> Self {
        self.with(tag, b"UL", &value.to_le_bytes())
    }

    /// Allocated, stored, and the high bit.
    pub fn bits(self, bits: u16) -> Self {
        let set = self.number((0x0028, 0x0100), bits).number((0x0028, 0x0101), bits);
        set.number((0x0028, 0x0102), bits.saturating_sub(1))
    }

    /// Three samples a pixel, of this photometric interpretation.
    pub fn colour(self, photometric: &[u8]) -> Self {
        let set = self.number((0x0028, 0x0002), 3).number((0x0028, 0x0006), 0);
        set.with((0x0028, 0x0004), b"CS", photometric)
    }

    /// Encapsulated pixel data of one frame: an empty offset table, one fragment, the delimiter.
    pub fn fragment(mut self, syntax: &'static str, stream: &[u8]) -> Self {
        let mut bytes = Vec::from(*b"\xe0\x7f\x10\0OB\0\0\xff\xff\xff\xff\xfe\xff\0\xe0\0\0\0\0\xfe\xff\0\xe0");
        let padding = stream.len() % 2;
        bytes.extend(((stream.len() + padding) as u32).to_le_bytes());
        bytes.extend(stream);
        bytes.extend(&[0][..padding]);
        bytes.extend(b"\xfe\xff\xdd\xe0\0\0\0\0");
        self.elements.insert(PIXELS, bytes);
        Self { syntax, ..self }
    }

    /// The data set alone.
    pub fn set(&self) -> Vec<u8> {
        self.elements.values().flatten().copied().collect()
    }

    /// The file.
    pub fn file(&self) -> Vec<u8> {
        let mut group = Vec::new();
        long(&mut group, (0x0002, 0x0001), b"OB", &[0, 1]);
        let uid = if self.syntax.len() % 2 == 1 { format!("{}\0", self.syntax) } else { self.syntax.to_owned() };
        short(&mut group, (0x0002, 0x0010), b"UI", uid.as_bytes());
        let mut meta = Vec::new();
        short(&mut meta, (0x0002, 0x0000), b"UL", &(group.len() as u32).to_le_bytes());
        meta.extend(group);
        self.file_with_meta(&meta)
    }

    /// The file with these bytes for its file meta group.
    pub fn file_with_meta(&self, meta: &[u8]) -> Vec<u8> {
        [&[0; 128], &b"DICM"[..], meta, &self.set()].concat()
    }
}

pub fn words(words: &[u16]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}
