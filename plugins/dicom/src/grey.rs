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
    let shown = |stored: f64| {
        let grey = voi.display(transform.modality.value(stored));
        if is_inverted { 255 - grey } else { grey }
    };
    map(frame, samples, &shown, out);
}

/// Fills `out`, two bytes a pixel in little endian.
pub fn modality16(frame: &Frame, samples: &[u8], modality: &Modality, is_inverted: bool, out: &mut [u8]) {
    let (lowest, highest) = if frame.cell.is_float() {
        extremes(&values(frame, samples), modality)
    } else {
        modality.range(frame.bits)
    };
    let is_exact = !frame.cell.is_float() && modality.has_whole_steps() && highest - lowest <= 65_535.0;
    let scale = if is_exact || highest <= lowest { 1.0 } else { 65_535.0 / (highest - lowest) };
    let level = |stored: f64| {
        let value = modality.value(stored);
        let above = if is_inverted { highest - value } else { value - lowest };
        (above * scale + 0.5).floor() as u16
    };
    map16(frame, samples, &level, out);
}

fn map(frame: &Frame, samples: &[u8], shown: &dyn Fn(f64) -> u8, out: &mut [u8]) {
    match frame.cell {
        Cell::Bit | Cell::U8 => {
            let table = table::<u8, 256>(frame.bits, Keys::of_bytes(samples, frame.bits), shown);
            let (shift, mask) = (frame.bits.shift, frame.bits.mask() as u8);
            out.iter_mut().zip(samples).for_each(|(out, cell)| *out = table[usize::from((cell >> shift) & mask)]);
        }
        Cell::U16 => {
            let cells = samples.as_chunks::<2>().0;
            let table = table::<u8, 65_536>(frame.bits, Keys::of_words(cells, frame.bits), shown);
            let (shift, mask) = (frame.bits.shift, frame.bits.mask() as u16);
            let index = |cell: &[u8; 2]| usize::from((u16::from_le_bytes(*cell) >> shift) & mask);
            out.iter_mut().zip(cells).for_each(|(out, cell)| *out = table[index(cell)]);
        }
        _ => out.iter_mut().zip(values(frame, samples)).for_each(|(out, value)| *out = shown(value)),
    }
}

fn map16(frame: &Frame, samples: &[u8], level: &dyn Fn(f64) -> u16, out: &mut [u8]) {
    let out = out.as_chunks_mut::<2>().0;
    match frame.cell {
        Cell::Bit | Cell::U8 => {
            let table = table::<u16, 256>(frame.bits, Keys::of_bytes(samples, frame.bits), level);
            let (shift, mask) = (frame.bits.shift, frame.bits.mask() as u8);
            let cells = out.iter_mut().zip(samples);
            cells.for_each(|(out, cell)| *out = table[usize::from((cell >> shift) & mask)].to_le_bytes());
        }
        Cell::U16 => {
            let cells = samples.as_chunks::<2>().0;
            let table = table::<u16, 65_536>(frame.bits, Keys::of_words(cells, frame.bits), level);
            let (shift, mask) = (frame.bits.shift, frame.bits.mask() as u16);
            let index = |cell: &[u8; 2]| usize::from((u16::from_le_bytes(*cell) >> shift) & mask);
            out.iter_mut().zip(cells).for_each(|(out, cell)| *out = table[index(cell)].to_le_bytes());
        }
        _ => out.iter_mut().zip(values(frame, samples)).for_each(|(out, value)| *out = level(value).to_le_bytes()),
    }
}

/// Smallest and largest key of a frame. A key is the stored bits with the sign bit flipped for signed values, so
/// that keys are in the order of the values.
#[derive(Debug, Clone, Copy)]
struct Keys {
    smallest: u16,
    largest: u16,
}

impl Keys {
    fn of_bytes(cells: &[u8], bits: Bits) -> Self {
        let (mask, sign) = (bits.mask() as u8, sign(bits) as u8);
        let fold = |(low, high): (u8, u8), cell: &u8| {
            let key = ((cell >> bits.shift) & mask) ^ sign;
            (low.min(key), high.max(key))
        };
        let (smallest, largest) = cells.iter().fold((u8::MAX, 0), fold);
        Self { smallest: smallest.into(), largest: largest.into() }
    }

    fn of_words(cells: &[[u8; 2]], bits: Bits) -> Self {
        let (mask, sign) = (bits.mask() as u16, sign(bits));
        let fold = |(low, high): (u16, u16), cell: &[u8; 2]| {
            let key = ((u16::from_le_bytes(*cell) >> bits.shift) & mask) ^ sign;
            (low.min(key), high.max(key))
        };
        let (smallest, largest) = cells.iter().fold((u16::MAX, 0), fold);
        Self { smallest, largest }
    }
}

fn sign(bits: Bits) -> u16 {
    if bits.is_signed { 1 << (bits.stored - 1) } else { 0 }
}

/// What every key between the smallest and the largest becomes, by stored bits.
fn table<T: Copy + Default, const N: usize>(bits: Bits, keys: Keys, entry: &dyn Fn(f64) -> T) -> Box<[T; N]> {
    // On the heap from the start: 128 KiB do not belong on a stack.
    let mut table: Box<[T; N]> = vec![T::default(); N].into_boxed_slice().try_into().unwrap_or_else(|_| Box::new([T::default(); N]));
    let sign = sign(bits);
    for key in keys.smallest..=keys.largest {
        let value = f64::from(i32::from(key) - i32::from(sign));
        if let Some(slot) = table.get_mut(usize::from(key ^ sign)) {
            *slot = entry(value);
        }
    }
    table
}

/// Smallest to largest modality value of the frame.
fn whole_range(frame: &Frame, samples: &[u8], modality: &Modality) -> Voi {
    let is_table = matches!(modality, Modality::Lut(_));
    let (lowest, highest) = match frame.cell {
        Cell::Bit | Cell::U8 if !is_table => key_range(frame.bits, Keys::of_bytes(samples, frame.bits), modality),
        Cell::U16 if !is_table => key_range(frame.bits, Keys::of_words(samples.as_chunks::<2>().0, frame.bits), modality),
        _ => extremes(&values(frame, samples), modality),
    };
    Voi::Range { lowest, highest }
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
