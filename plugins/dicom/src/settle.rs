//! What a codec gave, as the stored values that the data set describes.

use crate::codec::Decoded;
use crate::frame::{Frame, FrameBytes};
use crate::header::{Bits, Cell, Header};

/// Puts sign, depth and place of the value right: where the stream disagrees with the data set on the sign, the
/// stream is right; overshoot of a lossy stream is clamped to BitsStored, because masking would wrap it.
pub fn frame(decoded: Decoded, header: &Header, is_lossy: bool) -> Frame {
    let is_signed = decoded.is_signed == Some(true) || header.bits.is_signed;
    let shift = if is_lossy { 0 } else { header.bits.shift };
    let bits = Bits { is_signed, shift, ..header.bits };
    let mut bytes = decoded.bytes;
    if is_lossy && decoded.precision > bits.stored {
        clamp(&mut bytes, decoded.cell, Bits { stored: decoded.precision, ..bits }, bits);
    }
    Frame { cell: decoded.cell, bits, colour: decoded.colour, bytes: FrameBytes::Owned(bytes) }
}

fn clamp(bytes: &mut [u8], cell: Cell, from: Bits, to: Bits) {
    let (lowest, highest) = to.range();
    let clamped = |cell: u32| from.value(cell).clamp(lowest, highest);
    match cell {
        Cell::U16 => {
            for cell in bytes.as_chunks_mut::<2>().0 {
                *cell = (clamped(u16::from_le_bytes(*cell).into()) as u16).to_le_bytes();
            }
        }
        Cell::U32 => {
            for cell in bytes.as_chunks_mut::<4>().0 {
                *cell = (clamped(u32::from_le_bytes(*cell)) as u32).to_le_bytes();
            }
        }
        _ => bytes.iter_mut().for_each(|cell| *cell = clamped((*cell).into()) as u8),
    }
}
