//! Modality value to grey on screen (PS3.3 C.11.2): a table, a window, or the frame's own range.

use crate::attribute;
use crate::lut::Lut;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use dicom_pixeldata::{VoiLutFunction, WindowLevel, WindowLevelTransform};
use lightbox_sdk::{Error, Result};

/// VOI LUT Function, PS3.3 C.11.2.1.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    Linear,
    LinearExact,
    Sigmoid,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Voi {
    Lut(Lut),
    Window {
        center: f64,
        width: f64,
        function: Function,
    },
    /// From the smallest to the largest value.
    Range {
        lowest: f64,
        highest: f64,
    },
}

impl Function {
    /// The function that an object names; `None` when it names none.
    pub fn read(object: &InMemDicomObject) -> Result<Option<Self>> {
        match attribute::text(object, tags::VOILUT_FUNCTION).as_deref() {
            None => Ok(None),
            Some("LINEAR") => Ok(Some(Self::Linear)),
            Some("LINEAR_EXACT") => Ok(Some(Self::LinearExact)),
            Some("SIGMOID") => Ok(Some(Self::Sigmoid)),
            Some(other) => {
                let other = crate::printable(other);
                Err(Error::Unsupported(format!("the VOI LUT function {other} is not one of the standard's")))
            }
        }
    }
}

impl Voi {
    /// The first window of an object; `None` when it has none that is lawful: LINEAR needs a width of 1, the others
    /// one above 0.
    pub fn read_window(object: &InMemDicomObject) -> Result<Option<Self>> {
        let function = Function::read(object)?.unwrap_or(Function::Linear);
        let center = attribute::first_number(object, tags::WINDOW_CENTER);
        let width = attribute::first_number(object, tags::WINDOW_WIDTH);
        let Some((center, width)) = center.zip(width) else { return Ok(None) };
        let is_lawful = if function == Function::Linear { width >= 1.0 } else { width > 0.0 };
        Ok(is_lawful.then_some(Self::Window { center, width, function }))
    }

    pub fn read_lut(object: &InMemDicomObject, is_signed_input: bool) -> Result<Option<Self>> {
        let item = attribute::first_item(object, tags::VOILUT_SEQUENCE);
        Ok(item.map(|item| Lut::of_item(item, is_signed_input)).transpose()?.flatten().map(Self::Lut))
    }

    /// Grey, 0 to 255, not yet rounded.
    fn grey(&self, x: f64) -> f64 {
        match self {
            Self::Lut(lut) => {
                let largest = f64::from((1u32 << lut.bits) - 1);
                f64::from(lut.entry((x + 0.5).floor() as i64)) * 255.0 / largest
            }
            Self::Window { center, width, function } => function.grey(x, *center, *width),
            Self::Range { lowest, highest } if highest > lowest => (x - lowest) / (highest - lowest) * 255.0,
            Self::Range { .. } => 0.0,
        }
    }

    /// Grey, rounded half up.
    pub fn display(&self, x: f64) -> u8 {
        // `as` rounds towards 0, which is down for all that is not below 0; it saturates and turns NaN into 0.
        (self.grey(x) + 0.5) as u8
    }
}

impl Function {
    fn grey(self, x: f64, center: f64, width: f64) -> f64 {
        let window = |center, width| WindowLevelTransform::new(self.into(), WindowLevel { center, width });
        match self {
            // Only the share of the width counts; the library would widen a window below 1.
            Self::Sigmoid => window(center / width, 1.0).apply(x / width, 255.0),
            Self::Linear | Self::LinearExact => window(center, width).apply(x, 255.0),
        }
    }
}

impl From<Function> for VoiLutFunction {
    fn from(function: Function) -> Self {
        match function {
            Function::Linear => Self::Linear,
            Function::LinearExact => Self::LinearExact,
            Function::Sigmoid => Self::Sigmoid,
        }
    }
}
