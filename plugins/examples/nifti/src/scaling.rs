//! From a stored number to a value (`scl_slope`, `scl_inter`), and from a value to a shade.

use lightbox_sdk::{Error, Finding, Result, Window};

/// Value = stored × slope + intercept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scaling {
    pub slope: f64,
    pub intercept: f64,
}

impl Scaling {
    const NONE: Self = Self { slope: 1.0, intercept: 0.0 };

    /// A slope of 0 means that nothing is scaled, and writers put NaN there to say the same.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for an intercept that is no number beside a slope that is one.
    pub fn read(slope: f32, intercept: f32) -> Result<(Self, Option<Finding>)> {
        if slope == 0.0 || slope.is_nan() {
            return Ok((Self::NONE, None));
        }
        if slope.is_infinite() {
            let message = format!("scl_slope is {slope}; the stored numbers are shown unscaled");
            return Ok((Self::NONE, Some(Finding::warning("SLOPE_IGNORED", message))));
        }
        if !intercept.is_finite() {
            let sentence =
                format!("scl_inter is {intercept} beside the scl_slope {slope}; a finite number is expected");
            return Err(Error::Corrupt(sentence));
        }
        Ok((Self { slope: slope.into(), intercept: intercept.into() }, None))
    }

    pub fn value(self, stored: f64) -> f64 {
        stored * self.slope + self.intercept
    }

    /// The values of a range of stored numbers, in order.
    pub fn range(self, (low, high): (f64, f64)) -> (f64, f64) {
        let (first, last) = (self.value(low), self.value(high));
        (first.min(last), first.max(last))
    }

    /// Neighbouring integers are whole numbers apart.
    pub fn has_whole_steps(self) -> bool {
        self.slope.fract() == 0.0
    }
}

/// The values that are shown, from black to white.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shades {
    pub black: f64,
    pub white: f64,
}

impl Shades {
    /// `cal_min` and `cal_max`, if they are finite and in order.
    pub fn from_calibration(black: f32, white: f32) -> Option<Self> {
        let is_range = black.is_finite() && white.is_finite() && black < white;
        is_range.then(|| Self { black: black.into(), white: white.into() })
    }

    /// PS3.3 C.11.2.1.2 LINEAR, and LINEAR_EXACT for a width below 1, which LINEAR does not have.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a window that shows nothing.
    pub fn from_window(Window { center, width }: Window) -> Result<Self> {
        if !(width > 0.0 && width.is_finite() && center.is_finite()) {
            return Err(Error::Invalid(format!("a window of width {width} around {center} shows nothing")));
        }
        let (middle, half) = if width < 1.0 { (center, width / 2.0) } else { (center - 0.5, (width - 1.0) / 2.0) };
        Ok(Self { black: middle - half, white: middle + half })
    }

    /// 0 (black) to `largest` (white), not yet rounded nor clamped. Where black and white are one value, all above
    /// is white. Halves, because the span of two finite numbers may not be finite.
    pub fn shade(self, value: f64, largest: f64) -> f64 {
        if self.white > self.black {
            (value / 2.0 - self.black / 2.0) / (self.white / 2.0 - self.black / 2.0) * largest
        } else if value > self.black {
            largest
        } else {
            0.0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_that_scale_nothing_leave_the_stored_numbers() {
        for slope in [0.0, -0.0, f32::NAN, f32::INFINITY] {
            let (scaling, finding) = Scaling::read(slope, f32::NAN).unwrap();
            assert_eq!((scaling, finding.is_some()), (Scaling::NONE, slope.is_infinite()), "{slope}");
        }
        assert!(matches!(Scaling::read(2.0, f32::NAN), Err(Error::Corrupt(_))));
        assert_eq!(Scaling::read(-2.0, 1.0).unwrap().0.range((0.0, 3.0)), (-5.0, 1.0));
    }

    #[test]
    fn calibration_counts_only_as_a_range() {
        assert_eq!(Shades::from_calibration(-1.0, 4.0), Some(Shades { black: -1.0, white: 4.0 }));
        for (black, white) in [(0.0, 0.0), (4.0, -1.0), (f32::NAN, 4.0), (0.0, f32::INFINITY)] {
            assert_eq!(Shades::from_calibration(black, white), None, "{black} to {white}");
        }
    }

    #[test]
    fn windows_are_those_of_dicom() {
        let shade = |center, width, value| {
            (Shades::from_window(Window { center, width }).unwrap().shade(value, 255.0) + 0.5) as u8
        };
        // C.11.2.1.2: with center 2048 and width 4096 black ends at 0 and white starts at 4095.
        assert_eq!([-1.0, 0.0, 2047.5, 4095.0, 9e9].map(|value| shade(2048.0, 4096.0, value)), [0, 0, 128, 255, 255]);
        assert_eq!([9.4, 9.5, 9.6].map(|value| shade(10.0, 1.0, value)), [0, 0, 255]);
        assert_eq!([0.25, 0.5, 0.75].map(|value| shade(0.5, 0.5, value)), [0, 128, 255]);
        assert_eq!([f64::NAN, f64::INFINITY, f64::NEG_INFINITY].map(|value| shade(1.0, 9.0, value)), [0, 255, 0]);
        assert!(Shades::from_window(Window { center: 0.0, width: 0.0 }).is_err());
    }

    #[test]
    fn the_widest_range_of_all_has_a_middle() {
        let shades = Shades { black: f64::MIN, white: f64::MAX };
        assert_eq!([f64::MIN, 0.0, f64::MAX].map(|value| shades.shade(value, 2.0)), [0.0, 1.0, 2.0]);
    }
}
