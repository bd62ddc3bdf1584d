//! How sure a type may be that a LabelMe file holds something for it. Types share a file: each takes its own shapes.

use super::document::{LabelMe, read};
use super::kind::Kind;
use crate::json_document::is_json;
use lightbox_sdk::{Document, Recognition};

const CERTAIN: u8 = 90;
/// A LabelMe file that labels nothing: its image belongs to the set of labels.
const NOTHING_LABELLED: u8 = 30;

/// What a type takes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Rectangles.
    Boxes,
    /// Polygons and masks.
    Masks,
    /// The labels present, whatever they are drawn with; without shapes, the flags that are true.
    Labels,
}

/// Whether a `.json` holds what `content` takes. `None` for a document that is no `.json` at all.
pub fn recognise(document: Document<'_>, content: Content) -> Option<Recognition> {
    if !is_json(document) {
        return None;
    }
    Some(match read(document.bytes) {
        Err(reason) => Recognition::none(reason),
        Ok(file) => recognise_file(&file, content),
    })
}

fn recognise_file(file: &LabelMe<'_>, content: Content) -> Recognition {
    let (confidence, reason) = match content {
        Content::Boxes if has(file, |kind| *kind == Kind::Rectangle) => (CERTAIN, "LabelMe with rectangles"),
        Content::Boxes => (0, "LabelMe without a rectangle"),
        Content::Masks if has(file, Kind::is_region) => (CERTAIN, "LabelMe with polygons or masks"),
        Content::Masks => (0, "LabelMe without a polygon or mask"),
        Content::Labels if !file.shapes.is_empty() || !file.flags.is_empty() => (CERTAIN, "LabelMe with labels"),
        Content::Labels => (NOTHING_LABELLED, "LabelMe with nothing labelled"),
    };
    let format = if confidence > 0 { super::FORMAT.to_owned() } else { String::new() };
    Recognition { confidence, format, reason: reason.to_owned(), shares: confidence > 0, ..Recognition::default() }
}

fn has(file: &LabelMe<'_>, wanted: impl Fn(&Kind) -> bool) -> bool {
    file.shapes.iter().any(|shape| match shape {
        Ok(shape) => wanted(&shape.kind),
        Err(bad) => bad.kind.as_ref().is_some_and(&wanted),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn confidences(shapes: &str) -> [u8; 3] {
        let text = format!(r#"{{"version":"5","imagePath":"a.png","flags":{{}},"shapes":[{shapes}]}}"#);
        let document = Document { name: "x/a.JSON", format: "", bytes: text.as_bytes() };
        [Content::Boxes, Content::Masks, Content::Labels].map(|each| recognise(document, each).unwrap().confidence)
    }

    #[test]
    fn each_type_takes_a_file_that_has_something_for_it() {
        let (rectangle, polygon) = (
            r#"{"label":"a","shape_type":"rectangle","points":[[0,0],[1,1]]}"#,
            r#"{"label":"a","shape_type":"polygon","points":[[0,0],[1,1],[0,1]]}"#,
        );
        assert_eq!(confidences(rectangle), [CERTAIN, 0, CERTAIN]);
        assert_eq!(confidences(polygon), [0, CERTAIN, CERTAIN]);
        assert_eq!(confidences(&format!("{rectangle},{polygon}")), [CERTAIN; 3]);
        assert_eq!(confidences(r#"{"label":"a","shape_type":"circle","points":[]}"#), [0, 0, CERTAIN]);
        assert_eq!(confidences(""), [0, 0, NOTHING_LABELLED]);
    }

    #[test]
    fn a_json_that_is_no_labelme_file_says_why() {
        let look = |name, bytes| recognise(Document { name, format: "", bytes }, Content::Boxes);
        assert_eq!(
            look("a.json", b"{\"a\":1}").map(|found| (found.confidence, found.format)),
            Some((0, String::new()))
        );
        assert!(look("a.json", b"{").unwrap().reason.starts_with("not valid JSON"));
        assert!(look("a.csv", b"{").is_none());
    }
}
