//! Grey frames: to 8 bits for the screen, and to 16 bits of the whole modality range.
//!
//! Values of 16 bits and less go through a table that is filled for the values that occur; wider and floating ones
//! are computed one by one.

use crate::frame::Frame;
use crate::header::{Bits, Cell};
use crate::modality::Modality;
use crate::transform::Transform;
use crate::voi::Voi;

/// Fills `out`, one byte a pixel.
pub fn display(frame: &Frame, samples: &[u8], transform: &Transform, is_inverted: bool, out: &mut [u8]) {
    let voi = transform.voi.clone().unwrap_or_else(|| whole_range(frame, samples, &transform.modality));
    let modality = &transform.modality;
    let shown = |stored: f64| {
        let grey = voi.display(modality.value(stored));
        if is_inverted { 255 - grey } else { grey }
    };
    let is_monotone = !matches!(modality, Modality::Lut(_)) && !matches!(voi, Voi::Lut(_));
    match frame.cell {
        Cell::Bit | Cell::U8 => {
            let table: Box<[u8; 256]> = table(frame.bits, Keys::of_bytes(samples, frame.bits), is_monotone, shown);
            let (shift, mask) = (frame.bits.shift, frame.bits.mask() as u8);
            out.iter_mut().zip(samples).for_each(|(out, cell)| *out = table[usize::from((cell >> shift) & mask)]);
        }
        Cell::U16 => {
            let cells = samples.as_chunks::<2>().0;
            let table: Box<[u8; 65_536]> = table(frame.bits, Keys::of_words(cells, frame.bits), is_monotone, shown);
            let (shift, mask) = (frame.bits.shift, frame.bits.mask() as u16);
            let index = |cell: &[u8; 2]| usize::from((u16::from_le_bytes(*cell) >> shift) & mask);
            out.iter_mut().zip(cells).for_each(|(out, cell)| *out = table[index(cell)]);
        }
        _ => out.iter_mut().zip(values(frame, samples)).for_each(|(out, value)| *out = shown(value)),
    }
}

/// Fills `out`, two bytes a pixel in little endian.
///
/// The range is what BitsStored, sign, slope and intercept or table allow; of floats it is the frame's own. If it
/// spans 65,536 whole steps at most, a level is the value minus the lowest one; else the range is stretched over
/// 0 to 65,535. MONOCHROME1 counts from the highest value down.
pub fn modality16(frame: &Frame, samples: &[u8], modality: &Modality, is_inverted: bool, out: &mut [u8]) {
    let is_float = frame.cell.is_float();
    let (lowest, highest) =
        if is_float { extremes(&values(frame, samples), modality) } else { modality.range(frame.bits) };
    let is_exact = !is_float && modality.has_whole_steps() && highest - lowest <= 65_535.0;
    let scale = if is_exact || highest <= lowest { 1.0 } else { 65_535.0 / (highest - lowest) };
    let level = |stored: f64| {
        let value = modality.value(stored);
        let above = if is_inverted { highest - value } else { value - lowest };
        // `as` saturates, and turns NaN into 0.
        (above * scale + 0.5) as u16
    };
    let out = out.as_chunks_mut::<2>().0;
    match (frame.cell, modality.unit_step()) {
        (Cell::U16, Some(step)) => {
            // Keys are the levels already, or their mirror image.
            let mirror = if (step < 0.0) == is_inverted { 0 } else { frame.bits.mask() as u16 };
            let keys = samples.as_chunks::<2>().0.iter().map(|cell| key(u16::from_le_bytes(*cell), frame.bits));
            out.iter_mut().zip(keys).for_each(|(out, key)| *out = (key ^ mirror).to_le_bytes());
        }
        (Cell::Bit | Cell::U8, _) => {
            let table: Box<[u16; 256]> = table(frame.bits, Keys::of_bytes(samples, frame.bits), false, level);
            let (shift, mask) = (frame.bits.shift, frame.bits.mask() as u8);
            let cells = out.iter_mut().zip(samples);
            cells.for_each(|(out, cell)| *out = table[usize::from((cell >> shift) & mask)].to_le_bytes());
        }
        (Cell::U16, None) => {
            let cells = samples.as_chunks::<2>().0;
            let table: Box<[u16; 65_536]> = table(frame.bits, Keys::of_words(cells, frame.bits), false, level);
            let (shift, mask) = (frame.bits.shift, frame.bits.mask() as u16);
            let index = |cell: &[u8; 2]| usize::from((u16::from_le_bytes(*cell) >> shift) & mask);
            out.iter_mut().zip(cells).for_each(|(out, cell)| *out = table[index(cell)].to_le_bytes());
        }
        _ => out.iter_mut().zip(values(frame, samples)).for_each(|(out, value)| *out = level(value).to_le_bytes()),
    }
}

/// Smallest and largest key of a frame.
#[derive(Debug, Clone, Copy)]
struct Keys {
    smallest: u16,
    largest: u16,
}

/// The stored bits with the sign bit flipped for signed values: keys are in the order of the values.
fn key(cell: u16, bits: Bits) -> u16 {
    ((cell >> bits.shift) & bits.mask() as u16) ^ sign(bits)
}

fn sign(bits: Bits) -> u16 {
    if bits.is_signed { 1 << (bits.stored - 1) } else { 0 }
}

impl Keys {
    fn of_bytes(cells: &[u8], bits: Bits) -> Self {
        Self::of(cells.iter().map(|cell| key(u16::from(*cell), bits)))
    }

    fn of_words(cells: &[[u8; 2]], bits: Bits) -> Self {
        Self::of(cells.iter().map(|cell| key(u16::from_le_bytes(*cell), bits)))
    }

    fn of(keys: impl Iterator<Item = u16>) -> Self {
        // Every machine compares signed words by the vector, not every one unsigned words.
        let ordered = keys.map(|key| (key ^ 0x8000).cast_signed());
        let (low, high) = ordered.fold((i16::MAX, i16::MIN), |(low, high), key| (low.min(key), high.max(key)));
        Self { smallest: low.cast_unsigned() ^ 0x8000, largest: high.cast_unsigned() ^ 0x8000 }
    }
}

/// What every key between the smallest and the largest becomes, by stored bits.
fn table<T: Copy + Default + PartialEq, const N: usize>(
    bits: Bits,
    keys: Keys,
    is_monotone: bool,
    entry: impl Fn(f64) -> T,
) -> Box<[T; N]> {
    // On the heap from the start: 128 KiB do not belong on a stack.
    let table = vec![T::default(); N].into_boxed_slice();
    let mut table: Box<[T; N]> = table.try_into().unwrap_or_else(|_| Box::new([T::default(); N]));
    let sign = usize::from(sign(bits));
    let (smallest, largest) = (usize::from(keys.smallest), usize::from(keys.largest));
    // Negative keys stand behind the others in the table, in order among themselves.
    for (from, to) in [(smallest, largest.min(sign.wrapping_sub(1))), (smallest.max(sign), largest)] {
        if from > to || (sign == 0 && to != largest) {
            continue;
        }
        let first = from ^ sign;
        let of_key = |slot: usize| entry((from + slot) as f64 - sign as f64);
        let Some(slots) = table.get_mut(first..=first + (to - from)) else { continue };
        if is_monotone {
            fill_monotone(slots, 0, &of_key);
        } else {
            slots.iter_mut().enumerate().for_each(|(slot, value)| *value = of_key(slot));
        }
    }
    table
}

/// Fills slots whose values only rise or only fall: where both ends are equal, so is all between them.
fn fill_monotone<T: Copy + PartialEq>(slots: &mut [T], offset: usize, entry: &impl Fn(usize) -> T) {
    const SMALL: usize = 8;
    let Some(last) = slots.len().checked_sub(1) else { return };
    let (low, high) = (entry(offset), entry(offset + last));
    if low == high {
        slots.fill(low);
    } else if last < SMALL {
        slots.iter_mut().enumerate().for_each(|(slot, value)| *value = entry(offset + slot));
    } else {
        let middle = slots.len() / 2;
        let (left, right) = slots.split_at_mut(middle);
        fill_monotone(left, offset, entry);
        fill_monotone(right, offset + middle, entry);
    }
}

/// Smallest to largest modality value of the frame.
fn whole_range(frame: &Frame, samples: &[u8], modality: &Modality) -> Voi {
    let is_table = matches!(modality, Modality::Lut(_));
    let (bits, words) = (frame.bits, samples.as_chunks::<2>().0);
    let (lowest, highest) = match frame.cell {
        Cell::Bit | Cell::U8 if !is_table => key_range(bits, Keys::of_bytes(samples, bits), modality),
        Cell::U16 if !is_table => key_range(bits, Keys::of_words(words, bits), modality),
        Cell::U16 => extremes(&occurring(words, bits), modality),
        _ => extremes(&values(frame, samples), modality),
    };
    Voi::Range { lowest, highest }
}

/// Every stored value that occurs, once: a table is asked for it once then, and not for each of its pixels.
fn occurring(words: &[[u8; 2]], bits: Bits) -> Vec<f64> {
    let mut occurs = vec![false; 1 << 16];
    for cell in words {
        if let Some(slot) = occurs.get_mut(usize::from(u16::from_le_bytes(*cell))) {
            *slot = true;
        }
    }
    let cells = (0u32..).zip(occurs).filter(|(_, occurs)| *occurs);
    cells.map(|(cell, _)| bits.value(cell) as f64).collect()
}

/// A line keeps or turns the order of values: its ends are those of the keys.
fn key_range(bits: Bits, keys: Keys, modality: &Modality) -> (f64, f64) {
    let value = |key: u16| modality.value(f64::from(i32::from(key) - i32::from(sign(bits))));
    let (first, last) = (value(keys.smallest), value(keys.largest));
    (first.min(last), first.max(last))
}

/// Smallest and largest finite modality value.
fn extremes(values: &[f64], modality: &Modality) -> (f64, f64) {
    let finite = values.iter().map(|value| modality.value(*value)).filter(|value| value.is_finite());
    finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
}

/// All stored values as numbers.
fn values(frame: &Frame, samples: &[u8]) -> Vec<f64> {
    let bits = frame.bits;
    match frame.cell {
        Cell::Bit | Cell::U8 => samples.iter().map(|cell| bits.value(u32::from(*cell)) as f64).collect(),
        Cell::U16 => {
            let words = samples.as_chunks::<2>().0.iter();
            words.map(|cell| bits.value(u32::from(u16::from_le_bytes(*cell))) as f64).collect()
        }
        Cell::U32 => {
            let words = samples.as_chunks::<4>().0.iter();
            words.map(|cell| bits.value(u32::from_le_bytes(*cell)) as f64).collect()
        }
        Cell::F32 => samples.as_chunks::<4>().0.iter().map(|cell| f64::from(f32::from_le_bytes(*cell))).collect(),
        Cell::F64 => samples.as_chunks::<8>().0.iter().map(|cell| f64::from_le_bytes(*cell)).collect(),
    }
}
