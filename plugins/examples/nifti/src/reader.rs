//! One open NIfTI-1 file.

use crate::content::Content;
use crate::datatype::Datatype;
use crate::header::{self, Header};
use crate::scaling::Shades;
use crate::slice::Slice;
use lightbox_sdk::{Call, DecodeMode, DecodeRequest, Error, ImageMetadata, ImageReader, PixelFormat, PixelOut, Result};

/// The header, checked against the file's length as far as that is known, and the bytes.
pub struct Reader<'a> {
    header: Header,
    content: Content<'a>,
}

impl<'a> Reader<'a> {
    /// Reads the header.
    ///
    /// # Errors
    /// Those of [`Header::read`]; [`Error::Corrupt`] when the file is shorter than its header says, [`Error::Limit`] when
    /// the voxels that gzip holds are more than the call may take.
    pub fn open(bytes: &'a [u8], call: &Call<'_>) -> Result<Self> {
        let mut content = Content::new(bytes);
        let header = Header::read(content.start(header::SIZE_BYTES, call)?)?;
        let end = header.first_voxel.saturating_add(header.total_bytes);
        let (is_compressed, bound) = (content.is_compressed(), content.bound_bytes());
        if end > bound {
            let what = if is_compressed { "the gzip stream holds" } else { "the file has" };
            return Err(Error::Corrupt(format!(
                "its {} slices end at byte {end}, but {what} {bound} bytes at most: the file is cut or its dim is wrong",
                header.frame_count
            )));
        }
        let allowed = call.max_output_bytes();
        if is_compressed && end > allowed {
            return Err(Error::Limit(format!(
                "the volume takes {end} bytes out of gzip, {allowed} are allowed: upload the .nii without gzip"
            )));
        }
        Ok(Self { header, content })
    }

    /// The bytes of one slice: of the file itself, or inflated as far as the slice.
    fn slice(&mut self, frame: u32, call: &Call<'_>) -> Result<Slice<'_>> {
        let Header { slice_bytes, first_voxel, frame_count, datatype, order, .. } = self.header;
        let start = first_voxel + slice_bytes * u64::from(frame);
        if frame + 1 == frame_count
            && let Content::Gzip(inflated) = &mut self.content
        {
            inflated.finish(usize::try_from(start + slice_bytes).unwrap_or(usize::MAX), call)?;
        }
        Ok(Slice { bytes: self.content.range(start, slice_bytes, call)?, datatype, order })
    }
}

impl ImageReader for Reader<'_> {
    fn metadata(&mut self, _call: &Call<'_>) -> Result<ImageMetadata> {
        let Header { width, height, frame_count, datatype, .. } = self.header;
        let stored = datatype.stored_format();
        Ok(ImageMetadata {
            width,
            height,
            frame_count,
            bits_per_sample: stored.bytes_per_sample() as u32 * 8,
            samples_per_pixel: stored.channels() as u32,
            signed: datatype.is_signed(),
            findings: self.header.findings.clone(),
            ..ImageMetadata::default()
        })
    }

    /// Without a window asked for, `cal_min` to `cal_max` are shown, and where the file has none, the smallest to the
    /// largest value of this slice: of the volume would mean to read all of it for each slice that is looked at.
    fn decode(&mut self, request: &DecodeRequest, out: PixelOut<'_>, call: &Call<'_>) -> Result<()> {
        let Header { width, height, frame_count, datatype, scaling, shown, .. } = self.header;
        if request.frame >= frame_count {
            return Err(Error::Invalid(format!("frame {} was asked for, the file has {frame_count}", request.frame)));
        }
        let shades = request.window.map(Shades::from_window).transpose()?.or(shown);
        let format = match (request.mode, datatype) {
            (DecodeMode::Stored, _) | (_, Datatype::Rgb24) => datatype.stored_format(),
            (DecodeMode::Display, _) => PixelFormat::Gray8,
            (DecodeMode::Modality16, _) => PixelFormat::Gray16,
        };
        let out = out.alloc(width, height, format)?;
        let slice = self.slice(request.frame, call)?;
        match (request.mode, datatype) {
            (DecodeMode::Stored, _) | (_, Datatype::Rgb24) => {
                slice.store(out);
                Ok(())
            }
            (DecodeMode::Display, _) => slice.display(scaling, shades, out, call),
            (DecodeMode::Modality16, _) => slice.modality16(scaling, out, call),
        }
    }
}
