//! Binary PGM (`P5`) and PPM (`P6`) of 8 and 16 bits, as netpbm documents them. Read only, first picture only.

use lightbox_sdk::{
    Call, DecodeMode, DecodeRequest, Error, ImageFormat, ImageFormatDescriptor, ImageMetadata, ImageReader,
    PixelFormat, PixelOut, Result,
};

/// Binary PGM and PPM.
pub struct Pnm;

impl ImageFormat for Pnm {
    fn descriptor(&self) -> ImageFormatDescriptor {
        ImageFormatDescriptor {
            id: "pnm".into(),
            name: "PGM and PPM".into(),
            extensions: vec!["pgm".into(), "ppm".into(), "pnm".into()],
            media_type: "image/x-portable-anymap".into(),
            encodes: false,
        }
    }

    fn probe(&self, head: &[u8], _total_bytes: u64, _name: &str) -> u8 {
        match head {
            [b'P', b'5' | b'6', space, ..] if space.is_ascii_whitespace() => 90,
            _ => 0,
        }
    }

    fn open<'a>(&'a self, bytes: &'a [u8], _call: &Call<'_>) -> Result<Box<dyn ImageReader + 'a>> {
        Ok(Box::new(PnmReader::new(bytes)?))
    }
}

struct PnmReader<'a> {
    width: u32,
    height: u32,
    max_value: u16,
    is_colour: bool,
    /// Big endian where a sample has two bytes; exactly the picture.
    samples: &'a [u8],
}

impl<'a> PnmReader<'a> {
    fn new(bytes: &'a [u8]) -> Result<Self> {
        let mut rest = bytes;
        let is_colour = match next_word(&mut rest) {
            b"P5" => false,
            b"P6" => true,
            _ => return Err(corrupt("it does not start with P5 or P6")),
        };
        let (width, height, max_value) = (number(&mut rest)?, number(&mut rest)?, number(&mut rest)?);
        let max_value = u16::try_from(max_value).ok().filter(|value| *value > 0);
        let max_value = max_value.ok_or_else(|| corrupt("its largest value is not 1 to 65535"))?;
        if width == 0 || height == 0 {
            return Err(corrupt("it has no pixels"));
        }
        let mut reader = Self { width, height, max_value, is_colour, samples: &[] };
        let length = reader.format().size_bytes(width, height);
        // One white space ends the header.
        let samples = length.and_then(|length| rest.get(1..)?.get(..length));
        reader.samples = samples.ok_or_else(|| corrupt("it ends before its last pixel"))?;
        Ok(reader)
    }

    fn format(&self) -> PixelFormat {
        match (self.is_colour, self.max_value) {
            (false, ..=255) => PixelFormat::Gray8,
            (false, _) => PixelFormat::Gray16,
            (true, ..=255) => PixelFormat::Rgb8,
            (true, _) => PixelFormat::Rgb16,
        }
    }

    /// Samples as the file has them.
    fn values(&self) -> impl Iterator<Item = u32> + '_ {
        let size = self.format().bytes_per_sample();
        self.samples.chunks_exact(size).map(|sample| sample.iter().fold(0, |value, byte| value << 8 | u32::from(*byte)))
    }

    fn scaled(&self, to: u32) -> impl Iterator<Item = u32> + '_ {
        let from = u32::from(self.max_value);
        self.values().map(move |value| (value.min(from) * to + from / 2) / from)
    }
}

impl ImageReader for PnmReader<'_> {
    fn metadata(&mut self, _call: &Call<'_>) -> Result<ImageMetadata> {
        Ok(ImageMetadata {
            width: self.width,
            height: self.height,
            frame_count: 1,
            bits_per_sample: self.max_value.ilog2() + 1,
            samples_per_pixel: if self.is_colour { 3 } else { 1 },
            ..ImageMetadata::default()
        })
    }

    fn decode(&mut self, request: &DecodeRequest, out: PixelOut<'_>, call: &Call<'_>) -> Result<()> {
        if request.frame > 0 {
            return Err(Error::Invalid(format!("frame {} was asked for, the picture has one", request.frame)));
        }
        call.check()?;
        let (wide, narrow) = if self.is_colour {
            (PixelFormat::Rgb16, PixelFormat::Rgb8)
        } else {
            (PixelFormat::Gray16, PixelFormat::Gray8)
        };
        let is_wide = self.max_value > 255 || !self.is_colour;
        match request.mode {
            DecodeMode::Stored if self.max_value > 255 => {
                fill_wide(out.alloc(self.width, self.height, wide)?, self.values());
            }
            DecodeMode::Stored => fill_narrow(out.alloc(self.width, self.height, narrow)?, self.values()),
            DecodeMode::Modality16 if is_wide => {
                fill_wide(out.alloc(self.width, self.height, wide)?, self.scaled(65535));
            }
            DecodeMode::Display | DecodeMode::Modality16 => {
                fill_narrow(out.alloc(self.width, self.height, narrow)?, self.scaled(255));
            }
        }
        Ok(())
    }
}

fn fill_narrow(out: &mut [u8], values: impl Iterator<Item = u32>) {
    out.iter_mut().zip(values).for_each(|(out, value)| *out = value as u8);
}

fn fill_wide(out: &mut [u8], values: impl Iterator<Item = u32>) {
    let (pairs, _) = out.as_chunks_mut::<2>();
    pairs.iter_mut().zip(values).for_each(|(out, value)| *out = (value as u16).to_le_bytes());
}

/// The next word; white space and comments before it are skipped.
fn next_word<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    loop {
        *rest = rest.trim_ascii_start();
        if !rest.starts_with(b"#") {
            break;
        }
        let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        *rest = &rest[end..];
    }
    let end = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
    let (word, tail) = rest.split_at(end);
    *rest = tail;
    word
}

fn number(rest: &mut &[u8]) -> Result<u32> {
    let word = std::str::from_utf8(next_word(rest)).ok();
    word.and_then(|word| word.parse().ok()).ok_or_else(|| corrupt("its header lacks a number"))
}

fn corrupt(what: &str) -> Error {
    Error::Corrupt(format!("the PNM file is damaged: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightbox_sdk::pixels::OwnedPixels;

    fn decode(file: &[u8], mode: DecodeMode) -> Result<OwnedPixels> {
        let (call, mut pixels) = (Call::unlimited(), OwnedPixels::default());
        let request = DecodeRequest { frame: 0, mode, window: None };
        Pnm.open(file, &call)?.decode(&request, PixelOut::new(&mut pixels), &call)?;
        Ok(pixels)
    }

    #[test]
    fn comments_and_odd_ranges_are_understood() {
        let file = b"P5 # a comment\n2 1\n# another\n15\n\x00\x0f";
        assert_eq!(decode(file, DecodeMode::Stored).unwrap().samples, [0, 15]);
        assert_eq!(decode(file, DecodeMode::Display).unwrap().samples, [0, 255]);
        assert_eq!(decode(file, DecodeMode::Modality16).unwrap().samples, [0, 0, 255, 255]);
    }

    #[test]
    fn a_file_that_is_cut_anywhere_is_refused() {
        let file = b"P6 2 1 300\n\x00\x01\x01\x2c\x00\x00\x00\x01\x01\x2c\x00\x00";
        assert_eq!(decode(file, DecodeMode::Stored).unwrap().samples[..4], [1, 0, 0x2c, 1]);
        assert!((0..file.len()).all(|length| decode(&file[..length], DecodeMode::Stored).is_err()));
    }
}
