//! JPEG 2000 and HTJ2K by OpenJPEG (ISO/IEC 15444-1 and -15).

use super::{Decoded, cell_for, colour_of, require_same_size};
use crate::frame::Colour;
use crate::header::{Cell, Header};
use jpeg2k::{DecodeParameters, Image, ImageComponent};
use lightbox_sdk::{Error, Result};

/// OpenJPEG's integers are signed ones of 32 bits.
const MAX_PRECISION: u32 = 31;
const CODING_STYLE: u16 = 0xFF52;
const START_OF_TILE_PART: u16 = 0xFF90;

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
    /// Byte of the first tile-part.
    tile_parts: usize,
    tiles: u64,
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
    if codestream.precision > MAX_PRECISION {
        return Err(Error::Unsupported(format!(
            "JPEG 2000 of {} bits a sample cannot be read, {MAX_PRECISION} can",
            codestream.precision
        )));
    }
    codestream.require_whole()?;
    // OpenJPEG's strict mode gives wrong pixels without an error for layers that end early; what it is good for, a
    // stream that was cut, has been looked at above.
    let image = Image::from_bytes_with(codestream.bytes, DecodeParameters::new().strict(false))
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
            super::jpeg::widen(
                pixels.flat_map(|((red, green), blue)| [red, green, blue].map(|v| v.cast_unsigned())),
                cell,
            )
        }
        _ => Vec::new(),
    }
}

/// Tiles in one direction; a size of 0, which is damage, counts as one that covers everything.
fn tiles(end: u32, from: u32, size: u32) -> u64 {
    if size == 0 { 1 } else { u64::from(end.saturating_sub(from)).div_ceil(u64::from(size)) }
}

impl<'s> Codestream<'s> {
    fn read(stream: &'s [u8]) -> Result<Self> {
        let bytes = if stream.starts_with(&[0xFF, 0x4F]) { stream } else { in_boxes(stream)? };
        let cut = || Error::Corrupt("the JPEG 2000 stream's header is cut or damaged".to_owned());
        let mut markers = MarkerSegments { bytes, at: 2 };
        let (0xFF51, siz) = markers.next().ok_or_else(cut)? else { return Err(cut()) };
        let word =
            |at: usize| siz.get(at..).and_then(|rest| rest.first_chunk::<4>()).map(|four| u32::from_be_bytes(*four));
        let (right, bottom) = (word(2).ok_or_else(cut)?, word(6).ok_or_else(cut)?);
        let (left, top) = (word(10).ok_or_else(cut)?, word(14).ok_or_else(cut)?);
        let parts = siz.get(36..).ok_or_else(cut)?.as_chunks::<3>().0;
        let [depth, ..] = *parts.first().ok_or_else(cut)?;
        if parts.iter().any(|[other, x, y]| (*other, *x, *y) != (depth, 1, 1)) {
            return Err(Error::Unsupported(
                "the JPEG 2000 stream has components of unequal depth or size, which cannot be read".to_owned(),
            ));
        }
        let tile = (word(18).ok_or_else(cut)?, word(22).ok_or_else(cut)?);
        let tile_from = (word(26).ok_or_else(cut)?, word(30).ok_or_else(cut)?);
        let (mut has_transform, mut tile_parts) = (false, markers.at);
        while let Some((marker, body)) = markers.next().filter(|(marker, _)| *marker != START_OF_TILE_PART) {
            has_transform |= marker == CODING_STYLE && body.get(4) == Some(&1);
            tile_parts = markers.at;
        }
        Ok(Self {
            bytes,
            columns: u64::from(right.saturating_sub(left)),
            rows: u64::from(bottom.saturating_sub(top)),
            components: parts.len() as u32,
            precision: u32::from(depth & 0x7F) + 1,
            is_signed: depth & 0x80 != 0,
            has_transform,
            tile_parts,
            tiles: tiles(right, tile_from.0, tile.0) * tiles(bottom, tile_from.1, tile.1),
        })
    }

    /// Walks the tile-parts by their lengths (A.4.2): a stream that was cut has one that is longer than what is left,
    /// or lacks tiles.
    fn require_whole(&self) -> Result<()> {
        let cut = || Error::Corrupt("the JPEG 2000 stream is cut: it does not hold all of its tiles".to_owned());
        let mut at = self.tile_parts;
        let mut first_parts = 0u64;
        while let Some(head) = self.bytes.get(at..).and_then(|rest| rest.first_chunk::<12>()) {
            let [0xFF, 0x90, _, _, _, _, a, b, c, d, part, _] = *head else { break };
            first_parts += u64::from(part == 0);
            let length = u32::from_be_bytes([a, b, c, d]) as usize;
            if length == 0 {
                // The last tile-part may leave its length open; then only the end marker tells that it is all there.
                let content = self.bytes.trim_ascii_end();
                let content = content.strip_suffix(&[0]).unwrap_or(content);
                return if content.ends_with(&[0xFF, 0xD9]) && first_parts >= self.tiles { Ok(()) } else { Err(cut()) };
            }
            at = at.checked_add(length.max(12)).filter(|end| *end <= self.bytes.len()).ok_or_else(cut)?;
        }
        if first_parts < self.tiles { Err(cut()) } else { Ok(()) }
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
