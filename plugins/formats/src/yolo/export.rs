//! Writes boxes in the layout of Ultralytics: `data.yaml`, and a file in `labels` for every image in `images`.

use super::row::{Fraction, to_pixels};
use crate::by_image::ByImage;
use crate::code;
use crate::rounding::Rounding;
use crate::stem::without_extension;
use crate::written::Written;
use lightbox_sdk::{Batch, Call, Exported, Finding, ImageRef, Result};
use std::fmt::Write;

const DATA: &str = "data.yaml";

/// What the format costs.
#[derive(Default)]
struct Losses {
    rounding: Rounding,
    left_out: u64,
}

/// An image without boxes has an empty file: it belongs to the set.
///
/// # Errors
/// `Invalid` for a batch whose columns do not fit each other, `Limit` for more bytes than the call may return,
/// `Cancelled`.
pub fn export(batch: &Batch, call: &Call<'_>) -> Result<Exported> {
    batch.check()?;
    let by_image = ByImage::of(batch);
    let (mut written, mut losses) = (Written::default(), Losses::default());
    written.push(DATA.to_owned(), data_yaml(&batch.labels).into_bytes(), call)?;
    for (number, image) in batch.images.iter().enumerate() {
        let (path, rows) = (label_path(&image.path), by_image.rows(number));
        if written.is_taken(&path) || image.width == 0 || image.height == 0 {
            losses.left_out += rows.len() as u64;
            continue;
        }
        let mut text = String::new();
        for row in rows {
            if let (Some(class), Some(bounds)) = (batch.label.get(*row), batch.boxes.get(*row)) {
                write_row(&mut text, *class, *bounds, image, &mut losses.rounding);
            }
        }
        written.push(path, text.into_bytes(), call)?;
    }
    Ok(written.into_exported(losses.findings()))
}

/// Where readers look for an image's rows: the last folder `images` of its path replaced by `labels`.
fn label_path(image: &str) -> String {
    let stem = without_extension(image);
    let mut parts: Vec<&str> = stem.split('/').collect();
    let folders = parts.len().saturating_sub(1);
    match parts.iter().take(folders).rposition(|part| *part == "images").and_then(|at| parts.get_mut(at)) {
        Some(part) => *part = "labels",
        None => parts.insert(0, "labels"),
    }
    format!("{}.txt", parts.join("/"))
}

fn write_row(text: &mut String, class: u32, bounds: [f64; 4], image: &ImageRef, rounding: &mut Rounding) {
    let (width, height) = (f64::from(image.width), f64::from(image.height));
    let [x, y, box_width, box_height] = bounds;
    let numbers =
        [(x + box_width / 2.0) / width, (y + box_height / 2.0) / height, box_width / width, box_height / height];
    let numbers = numbers.map(|number| format!("{number:.9}"));
    writeln!(text, "{class} {}", numbers.join(" ")).unwrap_or_default();
    let back = numbers.map(|text| Fraction::read(&text).ok());
    let off = match back {
        [Some(a), Some(b), Some(c), Some(d)] => distance(to_pixels([a, b, c, d], image.width, image.height), bounds),
        _ => f64::INFINITY,
    };
    rounding.add(off);
}

fn distance(a: [f64; 4], b: [f64; 4]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

/// Without `path`, so that the folders are found beside the file.
fn data_yaml(labels: &[String]) -> String {
    let mut text = format!(
        "train: images\nval: images\nnc: {}\nnames:{}\n",
        labels.len(),
        if labels.is_empty() { " {}" } else { "" }
    );
    for (number, label) in labels.iter().enumerate() {
        writeln!(text, "  {number}: {}", quoted(label)).unwrap_or_default();
    }
    text
}

/// In double quotes, with what YAML does not print escaped (YAML 1.2, 5.1 and 5.7).
fn quoted(label: &str) -> String {
    let mut text = String::from("\"");
    for c in label.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}' | '\u{10000}'.. => {
                text.push(c);
            }
            _ => write!(text, "\\u{:04X}", u32::from(c)).unwrap_or_default(),
        }
    }
    text.push('"');
    text
}

impl Losses {
    fn findings(&self) -> Vec<Finding> {
        let left_out = (self.left_out > 0).then(|| {
            let message = format!(
                "{} boxes are left out: their images' names differ in the extension only, or their size is unknown",
                self.left_out
            );
            Finding::warning(code::EXPORT_LEFT_OUT, message)
        });
        let why = "the format has fractions of the image's size, written with 9 decimals";
        self.rounding.finding(why).into_iter().chain(left_out).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_lie_where_readers_look_for_them() {
        let table = [
            ("images/a/b.png", "labels/a/b.txt"),
            ("images/train/images/b.png", "images/train/labels/b.txt"),
            ("images/images", "labels/images.txt"),
            ("b.png", "labels/b.txt"),
        ];
        for (image, label) in table {
            assert_eq!(label_path(image), label);
        }
    }

    #[test]
    fn names_are_quoted_so_that_they_stay_texts() {
        let labels = ["yes", "a\"\\b", "x: y\n", "肺\u{85}"].map(str::to_owned);
        let text = data_yaml(&labels);
        let names: Vec<String> = super::super::data_yaml::read(&text).unwrap().names.into_values().collect();
        assert_eq!(names, labels);
    }
}
