//! One decoded frame: samples as stored, interleaved, in little endian, and what they mean.

use crate::header::{Bits, Cell};
use std::ops::Range;

/// What the samples are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    Grey,
    Palette,
    Rgb,
    /// YBR_FULL: JFIF's full-range luma and chroma.
    Ybr,
}

/// Where the samples lie.
#[derive(Debug)]
pub enum FrameBytes {
    /// In the data set itself: nothing was copied.
    InDataSet(Range<usize>),
    Owned(Vec<u8>),
}

#[derive(Debug)]
pub struct Frame {
    /// U8 to F64; 1-bit pixels were unpacked to U8.
    pub cell: Cell,
    pub bits: Bits,
    pub colour: Colour,
    pub bytes: FrameBytes,
}

impl Frame {
    /// The samples, in little endian.
    pub fn bytes<'b>(&'b self, data_set: &'b [u8]) -> &'b [u8] {
        match &self.bytes {
            FrameBytes::InDataSet(range) => data_set.get(range.clone()).unwrap_or_default(),
            FrameBytes::Owned(bytes) => bytes,
        }
    }

    pub fn channels(&self) -> usize {
        if matches!(self.colour, Colour::Grey | Colour::Palette) { 1 } else { 3 }
    }
}

impl Bits {
    /// The value of a cell: the stored bits, sign-extended.
    pub fn value(self, cell: u32) -> i64 {
        let kept = i64::from(cell >> self.shift) & self.mask();
        if self.is_signed && kept >> (self.stored - 1) != 0 { kept - (1 << self.stored) } else { kept }
    }

    pub fn mask(self) -> i64 {
        (1i64 << self.stored) - 1
    }

    /// Smallest and largest value that can be stored.
    pub fn range(self) -> (i64, i64) {
        if self.is_signed { (-(1i64 << (self.stored - 1)), (1i64 << (self.stored - 1)) - 1) } else { (0, self.mask()) }
    }
}
