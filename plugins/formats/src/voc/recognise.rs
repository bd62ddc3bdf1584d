//! How sure a type may be that an XML document is a Pascal VOC file.

use super::document::{Voc, read};
use crate::xml;
use lightbox_sdk::{Call, Document, Recognition, Result};

const CERTAIN: u8 = 90;
/// An image without an object: it belongs to the set of boxes.
const NOTHING_LABELLED: u8 = 30;
/// Objects without a box: read so that they are reported.
const TO_REPORT: u8 = 20;

/// Whether an XML document holds boxes of Pascal VOC. `None` for a document that is no XML.
///
/// # Errors
/// `Cancelled`.
pub fn recognise(document: Document<'_>, call: &Call<'_>) -> Result<Option<Recognition>> {
    if !xml::is_xml(document) {
        return Ok(None);
    }
    let text = match xml::decode(document.bytes) {
        Ok(text) => text,
        Err(reason) => return Ok(Some(Recognition::none(reason))),
    };
    let (voc, result) = read(&text, call);
    let fault = match result {
        Ok(()) => None,
        Err(xml::Fault::Broken(sentence)) => Some(sentence),
        Err(xml::Fault::Call(error)) => return Err(error),
    };
    Ok(Some(judge(&voc, fault)))
}

fn judge(voc: &Voc, fault: Option<String>) -> Recognition {
    let boxes = voc.objects.iter().filter(|object| object.corners.is_some()).count();
    let has_outlines = voc.objects.iter().any(|object| object.has_polygon);
    let (confidence, reason) = match fault {
        // Read, so that the import says what is wrong with it.
        Some(sentence) if boxes > 0 => (TO_REPORT, sentence),
        Some(sentence) => (0, sentence),
        None if !voc.is_annotation => (0, "XML, but not Pascal VOC: its root is not <annotation>".to_owned()),
        None if boxes > 0 => (CERTAIN, "Pascal VOC with boxes".to_owned()),
        None if voc.objects.is_empty() && (voc.has_frame || voc.filename.is_some()) => {
            (NOTHING_LABELLED, "Pascal VOC with nothing labelled".to_owned())
        }
        None if voc.has_frame => (TO_REPORT, "Pascal VOC whose objects have no <bndbox>".to_owned()),
        None if has_outlines => {
            (0, "XML of the LabelMe web tool, with outlines and no <bndbox>; it is not read".to_owned())
        }
        None => (0, "XML, but not Pascal VOC: no <object> with a <bndbox>, and no <size>".to_owned()),
    };
    let format = if confidence > 0 { super::FORMAT.to_owned() } else { String::new() };
    Recognition { confidence, format, reason, shares: confidence > 0, ..Recognition::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(text: &str) -> Recognition {
        let document = Document { name: "x/a.XML", format: "", bytes: text.as_bytes() };
        recognise(document, &Call::unlimited()).unwrap().unwrap()
    }

    #[test]
    fn files_of_pascal_voc_are_told_from_other_xml() {
        let object = "<object><name>a</name><bndbox/></object>";
        let table = [
            (format!("<annotation>{object}</annotation>"), CERTAIN),
            ("<annotation><size/></annotation>".to_owned(), NOTHING_LABELLED),
            ("<annotation><filename>a.png</filename></annotation>".to_owned(), NOTHING_LABELLED),
            ("<annotation><size/><object><name>a</name></object></annotation>".to_owned(), TO_REPORT),
            (format!("<annotation>{object}<object>"), TO_REPORT),
            ("<annotation><object><polygon/></object></annotation>".to_owned(), 0),
            ("<annotations/>".to_owned(), 0),
            ("<annotation>".to_owned(), 0),
        ];
        for (text, confidence) in table {
            let found = look(&text);
            assert_eq!((found.confidence, found.shares), (confidence, confidence > 0), "{text}: {}", found.reason);
        }
        assert!(look("<annotation><object>").reason.contains("line 1"));
        let other = Document { name: "a.csv", format: "", bytes: b"<annotation/>" };
        assert_eq!(recognise(other, &Call::unlimited()), Ok(None));
    }
}
