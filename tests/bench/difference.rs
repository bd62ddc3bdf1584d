//! Whether two PNGs show the same picture.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// Mean difference of the samples, in steps of 8 bits; an error when one cannot be read or the shapes differ.
pub fn mean(left: &Path, right: &Path) -> Result<f64, String> {
    let (left, right) = (read(left)?, read(right)?);
    if left.0 != right.0 || left.1.len() != right.1.len() {
        return Err(format!("{:?} pixels in the one, {:?} in the other", left.0, right.0));
    }
    let sum: u64 = left.1.iter().zip(&right.1).map(|(left, right)| u64::from(left.abs_diff(*right))).sum();
    Ok(sum as f64 / left.1.len() as f64)
}

/// Size and samples, grey or colour.
fn read(path: &Path) -> Result<((u32, u32), Vec<u8>), String> {
    let told = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let file = File::open(path).map_err(|error| told(&error))?;
    let mut decoder = png::Decoder::new(BufReader::new(file));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(|error| told(&error))?;
    let mut samples = vec![0; reader.output_buffer_size().unwrap_or(0)];
    let info = reader.next_frame(&mut samples).map_err(|error| told(&error))?;
    samples.truncate(info.buffer_size());
    Ok(((info.width, info.height), samples))
}
