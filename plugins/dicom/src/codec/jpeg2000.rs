//! JPEG 2000 and HTJ2K by OpenJPEG (ISO/IEC 15444-1 and -15).

use super::{Decoded, cell_for, colour_of, require_same_size};
use crate::frame::Colour;
use crate::header::{Cell, Header};
use jpeg2k::{DecodeParameters, Image, ImageComponent};
use lightbox_sdk::{Error, Result};

/// What the codestream's main header says.
struct Codestream<'s> {
    bytes: &'s [u8],
    columns: u64,
    rows: u64,
    components: u32,
    precision: u32,
    is_signed: bool,
    /// The decoder turns YBR_RCT or YBR_ICT into RGB.
    has_transform: bool,
}

/// Whether the stream's samples are signed; `None` when that cannot be read. Where stream and data set disagree,
/// the stream is right.
pub fn sign_of_stream(stream: &[u8]) -> Option<bool> {
    Codestream::read(stream).ok().map(|codestream| codestream.is_signed)
}

/// Decodes one frame.
pub fn decode(stream: &[u8], header: &Header) -> Result<Decoded> {
    let codestream = Codestream::read(stream)?;
    require_same_size("JPEG 2000", header, (codestream.columns, codestream.rows, codestream.components))?;
    let cell = cell_for("JPEG 2000", codestream.precision, header)?;
    let image = Image::from_bytes_with(codestream.bytes, DecodeParameters::new().strict(true))
        .map_err(|error| Error::Corrupt(format!("the JPEG 2000 stream is damaged: {error}")))?;
    let components = image.components();
    if components.len() != header.samples as usize || components.iter().any(|each| !is_whole(each, header)) {
        return Err(Error::Corrupt("the JPEG 2000 stream did not give every sample of the picture".to_owned()));
    }
    let colour = if codestream.has_transform && header.samples == 3 { Colour::Rgb } else { colour_of(header) };
    Ok(Decoded {
        cell,
        bytes: pack(components, cell),
        colour,
        is_signed: Some(codestream.is_signed),
        precision: codestream.precision,
    })
}

fn is_whole(component: &ImageComponent, header: &Header) -> bool {
    (component.width(), component.height()) == (header.columns, header.rows)
}

/// Interleaves the components; negative values become two's complement of the cell.
fn pack(components: &[ImageComponent], cell: Cell) -> Vec<u8> {
    match components {
        [grey] => super::jpeg::widen(grey.data().iter().map(|value| value.cast_unsigned()), cell),
        [red, green, blue] => {
            let pixels = red.data().iter().zip(green.data()).zip(blue.data());
            super::jpeg::widen(pixels.flat_map(|((red, green), blue)| [red, green, blue].map(|v| v.cast_unsigned())), cell)
        }
        _ => Vec::new(),
    }
}

impl<'s> Codestream<'s> {
    fn read(stream: &'s [u8]) -> Result<Self> {
        let bytes = if stream.starts_with(&[0xFF, 0x4F]) { stream } else { in_boxes(stream)? };
        let cut = || Error::Corrupt("the JPEG 2000 stream's header is cut or damaged".to_owned());
        let mut markers = MarkerSegments { bytes, at: 2 };
        let (0xFF51, siz) = markers.next().ok_or_else(cut)? else { return Err(cut()) };
        let word = |at: usize| siz.get(at..).and_then(|rest| rest.first_chunk::<4>()).map(|four| u32::from_be_bytes(*four));
        let (right, bottom) = (word(2).ok_or_else(cut)?, word(6).ok_or_else(cut)?);
        let (left, top) = (word(10).ok_or_else(cut)?, word(14).ok_or_else(cut)?);
        let parts = siz.get(36..).ok_or_else(cut)?.as_chunks::<3>().0;
        let [depth, ..] = *parts.first().ok_or_else(cut)?;
        if parts.iter().any(|[other, x, y]| (*other, *x, *y) != (depth, 1, 1)) {
            return Err(Error::Unsupported(
                "the JPEG 2000 stream has components of unequal depth or size, which cannot be read".to_owned(),
            ));
        }
        let cod = markers.take_while(|(marker, _)| *marker != 0xFF90).find(|(marker, _)| *marker == 0xFF52);
        Ok(Self {
            bytes,
            columns: u64::from(right.saturating_sub(left)),
            rows: u64::from(bottom.saturating_sub(top)),
            components: parts.len() as u32,
            precision: u32::from(depth & 0x7F) + 1,
            is_signed: depth & 0x80 != 0,
            has_transform: cod.and_then(|(_, body)| body.get(4).copied()) == Some(1),
        })
    }
}

/// The codestream in a JP2 file's boxes.
fn in_boxes(stream: &[u8]) -> Result<&[u8]> {
    let mut rest = stream;
    while let Some((head, _)) = rest.split_first_chunk::<8>() {
        let [a, b, c, d, kind @ ..] = *head;
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        let content = if length == 0 { rest.get(8..) } else { rest.get(8..length) };
        if &kind == b"jp2c" {
            return content.ok_or_else(|| Error::Corrupt("the JPEG 2000 box is cut".to_owned()));
        }
        rest = rest.get(length.max(8)..).filter(|_| length >= 8).unwrap_or_default();
    }
    Err(Error::Corrupt("the fragment is not a JPEG 2000 stream".to_owned()))
}

/// Marker segments of the main header.
struct MarkerSegments<'s> {
    bytes: &'s [u8],
    at: usize,
}

impl<'s> Iterator for MarkerSegments<'s> {
    type Item = (u16, &'s [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let [high, low, long, short] = *self.bytes.get(self.at..)?.first_chunk::<4>()?;
        let length = usize::from(u16::from_be_bytes([long, short]));
        let body = self.bytes.get(self.at + 4..self.at + 2 + length.max(2))?;
        self.at += 2 + length.max(2);
        Some((u16::from_be_bytes([high, low]), body))
    }
}
