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
    let mut bytes = vec![0; pixels * samples * cell_bytes];
    for (index, segment) in segments.iter().enumerate() {
        let (sample, byte) = (index / cell_bytes, index % cell_bytes);
        // Segments go from the most significant byte down, cells are little endian.
        let first = sample * cell_bytes + (cell_bytes - 1 - byte);
        unpack(segment, &mut bytes, first, samples * cell_bytes, pixels)?;
    }
    Ok(Decoded { cell: header.cell, bytes, colour: colour_of(header), is_signed: None, precision: header.cell.bits() })
}

/// Pixels of one bit: a single segment of packed bytes.
fn decode_bits(stream: &[u8], header: &Header) -> Result<Decoded> {
    let packed = header.frame_samples().div_ceil(8) as usize;
    let segments = segments(stream, 1)?;
    require_possible(stream, packed)?;
    let mut bits = vec![0; packed];
    unpack(segments.first().copied().unwrap_or_default(), &mut bits, 0, 1, packed)?;
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

/// Unpacks `count` bytes to `out[first]`, `out[first + step]`, …; what a segment has beyond that is padding.
fn unpack(segment: &[u8], out: &mut [u8], first: usize, step: usize, count: usize) -> Result<()> {
    let cut = || Error::Corrupt(format!("an RLE segment ends before its {count} bytes are full"));
    let mut targets = out.get_mut(first..).unwrap_or_default().iter_mut().step_by(step).take(count);
    let mut rest = segment;
    let mut left = count;
    while left > 0 {
        let (control, tail) = rest.split_first().ok_or_else(cut)?;
        rest = tail;
        let run = match control.cast_signed() {
            -128 => continue,
            literal @ 0.. => {
                let length = literal.cast_unsigned() as usize + 1;
                let bytes = rest.get(..length.min(left)).ok_or_else(cut)?;
                bytes.iter().zip(&mut targets).for_each(|(byte, target)| *target = *byte);
                rest = rest.get(length..).unwrap_or_default();
                length
            }
            repeated => {
                let length = 1 - isize::from(repeated);
                let (byte, tail) = rest.split_first().ok_or_else(cut)?;
                rest = tail;
                (&mut targets).take(length as usize).for_each(|target| *target = *byte);
                length as usize
            }
        };
        left = left.saturating_sub(run);
    }
    Ok(())
}
