//! The picture files that all datasets are made of. They are few, so that many datasets need the same stored file.

use crate::support::archives::png;
use crate::support::dicom::Dicom;
use sha2::{Digest, Sha256};
use std::sync::OnceLock;

pub struct Picture {
    pub extension: &'static str,
    pub bytes: Vec<u8>,
    /// In lower-case hexadecimal.
    pub sha256: String,
    pub frames: usize,
}

const PNG: u32 = 40;
const DICOM: u32 = 16;

/// PNG first, then DICOM; one in eight is large enough to take a while.
pub fn all() -> &'static [Picture] {
    static ALL: OnceLock<Vec<Picture>> = OnceLock::new();
    ALL.get_or_init(|| {
        let pictures = (0..PNG).map(|seed| picture("png", png(side(seed), side(seed), seed), 1));
        pictures.chain((0..DICOM).map(dicom)).collect()
    })
}

fn side(seed: u32) -> u32 {
    if seed.is_multiple_of(8) { 400 } else { 24 }
}

fn dicom(seed: u32) -> Picture {
    let small = Dicom::new(seed);
    let file = if seed.is_multiple_of(8) { Dicom { rows: 64, columns: 64, ..small }.with_frames(20) } else { small };
    picture("dcm", file.bytes(), file.frames as usize)
}

fn picture(extension: &'static str, bytes: Vec<u8>, frames: usize) -> Picture {
    Picture { extension, sha256: sha256(&bytes), bytes, frames }
}

/// Of a stored file; what the server made itself has one.
pub fn frames(sha256: &str) -> usize {
    all().iter().find(|picture| picture.sha256 == sha256).map_or(1, |picture| picture.frames)
}

pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
