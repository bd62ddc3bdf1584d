//! JPEG-LS by CharLS: lossless and near-lossless, all three interleave modes.

use super::{Decoded, cell_for, colour_of, jpeg_markers, require_same_size};
use crate::header::{Cell, Header};
use crate::native::interleave;
use charls::CharLS;
use lightbox_sdk::{Error, Result};

/// Decodes one frame.
pub fn decode(stream: &[u8], header: &Header) -> Result<Decoded> {
    let markers = jpeg_markers::read(stream)?;
    if markers.frame != jpeg_markers::JPEG_LS_FRAME {
        return Err(Error::Corrupt("the fragment holds a JPEG stream of another kind than JPEG-LS".to_owned()));
    }
    require_same_size("JPEG-LS", header, (markers.width.into(), markers.height.into(), markers.components))?;
    let cell = cell_for("JPEG-LS", markers.precision, header)?;
    let damaged = |error| Error::Corrupt(format!("the JPEG-LS stream is damaged: {error}"));
    let samples = CharLS::default().decode(stream).map_err(damaged)?;
    let sample_bytes = if markers.precision <= 8 { 1 } else { 2 };
    if samples.len() as u64 != header.frame_samples() * sample_bytes as u64 {
        return Err(Error::Corrupt(format!("the JPEG-LS stream gave {} bytes", samples.len())));
    }
    // Several scans of one component each come out as planes.
    let is_planes = header.samples == 3 && jpeg_markers::first_scan_components(stream)? == 1;
    let samples = if is_planes { interleave(&samples, sample_bytes) } else { samples };
    let bytes = to_cells(samples, sample_bytes, cell);
    Ok(Decoded { cell, bytes, colour: colour_of(header), is_signed: None, precision: markers.precision })
}

/// CharLS gives samples in the machine's byte order.
fn to_cells(samples: Vec<u8>, sample_bytes: usize, cell: Cell) -> Vec<u8> {
    if (sample_bytes, cell) == (1, Cell::U8) {
        return samples;
    }
    if (sample_bytes, cell) == (2, Cell::U16) && cfg!(target_endian = "little") {
        return samples;
    }
    if sample_bytes == 1 {
        return super::jpeg::widen(samples.into_iter().map(u32::from), cell);
    }
    super::jpeg::widen(samples.as_chunks::<2>().0.iter().map(|pair| u32::from(u16::from_ne_bytes(*pair))), cell)
}
