//! The voxels of one slice as numbers, as stored, as shades and as colours.

use crate::datatype::Datatype;
use crate::header::ByteOrder;
use crate::scaling::{Scaling, Shades};
use lightbox_sdk::{Call, Result};

/// Voxels that are made numbers at once: they stay in the nearest cache, and the call is asked after each block.
const BLOCK: usize = 4096;

/// The voxels of one slice, as the file has them.
#[derive(Debug, Clone, Copy)]
pub struct Slice<'a> {
    pub bytes: &'a [u8],
    pub datatype: Datatype,
    pub order: ByteOrder,
}

impl Slice<'_> {
    /// As stored, in little endian.
    pub fn store(self, out: &mut [u8]) {
        out.copy_from_slice(self.bytes);
        let is_turned = self.order == ByteOrder::Big;
        match self.datatype.stored_format().bytes_per_sample() {
            2 if is_turned => turn::<2>(out),
            4 if is_turned => turn::<4>(out),
            8 if is_turned => turn::<8>(out),
            _ => {}
        }
    }

    /// A byte a voxel. Without `shades` from the slice's smallest to its largest value.
    pub fn display(self, scaling: Scaling, shades: Option<Shades>, out: &mut [u8], call: &Call<'_>) -> Result<()> {
        let shades = shades.map_or_else(|| self.extremes(scaling, call), Ok)?;
        let mut rest = out;
        self.blocks(call, |numbers| {
            for (out, stored) in take(&mut rest, numbers.len()).iter_mut().zip(numbers) {
                // `as` rounds down what is not below 0, saturates, and turns NaN into 0.
                *out = (shades.shade(scaling.value(*stored), 255.0) + 0.5) as u8;
            }
        })
    }

    /// Two bytes a voxel in little endian, larger is brighter.
    ///
    /// The range is that of the datatype for integers of 8 and 16 bits, so that one level is one value in all slices;
    /// the slice's own for what is wider. If it spans 65,536 whole steps at most, a level is the value minus the lowest
    /// one; else the range is stretched over 0 to 65,535.
    pub fn modality16(self, scaling: Scaling, out: &mut [u8], call: &Call<'_>) -> Result<()> {
        let range = match self.datatype.narrow_range().map(|range| scaling.range(range)) {
            Some((black, white)) => Shades { black, white },
            None => self.extremes(scaling, call)?,
        };
        let is_exact = !self.datatype.is_float() && scaling.has_whole_steps() && range.white - range.black <= 65_535.0;
        let level = |value: f64| if is_exact { value - range.black } else { range.shade(value, 65_535.0) };
        let mut rest = out.as_chunks_mut::<2>().0;
        self.blocks(call, |numbers| {
            for (out, stored) in take(&mut rest, numbers.len()).iter_mut().zip(numbers) {
                *out = ((level(scaling.value(*stored)) + 0.5) as u16).to_le_bytes();
            }
        })
    }

    /// Smallest and largest finite value; of a slice without any, a range in which nothing is above black.
    fn extremes(self, scaling: Scaling, call: &Call<'_>) -> Result<Shades> {
        let (mut black, mut white) = (f64::INFINITY, f64::NEG_INFINITY);
        self.blocks(call, |numbers| {
            for value in numbers.iter().map(|stored| scaling.value(*stored)).filter(|value| value.is_finite()) {
                black = black.min(value);
                white = white.max(value);
            }
        })?;
        Ok(Shades { black, white })
    }

    /// Gives `each` all voxels as stored numbers, in order, by the block.
    fn blocks(self, call: &Call<'_>, mut each: impl FnMut(&[f64])) -> Result<()> {
        let mut numbers = vec![0.0; BLOCK];
        for block in self.bytes.chunks(BLOCK * self.datatype.size_bytes()) {
            call.check()?;
            let count = self.numbers(block, &mut numbers);
            each(numbers.get(..count).unwrap_or_default());
        }
        Ok(())
    }

    /// How many numbers `block` made.
    fn numbers(self, block: &[u8], out: &mut [f64]) -> usize {
        match self.datatype {
            Datatype::U8 | Datatype::Rgb24 => self.convert(block, out, |[byte]| f64::from(byte)),
            Datatype::I8 => self.convert(block, out, |bytes| f64::from(i8::from_le_bytes(bytes))),
            Datatype::U16 => self.convert(block, out, |bytes| f64::from(u16::from_le_bytes(bytes))),
            Datatype::I16 => self.convert(block, out, |bytes| f64::from(i16::from_le_bytes(bytes))),
            Datatype::U32 => self.convert(block, out, |bytes| f64::from(u32::from_le_bytes(bytes))),
            Datatype::I32 => self.convert(block, out, |bytes| f64::from(i32::from_le_bytes(bytes))),
            Datatype::F32 => self.convert(block, out, |bytes| f64::from(f32::from_le_bytes(bytes))),
            Datatype::F64 => self.convert(block, out, f64::from_le_bytes),
        }
    }

    fn convert<const N: usize>(self, block: &[u8], out: &mut [f64], of: impl Fn([u8; N]) -> f64) -> usize {
        let voxels = block.as_chunks::<N>().0;
        let is_turned = self.order == ByteOrder::Big;
        for (out, voxel) in out.iter_mut().zip(voxels) {
            let mut voxel = *voxel;
            if is_turned {
                voxel.reverse();
            }
            *out = of(voxel);
        }
        voxels.len()
    }
}

fn turn<const N: usize>(samples: &mut [u8]) {
    samples.as_chunks_mut::<N>().0.iter_mut().for_each(|sample| sample.reverse());
}

/// The next `count` places of `rest`, or as many as are left.
fn take<'o, T>(rest: &mut &'o mut [T], count: usize) -> &'o mut [T] {
    let all = std::mem::take(rest);
    let (taken, left) = all.split_at_mut(count.min(all.len()));
    *rest = left;
    taken
}
