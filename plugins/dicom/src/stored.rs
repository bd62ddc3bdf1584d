//! Samples as stored, for identity: the stored bits alone, sign-extended, in little endian. Native and losslessly
//! compressed forms of the same picture give the same bytes.

use crate::frame::Frame;
use crate::header::Cell;
use lightbox_sdk::PixelFormat;

/// The format of a frame's stored samples.
pub fn format(frame: &Frame) -> PixelFormat {
    match (frame.channels(), frame.cell) {
        (1, Cell::Bit | Cell::U8) => PixelFormat::Gray8,
        (1, Cell::U16) => PixelFormat::Gray16,
        (1, Cell::U32) => PixelFormat::Gray32,
        (_, Cell::F32) => PixelFormat::GrayF32,
        (_, Cell::F64) => PixelFormat::GrayF64,
        (_, Cell::Bit | Cell::U8) => PixelFormat::Rgb8,
        (_, Cell::U16) => PixelFormat::Rgb16,
        (_, Cell::U32) => PixelFormat::Rgb32,
    }
}

/// Fills `out`, which has room for `format`.
pub fn write(frame: &Frame, samples: &[u8], out: &mut [u8]) {
    let bits = frame.bits;
    if frame.cell.is_float() || bits.stored == frame.cell.bits() {
        out.copy_from_slice(samples.get(..out.len()).unwrap_or_default());
        return;
    }
    let (mask, sign) = (bits.mask() as u32, if bits.is_signed { 1u32 << (bits.stored - 1) } else { 0 });
    match frame.cell {
        Cell::U16 => {
            let (mask, sign) = (mask as u16, sign as u16);
            let value = |cell: u16| (((cell >> bits.shift) & mask) ^ sign).wrapping_sub(sign);
            let cells = out.as_chunks_mut::<2>().0.iter_mut().zip(samples.as_chunks::<2>().0);
            cells.for_each(|(out, cell)| *out = value(u16::from_le_bytes(*cell)).to_le_bytes());
        }
        Cell::U32 => {
            let value = |cell: u32| (((cell >> bits.shift) & mask) ^ sign).wrapping_sub(sign);
            let cells = out.as_chunks_mut::<4>().0.iter_mut().zip(samples.as_chunks::<4>().0);
            cells.for_each(|(out, cell)| *out = value(u32::from_le_bytes(*cell)).to_le_bytes());
        }
        _ => {
            let (mask, sign) = (mask as u8, sign as u8);
            let value = |cell: u8| (((cell >> bits.shift) & mask) ^ sign).wrapping_sub(sign);
            out.iter_mut().zip(samples).for_each(|(out, cell)| *out = value(*cell));
        }
    }
}
