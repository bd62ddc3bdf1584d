//! Holding a picture that the server made to the one that independent decoders expect.

use crate::support::archives::decode_png;
use serde_json::Value;
use std::path::Path;

/// How far one picture is from another.
pub struct Compared {
    what: String,
    /// Width, height, channels.
    sizes: [(u32, u32, usize); 2],
    largest: f64,
    mean: f64,
    allowed: (f64, f64),
}

impl Compared {
    /// A PNG of the server against the picture and the tolerance that the manifest gives for a DICOM file.
    pub fn with_expected(root: &Path, entry: &Value, png: &[u8]) -> Self {
        let render = &entry["render"];
        let expected = std::fs::read(root.join(render["png"].as_str().unwrap())).unwrap();
        let tolerance = &render["tolerance"];
        let allowed = (tolerance["max_abs"].as_f64().unwrap(), tolerance["mean_abs"].as_f64().unwrap());
        Self::of(entry["path"].as_str().unwrap(), png, &expected, allowed)
    }

    /// `allowed`: the largest difference of a sample, and the mean of all.
    pub fn of(what: &str, actual: &[u8], expected: &[u8], allowed: (f64, f64)) -> Self {
        let pictures = [actual, expected].map(|png| {
            let (width, height, _, samples) = decode_png(png);
            (width, height, samples)
        });
        let size = |(width, height, samples): &(u32, u32, Vec<u16>)| {
            (*width, *height, samples.len() / (*width as usize * *height as usize))
        };
        let sizes = [size(&pictures[0]), size(&pictures[1])];
        let differences = pictures[0].2.iter().zip(&pictures[1].2).map(|(a, b)| f64::from(a.abs_diff(*b)));
        let (largest, sum) = differences.fold((0.0f64, 0.0), |(most, sum), each| (most.max(each), sum + each));
        let mean = sum / pictures[0].2.len() as f64;
        Self { what: what.to_owned(), sizes, largest, mean, allowed }
    }

    /// `Err` says how far it is off.
    pub fn hold(&self) -> Result<(), String> {
        let Self { what, sizes, largest, mean, allowed } = self;
        if sizes[0] != sizes[1] {
            return Err(format!("{what} is {:?}, not {:?} (width, height, channels)", sizes[0], sizes[1]));
        }
        if *largest > allowed.0 || *mean > allowed.1 {
            return Err(format!(
                "{what} is off by {largest} at most and {mean:.3} in the mean; {allowed:?} are allowed"
            ));
        }
        Ok(())
    }
}
