//! Writes a batch as one COCO document, in one canonical form: no dates, members and rows in a fixed order, numbers in
//! their shortest form. Images are numbered in the batch's order, annotations image by image.
//!
//! The document has the name and the place that Datumaro and CVAT look for; `file_name` is what is below `images/`.

mod number;
mod rows;

use self::number::Number;
use self::rows::{AnnotationRow, CategoryRow, ImageRow, Info, Runs, Segmentation};
use super::content::Content;
use crate::by_image::ByImage;
use crate::code;
use crate::mask::read_payload;
use lightbox_sdk::mask::Mask;
use lightbox_sdk::{Batch, Call, Error, Exported, Finding, ImageRef, Result};
use serde::Serialize;

/// Rows between two looks at whether the call should stop or has written too much.
const BETWEEN_CHECKS: u64 = 1024;
/// Where the host writes images of this format.
const IMAGES: &str = "images/";

/// Writes what `content` names of a batch.
///
/// # Errors
/// `Invalid` for a batch without the boxes or masks of its content, `Limit` for a document larger than the call may return,
/// `Cancelled`.
pub fn export(batch: &Batch, content: Content, call: &Call<'_>) -> Result<Exported> {
    batch.check()?;
    let mut document = Writer { batch, content, call, out: Vec::new(), rows: 0, left_out: 0 };
    document.write()?;
    let name = if content.is_classes() { "labels" } else { "instances" };
    let findings = document.findings();
    Ok(Exported { files: vec![(format!("annotations/{name}_default.json"), document.out)], findings })
}

struct Writer<'a> {
    batch: &'a Batch,
    content: Content,
    call: &'a Call<'a>,
    out: Vec<u8>,
    rows: u64,
    /// Annotations with the value 0 where COCO cannot say it.
    left_out: u64,
}

impl<'a> Writer<'a> {
    fn write(&mut self) -> Result<()> {
        let by_image = ByImage::of(self.batch);
        self.out.extend_from_slice(b"{\"info\":");
        self.put(&Info { annotation_type: self.content.annotation_type(), description: "Exported by Lightbox" })?;
        self.out.extend_from_slice(b",\"licenses\":[],\"categories\":[");
        let batch = self.batch;
        for (index, name) in batch.labels.iter().enumerate() {
            self.row(index == 0, &CategoryRow { id: index + 1, name, supercategory: "" })?;
        }
        self.out.extend_from_slice(b"],\"images\":[");
        for (index, image) in batch.images.iter().enumerate() {
            let absent = self.absent(by_image.rows(index));
            self.row(index == 0, &image_row(index, image, absent))?;
        }
        self.out.extend_from_slice(b"],\"annotations\":[");
        self.annotations(&by_image)?;
        self.out.extend_from_slice(b"]}\n");
        self.check()
    }

    /// Categories that the image was marked as not having.
    fn absent(&self, rows: &[usize]) -> Vec<u32> {
        if self.content != Content::ManyClasses {
            return Vec::new();
        }
        rows.iter().filter(|row| self.batch.value[**row] == 0).map(|row| self.batch.label[*row] + 1).collect()
    }

    fn annotations(&mut self, by_image: &ByImage) -> Result<()> {
        let mut id = 0;
        for image in 0..self.batch.images.len() {
            for row in by_image.rows(image) {
                if self.batch.value[*row] == 0 {
                    self.left_out += u64::from(self.content != Content::ManyClasses);
                    continue;
                }
                id += 1;
                let written = self.annotation(id, *row)?;
                self.row(id == 1, &written)?;
            }
        }
        Ok(())
    }

    fn annotation(&self, id: usize, row: usize) -> Result<AnnotationRow<'a>> {
        let (image, label) = (self.batch.image[row] as usize + 1, self.batch.label[row] as usize + 1);
        let plain = AnnotationRow { id, image_id: image, category_id: label, drawn: None };
        match self.content {
            Content::OneClass | Content::ManyClasses => Ok(plain),
            Content::Boxes => {
                let bounds = self.batch.boxes.get(row).copied();
                let bounds = bounds.ok_or_else(|| Error::Invalid("annotations of detection need boxes".to_owned()))?;
                let area = Number(bounds[2] * bounds[3]);
                Ok(plain.drawn(Segmentation::Nothing([]), bounds, area))
            }
            Content::Masks => self.masked(plain, row),
        }
    }

    fn masked(&self, plain: AnnotationRow<'a>, row: usize) -> Result<AnnotationRow<'a>> {
        let batch = self.batch;
        let image = &batch.images[batch.image[row] as usize];
        let (_, rle) = read_payload(batch.payload(row));
        let mask = Mask::from_coco(image.width, image.height, rle);
        let mask = mask.map_err(|error| Error::Invalid(format!("an annotation of {}: {error}", image.path)))?;
        let counts = str::from_utf8(rle).map_err(|_| Error::Invalid("a mask that is no text".to_owned()))?;
        let runs = Runs { size: [mask.height, mask.width], counts };
        Ok(plain.drawn(Segmentation::Runs(runs), mask.bounding_box(), Number(mask.area() as f64)))
    }

    fn row(&mut self, is_first: bool, row: &impl Serialize) -> Result<()> {
        self.out.extend_from_slice(if is_first { b"\n" } else { b",\n" });
        self.put(row)?;
        self.rows += 1;
        if self.rows.is_multiple_of(BETWEEN_CHECKS) { self.check() } else { Ok(()) }
    }

    fn put(&mut self, value: &impl Serialize) -> Result<()> {
        serde_json::to_writer(&mut self.out, value).map_err(|error| Error::Internal(format!("a row of COCO: {error}")))
    }

    fn check(&self) -> Result<()> {
        self.call.check()?;
        let (bytes, allowed) = (self.out.len() as u64, self.call.max_output_bytes());
        if bytes > allowed {
            return Err(Error::Limit(format!("the COCO document takes more than the allowed {allowed} bytes")));
        }
        Ok(())
    }

    fn findings(&self) -> Vec<Finding> {
        let message = format!("{} annotations say that a class is absent; COCO has no word for it", self.left_out);
        let left_out = (self.left_out > 0).then(|| Finding::warning(code::EXPORT_LEFT_OUT, message));
        left_out.into_iter().collect()
    }
}

fn image_row(index: usize, image: &ImageRef, neg_category_ids: Vec<u32>) -> ImageRow<'_> {
    let file_name = image.path.strip_prefix(IMAGES).unwrap_or(&image.path);
    ImageRow { id: index + 1, file_name, width: image.width, height: image.height, neg_category_ids }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Batch {
        let image = |name: &str| ImageRef { path: format!("images/{name}"), width: 4, height: 3, line: 7 };
        let mut batch = Batch {
            labels: vec!["a \"b\"".into(), "unused".into(), "c".into()],
            images: vec![image("x/1.png"), image("2.png")],
            image: vec![1, 0, 1],
            label: vec![2, 0, 0],
            line: vec![1, 2, 3],
            value: vec![1, 1, 0],
            boxes: vec![[0.0, 1.0, 1.5, 2.0], [0.1, 0.2, 3.0, 1e-7], [0.0, 0.0, 1.0, 1.0]],
            ..Batch::default()
        };
        let runs = Mask { width: 4, height: 3, counts: vec![1, 2, 9] };
        (0..3).for_each(|_| batch.push_payload(runs.to_coco().as_bytes()));
        batch
    }

    fn lines(batch: &Batch, content: Content) -> Vec<String> {
        let exported = export(batch, content, &Call::unlimited()).unwrap();
        let [(_, bytes)] = exported.files.as_slice() else { panic!("one file is expected") };
        serde_json::from_slice::<serde::de::IgnoredAny>(bytes).unwrap();
        String::from_utf8(bytes.clone()).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_document_lists_every_label_and_image_and_the_annotations_image_by_image() {
        let expected = [
            r#"{"info":{"annotation_type":"detection","description":"Exported by Lightbox"},"licenses":[],"categories":["#,
            r#"{"id":1,"name":"a \"b\"","supercategory":""},"#,
            r#"{"id":2,"name":"unused","supercategory":""},"#,
            r#"{"id":3,"name":"c","supercategory":""}],"images":["#,
            r#"{"id":1,"file_name":"x/1.png","width":4,"height":3},"#,
            r#"{"id":2,"file_name":"2.png","width":4,"height":3}],"annotations":["#,
            r#"{"id":1,"image_id":1,"category_id":1,"segmentation":[],"area":3e-7,"bbox":[0.1,0.2,3,1e-7],"iscrowd":0},"#,
            r#"{"id":2,"image_id":2,"category_id":3,"segmentation":[],"area":3,"bbox":[0,1,1.5,2],"iscrowd":0}]}"#,
        ];
        assert_eq!(lines(&sample(), Content::Boxes), expected);
    }

    #[test]
    fn masks_are_compressed_run_lengths_with_their_own_box() {
        let last = lines(&sample(), Content::Masks).pop().unwrap();
        let row = r#"{"id":2,"image_id":2,"category_id":3,"segmentation":{"size":[3,4],"counts":"129"},"area":2,"bbox":[0,1,1,2],"iscrowd":0}]}"#;
        assert_eq!(last, row);
    }

    #[test]
    fn classes_have_nothing_drawn_and_absent_ones_stand_with_their_image() {
        let many = lines(&sample(), Content::ManyClasses);
        assert_eq!(
            many[5],
            r#"{"id":2,"file_name":"2.png","width":4,"height":3,"neg_category_ids":[1]}],"annotations":["#
        );
        assert_eq!(many[7], r#"{"id":2,"image_id":2,"category_id":3}]}"#);
        let one = export(&sample(), Content::OneClass, &Call::unlimited()).unwrap();
        assert_eq!(one.files[0].0, "annotations/labels_default.json");
        assert_eq!(one.findings[0].code, code::EXPORT_LEFT_OUT);
    }

    #[test]
    fn a_document_larger_than_allowed_and_a_batch_without_boxes_are_errors() {
        let small = Call::new(None, 100, &|| false);
        assert!(matches!(export(&sample(), Content::Boxes, &small), Err(Error::Limit(_))));
        let without = Batch { boxes: vec![], ..sample() };
        assert!(matches!(export(&without, Content::Boxes, &Call::unlimited()), Err(Error::Invalid(_))));
    }
}
