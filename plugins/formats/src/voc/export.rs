//! Writes boxes as Pascal VOC: a file an image, the list of labels and the list of files.

use super::IMAGES;
use super::document::CORNERS;
use crate::by_image::ByImage;
use crate::code;
use crate::far_edge::corners;
use crate::label_map;
use crate::rounding::Rounding;
use crate::written::Written;
use lightbox_sdk::{Batch, Call, Exported, Finding, ImageRef, Result};
use quick_xml::escape::escape;
use std::fmt::Write;

const ANNOTATIONS: &str = "Annotations/";
/// Every file, as VOC lists those of training and validation together.
const LIST: &str = "ImageSets/Main/trainval.txt";

/// What the numbers of a box cost in this format.
#[derive(Default)]
struct Losses {
    fractions: u64,
    rounding: Rounding,
    left_out: u64,
}

/// `Annotations/….xml` for every image, `labelmap.txt` and the list of files.
///
/// # Errors
/// `Invalid` for a batch whose columns do not fit each other, `Limit` for more bytes than the call may return,
/// `Cancelled`.
pub fn export(batch: &Batch, call: &Call<'_>) -> Result<Exported> {
    batch.check()?;
    let by_image = ByImage::of(batch);
    let (mut written, mut losses) = (Written::default(), Losses::default());
    let mut list = String::new();
    for (number, image) in batch.images.iter().enumerate() {
        let below = image.path.strip_prefix(IMAGES).unwrap_or(&image.path);
        let rows = by_image.rows(number);
        let Some(path) = written.free_path(ANNOTATIONS, below, "xml") else {
            losses.left_out += rows.len() as u64;
            continue;
        };
        let item = path.strip_prefix(ANNOTATIONS).and_then(|path| path.strip_suffix(".xml")).unwrap_or_default();
        writeln!(list, "{item}").unwrap_or_default();
        let text = write_image(batch, image, below, rows, &mut losses);
        written.push(path, text.into_bytes(), call)?;
    }
    let (map, renamed) = label_map::write(&batch.labels);
    written.push(label_map::LABEL_MAP.to_owned(), map.into_bytes(), call)?;
    written.push(LIST.to_owned(), list.into_bytes(), call)?;
    Ok(written.into_exported(losses.findings().into_iter().chain(renamed).collect()))
}

fn write_image(batch: &Batch, image: &ImageRef, below: &str, rows: &[usize], losses: &mut Losses) -> String {
    let mut text = String::from("<annotation>\n");
    let place = image.path.strip_suffix(below).unwrap_or_default().trim_end_matches('/');
    text.push_str(&format!("  <folder>{}</folder>\n", escape(place)));
    text.push_str(&format!("  <filename>{}</filename>\n", escape(below)));
    text.push_str(&format!("  <path>{}</path>\n", escape(&image.path)));
    if image.width > 0 && image.height > 0 {
        let (width, height) = (image.width, image.height);
        text.push_str(&format!("  <size>\n    <width>{width}</width>\n    <height>{height}</height>\n  </size>\n"));
    }
    text.push_str("  <segmented>0</segmented>\n");
    for row in rows {
        let label = batch.label.get(*row).and_then(|label| batch.labels.get(*label as usize));
        if let (Some(label), Some(bounds)) = (label, batch.boxes.get(*row)) {
            write_object(&mut text, label, *bounds, losses);
        }
    }
    text.push_str("</annotation>\n");
    text
}

fn write_object(text: &mut String, label: &str, bounds: [f64; 4], losses: &mut Losses) {
    let (numbers, off) = corners(bounds);
    losses.rounding.add(off);
    losses.fractions += u64::from(numbers.iter().any(|number| number.fract() != 0.0));
    text.push_str(&format!("  <object>\n    <name>{}</name>\n", escape(label)));
    // Readers that know these three want them.
    text.push_str("    <pose>Unspecified</pose>\n    <truncated>0</truncated>\n    <difficult>0</difficult>\n");
    text.push_str("    <bndbox>\n");
    for (name, number) in CORNERS.iter().zip(numbers) {
        text.push_str(&format!("      <{name}>{number}</{name}>\n"));
    }
    text.push_str("    </bndbox>\n  </object>\n");
}

impl Losses {
    fn findings(&self) -> Vec<Finding> {
        let fractions = (self.fractions > 0).then(|| {
            let message = format!(
                "{} boxes have fractions of a pixel; they are written, but some readers of Pascal VOC cut them off",
                self.fractions
            );
            Finding::info(code::EXPORT_FRACTIONS, message)
        });
        let left_out = (self.left_out > 0).then(|| {
            let message =
                format!("{} boxes are left out: their images' names differ in the extension only", self.left_out);
            Finding::warning(code::EXPORT_LEFT_OUT, message)
        });
        let why = "the format has corners instead of width and height";
        fractions.into_iter().chain(self.rounding.finding(why)).chain(left_out).collect()
    }
}
