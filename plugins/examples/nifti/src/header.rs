//! The 348 bytes that start a NIfTI-1 file (`nifti1.h`), read and checked. Not the voxels.

use crate::datatype::Datatype;
use crate::scaling::{Scaling, Shades};
use lightbox_sdk::{Error, Finding, Result};

/// Bytes of the header.
pub const SIZE_BYTES: usize = 348;
/// Where voxels start at the earliest: the header and four bytes that say whether extensions follow.
const FIRST_VOXEL: u64 = 352;
const SIZE_OF_NIFTI_2: i32 = 540;

/// Which byte of a number comes first in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteOrder {
    Little,
    Big,
}

/// Which of the family a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Header and voxels in one file.
    Nifti1,
    /// The header of a pair; the voxels are in another file.
    Pair,
    Nifti2,
    /// The format that NIfTI-1 grew out of; also a header of a pair.
    Analyze,
}

/// What the header says, checked by itself; whether the file is as long as it says is not.
#[derive(Debug, Clone)]
pub struct Header {
    pub order: ByteOrder,
    pub datatype: Datatype,
    pub width: u32,
    pub height: u32,
    pub frame_count: u32,
    /// Where voxels start in the file, after gzip.
    pub first_voxel: u64,
    pub slice_bytes: u64,
    /// Of all voxels.
    pub total_bytes: u64,
    pub scaling: Scaling,
    /// `cal_min` and `cal_max`, where they are a range.
    pub shown: Option<Shades>,
    pub findings: Vec<Finding>,
}

/// Which of the family the bytes start, if any. Fast; `head` may be cut.
pub fn recognise(head: &[u8]) -> Option<(Kind, ByteOrder)> {
    let size = head.first_chunk::<4>()?;
    let (order, size) = if matches!(i32::from_le_bytes(*size), 348 | SIZE_OF_NIFTI_2) {
        (ByteOrder::Little, i32::from_le_bytes(*size))
    } else {
        (ByteOrder::Big, i32::from_be_bytes(*size))
    };
    let kind = match (size, head.get(4..8), head.get(344..348)) {
        (SIZE_OF_NIFTI_2, Some(b"n+2\0" | b"ni2\0"), _) => Kind::Nifti2,
        (348, _, Some(b"n+1\0")) => Kind::Nifti1,
        (348, _, Some(b"ni1\0")) => Kind::Pair,
        (348, _, Some(_)) => Kind::Analyze,
        _ => return None,
    };
    Some((kind, order))
}

impl Header {
    /// Reads and checks the header; `head` starts with it.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for the rest of the family and for datatypes that are not read, [`Error::Corrupt`] for a
    /// field that cannot be, [`Error::Limit`] for more frames or bytes than can be counted.
    pub fn read(head: &[u8]) -> Result<Self> {
        let order = require_single_file(head)?;
        let fields = Fields { head, order };
        let datatype = Datatype::from_code(fields.i16(70))?;
        let [width, height, frame_count] = fields.size()?;
        let slice_bytes = u64::from(width) * u64::from(height) * datatype.size_bytes() as u64;
        let total_bytes = slice_bytes.checked_mul(u64::from(frame_count)).ok_or_else(|| {
            Error::Limit(format!("{frame_count} slices of {slice_bytes} bytes are more bytes than can be counted"))
        })?;
        let (scaling, finding) = Scaling::read(fields.f32(112), fields.f32(116))?;
        let findings = finding.into_iter().chain(fields.bits_finding(datatype)).chain(fields.orientation_finding());
        Ok(Self {
            order,
            datatype,
            width,
            height,
            frame_count,
            first_voxel: fields.first_voxel()?,
            slice_bytes,
            total_bytes,
            scaling,
            shown: Shades::from_calibration(fields.f32(128), fields.f32(124)),
            findings: findings.collect(),
        })
    }
}

fn require_single_file(head: &[u8]) -> Result<ByteOrder> {
    let unsupported = |sentence: &str| Err(Error::Unsupported(sentence.to_owned()));
    match recognise(head) {
        Some((Kind::Nifti1, order)) => Ok(order),
        Some((Kind::Pair, _)) => unsupported(
            "this is the header of a pair of .hdr and .img; a single .nii or .nii.gz is read: convert the pair",
        ),
        Some((Kind::Nifti2, _)) => unsupported("this is NIfTI-2; NIfTI-1 is read: convert the file"),
        Some((Kind::Analyze, _)) => {
            unsupported("this is an ANALYZE header without NIfTI's mark; a .nii or .nii.gz is read: convert the pair")
        }
        None if head.len() < SIZE_BYTES => {
            Err(Error::Corrupt(format!("the file has {} bytes, its header alone takes {SIZE_BYTES}", head.len())))
        }
        None => Err(Error::Corrupt("the file does not start with the header size of NIfTI-1, 348".to_owned())),
    }
}

/// Numbers of the header by their place; 0 where the bytes end, which `require_single_file` rules out.
struct Fields<'a> {
    head: &'a [u8],
    order: ByteOrder,
}

impl Fields<'_> {
    /// Little endian, whatever the file is.
    fn bytes<const N: usize>(&self, at: usize) -> [u8; N] {
        let mut bytes = self.head.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or([0; N]);
        if self.order == ByteOrder::Big {
            bytes.reverse();
        }
        bytes
    }

    fn i16(&self, at: usize) -> i16 {
        i16::from_le_bytes(self.bytes(at))
    }

    fn f32(&self, at: usize) -> f32 {
        f32::from_le_bytes(self.bytes(at))
    }

    /// Width, height and how many slices; axes that `dim[0]` does not count are of length 1, whatever they say.
    fn size(&self) -> Result<[u32; 3]> {
        let axes = self.i16(40);
        if !(1..=7).contains(&axes) {
            return Err(Error::Corrupt(format!("dim[0] is {axes}; a picture has 1 to 7 axes")));
        }
        let mut size = [1u32; 3];
        for (axis, at) in (1..=axes).zip((42..).step_by(2)) {
            let length = u32::try_from(self.i16(at)).ok().filter(|length| *length > 0).ok_or_else(|| {
                Error::Corrupt(format!("dim[{axis}] is {}; an axis has 1 to 32767 voxels", self.i16(at)))
            })?;
            let [width, height, frames] = &mut size;
            let into = match axis {
                1 => width,
                2 => height,
                _ => frames,
            };
            *into = into.checked_mul(length).ok_or_else(|| {
                Error::Limit(format!(
                    "the axes from the third on make more than {} slices, the most there may be",
                    u32::MAX
                ))
            })?;
        }
        Ok(size)
    }

    fn first_voxel(&self) -> Result<u64> {
        let offset = self.f32(108);
        if !(FIRST_VOXEL as f32..=u32::MAX as f32).contains(&offset) || offset.fract() != 0.0 {
            let sentence = format!("vox_offset is {offset}; a whole number from {FIRST_VOXEL} on is expected");
            return Err(Error::Corrupt(sentence));
        }
        Ok(offset as u64)
    }

    fn bits_finding(&self, datatype: Datatype) -> Option<Finding> {
        let (stated, expected) = (self.i16(72), datatype.size_bytes() * 8);
        (usize::try_from(stated) != Ok(expected)).then(|| {
            Finding::warning("BITPIX", format!("bitpix is {stated}; the datatype has {expected} bits and was believed"))
        })
    }

    fn orientation_finding(&self) -> Option<Finding> {
        let is_stated = self.i16(252) > 0 || self.i16(254) > 0;
        is_stated.then(|| {
            let message = "slices are shown as stored, first axis to the right and second axis down; they are not \
                           turned to the orientation that qform or sform state";
            Finding::info("ORIENTATION_KEPT", message)
        })
    }
}
