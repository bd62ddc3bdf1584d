//! Small changes to decoded pictures of 8 bits a sample: smaller, and without transparency.

use super::frame::Picture;
use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use lightbox_sdk::PixelFormat;

impl Picture {
    /// With its longest side of `max_size` pixels, or as it is when it is no larger. Never 0 pixels wide or high.
    pub fn fit(self, max_size: u32) -> Result<Self, String> {
        let longest = self.width.max(self.height);
        let max_size = max_size.max(1);
        if longest <= max_size {
            return Ok(self);
        }
        let scaled = |side: u32| {
            let side = (u64::from(side) * u64::from(max_size) + u64::from(longest) / 2) / u64::from(longest);
            u32::try_from(side).unwrap_or(max_size).max(1)
        };
        self.resize(scaled(self.width), scaled(self.height))
    }

    fn resize(&self, width: u32, height: u32) -> Result<Self, String> {
        let pixel_type =
            pixel_type(self.format).ok_or_else(|| format!("{:?} pixels cannot be resized", self.format))?;
        let from =
            ImageRef::new(self.width, self.height, &self.samples, pixel_type).map_err(|error| error.to_string())?;
        let mut to = Image::new(width, height, pixel_type);
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
        Resizer::new().resize(&from, &mut to, &options).map_err(|error| error.to_string())?;
        Ok(Self { width, height, format: self.format, samples: to.into_vec().into() })
    }

    /// Laid on black where it has an alpha channel, for formats without one.
    pub fn flatten(self) -> Self {
        let over_black = |sample: u8, alpha: u8| {
            let product = u16::from(sample) * u16::from(alpha);
            u8::try_from((product + 127) / 255).unwrap_or(u8::MAX)
        };
        let (format, samples) = match self.format {
            PixelFormat::GrayAlpha8 => {
                let (pixels, _) = self.samples.as_chunks::<2>();
                (PixelFormat::Gray8, pixels.iter().map(|[gray, alpha]| over_black(*gray, *alpha)).collect())
            }
            PixelFormat::Rgba8 => {
                let (pixels, _) = self.samples.as_chunks::<4>();
                let flat = |[r, g, b, alpha]: &[u8; 4]| [*r, *g, *b].map(|sample| over_black(sample, *alpha));
                (PixelFormat::Rgb8, pixels.iter().flat_map(flat).collect())
            }
            _ => return self,
        };
        Self { format, samples: Vec::into(samples), ..self }
    }
}

fn pixel_type(format: PixelFormat) -> Option<PixelType> {
    match format {
        PixelFormat::Gray8 => Some(PixelType::U8),
        PixelFormat::GrayAlpha8 => Some(PixelType::U8x2),
        PixelFormat::Rgb8 => Some(PixelType::U8x3),
        PixelFormat::Rgba8 => Some(PixelType::U8x4),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: u32, height: u32, format: PixelFormat) -> Picture {
        Picture { width, height, format, samples: vec![200; format.size_bytes(width, height).unwrap()].into() }
    }

    #[test]
    fn the_longest_side_fits_and_no_side_vanishes() {
        for ((width, height), max_size, expected) in [
            ((1000, 500), 256, (256, 128)),
            ((500, 1000), 256, (128, 256)),
            ((100, 50), 256, (100, 50)),
            ((4000, 1), 256, (256, 1)),
            ((3, 2), 1, (1, 1)),
            ((3, 2), 0, (1, 1)),
        ] {
            let small = picture(width, height, PixelFormat::Gray8).fit(max_size).unwrap();
            assert_eq!((small.width, small.height), expected, "{width} × {height} into {max_size}");
            assert!(small.samples.iter().all(|sample| *sample == 200));
            assert_eq!(small.samples.len() as u32, small.width * small.height);
        }
    }

    #[test]
    fn transparency_is_laid_on_black() {
        let picture =
            Picture { width: 2, height: 1, format: PixelFormat::Rgba8, samples: vec![9, 8, 7, 255, 9, 8, 7, 0].into() };
        let flat = picture.flatten();
        assert_eq!((flat.format, &flat.samples[..]), (PixelFormat::Rgb8, &[9, 8, 7, 0, 0, 0][..]));
    }
}
