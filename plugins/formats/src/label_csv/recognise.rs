//! How sure a type may be that a document is its own `label.csv`.

use super::layout::Layout;
use super::survey::{Content, Survey, survey};
use crate::json_document::is_json;
use lightbox_sdk::{Call, Document, Recognition, Result};

/// Named `label.csv` and of this type.
const CERTAIN: u8 = 95;
/// Another table whose rows fit and name images.
const LIKELY: u8 = 40;
/// Named `label.csv`, with paths only.
const PATHS_ONLY: u8 = 30;
/// Named `label.csv`, without a row that fits: read so that its rows are reported.
const TO_REPORT: u8 = 10;

const IMAGE_EXTENSIONS: [&str; 11] = ["png", "jpg", "jpeg", "dcm", "dicom", "dic", "tif", "tiff", "bmp", "gif", "webp"];

/// Whether a document is a `label.csv` that shows `content`. Documents that show nothing go to [`Content::OneClass`].
pub fn recognise(document: Document<'_>, content: Content, call: &Call<'_>) -> Result<Recognition> {
    let Some(is_label_csv) = table_name(document.name).filter(|_| !is_json(document)) else {
        return Ok(Recognition::none("no table: its name does not end in .csv"));
    };
    let found = survey(document.bytes, call)?;
    let confidence = match found.content() {
        Some(shown) if shown == content && is_label_csv => CERTAIN,
        Some(shown) if shown == content && found.names_images && !found.names_corners => LIKELY,
        None if content == Content::OneClass && is_label_csv && found.layout.is_some() => PATHS_ONLY,
        None if content == Content::OneClass && is_label_csv => TO_REPORT,
        _ => 0,
    };
    let format = if confidence > 0 { super::FORMAT.to_owned() } else { String::new() };
    Ok(Recognition { confidence, format, reason: reason(&found), ..Recognition::default() })
}

/// Whether a path ends like an image file.
pub(super) fn has_image_extension(path: &str) -> bool {
    let extension = path.trim().rsplit_once('.').map_or("", |(_, extension)| extension);
    IMAGE_EXTENSIONS.iter().any(|known| known.eq_ignore_ascii_case(extension))
}

/// `None` for a name that no table has; else whether it is the name that label tables have. A document without a name
/// was handed over as one.
fn table_name(path: &str) -> Option<bool> {
    let name = path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    if name.is_empty() {
        return Some(true);
    }
    let stem = name.strip_suffix(".csv").or_else(|| name.strip_suffix(".tsv"))?;
    Some(stem == "label" || stem == "labels")
}

fn reason(found: &Survey) -> String {
    match (found.layout, found.second_class_line, found.unknown_columns) {
        (Some(Layout::Class), Some(line), _) => {
            format!("rows of path,class, and line {line} gives an image a second class")
        }
        (Some(layout), ..) => format!("rows of {}", layout.names().join(",")),
        (None, _, Some(columns)) => format!("rows of {columns} columns; 1, 2, 3, 5 or 6 are expected"),
        (None, ..) => "no readable row".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn confidence(name: &str, text: &str, content: Content) -> u8 {
        let document = Document { name, format: "", bytes: text.as_bytes() };
        recognise(document, content, &Call::unlimited()).unwrap().confidence
    }

    #[test]
    fn one_type_is_sure_and_the_others_are_not() {
        use Content::*;
        for (text, own) in [("a,x", OneClass), ("a,x,1", ManyClasses), ("a,x,1,2,3,4", Boxes), ("a,x,1,1,m", Masks)] {
            for content in [OneClass, ManyClasses, Boxes, Masks] {
                let expected = if content == own { CERTAIN } else { 0 };
                assert_eq!(confidence("ds/Label.CSV", text, content), expected, "{text} as {content:?}");
            }
        }
    }

    #[test]
    fn tables_of_other_names_must_name_images() {
        assert_eq!(confidence("train.csv", "a.png,x", Content::OneClass), LIKELY);
        assert_eq!(confidence("train.csv", "a.png,x,1,2,3,4", Content::Boxes), LIKELY);
        let corners = "image_name,label_name,x1,y1,x2,y2\na.png,x,1,2,3,4";
        assert_eq!(confidence("train.csv", corners, Content::Boxes), 0);
        assert_eq!(confidence("patients.csv", "7,male", Content::OneClass), 0);
        assert_eq!(confidence("label.txt", "a.png,x", Content::OneClass), 0);
    }

    #[test]
    fn a_label_csv_that_shows_no_type_is_still_read() {
        assert_eq!(confidence("label.csv", "a.png\nb.png", Content::OneClass), PATHS_ONLY);
        assert_eq!(confidence("label.csv", "a,b,c,d", Content::OneClass), TO_REPORT);
        assert_eq!(confidence("label.csv", "a.png\nb.png", Content::Boxes), 0);
    }
}
