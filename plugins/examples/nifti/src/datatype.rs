//! What a voxel is: the codes of `nifti1.h`, and which of them are read.

use lightbox_sdk::{Error, PixelFormat, Result};

/// What a voxel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Datatype {
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    F32,
    F64,
    /// Red, green and blue, a byte each.
    Rgb24,
}

impl Datatype {
    /// The datatype of a code of `nifti1.h`.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for one that `nifti1.h` names and this plugin does not read, [`Error::Corrupt`] for any
    /// other.
    pub fn from_code(code: i16) -> Result<Self> {
        let refused = match code {
            2 => return Ok(Self::U8),
            4 => return Ok(Self::I16),
            8 => return Ok(Self::I32),
            16 => return Ok(Self::F32),
            64 => return Ok(Self::F64),
            128 => return Ok(Self::Rgb24),
            256 => return Ok(Self::I8),
            512 => return Ok(Self::U16),
            768 => return Ok(Self::U32),
            1 => "BINARY (bits)",
            32 => "COMPLEX64",
            1024 => "INT64",
            1280 => "UINT64",
            1536 => "FLOAT128",
            1792 => "COMPLEX128",
            2048 => "COMPLEX256",
            2304 => "RGBA32",
            _ => return Err(Error::Corrupt(format!("the datatype {code} is none of NIfTI-1's"))),
        };
        Err(Error::Unsupported(format!(
            "the voxels are {refused}; integers of 8 to 32 bits, floats of 32 and 64 bits and RGB24 are read: convert the file"
        )))
    }

    /// Bytes of a voxel.
    pub fn size_bytes(self) -> usize {
        self.stored_format().bytes_per_pixel()
    }

    /// How voxels are given as stored; signed numbers keep their bits.
    pub fn stored_format(self) -> PixelFormat {
        match self {
            Self::U8 | Self::I8 => PixelFormat::Gray8,
            Self::U16 | Self::I16 => PixelFormat::Gray16,
            Self::U32 | Self::I32 => PixelFormat::Gray32,
            Self::F32 => PixelFormat::GrayF32,
            Self::F64 => PixelFormat::GrayF64,
            Self::Rgb24 => PixelFormat::Rgb8,
        }
    }

    /// Stored values are two's complement.
    pub fn is_signed(self) -> bool {
        matches!(self, Self::I8 | Self::I16 | Self::I32)
    }

    pub fn is_float(self) -> bool {
        matches!(self, Self::F32 | Self::F64)
    }

    /// Smallest and largest stored value of the integers whose every value fits into 16 bits.
    pub fn narrow_range(self) -> Option<(f64, f64)> {
        match self {
            Self::U8 => Some((0.0, 255.0)),
            Self::I8 => Some((-128.0, 127.0)),
            Self::U16 => Some((0.0, 65_535.0)),
            Self::I16 => Some((-32_768.0, 32_767.0)),
            _ => None,
        }
    }
}
