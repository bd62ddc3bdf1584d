//! How sure a type may be that a COCO document holds something for it. Types share a document: each takes its own.
//!
//! As few rows are looked at as decide: boxes are mostly found in the first one.

use super::annotation::Annotation;
use super::content::Content;
use super::document::Coco;
use super::id::Id;
use super::images::ImageRow;
use super::refusal::Refusal;
use crate::json_document::is_json;
use hashbrown::HashMap;
use lightbox_sdk::{Call, Document, Error, Recognition, Result};

const CERTAIN: u8 = 90;
/// Rows between two looks at whether the call should stop.
const BETWEEN_CHECKS: usize = 4096;

/// Whether a `.json` holds what `content` takes. `None` for a document that is no `.json` at all.
///
/// # Errors
/// `Cancelled`.
pub fn recognise(document: Document<'_>, content: Content, call: &Call<'_>) -> Result<Option<Recognition>> {
    if !is_json(document) {
        return Ok(None);
    }
    Ok(Some(match Coco::read(document.bytes, call) {
        Err(Error::Corrupt(reason)) => Recognition::none(reason),
        Err(error) => return Err(error),
        Ok(coco) => recognise_coco(&coco, content, call)?,
    }))
}

fn recognise_coco(coco: &Coco<'_>, content: Content, call: &Call<'_>) -> Result<Recognition> {
    if let Some(written) = coco.written_as.as_deref().and_then(Content::of_annotation_type) {
        let reason = format!("COCO that says it was written as {}", written.annotation_type());
        return Ok(if written == content { certain(reason) } else { Recognition::none(reason) });
    }
    match content {
        Content::Boxes if any(coco, call, |each| each.bounds.is_some())? => Ok(certain("COCO with boxes")),
        Content::Boxes => Ok(Recognition::none("COCO without a bbox")),
        Content::Masks if any(coco, call, |each| each.segmentation.is_some())? => {
            Ok(certain("COCO with segmentations"))
        }
        Content::Masks => Ok(Recognition::none("COCO without a segmentation")),
        Content::OneClass | Content::ManyClasses => recognise_classes(coco, content, call),
    }
}

/// Categories and nothing else; whether an image has several decides between the two types.
fn recognise_classes(coco: &Coco<'_>, content: Content, call: &Call<'_>) -> Result<Recognition> {
    let is_more = |each: &Annotation<'_>| each.is_drawn() || each.says_more;
    if coco.categories.is_none() {
        return Ok(Recognition::none("COCO without categories, from which classes would be read"));
    }
    if any(coco, call, is_more)? {
        return Ok(Recognition::none("COCO with more than classes"));
    }
    if !any(coco, call, |each| each.category.is_some())? {
        return Ok(Recognition::none("COCO without an annotation"));
    }
    let (found, reason) = if has_second_class(coco, call)? {
        (Content::ManyClasses, "COCO with classes, several of an image")
    } else {
        (Content::OneClass, "COCO with classes, one of an image")
    };
    Ok(if found == content { certain(reason) } else { Recognition::none(reason) })
}

fn has_second_class(coco: &Coco<'_>, call: &Call<'_>) -> Result<bool> {
    let mut classes: HashMap<Id, Id> = HashMap::new();
    let second = any(coco, call, |each| match (&each.image, &each.category) {
        (Some(image), Some(category)) => *classes.entry_ref(image).or_insert_with(|| category.clone()) != *category,
        _ => false,
    })?;
    Ok(second || names_absent_classes(coco, call)?)
}

fn names_absent_classes(coco: &Coco<'_>, call: &Call<'_>) -> Result<bool> {
    let Some(images) = coco.images else { return Ok(false) };
    for (index, row) in images.items(call).enumerate() {
        if index % BETWEEN_CHECKS == 0 {
            call.check()?;
        }
        let Ok(row) = row else { return Ok(false) };
        if ImageRow::read(row, call).is_ok_and(|row| row.absent.is_some()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether any readable annotation is so. Those after a place where the list is broken are not seen.
fn any(coco: &Coco<'_>, call: &Call<'_>, mut is_so: impl FnMut(&Annotation<'_>) -> bool) -> Result<bool> {
    for (index, row) in coco.annotations.items(call).enumerate() {
        if index % BETWEEN_CHECKS == 0 {
            call.check()?;
        }
        let Ok(row) = row else { return Ok(false) };
        match Annotation::read(row, call) {
            Ok(annotation) if is_so(&annotation) => return Ok(true),
            Err(Refusal::Stop(error)) => return Err(error),
            _ => {}
        }
    }
    Ok(false)
}

fn certain(reason: impl Into<String>) -> Recognition {
    let format = super::FORMAT.to_owned();
    Recognition { confidence: CERTAIN, format, reason: reason.into(), shares: true, ..Recognition::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(text: &str) -> Vec<Content> {
        use Content::{Boxes, ManyClasses, Masks, OneClass};
        let document = Document { name: "x/instances.JSON", format: "", bytes: text.as_bytes() };
        let is_sure = |content: &Content| {
            let found = recognise(document, *content, &Call::unlimited()).unwrap().unwrap();
            assert_eq!(found.shares, found.confidence > 0);
            found.confidence > 0
        };
        [Boxes, Masks, OneClass, ManyClasses].into_iter().filter(is_sure).collect()
    }

    fn coco(annotations: &str) -> String {
        format!(
            r#"{{"images":[{{"id":1,"file_name":"a"}}],"annotations":[{annotations}],"categories":[{{"id":1,"name":"x"}}]}}"#
        )
    }

    #[test]
    fn each_type_takes_a_document_that_has_something_for_it() {
        use Content::{Boxes, ManyClasses, Masks, OneClass};
        let table: [(&str, &[Content]); 10] = [
            (r#"{"image_id":1,"category_id":1,"bbox":[1,2,3,4],"segmentation":[]}"#, &[Boxes]),
            (r#"{"image_id":1,"category_id":1,"segmentation":[[1,2,3,4,5,6]]}"#, &[Masks]),
            (r#"7,{"bbox":[]},{"bbox":[1],"segmentation":{"counts":""}}"#, &[Boxes, Masks]),
            (r#"{"image_id":1,"category_id":1}"#, &[OneClass]),
            (
                r#"{"image_id":1,"category_id":1},{"image_id":2,"category_id":2},{"image_id":1,"category_id":1}"#,
                &[OneClass],
            ),
            (r#"{"image_id":1,"category_id":1},{"image_id":1,"category_id":2}"#, &[ManyClasses]),
            (r#"{"image_id":1,"category_id":1},{"image_id":2,"bbox":[1,2,3,4]}"#, &[Boxes]),
            (r#"{"image_id":1,"category_id":0,"caption":"a cat"}"#, &[]),
            (r#"{"image_id":1,"category_id":0,"keypoints":[1,2,2]}"#, &[]),
            ("", &[]),
        ];
        for (annotations, expected) in table {
            assert_eq!(who(&coco(annotations)), expected, "{annotations}");
        }
        let absent = coco(r#"{"image_id":1,"category_id":1}"#).replace(r#""a"}"#, r#""a","neg_category_ids":[2]}"#);
        assert_eq!(who(&absent), [ManyClasses]);
        let no_names = r#"{"images":[],"annotations":[{"image_id":1,"category_id":0}]}"#;
        assert_eq!(who(no_names), []);
        assert_eq!(who(r#"[{"image_id":1,"category_id":0,"bbox":[1,2,3,4]}]"#), [Boxes]);
    }

    #[test]
    fn a_document_that_says_its_type_is_read_by_that_type_alone() {
        let row = r#"{"image_id":1,"category_id":1,"bbox":[1,2,3,4],"segmentation":[[1,2,3,4,5,6]]}"#;
        let said = coco(row).replacen('{', r#"{"info":{"annotation_type":"segmentation"},"#, 1);
        assert_eq!(who(&said), [Content::Masks]);
        let unknown = coco(row).replacen('{', r#"{"info":{"annotation_type":"boxes"},"#, 1);
        assert_eq!(who(&unknown), [Content::Boxes, Content::Masks]);
    }

    #[test]
    fn other_documents_are_told_apart() {
        let look =
            |name, bytes| recognise(Document { name, format: "", bytes }, Content::Boxes, &Call::unlimited()).unwrap();
        assert!(look("a.json", b"{\"shapes\":[]}").unwrap().reason.starts_with("JSON, but not COCO"));
        assert!(look("a.json", b"{\"shapes\":").unwrap().reason.starts_with("not valid JSON"));
        assert!(look("a.csv", b"{").is_none());
    }
}
