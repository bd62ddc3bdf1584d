//! Writes LabelMe's files, as its version 5 does: one beside each image, and `labels.txt` with every label.

use crate::by_image::ByImage;
use crate::code;
use crate::far_edge::corners;
use crate::mask::{Window, read_payload};
use crate::rounding::Rounding;
use crate::stem::{file_name, folder};
use crate::written::Written;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lightbox_sdk::mask::Mask;
use lightbox_sdk::{Batch, Call, Error, Exported, Finding, ImageRef, Result};
use serde::{Serialize, Serializer};
use std::collections::HashSet;

/// LabelMe only compares the first number with its own.
const VERSION: &str = "5.5.0";
/// What LabelMe is started with to offer these labels.
const LABELS: &str = "labels.txt";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct File<'a> {
    version: &'static str,
    flags: Flags<'a>,
    shapes: Vec<Shape<'a>>,
    image_path: String,
    image_data: Option<()>,
    image_height: u32,
    image_width: u32,
}

#[derive(Serialize)]
struct Shape<'a> {
    label: &'a str,
    points: [[f64; 2]; 2],
    group_id: Option<()>,
    description: &'static str,
    shape_type: &'static str,
    flags: Flags<'a>,
    mask: Option<String>,
}

/// In the order of the annotations.
#[derive(Default)]
struct Flags<'a>(Vec<(&'a str, bool)>);

impl Serialize for Flags<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

/// What of an annotation a file says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Box,
    Mask,
    Flag,
}

/// What the format costs.
#[derive(Default)]
struct Losses {
    rounding: Rounding,
    /// Marks that an image does not have a label.
    marks: u64,
    left_out: u64,
}

/// Boxes as rectangles.
///
/// # Errors
/// `Invalid` for a batch whose columns do not fit each other, `Limit` for more bytes than the call may return, `Corrupt` for
/// a mask that is none, `Cancelled`.
pub fn export_boxes(batch: &Batch, call: &Call<'_>) -> Result<Exported> {
    export(batch, Kind::Box, call)
}

/// Masks as shapes of kind `mask`, each with the picture of its part that has pixels. Errors as of [`export_boxes`].
pub fn export_masks(batch: &Batch, call: &Call<'_>) -> Result<Exported> {
    export(batch, Kind::Mask, call)
}

/// Labels as flags of the image. Errors as of [`export_boxes`].
pub fn export_labels(batch: &Batch, call: &Call<'_>) -> Result<Exported> {
    export(batch, Kind::Flag, call)
}

fn export(batch: &Batch, kind: Kind, call: &Call<'_>) -> Result<Exported> {
    batch.check()?;
    let by_image = ByImage::of(batch);
    let at_top: HashSet<&str> =
        batch.images.iter().map(|image| image.path.as_str()).filter(|path| folder(path).is_empty()).collect();
    let (mut written, mut losses) = (Written::default(), Losses::default());
    let labels: String = batch.labels.iter().map(|label| format!("{}\n", on_one_line(label))).collect();
    written.push(LABELS.to_owned(), labels.into_bytes(), call)?;
    for (number, image) in batch.images.iter().enumerate() {
        let rows = by_image.rows(number);
        let Some(path) = written.free_path("", &image.path, "json") else {
            losses.left_out += rows.len() as u64;
            continue;
        };
        let mut file = File {
            version: VERSION,
            flags: Flags::default(),
            shapes: Vec::new(),
            image_path: path_beside(&image.path, &at_top),
            image_data: None,
            image_height: image.height,
            image_width: image.width,
        };
        for row in rows {
            add(&mut file, batch, *row, kind, image, &mut losses)?;
        }
        let mut text = serde_json::to_vec_pretty(&file).map_err(|error| Error::Internal(error.to_string()))?;
        text.push(b'\n');
        written.push(path, text, call)?;
    }
    Ok(written.into_exported(losses.findings(&batch.labels)))
}

/// As seen from the file beside it. An image of the same name at the top of the export would be taken for it, so that
/// the path goes over the folder then.
fn path_beside(path: &str, at_top: &HashSet<&str>) -> String {
    let name = file_name(path);
    match folder(path) {
        "" => name.to_owned(),
        folder if at_top.contains(name) => format!("../{}/{name}", file_name(folder)),
        _ => name.to_owned(),
    }
}

fn add<'a>(
    file: &mut File<'a>,
    batch: &'a Batch,
    row: usize,
    kind: Kind,
    image: &ImageRef,
    losses: &mut Losses,
) -> Result<()> {
    let label = batch.label.get(row).and_then(|label| batch.labels.get(*label as usize));
    let label = label.map(String::as_str).unwrap_or_default();
    match kind {
        Kind::Flag => {
            let is_present = batch.value.get(row) != Some(&0);
            losses.marks += u64::from(!is_present);
            file.flags.0.push((label, is_present));
        }
        Kind::Box => {
            let ([left, top, right, bottom], off) = corners(batch.boxes.get(row).copied().unwrap_or_default());
            losses.rounding.add(off);
            file.shapes.push(shape(label, "rectangle", [[left, top], [right, bottom]], None));
        }
        Kind::Mask => {
            let (_, rle) = read_payload(batch.payload(row));
            let mask = Mask::from_coco(image.width, image.height, rle)?;
            if let Some(window) = Window::around(&mask) {
                let (left, top) = (window.left as f64, window.top as f64);
                // The last pixel, not the border behind it, as LabelMe has it.
                let (right, bottom) = (left + f64::from(window.width) - 1.0, top + f64::from(window.height()) - 1.0);
                let picture = STANDARD.encode(write_png(&window)?);
                file.shapes.push(shape(label, "mask", [[left, top], [right, bottom]], Some(picture)));
            }
        }
    }
    Ok(())
}

fn shape<'a>(label: &'a str, shape_type: &'static str, points: [[f64; 2]; 2], mask: Option<String>) -> Shape<'a> {
    Shape { label, points, group_id: None, description: "", shape_type, flags: Flags::default(), mask }
}

/// A byte a pixel, 0 or 1. Compression and filter are fixed and the same on every machine.
fn write_png(window: &Window) -> Result<Vec<u8>> {
    crate::mask::write_png(window.width, window.height(), png::ColorType::Grayscale, None, &window.pixels)
}

/// The file has a label a line.
fn on_one_line(label: &str) -> String {
    label.replace(['\r', '\n'], " ")
}

impl Losses {
    fn findings(&self, labels: &[String]) -> Vec<Finding> {
        let marks = (self.marks > 0).then(|| {
            let message = format!(
                "{} marks that an image does not have a label become flags that are false, which readers take for not looked at",
                self.marks
            );
            Finding::warning(code::EXPORT_LEFT_OUT, message)
        });
        let left_out = (self.left_out > 0).then(|| {
            let message =
                format!("{} annotations are left out: their images' names differ in the extension only", self.left_out);
            Finding::warning(code::EXPORT_LEFT_OUT, message)
        });
        let broken = labels.iter().filter(|label| label.contains(['\r', '\n'])).count();
        let renamed = (broken > 0).then(|| {
            let message = format!("{broken} labels have line ends, which {LABELS} has blanks for");
            Finding::warning(code::EXPORT_RENAMED, message)
        });
        let why = "the format has corners instead of width and height";
        self.rounding.finding(why).into_iter().chain(marks).chain(left_out).chain(renamed).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_an_image_at_the_top_has_too_goes_over_its_folder() {
        let at_top = HashSet::from(["a.png"]);
        let table = [("a.png", "a.png"), ("x/a.png", "../x/a.png"), ("x/y/a.png", "../y/a.png"), ("x/b.png", "b.png")];
        for (path, expected) in table {
            assert_eq!(path_beside(path, &at_top), expected);
        }
    }
}
