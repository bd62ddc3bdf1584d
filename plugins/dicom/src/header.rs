//! The image pixel module: how large the picture is and what a stored value means (PS3.3 C.7.6.3).

use crate::attribute;
use crate::pixel_element::PixelKind;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use lightbox_sdk::{Error, Finding, Result};

/// One stored cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    Bit,
    U8,
    U16,
    U32,
    F32,
    F64,
}

impl Cell {
    pub fn bits(self) -> u32 {
        match self {
            Self::Bit => 1,
            Self::U8 => 8,
            Self::U16 => 16,
            Self::U32 | Self::F32 => 32,
            Self::F64 => 64,
        }
    }

    pub fn is_float(self) -> bool {
        matches!(self, Self::F32 | Self::F64)
    }
}

/// Where the value stands in its cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bits {
    /// BitsStored.
    pub stored: u32,
    /// Bits below the value: HighBit + 1 − BitsStored.
    pub shift: u32,
    /// PixelRepresentation 1.
    pub is_signed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Photometric {
    Monochrome1,
    Monochrome2,
    Palette,
    Rgb,
    YbrFull,
    YbrFull422,
    /// YBR_RCT, YBR_ICT and XYB: the codec gives RGB.
    OfCodec,
}

impl Photometric {
    pub fn is_grey(self) -> bool {
        matches!(self, Self::Monochrome1 | Self::Monochrome2)
    }

    fn samples(self) -> u32 {
        if self.is_grey() || self == Self::Palette { 1 } else { 3 }
    }
}

/// The header's claims, each within its own bounds; whether the data bears them out is for others to check.
#[derive(Debug, Clone, Copy)]
pub struct Header {
    pub rows: u32,
    pub columns: u32,
    pub frames: u32,
    pub samples: u32,
    pub photometric: Photometric,
    pub cell: Cell,
    pub bits: Bits,
    /// Colour by plane instead of by pixel.
    pub is_planar: bool,
}

impl Header {
    pub fn read(object: &InMemDicomObject, kind: PixelKind, findings: &mut Vec<Finding>) -> Result<Self> {
        let rows = side(object, tags::ROWS, "Rows")?;
        let columns = side(object, tags::COLUMNS, "Columns")?;
        let frames = frames(object, findings)?;
        let photometric = photometric(object, findings)?;
        let samples = attribute::count(object, tags::SAMPLES_PER_PIXEL, "SamplesPerPixel")?;
        let samples = samples.unwrap_or(photometric.samples());
        if samples != photometric.samples() {
            return Err(Error::Corrupt(format!(
                "SamplesPerPixel is {samples}, but {} needs {}",
                attribute::text(object, tags::PHOTOMETRIC_INTERPRETATION).unwrap_or_default(),
                photometric.samples()
            )));
        }
        let allocated = attribute::count(object, tags::BITS_ALLOCATED, "BitsAllocated")?;
        let cell = cell(allocated, kind)?;
        let bits = bits(object, cell)?;
        if photometric == Photometric::Palette && (bits.stored > 16 || cell.is_float()) {
            return Err(Error::Corrupt(format!("an index into a palette has {} bits, 16 are allowed", bits.stored)));
        }
        let planar = attribute::count(object, tags::PLANAR_CONFIGURATION, "PlanarConfiguration").unwrap_or_default();
        let is_planar = samples == 3 && planar == Some(1);
        Ok(Self { rows, columns, frames, samples, photometric, cell, bits, is_planar })
    }

    /// Pixels of one frame.
    pub fn pixels(&self) -> u64 {
        u64::from(self.rows) * u64::from(self.columns)
    }

    /// Samples of one frame.
    pub fn frame_samples(&self) -> u64 {
        self.pixels() * u64::from(self.samples)
    }
}

fn side(object: &InMemDicomObject, tag: dicom_core::Tag, name: &str) -> Result<u32> {
    match attribute::count(object, tag, name)? {
        None => Err(Error::Corrupt(format!("{name} is missing: the file does not say how large its picture is"))),
        Some(0) => Err(Error::Corrupt(format!("{name} is 0: a picture has one row and one column at least"))),
        // US has 16 bits; an element of another VR may claim more.
        Some(side) if side > 65_535 => Err(Error::Corrupt(format!("{name} is {side}, the largest allowed is 65535"))),
        Some(side) => Ok(side),
    }
}

fn frames(object: &InMemDicomObject, findings: &mut Vec<Finding>) -> Result<u32> {
    match attribute::count(object, tags::NUMBER_OF_FRAMES, "NumberOfFrames")? {
        None => Ok(1),
        Some(0) => {
            // Some writers leave it 0 for single pictures; pixel data of more than one frame is refused as for 1.
            let message = "NumberOfFrames is 0, but there is pixel data; it was read as one frame";
            findings.push(Finding::warning("FRAMES_GUESSED", message));
            Ok(1)
        }
        Some(frames) => Ok(frames),
    }
}

fn photometric(object: &InMemDicomObject, findings: &mut Vec<Finding>) -> Result<Photometric> {
    let Some(text) = attribute::text(object, tags::PHOTOMETRIC_INTERPRETATION) else {
        if attribute::count(object, tags::SAMPLES_PER_PIXEL, "SamplesPerPixel")?.unwrap_or(1) != 1 {
            return Err(Error::Corrupt("PhotometricInterpretation is missing".to_owned()));
        }
        let message = "PhotometricInterpretation is missing; the picture was read as MONOCHROME2";
        findings.push(Finding::warning("PHOTOMETRIC_GUESSED", message));
        return Ok(Photometric::Monochrome2);
    };
    match text.as_str() {
        "MONOCHROME1" => Ok(Photometric::Monochrome1),
        "MONOCHROME2" => Ok(Photometric::Monochrome2),
        "PALETTE COLOR" => Ok(Photometric::Palette),
        "RGB" => Ok(Photometric::Rgb),
        "YBR_FULL" => Ok(Photometric::YbrFull),
        "YBR_FULL_422" => Ok(Photometric::YbrFull422),
        "YBR_RCT" | "YBR_ICT" | "XYB" => Ok(Photometric::OfCodec),
        other => Err(Error::Unsupported(format!(
            "PhotometricInterpretation {} cannot be shown: MONOCHROME1, MONOCHROME2, PALETTE COLOR, RGB, YBR_FULL, \
             YBR_FULL_422, YBR_RCT, YBR_ICT and XYB can",
            crate::printable(other)
        ))),
    }
}

fn cell(allocated: Option<u32>, kind: PixelKind) -> Result<Cell> {
    let allocated = allocated.ok_or_else(|| {
        Error::Corrupt("BitsAllocated is missing: the file does not say how its pixels are stored".to_owned())
    })?;
    match (kind, allocated) {
        (PixelKind::Integer, 1) => Ok(Cell::Bit),
        (PixelKind::Integer, 8) => Ok(Cell::U8),
        (PixelKind::Integer, 16) => Ok(Cell::U16),
        (PixelKind::Integer, 32) => Ok(Cell::U32),
        (PixelKind::Float, 32) => Ok(Cell::F32),
        (PixelKind::Double, 64) => Ok(Cell::F64),
        (PixelKind::Integer, 12 | 24 | 64) => {
            Err(Error::Unsupported(format!("BitsAllocated {allocated} cannot be read: 1, 8, 16 and 32 can")))
        }
        _ => Err(Error::Corrupt(format!("BitsAllocated is {allocated}, which this kind of pixel data cannot have"))),
    }
}

fn bits(object: &InMemDicomObject, cell: Cell) -> Result<Bits> {
    if cell.is_float() {
        return Ok(Bits { stored: cell.bits(), shift: 0, is_signed: true });
    }
    let stored = attribute::count(object, tags::BITS_STORED, "BitsStored")?.unwrap_or(cell.bits());
    if stored == 0 || stored > cell.bits() {
        return Err(Error::Corrupt(format!("BitsStored is {stored}, but {} bits are allocated", cell.bits())));
    }
    let high = attribute::count(object, tags::HIGH_BIT, "HighBit")?.unwrap_or(stored - 1);
    if high >= cell.bits() || high + 1 < stored {
        return Err(Error::Corrupt(format!("HighBit is {high}, with {stored} bits stored of {}", cell.bits())));
    }
    let is_signed = match attribute::count(object, tags::PIXEL_REPRESENTATION, "PixelRepresentation")? {
        None | Some(0) => false,
        Some(1) => true,
        Some(other) => return Err(Error::Corrupt(format!("PixelRepresentation is {other} instead of 0 or 1"))),
    };
    Ok(Bits { stored, shift: high + 1 - stored, is_signed })
}
