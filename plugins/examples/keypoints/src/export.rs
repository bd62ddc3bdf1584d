//! From a batch back to COCO's document.

use crate::payload::{Payload, Point};
use lightbox_sdk::{Batch, Call, Error, ImageRef, Result};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::HashMap;

/// Rows between two questions whether to go on.
const BETWEEN_CHECKS: usize = 4096;

/// A COCO document with every image, label and annotation of the batch. Ids count from 1. Boxes are those around the
/// labelled points, because readers of COCO insist on one.
///
/// # Errors
/// [`Error::Invalid`] for a payload that is not that of keypoints, [`Error::Limit`] when the document would be larger
/// than the call may give.
pub fn to_coco(batch: &Batch, call: &Call<'_>) -> Result<Vec<u8>> {
    batch.check()?;
    let mut categories = Categories::default();
    let mut document = Document { bytes: Vec::new(), call };
    let images = batch.images.iter().enumerate();
    document.write_list("{\"images\":", images, |(index, image)| Ok(ImageRow::new(index, image)))?;
    let counted = (0..batch.len()).filter(|index| batch.value[*index] == 1);
    document.write_list(",\"annotations\":", counted, |index| {
        let payload = Payload::read(batch.payload(index))
            .ok_or_else(|| Error::Invalid(format!("the payload of annotation {index} is not that of keypoints")))?;
        let category = categories.number(batch.label[index], &payload);
        Ok(AnnotationRow::new(index, batch.image[index], category, &payload.points))
    })?;
    document.write_list(",\"categories\":", categories.in_order(&batch.labels), Ok)?;
    document.bytes.push(b'}');
    Ok(document.bytes)
}

/// What is written so far, and how much more may be.
struct Document<'c> {
    bytes: Vec<u8>,
    call: &'c Call<'c>,
}

impl Document<'_> {
    /// `start`: what comes before the list.
    fn write_list<T, R: Serialize>(
        &mut self,
        start: &str,
        rows: impl Iterator<Item = T>,
        mut row: impl FnMut(T) -> Result<R>,
    ) -> Result<()> {
        self.bytes.extend_from_slice(start.as_bytes());
        self.bytes.push(b'[');
        for (index, each) in rows.enumerate() {
            if index.is_multiple_of(BETWEEN_CHECKS) {
                self.call.check()?;
            }
            if index > 0 {
                self.bytes.extend_from_slice(b",\n");
            }
            serde_json::to_writer(&mut self.bytes, &row(each)?).map_err(|error| Error::Internal(error.to_string()))?;
            self.check_size()?;
        }
        self.bytes.push(b']');
        Ok(())
    }

    fn check_size(&self) -> Result<()> {
        let (bytes, allowed) = (self.bytes.len() as u64, self.call.max_output_bytes());
        if bytes > allowed {
            return Err(Error::Limit(format!("the document takes {bytes} bytes or more, {allowed} are allowed")));
        }
        Ok(())
    }
}

#[derive(Serialize)]
struct ImageRow<'b> {
    id: usize,
    file_name: &'b str,
    #[serde(skip_serializing_if = "is_zero")]
    width: u32,
    #[serde(skip_serializing_if = "is_zero")]
    height: u32,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl<'b> ImageRow<'b> {
    fn new(index: usize, image: &'b ImageRef) -> Self {
        Self { id: index + 1, file_name: &image.path, width: image.width, height: image.height }
    }
}

#[derive(Serialize)]
struct AnnotationRow {
    id: usize,
    image_id: u32,
    category_id: usize,
    num_keypoints: usize,
    keypoints: Vec<f64>,
    bbox: [f64; 4],
    area: f64,
    iscrowd: u8,
}

impl AnnotationRow {
    fn new(index: usize, image: u32, category_id: usize, points: &[Point<'_>]) -> Self {
        let bbox = bounds(points);
        Self {
            id: index + 1,
            image_id: image + 1,
            category_id,
            num_keypoints: points.iter().filter_map(Point::place).count(),
            keypoints: points.iter().flat_map(triple).collect(),
            bbox,
            area: bbox[2] * bbox[3],
            iscrowd: 0,
        }
    }
}

fn triple(point: &Point<'_>) -> [f64; 3] {
    point.place().map_or([0.0; 3], |(x, y)| [x, y, f64::from(point.v)])
}

/// x, y, width and height around the labelled points; zeros when there is none.
fn bounds(points: &[Point<'_>]) -> [f64; 4] {
    let corners = points.iter().filter_map(Point::place).map(|(x, y)| [x, y, x, y]);
    let joined = corners.reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]);
    joined.map_or([0.0; 4], |[left, top, right, bottom]| [left, top, right - left, bottom - top])
}

/// A label has a category for every list of points and lines that its annotations have: united sets may differ.
#[derive(Default)]
struct Categories {
    ids: HashMap<Category, usize>,
}

#[derive(PartialEq, Eq, Hash)]
struct Category {
    label: u32,
    names: Vec<String>,
    skeleton: Vec<[u32; 2]>,
}

#[derive(Serialize)]
struct CategoryRow<'c> {
    id: usize,
    name: &'c str,
    keypoints: Cow<'c, [String]>,
    skeleton: Vec<[u32; 2]>,
}

impl Categories {
    fn number(&mut self, label: u32, payload: &Payload<'_>) -> usize {
        let names = payload.points.iter().map(|point| point.name.clone().into_owned()).collect();
        let next = self.ids.len() + 1;
        *self.ids.entry(Category { label, names, skeleton: payload.skeleton.to_vec() }).or_insert(next)
    }

    /// Label by label, those without annotations among them.
    fn in_order<'c>(&'c self, labels: &'c [String]) -> impl Iterator<Item = CategoryRow<'c>> {
        let mut by_label: Vec<Vec<CategoryRow<'c>>> = labels.iter().map(|_| Vec::new()).collect();
        for (Category { label, names, skeleton }, id) in &self.ids {
            let lines = skeleton.iter().map(|line| line.map(|number| number.saturating_add(1))).collect();
            let name = &labels[*label as usize];
            let row = CategoryRow { id: *id, name, keypoints: Cow::Borrowed(names), skeleton: lines };
            by_label[*label as usize].push(row);
        }
        let mut unused = self.ids.len();
        for (rows, name) in by_label.iter_mut().zip(labels) {
            if rows.is_empty() {
                unused += 1;
                rows.push(CategoryRow { id: unused, name, keypoints: Cow::Borrowed(&[]), skeleton: Vec::new() });
            }
            rows.sort_by_key(|row| row.id);
        }
        by_label.into_iter().flatten()
    }
}
