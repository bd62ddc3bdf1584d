//! How sure a type may be that an XML document is a CVAT file with something for it.

use super::document::{Content, Geometry, Image, Part, read};
use crate::xml::{self, Fault};
use lightbox_sdk::{Call, Document, Recognition, Result};

const CERTAIN: u8 = 90;
/// Images without a shape: they belong to a set of boxes.
const NOTHING_LABELLED: u8 = 30;

#[derive(Default)]
struct Counts {
    images: u64,
    tracks: u64,
    boxes: u64,
    regions: u64,
    tags: u64,
    others: u64,
    /// An image has tags of two labels.
    has_second_tag: bool,
}

/// Whether an XML document is one of CVAT that holds what `content` takes. `None` for a document that is no XML.
///
/// # Errors
/// `Cancelled`.
pub fn recognise(document: Document<'_>, content: Content, call: &Call<'_>) -> Result<Option<Recognition>> {
    if !xml::is_xml(document) {
        return Ok(None);
    }
    let text = match xml::decode(document.bytes) {
        Ok(text) => text,
        Err(reason) => return Ok(Some(Recognition::none(reason))),
    };
    let mut counts = Counts::default();
    let result = read(&text, call, |part| {
        counts.add(&part);
        Ok(())
    });
    match result {
        Ok(false) => Ok(Some(Recognition::none("XML, but not CVAT: its root is not <annotations>"))),
        Err(Fault::Call(error)) => Err(error),
        // What stands before the fault is read, and the import says where it ends.
        Err(Fault::Broken(sentence)) if counts.images == 0 => Ok(Some(Recognition::none(sentence))),
        Ok(true) | Err(Fault::Broken(_)) => Ok(Some(counts.judge(content))),
    }
}

impl Counts {
    fn add(&mut self, part: &Part) {
        match part {
            Part::Label(_) => {}
            Part::Track => self.tracks += 1,
            Part::Image(image) => self.add_image(image),
        }
    }

    fn add_image(&mut self, image: &Image) {
        self.images += 1;
        let mut first_tag: Option<&str> = None;
        for shape in &image.shapes {
            match shape.geometry {
                Geometry::Box(_) => self.boxes += 1,
                Geometry::Polygon(_) | Geometry::Mask(..) => self.regions += 1,
                Geometry::Other(_) => self.others += 1,
                Geometry::Tag => {
                    self.tags += 1;
                    self.has_second_tag |= *first_tag.get_or_insert(&shape.label) != shape.label;
                }
            }
        }
    }

    fn judge(&self, content: Content) -> Recognition {
        let nothing = self.boxes + self.regions + self.tags + self.others == 0;
        let (confidence, reason) = match content {
            _ if self.images == 0 && self.tracks > 0 => (0, super::VIDEO),
            _ if self.images == 0 => (0, "CVAT without an image"),
            Content::Boxes if self.boxes > 0 => (CERTAIN, "CVAT for images, with boxes"),
            Content::Boxes if nothing => (NOTHING_LABELLED, "CVAT for images, with nothing labelled"),
            Content::Boxes => (0, "CVAT for images, without a box"),
            Content::Masks if self.regions > 0 => (CERTAIN, "CVAT for images, with polygons or masks"),
            Content::Masks => (0, "CVAT for images, without a polygon or mask"),
            Content::OneTag | Content::ManyTags if self.tags == 0 => (0, "CVAT for images, without a tag"),
            Content::OneTag if self.has_second_tag => (0, "CVAT for images, where an image has two tags"),
            Content::ManyTags if !self.has_second_tag => (0, "CVAT for images, where no image has two tags"),
            Content::OneTag | Content::ManyTags => (CERTAIN, "CVAT for images, with tags"),
        };
        let format = if confidence > 0 { super::FORMAT.to_owned() } else { String::new() };
        Recognition { confidence, format, reason: reason.to_owned(), shares: confidence > 0, ..Recognition::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Content; 4] = [Content::Boxes, Content::Masks, Content::OneTag, Content::ManyTags];

    fn confidences(content: &str) -> [u8; 4] {
        let text = format!("<annotations>{content}</annotations>");
        let document = Document { name: "annotations.xml", format: "", bytes: text.as_bytes() };
        ALL.map(|each| recognise(document, each, &Call::unlimited()).unwrap().unwrap().confidence)
    }

    #[test]
    fn each_type_takes_a_file_that_has_something_for_it() {
        let image = |shapes: &str| format!("<image name='a.png'>{shapes}</image>");
        assert_eq!(confidences(&image("<box/>")), [CERTAIN, 0, 0, 0]);
        assert_eq!(confidences(&image("<mask/><box rotation='0.0'/>")), [CERTAIN, CERTAIN, 0, 0]);
        assert_eq!(confidences(&image("<box rotation='12.5'/><points/>")), [0; 4]);
        assert_eq!(confidences(&image("<tag label='a'/><tag label='a'/>")), [0, 0, CERTAIN, 0]);
        assert_eq!(confidences(&image("<tag label='a'/><tag label='b'/>")), [0, 0, 0, CERTAIN]);
        assert_eq!(confidences(&image("")), [NOTHING_LABELLED, 0, 0, 0]);
        assert_eq!(confidences("<track><box/></track>"), [0; 4]);
        assert_eq!(confidences(&format!("{}<image", image("<box/>"))), [CERTAIN, 0, 0, 0]);
    }
}
