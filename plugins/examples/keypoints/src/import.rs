//! From COCO's rows to a batch. Rows that cannot be used become findings with their list and number.

use crate::coco::{AnnotationRow, CategoryRow, Coco, ImageRow};
use crate::findings::Findings;
use crate::payload::{Payload, Point};
use crate::rows;
use lightbox_sdk::{Batch, Call, Error, Finding, ImageRef, Imported, Result};
use std::borrow::Cow;
use std::collections::HashMap;

/// Points of one category. Names and lines are written into each annotation, so that they have limits.
const MAX_POINTS: usize = 1000;
const MAX_NAME_BYTES: usize = 256;
const MAX_LINES_PER_POINT: usize = 4;

/// Reads a document.
///
/// # Errors
/// [`Error::Corrupt`] when one of the lists is none, [`Error::Limit`] when the annotations are more than the call may
/// give.
pub fn import(coco: Coco<'_>, call: &Call<'_>) -> Result<Imported> {
    let mut import = Import { max_bytes: call.max_output_bytes(), ..Import::default() };
    rows::for_each("images", coco.images, call, |index, row| {
        import.add_image(index, row);
        Ok(())
    })?;
    rows::for_each("categories", coco.categories, call, |index, row| {
        import.add_category(index, row);
        Ok(())
    })?;
    rows::for_each("annotations", coco.annotations, call, |index, row| import.add_annotation(index, row))?;
    Ok(import.finish())
}

#[derive(Default)]
struct Import {
    batch: Batch,
    findings: Findings,
    max_bytes: u64,
    /// Index into the batch's images by COCO's id.
    images: HashMap<i64, u32>,
    paths: HashMap<String, u32>,
    /// By COCO's id; `None` where annotations have no points.
    categories: HashMap<i64, Option<Category>>,
    labels: HashMap<String, u32>,
    /// Annotations in which nothing is labelled, and those of categories without points.
    empty: u64,
    others: u64,
}

struct Category {
    label: u32,
    name: String,
    names: Vec<String>,
    /// Counted from 0.
    skeleton: Vec<[u32; 2]>,
}

impl Import {
    fn refuse(&mut self, code: &str, list: &str, index: usize, reason: impl std::fmt::Display) {
        self.findings.push(Finding::error(code, format!("{list}[{index}]: {reason}")));
    }

    fn add_image(&mut self, index: usize, row: Result<ImageRow<'_>, serde_json::Error>) {
        let row = match row {
            Ok(row) if row.file_name.is_empty() => {
                return self.refuse("BAD_IMAGE", "images", index, "file_name is empty");
            }
            Ok(row) => row,
            Err(error) => return self.refuse("BAD_IMAGE", "images", index, reason(&error)),
        };
        if self.images.contains_key(&row.id) {
            let reason = format!("the id {} is there already; the first image keeps it", row.id);
            return self.refuse("DUPLICATE_ID", "images", index, reason);
        }
        let images = &mut self.batch.images;
        let number = *self.paths.entry(row.file_name.into_owned()).or_insert_with_key(|path| {
            images.push(ImageRef { path: path.clone(), ..ImageRef::default() });
            images.len() as u32 - 1
        });
        self.images.insert(row.id, number);
    }

    fn add_category(&mut self, index: usize, row: Result<CategoryRow<'_>, serde_json::Error>) {
        let row = match row {
            Ok(row) if row.name.trim().is_empty() => {
                return self.refuse("BAD_CATEGORY", "categories", index, "its name is empty");
            }
            Ok(row) => row,
            Err(error) => return self.refuse("BAD_CATEGORY", "categories", index, reason(&error)),
        };
        if self.categories.contains_key(&row.id) {
            let reason = format!("the id {} is there already; the first category keeps it", row.id);
            return self.refuse("DUPLICATE_ID", "categories", index, reason);
        }
        let Some(names) = row.keypoints else {
            self.categories.insert(row.id, None);
            return;
        };
        if let Some(reason) = too_much(&names) {
            return self.refuse("BAD_CATEGORY", "categories", index, reason);
        }
        let skeleton = self.skeleton(index, names.len(), row.skeleton.unwrap_or_default());
        let name = row.name.into_owned();
        let label = self.label(&name);
        self.categories.insert(row.id, Some(Category { label, name, names, skeleton }));
    }

    /// Categories of one name are one label.
    fn label(&mut self, name: &str) -> u32 {
        let labels = &mut self.batch.labels;
        *self.labels.entry(name.to_owned()).or_insert_with_key(|name| {
            labels.push(name.clone());
            labels.len() as u32 - 1
        })
    }

    /// Counted from 0; lines between points that are not there are left out.
    fn skeleton(&mut self, index: usize, points: usize, lines: Vec<[u32; 2]>) -> Vec<[u32; 2]> {
        let given = lines.len();
        let is_point = |number: u32| (1..=points).contains(&(number as usize));
        let kept: Vec<_> = (lines.into_iter())
            .filter(|line| line.iter().all(|number| is_point(*number)))
            .map(|line| line.map(|number| number - 1))
            .take(points * MAX_LINES_PER_POINT)
            .collect();
        if kept.len() < given {
            let message = format!(
                "categories[{index}]: {} of {given} lines of the skeleton are left out; both ends have to be one of its \
                 {points} points, and {MAX_LINES_PER_POINT} lines a point are allowed",
                given - kept.len()
            );
            self.findings.push(Finding::warning("BAD_SKELETON", message));
        }
        kept
    }

    fn add_annotation(&mut self, index: usize, row: Result<AnnotationRow, serde_json::Error>) -> Result<()> {
        match row.map_err(|error| ("BAD_ANNOTATION", reason(&error))).and_then(|row| self.annotation(index, row)) {
            Ok(()) => {}
            Err((code, reason)) => self.refuse(code, "annotations", index, reason),
        }
        let (bytes, allowed) = (self.batch.payload_bytes.len() as u64, self.max_bytes);
        if bytes > allowed {
            let message =
                format!("annotations 0 to {index} take {bytes} bytes, {allowed} are allowed: split the document");
            return Err(Error::Limit(message));
        }
        Ok(())
    }

    fn annotation(&mut self, index: usize, row: AnnotationRow) -> Result<(), (&'static str, String)> {
        let Some(category) = self.categories.get(&row.category_id) else {
            return Err(("MISSING_CATEGORY", format!("no category has the id {}", row.category_id)));
        };
        let (Some(category), Some(numbers)) = (category, row.keypoints) else {
            self.others += 1;
            return Ok(());
        };
        let Some(image) = self.images.get(&row.image_id) else {
            return Err(("MISSING_IMAGE", format!("no image has the id {}", row.image_id)));
        };
        let payload = category.payload(&numbers).map_err(|reason| ("BAD_ANNOTATION", reason))?;
        let labelled = payload.labelled() as u64;
        if let Some(stated) = row.num_keypoints.filter(|stated| *stated != labelled) {
            let message =
                format!("annotations[{index}]: num_keypoints is {stated}, but {labelled} points are labelled");
            self.findings.push(Finding::warning("KEYPOINT_COUNT", message));
        }
        if labelled == 0 {
            self.empty += 1;
            return Ok(());
        }
        self.batch.push_payload(&payload.write());
        self.batch.image.push(*image);
        self.batch.label.push(category.label);
        self.batch.line.push(0);
        self.batch.value.push(1);
        Ok(())
    }

    fn finish(mut self) -> Imported {
        if self.empty > 0 {
            let message = format!("{} annotations are left out: none of their points is labelled", self.empty);
            self.findings.push(Finding::info("NO_POINTS", message));
        }
        if self.others > 0 {
            let message = format!("{} annotations are left out: they or their category have no keypoints", self.others);
            self.findings.push(Finding::info("NO_KEYPOINTS", message));
        }
        Imported { batch: self.batch, findings: self.findings.into_vec(), embedded_images: Vec::new() }
    }
}

/// Without the line and column, which count from the start of the row and mislead.
fn reason(error: &serde_json::Error) -> String {
    let sentence = error.to_string();
    sentence.split_once(" at line ").map_or(sentence.clone(), |(reason, _)| reason.to_owned())
}

fn too_much(names: &[String]) -> Option<String> {
    if names.len() > MAX_POINTS {
        return Some(format!("it names {} keypoints, {MAX_POINTS} are allowed", names.len()));
    }
    let long = names.iter().map(String::len).find(|bytes| *bytes > MAX_NAME_BYTES)?;
    Some(format!("the name of a keypoint has {long} bytes, {MAX_NAME_BYTES} are allowed"))
}

impl Category {
    fn payload(&self, numbers: &[f64]) -> Result<Payload<'_>, String> {
        let (triples, rest) = numbers.as_chunks::<3>();
        if triples.len() != self.names.len() || !rest.is_empty() {
            let (given, expected) = (numbers.len(), self.names.len() * 3);
            return Err(format!("keypoints has {given} numbers, the category {} needs {expected}", self.name));
        }
        let points = self.names.iter().zip(triples).map(|(name, triple)| point(name, *triple));
        Ok(Payload { points: points.collect::<Result<_, _>>()?, skeleton: Cow::Borrowed(&self.skeleton) })
    }
}

fn point(name: &str, [x, y, visibility]: [f64; 3]) -> Result<Point<'_>, String> {
    let v = match visibility {
        0.0 => return Ok(Point { name: Cow::Borrowed(name), x: None, y: None, v: 0 }),
        1.0 => 1,
        2.0 => 2,
        other => return Err(format!("the visibility of {name} is {other}; 0, 1 or 2 is expected")),
    };
    Ok(Point { name: Cow::Borrowed(name), x: Some(x), y: Some(y), v })
}
