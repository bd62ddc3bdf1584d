//! Stored value to modality value, such as Hounsfield units (PS3.3 C.11.1).

use crate::attribute;
use crate::header::Bits;
use crate::lut::Lut;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use dicom_pixeldata::Rescale;
use lightbox_sdk::Result;

#[derive(Debug, Clone, PartialEq)]
pub enum Modality {
    Identity,
    Rescale(Rescale),
    Lut(Lut),
}

impl Modality {
    /// The table or the line of one object; `None` when it has neither.
    pub fn read(object: &InMemDicomObject, is_signed_input: bool) -> Result<Option<Self>> {
        if let Some(item) = attribute::first_item(object, tags::MODALITY_LUT_SEQUENCE)
            && let Some(lut) = Lut::of_item(item, is_signed_input)?
        {
            return Ok(Some(Self::Lut(lut)));
        }
        Self::read_rescale(object)
    }

    pub fn read_rescale(object: &InMemDicomObject) -> Result<Option<Self>> {
        let slope = attribute::number(object, tags::RESCALE_SLOPE, "RescaleSlope")?;
        let intercept = attribute::number(object, tags::RESCALE_INTERCEPT, "RescaleIntercept")?;
        Ok(slope.zip(intercept).map(|(slope, intercept)| Self::Rescale(Rescale::new(slope, intercept))))
    }

    pub fn value(&self, stored: f64) -> f64 {
        match self {
            Self::Identity => stored,
            Self::Rescale(line) => line.apply(stored),
            Self::Lut(lut) => f64::from(lut.entry(stored as i64)),
        }
    }

    /// Smallest and largest modality value that stored values of `bits` can have.
    pub fn range(&self, bits: Bits) -> (f64, f64) {
        let (lowest, highest) = bits.range();
        match self {
            Self::Lut(lut) => {
                let entries = lut.entries.iter().copied();
                (entries.clone().min().unwrap_or(0).into(), entries.max().unwrap_or(0).into())
            }
            _ => {
                let (low, high) = (self.value(lowest as f64), self.value(highest as f64));
                (low.min(high), low.max(high))
            }
        }
    }

    /// The step between neighbouring stored values where it is 1 or −1.
    pub fn unit_step(&self) -> Option<f64> {
        match self {
            Self::Identity => Some(1.0),
            Self::Rescale(line) => Some(line.slope).filter(|slope| slope.abs() == 1.0),
            Self::Lut(_) => None,
        }
    }

    /// Neighbouring stored values are whole numbers apart.
    pub fn has_whole_steps(&self) -> bool {
        match self {
            Self::Identity | Self::Lut(_) => true,
            Self::Rescale(line) => line.slope.fract() == 0.0,
        }
    }
}
