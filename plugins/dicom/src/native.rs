//! Uncompressed pixel data: one frame of it to interleaved little-endian samples (PS3.5, sections 8.1.1 and 8.2).

use crate::frame::FrameBytes;
use crate::header::{Cell, Header, Photometric};
use lightbox_sdk::{Error, Result};
use std::ops::Range;

/// How uncompressed frames lie in their bytes.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// All frames together.
    range: (usize, usize),
    frame_bits: u64,
    is_422: bool,
    /// Bytes of a word that is written most significant byte first; 1: nothing to swap.
    swap: usize,
}

impl Layout {
    /// Checks that `range` holds the frames that the header claims.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when bytes are missing, or when so many are left over that the header cannot be right.
    pub fn check(header: &Header, frames: u32, range: Range<usize>, word_bytes: usize) -> Result<Self> {
        let length = range.len() as u64;
        let is_422 = is_422(header, frames, length)?;
        let samples = if is_422 { header.pixels() * 2 } else { header.frame_samples() };
        // 65,535² × 3 × 64 fits 64 bits, times the number of frames it does not.
        let frame_bits = samples * u64::from(header.cell.bits());
        let expected = u128::from(frame_bits) * u128::from(frames);
        let expected_bytes = expected.div_ceil(8);
        if u128::from(length) < expected_bytes {
            return Err(Error::Corrupt(format!(
                "the pixel data has {length} bytes, but {} × {} pixels, {} samples of {} bits and {frames} frames need \
                 {expected_bytes}: the file is cut or its header is wrong",
                header.columns,
                header.rows,
                header.samples,
                header.cell.bits()
            )));
        }
        let surplus = u128::from(length) - expected_bytes;
        if surplus > 1 && surplus * 8 >= u128::from(frame_bits) {
            return Err(Error::Corrupt(format!(
                "the pixel data has {length} bytes, but {} × {} pixels, {} samples of {} bits and {frames} frames need \
                 only {expected_bytes}: the header does not describe this pixel data",
                header.columns,
                header.rows,
                header.samples,
                header.cell.bits()
            )));
        }
        Ok(Self { range: (range.start, range.end), frame_bits, is_422, swap: word_bytes })
    }

    /// Samples of one frame, copied only where their layout is not the one that is wanted.
    pub fn frame(&self, bytes: &[u8], header: &Header, frame: u32) -> Result<FrameBytes> {
        let start_bit = self.frame_bits * u64::from(frame);
        if header.cell == Cell::Bit {
            return Ok(FrameBytes::Owned(self.unpack(bytes, start_bit)));
        }
        let start = self.range.0 + usize::try_from(start_bit / 8).map_err(|_| cut())?;
        let size_bytes = usize::try_from(self.frame_bits / 8).map_err(|_| cut())?;
        let all = start..start + size_bytes;
        if self.swap == 1 && !self.is_422 && !header.is_planar {
            return Ok(FrameBytes::InDataSet(all));
        }
        let mut samples = self.in_order(bytes, all)?;
        let cell_bytes = header.cell.bits() as usize / 8;
        if self.is_422 {
            samples = expand_422(&samples);
        } else if header.is_planar {
            samples = interleave(&samples, cell_bytes);
        }
        Ok(FrameBytes::Owned(samples))
    }

    /// The bytes of `wanted` with words in little endian. Words count from the start of the pixel data.
    fn in_order(&self, bytes: &[u8], wanted: Range<usize>) -> Result<Vec<u8>> {
        if self.swap == 1 {
            return bytes.get(wanted).map(<[u8]>::to_vec).ok_or_else(cut);
        }
        if (wanted.start - self.range.0).is_multiple_of(self.swap) && wanted.len().is_multiple_of(self.swap) {
            let mut samples = bytes.get(wanted).map(<[u8]>::to_vec).ok_or_else(cut)?;
            swap_words(&mut samples, self.swap);
            return Ok(samples);
        }
        // Frames of an odd number of bytes in words of two: they start or end inside a word.
        let flip = self.swap - 1;
        let last = self.range.1.saturating_sub(1);
        let at = |index: usize| self.range.0 + ((index - self.range.0) ^ flip);
        wanted.map(|index| bytes.get(at(index).min(last)).copied().ok_or_else(cut)).collect()
    }

    /// Pixels of one bit, least significant first, across the ends of rows and of frames.
    fn unpack(&self, bytes: &[u8], start_bit: u64) -> Vec<u8> {
        let flip = self.swap - 1;
        let packed = |index: usize| bytes.get(self.range.0 + (index ^ flip)).copied().unwrap_or(0);
        let (first, offset) = ((start_bit / 8) as usize, start_bit % 8);
        let count = self.frame_bits as usize;
        let mut pixels = Vec::with_capacity(count + 8);
        for index in first..first + count.div_ceil(8) {
            let eight = u16::from_le_bytes([packed(index), packed(index + 1)]) >> offset;
            pixels.extend_from_slice(&std::array::from_fn::<u8, 8, _>(|bit| (eight >> bit) as u8 & 1));
        }
        pixels.truncate(count);
        pixels
    }
}

/// Turns every word around; a width that the compiler knows makes vectors of it.
fn swap_words(samples: &mut [u8], word_bytes: usize) {
    match word_bytes {
        2 => samples.as_chunks_mut::<2>().0.iter_mut().for_each(|word| word.reverse()),
        4 => samples.as_chunks_mut::<4>().0.iter_mut().for_each(|word| word.reverse()),
        _ => samples.chunks_exact_mut(word_bytes.max(1)).for_each(<[u8]>::reverse),
    }
}

fn cut() -> Error {
    Error::Corrupt("the pixel data ends before the frame".to_owned())
}

/// Whether the chroma is subsampled. Some writers name YBR_FULL_422 and store all samples.
fn is_422(header: &Header, frames: u32, length: u64) -> Result<bool> {
    if header.photometric != Photometric::YbrFull422 {
        return Ok(false);
    }
    let full = u128::from(header.frame_samples()) * u128::from(header.cell.bits() / 8) * u128::from(frames);
    if u128::from(length) >= full {
        return Ok(false);
    }
    if header.cell != Cell::U8 || !header.columns.is_multiple_of(2) || header.is_planar {
        return Err(Error::Corrupt(format!(
            "YBR_FULL_422 needs 8 bits, an even number of columns and colour by pixel; the file has {} bits, {} columns \
             and PlanarConfiguration {}",
            header.cell.bits(),
            header.columns,
            u8::from(header.is_planar)
        )));
    }
    Ok(true)
}

/// Y Y Cb Cr to two pixels with the same chroma.
fn expand_422(samples: &[u8]) -> Vec<u8> {
    samples
        .as_chunks::<4>()
        .0
        .iter()
        .flat_map(|[left, right, blue, red]| [*left, *blue, *red, *right, *blue, *red])
        .collect()
}

/// Three planes to pixels.
pub fn interleave(planes: &[u8], cell_bytes: usize) -> Vec<u8> {
    let plane_bytes = planes.len() / 3;
    let mut pixels = Vec::with_capacity(planes.len());
    let (first, rest) = planes.split_at(plane_bytes);
    let (second, third) = rest.split_at(plane_bytes);
    let cells = first.chunks_exact(cell_bytes).zip(second.chunks_exact(cell_bytes)).zip(third.chunks_exact(cell_bytes));
    for ((red, green), blue) in cells {
        pixels.extend_from_slice(red);
        pixels.extend_from_slice(green);
        pixels.extend_from_slice(blue);
    }
    pixels
}

/// Bytes of a big-endian word of the pixel data; 1 where there is nothing to swap. Bytes of OW come in words too.
pub fn swapped_word_bytes(is_big_endian: bool, is_words: bool, header: &Header) -> usize {
    let cell_bytes = header.cell.bits() as usize / 8;
    match (is_big_endian, cell_bytes) {
        (false, _) => 1,
        (true, 0 | 1) => {
            if is_words {
                2
            } else {
                1
            }
        }
        (true, wider) => wider,
    }
}
