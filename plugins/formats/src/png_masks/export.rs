//! Writes a picture of class numbers for every image, and the names of the classes in two forms that others read.

use crate::by_image::ByImage;
use crate::code;
use crate::label_map;
use crate::mask::{MAX_MASK_PIXELS, read_payload, write_png};
use crate::stem::without_extension;
use crate::written::Written;
use lightbox_sdk::mask::Mask;
use lightbox_sdk::{Batch, Call, Exported, Finding, ImageRef, Result};
use png::ColorType;
use std::collections::{HashMap, HashSet};

const IMAGES: &str = "images/";
const MASKS: &str = "masks/";
/// Classes that a picture of 8 bits and a palette can have beside the background; more need 16 bits.
const MAX_PALETTE: usize = 255;
const MAX_CLASSES: usize = 65_535;

/// What the format costs.
#[derive(Default)]
struct Losses {
    /// Pixels that more than one class has, and on how many images.
    overlaps: (u64, u64),
    /// Masks that are one with another of their class.
    united: u64,
    left_out: u64,
}

/// Pixels are 0 for none and `n` for the set's label number `n` from 1. Of classes that overlap, the later label is kept.
/// An image without a mask has a picture of zeroes: it belongs to the set.
///
/// # Errors
/// `Invalid` for a batch whose columns do not fit each other, `Limit` for more bytes than the call may return, `Corrupt` for
/// a mask that is none, `Cancelled`.
pub fn export(batch: &Batch, call: &Call<'_>) -> Result<Exported> {
    batch.check()?;
    let by_image = ByImage::of(batch);
    let mut stems: HashMap<&str, u32> = HashMap::new();
    batch.images.iter().for_each(|image| *stems.entry(without_extension(&image.path)).or_default() += 1);
    let (mut written, mut losses) = (Written::default(), Losses::default());
    let (map, renamed) = label_map::write(&batch.labels);
    written.push(label_map::LABEL_MAP.to_owned(), map.into_bytes(), call)?;
    written.push(label_map::META.to_owned(), label_map::write_meta(&batch.labels).into_bytes(), call)?;
    for (number, image) in batch.images.iter().enumerate() {
        let rows = by_image.rows(number);
        let pixels = u64::from(image.width) * u64::from(image.height);
        if pixels == 0 || pixels > MAX_MASK_PIXELS.min(call.max_output_bytes()) || batch.labels.len() > MAX_CLASSES {
            losses.left_out += rows.len() as u64;
            continue;
        }
        let canvas = draw(batch, image, rows, &mut losses)?;
        let picture = write_picture(&canvas, image, batch.labels.len())?;
        written.push(mask_path(&image.path, &stems), picture, call)?;
    }
    Ok(written.into_exported(losses.findings().into_iter().chain(renamed).collect()))
}

/// Images that differ in the extension only keep it.
fn mask_path(image: &str, stems: &HashMap<&str, u32>) -> String {
    let stem = without_extension(image);
    let name = if stems.get(stem).is_some_and(|count| *count > 1) { image } else { stem };
    format!("{MASKS}{}.png", name.strip_prefix(IMAGES).unwrap_or(name))
}

/// Class numbers, row-major.
fn draw(batch: &Batch, image: &ImageRef, rows: &[usize], losses: &mut Losses) -> Result<Vec<u16>> {
    let (width, height) = (image.width as usize, image.height as usize);
    let mut canvas = vec![0u16; width * height];
    let label_of = |row: &usize| batch.label.get(*row).copied().unwrap_or_default();
    let mut ordered = rows.to_vec();
    ordered.sort_by_key(label_of);
    let labels: HashSet<u32> = rows.iter().map(label_of).collect();
    losses.united += (rows.len() - labels.len()) as u64;
    let mut overlapping = 0;
    for row in &ordered {
        let (class, (_, rle)) = (label_of(row) as u16 + 1, read_payload(batch.payload(*row)));
        let mask = Mask::from_coco(image.width, image.height, rle)?;
        for (start, length) in mask.set_runs() {
            let (mut column, mut line) = (start / height, start % height);
            for _ in 0..length {
                if let Some(pixel) = canvas.get_mut(line * width + column) {
                    overlapping += u64::from(*pixel != 0 && *pixel != class);
                    *pixel = class;
                }
                line += 1;
                if line == height {
                    (column, line) = (column + 1, 0);
                }
            }
        }
    }
    losses.overlaps.0 += overlapping;
    losses.overlaps.1 += u64::from(overlapping > 0);
    Ok(canvas)
}

fn write_picture(canvas: &[u16], image: &ImageRef, classes: usize) -> Result<Vec<u8>> {
    if classes > MAX_PALETTE {
        let pixels: Vec<u8> = canvas.iter().flat_map(|number| number.to_be_bytes()).collect();
        return write_png(image.width, image.height, ColorType::Grayscale, None, &pixels);
    }
    let palette: Vec<u8> = (0..=classes as u32).flat_map(label_map::color).collect();
    let pixels: Vec<u8> = canvas.iter().map(|number| *number as u8).collect();
    write_png(image.width, image.height, ColorType::Indexed, Some(palette), &pixels)
}

impl Losses {
    fn findings(&self) -> Vec<Finding> {
        let (pixels, images) = self.overlaps;
        let overlaps = (pixels > 0).then(|| {
            let message = format!("{pixels} pixels on {images} images have several labels; the later label is kept");
            Finding::warning(code::EXPORT_OVERLAP, message)
        });
        let united = (self.united > 0).then(|| {
            let message = format!(
                "{} masks are one with another of their label: pictures of classes have no instances",
                self.united
            );
            Finding::warning(code::EXPORT_INSTANCES_UNITED, message)
        });
        let left_out = (self.left_out > 0).then(|| {
            let message = format!(
                "{} masks are left out: their images have no known size or too many pixels, or there are more than \
                 {MAX_CLASSES} labels",
                self.left_out
            );
            Finding::warning(code::EXPORT_LEFT_OUT, message)
        });
        overlaps.into_iter().chain(united).chain(left_out).collect()
    }
}
