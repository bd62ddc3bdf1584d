//! One open DICOM file.

use crate::codec;
use crate::data_set::DataSet;
use crate::file::{self, File};
use crate::fragments::Fragments;
use crate::frame::{Colour, Frame};
use crate::header::{Cell, Header, Photometric};
use crate::native::{self, Layout};
use crate::palette::Palette;
use crate::pixel_element::PixelElement;
use crate::syntax::Codec;
use crate::transform::Transforms;
use crate::{colour, elements, grey, identity, refusal, settle, stored};
use dicom_core::VR;
use lightbox_sdk::{
    Call, DecodeMode, DecodeRequest, Error, Finding, ImageMetadata, ImageReader, PixelFormat, PixelOut, Result,
};

/// Everything that a file's structure says, checked against its length.
pub struct Reader<'a> {
    file: File<'a>,
    set: DataSet,
    header: Header,
    frames: Frames,
    transforms: Transforms,
    palette: Option<Palette>,
    /// The frame that was decoded last.
    last: Option<(u32, Frame)>,
}

/// Where the frames are.
enum Frames {
    Native(Layout),
    Encapsulated(Fragments),
}

impl<'a> Reader<'a> {
    /// Reads the structure of a file.
    ///
    /// # Errors
    /// [`Error::NoPixels`] for a valid file without a picture, [`Error::Unsupported`] for a transfer syntax or a
    /// photometric interpretation that cannot be read, [`Error::Corrupt`] when header and data do not fit.
    pub fn open(bytes: &'a [u8], call: &Call<'_>) -> Result<Self> {
        let mut file = file::open(bytes, call)?;
        let set = DataSet::read(&file.data_set, file.encoding)?;
        let Some(pixels) = set.pixels else { return Err(refusal::no_pixels(&set)) };
        let mut header = Header::read(&set.attributes, pixels.kind, &mut file.findings)?;
        let frames = Frames::find(&file, &set, &pixels, &header)?;
        if let Frames::Encapsulated(fragments) = &frames
            && file.syntax.codec == Codec::Jpeg2000
        {
            let stream = codec::sign_of_stream(fragments.first(&file.data_set));
            file.findings.extend(stream.and_then(|is_signed| contradiction(is_signed, header.bits.is_signed)));
            header.bits.is_signed |= stream == Some(true);
        }
        let palette = (header.photometric == Photometric::Palette)
            .then(|| Palette::read(&set.attributes, header.bits.is_signed && !set.encoding.explicit))
            .transpose()?;
        Ok(Self { file, set, header, frames, transforms: Transforms::default(), palette, last: None })
    }

    /// The frame, decoded unless it was the last one.
    fn load(&mut self, index: u32, call: &Call<'_>) -> Result<()> {
        if index >= self.header.frames {
            return Err(Error::Invalid(format!("frame {index} was asked for, the file has {}", self.header.frames)));
        }
        call.check()?;
        if self.last.as_ref().is_none_or(|(last, _)| *last != index) {
            self.last = Some((index, self.frames.decode(&self.file, &self.header, index, call)?));
        }
        Ok(())
    }
}

/// What is said where a JPEG 2000 stream and PixelRepresentation disagree on the sign.
fn contradiction(stream: bool, header: bool) -> Option<Finding> {
    let message = match (stream, header) {
        (true, false) => "PixelRepresentation is 0, but the JPEG 2000 stream is signed: it was read as signed",
        (false, true) => {
            "PixelRepresentation is 1, but the JPEG 2000 stream is unsigned: it was read as two's complement"
        }
        _ => return None,
    };
    Some(Finding::warning("SIGN_CONTRADICTED", message))
}

impl Frames {
    fn find(file: &File<'_>, set: &DataSet, pixels: &PixelElement, header: &Header) -> Result<Self> {
        let bytes: &[u8] = &file.data_set;
        let element = &pixels.element;
        if header.photometric == Photometric::OfCodec && !matches!(file.syntax.codec, Codec::Jpeg2000 | Codec::JpegXl) {
            let message = "only JPEG 2000 and JPEG XL streams can hold the data set's PhotometricInterpretation";
            return Err(Error::Corrupt(message.to_owned()));
        }
        match (file.syntax.codec, element.length) {
            (Codec::Native, Some(length)) => {
                let left = bytes.len().saturating_sub(element.value);
                if length > left {
                    return Err(Error::Corrupt(format!(
                        "the pixel data claims {length} bytes, but only {left} are left: the file is cut"
                    )));
                }
                let range = element.value..element.value + length;
                let is_words = element.vr != Some(VR::OB);
                let word_bytes = native::swapped_word_bytes(file.encoding.big_endian, is_words, header);
                Layout::check(header, header.frames, range, word_bytes).map(Self::Native)
            }
            (Codec::Native, None) => Err(Error::Corrupt(format!(
                "the pixel data is encapsulated, but the transfer syntax {} has none that is",
                file.syntax.name
            ))),
            (_, Some(_)) => Err(Error::Corrupt(format!(
                "the pixel data is not encapsulated, but the transfer syntax {} demands it",
                file.syntax.name
            ))),
            (codec, None) => {
                if header.cell.is_float() {
                    return Err(Error::Corrupt("floating-point pixel data cannot be encapsulated".to_owned()));
                }
                Fragments::index(bytes, set, element, header.frames, codec).map(Self::Encapsulated)
            }
        }
    }

    fn decode(&self, file: &File<'_>, header: &Header, index: u32, call: &Call<'_>) -> Result<Frame> {
        match self {
            Self::Native(layout) => {
                let colour = codec::colour_of(header);
                let bytes = layout.frame(&file.data_set, header, index)?;
                let cell = if header.cell == Cell::Bit { Cell::U8 } else { header.cell };
                Ok(Frame { cell, bits: header.bits, colour, bytes })
            }
            Self::Encapsulated(fragments) => {
                let stream = fragments.frame(&file.data_set, index as usize)?;
                let decoded = codec::decode(&file.syntax, &stream, header, call)?;
                Ok(settle::frame(decoded, header, file.syntax.is_lossy))
            }
        }
    }
}

impl ImageReader for Reader<'_> {
    fn metadata(&mut self, _call: &Call<'_>) -> Result<ImageMetadata> {
        Ok(ImageMetadata {
            width: self.header.columns,
            height: self.header.rows,
            frame_count: self.header.frames,
            bits_per_sample: self.header.bits.stored,
            samples_per_pixel: self.header.samples,
            signed: self.header.bits.is_signed,
            exif_orientation: None,
            dicom: Some(identity::read(&self.set.attributes)),
            findings: self.file.findings.clone(),
        })
    }

    fn elements(&mut self, call: &Call<'_>) -> Result<Option<String>> {
        elements::to_json(&self.file.data_set, self.file.encoding, call).map(Some)
    }

    fn decode(&mut self, request: &DecodeRequest, out: PixelOut<'_>, call: &Call<'_>) -> Result<()> {
        self.load(request.frame, call)?;
        let Some((_, frame)) = &self.last else { return Err(Error::Internal("no frame is loaded".to_owned())) };
        let data_set: &[u8] = &self.file.data_set;
        let samples = frame.bytes(data_set);
        let (width, height) = (self.header.columns, self.header.rows);
        let is_inverted = self.header.photometric == Photometric::Monochrome1;
        let mut transform = || {
            let (set, signed) = (&self.set, frame.bits.is_signed);
            self.transforms.of_frame(data_set, set, request.frame as usize, signed)?.with_window(request.window)
        };
        match (request.mode, frame.colour) {
            (DecodeMode::Stored, _) => stored::write(frame, samples, out.alloc(width, height, stored::format(frame))?),
            (DecodeMode::Display, Colour::Grey) => {
                let transform = transform()?;
                let out = out.alloc(width, height, PixelFormat::Gray8)?;
                grey::display(frame, samples, &transform, is_inverted, out);
            }
            (DecodeMode::Modality16, Colour::Grey) => {
                let modality = transform()?.modality;
                let out = out.alloc(width, height, PixelFormat::Gray16)?;
                grey::modality16(frame, samples, &modality, is_inverted, out);
            }
            (mode, _) => self.colour(mode, frame, samples, out)?,
        }
        Ok(())
    }
}

impl Reader<'_> {
    fn colour(&self, mode: DecodeMode, frame: &Frame, samples: &[u8], out: PixelOut<'_>) -> Result<()> {
        let (width, height) = (self.header.columns, self.header.rows);
        let is_16 = mode == DecodeMode::Modality16;
        if let Some(palette) = &self.palette {
            if is_16 && palette.is_deep() {
                colour::palette16(frame, samples, palette, out.alloc(width, height, PixelFormat::Rgb16)?);
            } else {
                colour::palette8(frame, samples, palette, out.alloc(width, height, PixelFormat::Rgb8)?);
            }
        } else if is_16 && colour::is_deep(frame.bits) {
            colour::rgb16(frame, samples, out.alloc(width, height, PixelFormat::Rgb16)?);
        } else {
            colour::rgb8(frame, samples, out.alloc(width, height, PixelFormat::Rgb8)?);
        }
        Ok(())
    }
}
