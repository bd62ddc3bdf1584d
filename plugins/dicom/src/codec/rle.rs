//! RLE Lossless (PS3.5, annex G): PackBits, one segment a byte of the sample, most significant first.

use super::{Decoded, colour_of};
use crate::frame::FrameBytes;
use crate::header::{Cell, Header};
use crate::native::Layout;
use lightbox_sdk::{Error, Result};

const HEADER_BYTES: usize = 64;
const MAX_SEGMENTS: usize = 15;

/// Decodes one frame.
///
/// # Errors
/// [`Error::Corrupt`] for a segment count that does not fit the data set, offsets outside the stream and segments
/// that end before their plane is full.
pub fn decode(stream: &[u8], header: &Header) -> Result<Decoded> {
    if header.cell == Cell::Bit {
        return decode_bits(stream, header);
    }
    let cell_bytes = header.cell.bits() as usize / 8;
    let (samples, pixels) = (header.samples as usize, header.pixels() as usize);
    let segments = segments(stream, samples * cell_bytes)?;
    require_possible(stream, pixels * samples * cell_bytes)?;
    // One plane a segment.
    let mut planes = Vec::with_capacity(pixels * samples * cell_bytes);
    segments.iter().try_for_each(|segment| unpack(segment, &mut planes, pixels))?;
    let bytes = weave(planes, pixels, cell_bytes);
    Ok(Decoded { cell: header.cell, bytes, colour: colour_of(header), is_signed: None, precision: header.cell.bits() })
}

/// Pixels of one bit: a single segment of packed bytes.
fn decode_bits(stream: &[u8], header: &Header) -> Result<Decoded> {
    let packed = header.frame_samples().div_ceil(8) as usize;
    let segments = segments(stream, 1)?;
    require_possible(stream, packed)?;
    let mut bits = Vec::with_capacity(packed);
    unpack(segments.first().copied().unwrap_or_default(), &mut bits, packed)?;
    let layout = Layout::check(header, 1, 0..packed, 1)?;
    let bytes = match layout.frame(&bits, header, 0)? {
        FrameBytes::Owned(bytes) => bytes,
        FrameBytes::InDataSet(_) => bits,
    };
    Ok(Decoded { cell: Cell::U8, bytes, colour: colour_of(header), is_signed: None, precision: 1 })
}

/// Two bytes unpack to 128 at most: what needs more is refused before memory is taken for it.
fn require_possible(stream: &[u8], size_bytes: usize) -> Result<()> {
    if size_bytes / 64 <= stream.len() {
        return Ok(());
    }
    Err(Error::Corrupt(format!("an RLE stream of {} bytes cannot hold a frame of {size_bytes}", stream.len())))
}

fn segments(stream: &[u8], expected: usize) -> Result<Vec<&[u8]>> {
    let words = stream.get(..HEADER_BYTES).map(|header| header.as_chunks::<4>().0);
    let words = words.ok_or_else(|| Error::Corrupt("the RLE stream is shorter than its header".to_owned()))?;
    let word = |index: usize| words.get(index).map_or(0, |word| u32::from_le_bytes(*word) as usize);
    let count = word(0);
    if count != expected || count > MAX_SEGMENTS {
        return Err(Error::Corrupt(format!("the RLE stream has {count} segments, the data set needs {expected}")));
    }
    let range = |index: usize| {
        let end = if index == count { stream.len() } else { word(index + 1) };
        stream.get(word(index)..end).filter(|_| word(index) >= HEADER_BYTES).ok_or_else(|| {
            Error::Corrupt(format!("the RLE segment {index} does not lie in the stream of {} bytes", stream.len()))
        })
    };
    (1..=count).map(range).collect()
}

/// Appends the `count` bytes that a segment holds; what it has beyond them is padding.
fn unpack(segment: &[u8], out: &mut Vec<u8>, count: usize) -> Result<()> {
    let cut = || Error::Corrupt(format!("an RLE segment ends before its {count} bytes are full"));
    let end = out.len() + count;
    let mut rest = segment;
    while out.len() < end {
        let (control, tail) = rest.split_first().ok_or_else(cut)?;
        let left = end - out.len();
        rest = match control.cast_signed() {
            -128 => tail,
            literal @ 0.. => {
                let length = literal.cast_unsigned() as usize + 1;
                out.extend_from_slice(tail.get(..length.min(left)).ok_or_else(cut)?);
                tail.get(length..).unwrap_or_default()
            }
            repeated => {
                let length = usize::from(repeated.unsigned_abs()) + 1;
                let (byte, tail) = tail.split_first().ok_or_else(cut)?;
                out.resize(out.len() + length.min(left), *byte);
                tail
            }
        };
    }
    Ok(())
}

/// Planes of one byte each to pixels: planes go from the most significant byte of a sample down, cells are little
/// endian.
fn weave(planes: Vec<u8>, pixels: usize, cell_bytes: usize) -> Vec<u8> {
    let stride = planes.len() / pixels.max(1);
    if stride == 1 {
        return planes;
    }
    let mut out = vec![0; planes.len()];
    // The usual ones in one pass, so that the compiler makes vectors of it.
    let (first, rest) = planes.split_at(pixels);
    let (second, third) = rest.split_at(pixels.min(rest.len()));
    match (stride, cell_bytes) {
        (2, 2) => {
            let pairs = first.iter().zip(second);
            out.as_chunks_mut().0.iter_mut().zip(pairs).for_each(|(cell, (high, low))| *cell = [*low, *high]);
        }
        (3, 1) => {
            let colours = first.iter().zip(second).zip(third);
            let cells = out.as_chunks_mut().0.iter_mut().zip(colours);
            cells.for_each(|(pixel, ((red, green), blue))| *pixel = [*red, *green, *blue]);
        }
        _ => {
            for (index, plane) in planes.chunks_exact(pixels.max(1)).enumerate() {
                let place = index - index % cell_bytes + (cell_bytes - 1 - index % cell_bytes);
                out.iter_mut().skip(place).step_by(stride).zip(plane).for_each(|(target, byte)| *target = *byte);
            }
        }
    }
    out
}
