//! Which files are rendered: real ones by transfer syntax, or, where those are not there, files of our own making.

use crate::support::dicom::Dicom;
use crate::support::test_data;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Smaller pictures would measure how a process starts.
const MIN_PIXELS: u64 = 256 * 256;
const GENERATED_FILES: u32 = 8;

/// Files that are measured together.
pub struct Group {
    pub name: &'static str,
    pub files: Vec<File>,
    /// Whom the files are compared with; an error says why there is nobody.
    pub peer: Result<&'static str, &'static str>,
}

pub struct File {
    pub path: PathBuf,
    /// How the grey values of the data set are to be brought to the screen, as the peer wants to be told.
    pub voi: &'static [&'static str],
}

/// One kind of file to look for: its group's name, its transfer syntaxes, which pictures, the peer.
struct Kind {
    name: &'static str,
    syntaxes: &'static [&'static str],
    is_wanted: fn(&Value) -> bool,
    peer: Result<&'static str, &'static str>,
}

const KINDS: [Kind; 6] = [
    Kind {
        name: "uncompressed 512 × 512, 16 bits",
        syntaxes: &["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"],
        is_wanted: |dicom| {
            dicom["rows"] == 512
                && dicom["columns"] == 512
                && dicom["bits_allocated"] == 16
                && dicom["samples_per_pixel"] == 1
        },
        peer: Ok("dcmj2pnm"),
    },
    Kind { name: "RLE", syntaxes: &["1.2.840.10008.1.2.5"], is_wanted: |_| true, peer: Ok("dcmj2pnm") },
    Kind {
        name: "JPEG lossless",
        syntaxes: &["1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70"],
        is_wanted: |_| true,
        peer: Ok("dcmj2pnm"),
    },
    Kind {
        name: "JPEG",
        syntaxes: &["1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"],
        is_wanted: |_| true,
        peer: Ok("dcmj2pnm"),
    },
    Kind {
        name: "JPEG-LS",
        syntaxes: &["1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81"],
        is_wanted: |_| true,
        // The same program with the JPEG-LS decoder in the place of the JPEG one.
        peer: Ok("dcml2pnm"),
    },
    Kind {
        name: "JPEG 2000",
        syntaxes: &["1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91"],
        is_wanted: |_| true,
        peer: Err("DCMTK has no JPEG 2000 decoder"),
    },
];

/// The groups with at least one file. `folder`: where generated files may be written.
pub fn groups(folder: &Path) -> Vec<Group> {
    let Some(root) = test_data::find("rendering real files") else { return vec![generated(folder)] };
    let entries = test_data::entries(&root, "dicom/");
    let groups = KINDS.iter().map(|kind| Group {
        name: kind.name,
        files: entries.iter().filter(|entry| fits(kind, entry)).map(|entry| file(&root, entry)).collect(),
        peer: kind.peer,
    });
    groups.filter(|group| !group.files.is_empty()).collect()
}

fn fits(kind: &Kind, entry: &Value) -> bool {
    let dicom = &entry["dicom"];
    let pixels = dicom["rows"].as_u64().unwrap_or(0) * dicom["columns"].as_u64().unwrap_or(0);
    entry["expect"] == "render"
        && dicom["transfer_syntax"].as_str().is_some_and(|syntax| kind.syntaxes.contains(&syntax))
        && pixels >= MIN_PIXELS
        && (kind.is_wanted)(dicom)
}

fn file(root: &Path, entry: &Value) -> File {
    let voi: &[&str] = match entry["render"]["formula"]["voi"].as_str() {
        Some("window") => &["+Wi", "1"],
        Some("lut") => &["+Wl", "1"],
        Some("minmax") => &["+Wm"],
        _ => &[],
    };
    File { path: root.join(entry["path"].as_str().unwrap()), voi }
}

/// Uncompressed 512 × 512 pixels of 16 bits with the look of a scan: a bright body with noise, dark around it.
fn generated(folder: &Path) -> Group {
    let files = (0..GENERATED_FILES).map(|seed| {
        let path = folder.join(format!("generated-{seed}.dcm"));
        std::fs::write(&path, scan(512, seed).bytes()).unwrap();
        File { path, voi: &["+Wi", "1"] }
    });
    let files = files.collect();
    Group { name: "generated, uncompressed 512 × 512, 16 bits", files, peer: Ok("dcmj2pnm") }
}

/// A file so small that reading it costs what starting a program costs.
pub fn tiny(folder: &Path) -> PathBuf {
    let path = folder.join("tiny.dcm");
    std::fs::write(&path, scan(2, 0).bytes()).unwrap();
    path
}

fn scan(side: u16, seed: u32) -> Dicom {
    let mut noise = seed.wrapping_mul(0x9e37_79b9) | 1;
    let half = i32::from(side) / 2;
    let value = |at: i32| {
        // xorshift, 32 bits
        noise ^= noise << 13;
        noise ^= noise >> 17;
        noise ^= noise << 5;
        let (x, y) = (at % (half * 2) - half, at / (half * 2) - half);
        let from_rim = half * half * 3 / 4 - x * x - y * y;
        let body = if from_rim > 0 { 900 + from_rim * 400 / (half * half) } else { 20 };
        (body as u32 + (noise >> 26)) as u16
    };
    let values = (0..i32::from(side) * i32::from(side)).map(value).collect();
    Dicom { rows: side, columns: side, values, window: Some((1000.0, 1200.0)), intercept: -24.0, ..Dicom::new(seed) }
}
