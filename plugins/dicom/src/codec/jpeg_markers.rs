//! The markers before the first scan of a JPEG or JPEG-LS stream (ITU-T T.81 annex B, T.87 annex C): read to hold
//! them against the data set, and mended where a decoder would misunderstand them.

use lightbox_sdk::{Error, Result};
use std::borrow::Cow;

/// SOF55.
pub const JPEG_LS_FRAME: u8 = 0xF7;

/// What the markers say.
#[derive(Debug, Clone, Copy, Default)]
pub struct Markers {
    /// Low byte of the frame marker: C0 baseline, C1 extended, C3 lossless, F7 JPEG-LS, …
    pub frame: u8,
    pub precision: u32,
    pub width: u32,
    pub height: u32,
    pub components: u32,
    /// Byte of JFIF's name.
    jfif: Option<usize>,
    /// Byte of Adobe's name.
    adobe: Option<usize>,
    /// Adobe's colour transform: 0 none, 1 YCbCr.
    adobe_transform: Option<u8>,
    /// Byte of the scan header's last spectral coefficient.
    scan_end: usize,
}

/// Reads the markers up to the first scan.
pub fn read(stream: &[u8]) -> Result<Markers> {
    if !stream.starts_with(&[0xFF, 0xD8]) {
        return Err(Error::Corrupt("the fragment is not a JPEG stream: it does not start with FF D8".to_owned()));
    }
    let mut found = Markers::default();
    let mut at = 2;
    loop {
        let (marker, body) = segment(stream, &mut at)?;
        match marker {
            0xC4 | 0xC8 | 0xCC => {}
            0xC0..=0xCF | JPEG_LS_FRAME => found.note_frame(marker, body)?,
            0xE0 if body.starts_with(b"JFIF\0") => found.jfif = Some(at - body.len()),
            0xEE if body.starts_with(b"Adobe") => {
                found.adobe = Some(at - body.len());
                found.adobe_transform = body.get(11).copied();
            }
            0xDA => {
                found.scan_end = at.saturating_sub(2);
                break;
            }
            _ => {}
        }
    }
    if found.frame == 0 {
        return Err(Error::Corrupt("the JPEG stream has a scan but no frame header".to_owned()));
    }
    Ok(found)
}

/// Components of the first scan: 1 where every component has a scan of its own.
pub fn first_scan_components(stream: &[u8]) -> Result<u32> {
    let mut at = 2;
    loop {
        if let (0xDA, body) = segment(stream, &mut at)? {
            return Ok(body.first().copied().map_or(0, u32::from));
        }
    }
}

/// The next marker segment; `at` moves behind it.
fn segment<'s>(stream: &'s [u8], at: &mut usize) -> Result<(u8, &'s [u8])> {
    let cut = || Error::Corrupt("the JPEG stream ends before its first scan".to_owned());
    if stream.get(*at) != Some(&0xFF) {
        return Err(Error::Corrupt(format!("the JPEG stream has no marker at byte {at}")));
    }
    while stream.get(*at) == Some(&0xFF) {
        *at += 1;
    }
    let marker = *stream.get(*at).ok_or_else(cut)?;
    let length = stream.get(*at + 1..).and_then(|rest| rest.first_chunk::<2>()).ok_or_else(cut)?;
    let length = usize::from(u16::from_be_bytes(*length));
    let body = stream.get(*at + 3..*at + 1 + length.max(2)).ok_or_else(cut)?;
    *at += 1 + length.max(2);
    Ok((marker, body))
}

impl Markers {
    fn note_frame(&mut self, marker: u8, body: &[u8]) -> Result<()> {
        let [precision, high, low, left, right, components, ..] = *body else {
            return Err(Error::Corrupt("the JPEG stream's frame header is cut".to_owned()));
        };
        if self.frame != 0 {
            return Err(Error::Corrupt("the JPEG stream has two frame headers".to_owned()));
        }
        self.frame = marker;
        self.precision = u32::from(precision);
        self.height = u32::from(u16::from_be_bytes([high, low]));
        self.width = u32::from(u16::from_be_bytes([left, right]));
        self.components = u32::from(components);
        Ok(())
    }

    /// The stream's own word on colour: `Some(true)` for YCbCr.
    pub fn is_ycbcr(&self) -> Option<bool> {
        self.jfif.map(|_| true).or(self.adobe_transform.map(|transform| transform != 0))
    }

    pub fn is_lossless(&self) -> bool {
        matches!(self.frame, 0xC3 | 0xC7 | 0xCB | 0xCF)
    }

    fn is_sequential(&self) -> bool {
        matches!(self.frame, 0xC0 | 0xC1)
    }

    /// The stream as a strict decoder wants it: with a colour transform of its own, and with the spectral range of a
    /// sequential scan, which some writers leave 0.
    pub fn mend<'s>(&self, stream: &'s [u8], ycbcr: Option<bool>) -> Cow<'s, [u8]> {
        let mut mended = Cow::Borrowed(stream);
        if self.is_sequential() && stream.get(self.scan_end) == Some(&0) {
            mended.to_mut()[self.scan_end] = 63;
        }
        if let Some(ycbcr) = ycbcr {
            // Without their names the stream's own markers do not speak against it.
            [self.jfif, self.adobe].into_iter().flatten().for_each(|name| mended.to_mut()[name] = 0);
            let marker = [0xFF, 0xEE, 0, 14, b'A', b'd', b'o', b'b', b'e', 0, 100, 0, 0, 0, 0, u8::from(ycbcr)];
            mended.to_mut().splice(2..2, marker);
        }
        mended
    }
}
