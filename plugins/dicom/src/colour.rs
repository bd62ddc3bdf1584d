//! Colour frames: palette, RGB and YBR_FULL to RGB of 8 or 16 bits. Windows do not apply to colour.

use crate::frame::{Colour, Frame};
use crate::header::{Bits, Cell};
use crate::palette::Palette;

/// Fills `out` with 8-bit RGB by way of the palette.
pub fn palette8(frame: &Frame, samples: &[u8], palette: &Palette, out: &mut [u8]) {
    let table = palette.table(frame.bits);
    let index = |cell: u32| ((cell >> frame.bits.shift) & frame.bits.mask() as u32) as usize;
    let colour = |cell: u32| table.get(index(cell)).copied().unwrap_or_default();
    fill(out.as_chunks_mut::<3>().0, frame.cell, samples, colour);
}

/// Fills `out` with 16-bit RGB: the palette's entries as they are.
pub fn palette16(frame: &Frame, samples: &[u8], palette: &Palette, out: &mut [u8]) {
    let colour = |cell: u32| {
        let [[a, b], [c, d], [e, f]] = palette.colour(frame.bits.value(cell)).map(u16::to_le_bytes);
        [a, b, c, d, e, f]
    };
    fill(out.as_chunks_mut::<6>().0, frame.cell, samples, colour);
}

/// Fills `out` with 8-bit RGB; the highest 8 bits of what has more.
pub fn rgb8(frame: &Frame, samples: &[u8], out: &mut [u8]) {
    if (frame.cell, frame.bits.stored, frame.bits.shift) == (Cell::U8, 8, 0) {
        out.copy_from_slice(samples.get(..out.len()).unwrap_or_default());
    } else {
        let bits = frame.bits;
        let down = bits.stored.saturating_sub(8);
        let top = |cell: u32| (((cell >> bits.shift) & bits.mask() as u32) >> down) as u8;
        fill(out, frame.cell, samples, top);
    }
    if frame.colour == Colour::Ybr {
        out.as_chunks_mut::<3>().0.iter_mut().for_each(|pixel| *pixel = to_rgb(*pixel));
    }
}

/// Fills `out` with RGB of 16 bits, the largest value that can be stored becoming 65,535.
pub fn rgb16(frame: &Frame, samples: &[u8], out: &mut [u8]) {
    let largest = frame.bits.mask() as u64;
    let level = |cell: u32| {
        let kept = u64::from(cell >> frame.bits.shift) & largest;
        (((kept * 65_535 + largest / 2) / largest) as u16).to_le_bytes()
    };
    let out = out.as_chunks_mut::<2>().0;
    fill(out, frame.cell, samples, level);
    if frame.colour == Colour::Ybr {
        out.as_chunks_mut::<3>().0.iter_mut().for_each(|pixel| *pixel = to_rgb16(*pixel));
    }
}

/// Fills `out` with what becomes of every cell; cells are no floats here. One loop for each width of a cell.
fn fill<T>(out: &mut [T], cell: Cell, samples: &[u8], of: impl Fn(u32) -> T) {
    match cell {
        Cell::U16 => {
            let cells = out.iter_mut().zip(samples.as_chunks::<2>().0);
            cells.for_each(|(out, cell)| *out = of(u32::from(u16::from_le_bytes(*cell))));
        }
        Cell::U32 => {
            let cells = out.iter_mut().zip(samples.as_chunks::<4>().0);
            cells.for_each(|(out, cell)| *out = of(u32::from_le_bytes(*cell)));
        }
        _ => out.iter_mut().zip(samples).for_each(|(out, cell)| *out = of(u32::from(*cell))),
    }
}

/// JFIF's full-range equations with 16 bits behind the point.
fn to_rgb([luma, blue, red]: [u8; 3]) -> [u8; 3] {
    let luma = i32::from(luma) << 16;
    let (blue, red) = (i32::from(blue) - 128, i32::from(red) - 128);
    let round = |value: i32| ((value + (1 << 15)) >> 16).clamp(0, 255) as u8;
    [round(luma + 91_881 * red), round(luma - 22_554 * blue - 46_802 * red), round(luma + 116_130 * blue)]
}

fn to_rgb16(pixel: [[u8; 2]; 3]) -> [[u8; 2]; 3] {
    let [luma, blue, red] = pixel.map(|sample| f64::from(u16::from_le_bytes(sample)));
    let (blue, red) = (blue - 32_768.0, red - 32_768.0);
    let round = |value: f64| ((value + 0.5).floor() as u16).to_le_bytes();
    [round(luma + 1.402 * red), round(luma - 0.344_136 * blue - 0.714_136 * red), round(luma + 1.772 * blue)]
}

/// Whether a frame's samples have more than 8 bits.
pub fn is_deep(bits: Bits) -> bool {
    bits.stored > 8
}
