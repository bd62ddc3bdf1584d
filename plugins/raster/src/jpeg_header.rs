//! What a JPEG file says before its first scan (ITU-T T.81 annex B): process, size, components, EXIF, Adobe marker.

use lightbox_sdk::{Error, Result};

/// The frame header, and what of the application segments counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Header<'a> {
    /// The low byte of the frame's marker, such as 0xC0 for baseline.
    pub(crate) process: u8,
    /// Bits a sample.
    pub(crate) precision: u8,
    pub(crate) width: u16,
    pub(crate) height: u16,
    pub(crate) components: u8,
    /// Behind `Exif\0\0`.
    pub(crate) exif: Option<&'a [u8]>,
    /// An Adobe segment is there, whose writers store CMYK inverted.
    pub(crate) adobe: bool,
}

/// # Errors
/// [`Error::Corrupt`] when the file is no JPEG, or ends before its frame header.
pub(crate) fn read(bytes: &[u8]) -> Result<Header<'_>> {
    let mut rest = bytes.strip_prefix(b"\xff\xd8").ok_or_else(|| corrupt("does not start with JPEG's signature"))?;
    let (mut header, mut has_frame) = (Header::default(), false);
    while let Some((marker, body, tail)) = next_segment(rest) {
        match marker {
            0xda if has_frame => return Ok(header),
            0xda | 0xd9 => break,
            0xe1 if header.exif.is_none() => header.exif = body.strip_prefix(b"Exif\0\0"),
            0xee => header.adobe |= body.starts_with(b"Adobe"),
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                read_frame(marker, body, &mut header)?;
                has_frame = true;
            }
            _ => {}
        }
        rest = tail;
    }
    Err(corrupt(if has_frame { "ends before its first scan: it is truncated" } else { "has no frame header" }))
}

fn read_frame(marker: u8, body: &[u8], header: &mut Header<'_>) -> Result<()> {
    let [precision, high, higher, wide, wider, components, ..] = *body else {
        return Err(corrupt("has a frame header that is too short"));
    };
    header.process = marker;
    header.precision = precision;
    header.height = u16::from_be_bytes([high, higher]);
    header.width = u16::from_be_bytes([wide, wider]);
    header.components = components;
    Ok(())
}

/// Marker, body and what follows. Bytes between segments are skipped, as decoders do.
fn next_segment(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let mut rest = bytes;
    loop {
        let at = rest.iter().position(|byte| *byte == 0xff)?;
        rest = rest.get(at + 1..)?;
        match *rest.first()? {
            0x00 | 0xff | 0x01 | 0xd0..=0xd8 => continue,
            0xd9 => return Some((0xd9, &[], rest.get(1..)?)),
            marker => {
                let length = usize::from(u16::from_be_bytes(*rest.get(1..)?.first_chunk()?));
                let body = rest.get(3..1 + length)?;
                return Some((marker, body, rest.get(1 + length..)?));
            }
        }
    }
}

fn corrupt(what: &str) -> Error {
    Error::Corrupt(format!("the JPEG file {what}"))
}
