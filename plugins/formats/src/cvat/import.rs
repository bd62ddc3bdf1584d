//! Reads a CVAT file into a batch, for one type.

use super::document::{CORNERS, Content, Geometry, Image, Part, Shape, read};
use super::mask;
use crate::code;
use crate::label_csv::number::parse;
use crate::mask::{canvas, write_payload};
use crate::shortened::shortened;
use crate::table::Table;
use crate::xml::{self, Fault};
use lightbox_sdk::mask::Mask;
use lightbox_sdk::{Call, Document, Error, Finding, ImageRef, Imported, Result};
use std::collections::{BTreeMap, HashSet};

/// Kinds of shapes that are counted by name; others together.
const MAX_KINDS: usize = 50;

/// What `content` takes of a file. Every image that the file lists belongs to the set.
///
/// # Errors
/// `Corrupt` for a document that is no CVAT file, or broken before its first image; `Unsupported` for one of a video;
/// `Limit` when the annotations take more than the call may return; `Cancelled`.
pub fn import(document: Document<'_>, content: Content, call: &Call<'_>) -> Result<Imported> {
    let text = xml::decode(document.bytes).map_err(Error::Corrupt)?;
    let mut import =
        Import { content, call, table: Table::default(), subset_bytes: Vec::new(), others: BTreeMap::new() };
    let result = read(&text, call, |part| import.add(part));
    match result {
        Ok(true) => {}
        Ok(false) => return Err(Error::Corrupt("XML, but not CVAT: its root is not <annotations>".to_owned())),
        Err(Fault::Call(error)) => return Err(error),
        Err(Fault::Broken(sentence)) if import.subset_bytes.is_empty() => return Err(Error::Corrupt(sentence)),
        Err(Fault::Broken(sentence)) => {
            let message = format!("{sentence}; the images before it are read, what follows is not");
            import.table.findings.push(Finding::error(code::BAD_XML, message));
        }
    }
    import.finish()
}

struct Import<'a, 'c> {
    content: Content,
    call: &'a Call<'c>,
    table: Table,
    /// How much of each image's path in the table is its subset, which projects put their files below.
    subset_bytes: Vec<usize>,
    /// Kinds of shapes that no type is made of, and how many there are.
    others: BTreeMap<String, u64>,
}

impl Import<'_, '_> {
    fn add(&mut self, part: Part) -> Result<()> {
        match part {
            Part::Label(label) if self.content.takes_label(&label) => {
                self.table.label(&label.name);
            }
            Part::Label(_) => {}
            Part::Track => self.count("track"),
            Part::Image(image) => self.add_image(&image)?,
        }
        Ok(())
    }

    fn add_image(&mut self, image: &Image) -> Result<()> {
        if image.name.trim().is_empty() {
            let finding = Finding::error(code::MISSING_IMAGE, "the image has no `name`, so its shapes are left out");
            self.table.findings.push(finding.at_line(image.line));
            return Ok(());
        }
        let subset = image.subset.trim();
        let subset = if subset.is_empty() { String::new() } else { format!("{subset}/") };
        let path = format!("{subset}{}", image.name);
        if self.table.image(&path, image.line).1 {
            self.subset_bytes.push(subset.len());
        }
        for shape in &image.shapes {
            self.table.check(self.call)?;
            if let Geometry::Other(kind) = &shape.geometry {
                self.count(kind);
            } else if self.content.takes_shape(&shape.geometry)
                && let Err(finding) = self.add_shape(&path, image, shape)?
            {
                self.table.findings.push(finding.at_line(shape.line));
            }
        }
        Ok(())
    }

    fn add_shape(&mut self, path: &str, image: &Image, shape: &Shape) -> Result<Result<(), Finding>> {
        if shape.label.trim().is_empty() {
            return Ok(Err(Finding::error(code::EMPTY_CLASS, "the shape has no label")));
        }
        // Lines are those of findings only: a set may be made of several files.
        let added = match &shape.geometry {
            Geometry::Box(texts) => read_box(texts).map(|bounds| self.table.push_box(path, &shape.label, 0, bounds)),
            Geometry::Tag => {
                self.table.push(path, &shape.label, 0, 1);
                Ok(())
            }
            _ => draw(image, &shape.geometry, self.call)?.map(|mask| {
                let (bounds, payload) = (mask.bounding_box(), write_payload(&mask));
                self.table.push_mask(path, &shape.label, 0, bounds, &payload);
            }),
        };
        Ok(added)
    }

    fn count(&mut self, kind: &str) {
        let kind = if self.others.len() < MAX_KINDS || self.others.contains_key(kind) { kind } else { "others" };
        *self.others.entry(kind.to_owned()).or_default() += 1;
    }

    fn finish(mut self) -> Result<Imported> {
        if self.subset_bytes.is_empty() && self.others.contains_key("track") {
            return Err(Error::Unsupported(super::VIDEO.to_owned()));
        }
        for (kind, count) in &self.others {
            let message = format!("{count} of kind '{kind}': no box, mask or class of an image is made of it");
            self.table.findings.push(Finding::info(code::UNSUPPORTED_SHAPE, message));
        }
        let mut imported = self.table.into_imported(self.call)?;
        leave_out_subsets(&mut imported.batch.images, &self.subset_bytes);
        Ok(imported)
    }
}

/// Where no two subsets have images of one name, the names alone are the images' paths.
fn leave_out_subsets(images: &mut [ImageRef], subset_bytes: &[usize]) {
    let names = images.iter().zip(subset_bytes).map(|(image, subset)| image.path.get(*subset..));
    let mut seen = HashSet::new();
    if names.into_iter().all(|name| seen.insert(name)) {
        for (image, subset) in images.iter_mut().zip(subset_bytes) {
            image.path.drain(..*subset);
        }
    }
}

fn read_box(texts: &[Option<String>; 4]) -> Result<[f64; 4], Finding> {
    let mut numbers = [0.0; 4];
    for ((number, text), name) in numbers.iter_mut().zip(texts).zip(CORNERS) {
        let text = text.as_deref().unwrap_or_default();
        *number = parse(text).ok_or_else(|| {
            let what = format!("`{name}` holds '{}', but a finite number is expected", shortened(text));
            Finding::error(code::BAD_NUMBER, what)
        })?;
    }
    let [left, top, right, bottom] = numbers;
    Ok([left, top, right - left, bottom - top])
}

fn draw(image: &Image, geometry: &Geometry, call: &Call<'_>) -> Result<Result<Mask, Finding>> {
    let Some(size) = image.size else {
        let what = "the image's `width` and `height` are not both whole numbers above 0";
        return Ok(Err(Finding::error(code::MASK_SIZE, what)));
    };
    match geometry {
        Geometry::Mask(rle, window) => Ok(mask::lay(rle, window, size, call)),
        Geometry::Polygon(points) => match read_points(points) {
            Ok(outline) => canvas::fill(&outline, size.0, size.1, call),
            Err(finding) => Ok(Err(finding)),
        },
        _ => Ok(Err(Finding::error(code::BAD_SHAPE, "the shape is neither a polygon nor a mask"))),
    }
}

/// `x,y;x,y;…` as `x, y, x, y, …`
fn read_points(points: &str) -> Result<Vec<f64>, Finding> {
    let mut numbers = Vec::new();
    for point in points.split(';') {
        let pair = point.split_once(',').and_then(|(x, y)| Some([parse(x)?, parse(y)?]));
        let Some(pair) = pair else {
            let what = format!("the point '{}' is no pair of numbers x,y", shortened(point));
            return Err(Finding::error(code::BAD_NUMBER, what));
        };
        numbers.extend(pair);
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape_limit::MAX_SHAPES;

    fn run(content: Content, text: &str) -> Imported {
        let text = format!("<annotations>\n{text}\n</annotations>");
        import(
            Document { name: "annotations.xml", format: "cvat", bytes: text.as_bytes() },
            content,
            &Call::unlimited(),
        )
        .unwrap()
    }

    fn findings(imported: &Imported) -> Vec<(&str, Option<u32>)> {
        imported.findings.iter().map(|finding| (finding.code.as_str(), finding.line)).collect()
    }

    const SHAPES: &str = "<meta><task><labels><label><name>dog</name><type>tag</type></label>
        <label><name>cat</name></label></labels></task></meta>
        <image name='a.png' width='4' height='3'>
        <box label='cat' xtl='1' ytl='0.5' xbr='3' ybr='2'/>
        <box label='' xtl='1' ytl='0.5' xbr='3' ybr='2'/>
        <box label='cat' xtl='1' ytl='x' xbr='3' ybr='2'/>
        <polygon label='cat' points='0,0;2,0;2,2;0,2'/>
        <polygon label='cat' points='0,0;2'/>
        <polygon label='cat' points='0,0;2,0'/>
        <mask label='cat' rle='0, 2' left='3' top='0' width='1' height='2'/>
        <tag label='dog'/><points label='cat' points='1,1'/><points label='cat' points='1,1'/>
        </image><image name='b.png'/><track/><image/>";

    #[test]
    fn each_type_takes_its_shapes_and_reports_what_is_wrong_with_them() {
        let boxes = run(Content::Boxes, SHAPES);
        assert_eq!((boxes.batch.boxes.clone(), boxes.batch.labels.len()), (vec![[1.0, 0.5, 2.0, 1.5]], 1));
        let both = [(code::MISSING_IMAGE, Some(13)), (code::UNSUPPORTED_SHAPE, None), (code::UNSUPPORTED_SHAPE, None)];
        let expected = [&[(code::EMPTY_CLASS, Some(6)), (code::BAD_NUMBER, Some(7))][..], &both].concat();
        assert_eq!(findings(&boxes), expected);
        let masks = run(Content::Masks, SHAPES);
        assert_eq!(masks.batch.boxes, [[0.0, 0.0, 2.0, 2.0], [3.0, 0.0, 1.0, 2.0]]);
        let expected = [&[(code::BAD_NUMBER, Some(9)), (code::BAD_SHAPE, Some(10))][..], &both].concat();
        assert_eq!(findings(&masks), expected);
        let tags = run(Content::OneTag, SHAPES);
        assert_eq!(
            (tags.batch.labels.clone(), tags.batch.label.clone()),
            (["dog", "cat"].map(str::to_owned).to_vec(), vec![0])
        );
        assert!([boxes, masks, tags].iter().all(|each| each.batch.check().is_ok() && each.batch.images.len() == 2));
    }

    #[test]
    fn names_that_subsets_repeat_are_those_below_the_subset() {
        let image = |name: &str, subset: &str| format!("<image name='{name}' subset='{subset}'/>");
        let paths = |text: String| {
            run(Content::Boxes, &text).batch.images.into_iter().map(|image| image.path).collect::<Vec<_>>()
        };
        assert_eq!(paths(image("a", "train") + &image("a", "test")), ["train/a", "test/a"]);
        assert_eq!(paths(image("a", "train") + &image("b", "test")), ["a", "b"]);
        assert_eq!(paths(image("x\\a", "")), ["x/a"]);
        assert_eq!(paths(image("a", "train") + &image("a", "train") + &image("b", " ")), ["a", "b"]);
    }

    #[test]
    fn the_images_before_a_fault_are_read() {
        let text = b"<annotations><image name='a'><tag label='x'/></image>\n<image name='b'><tag label='x'";
        let document = Document { name: "a.xml", format: "cvat", bytes: text };
        let imported = import(document, Content::OneTag, &Call::unlimited()).unwrap();
        assert_eq!((imported.batch.images.len(), findings(&imported)), (1, vec![(code::BAD_XML, None)]));
        assert!(imported.findings[0].message.contains("line 2"));
    }

    #[test]
    fn an_image_of_endless_shapes_ends_the_file_and_the_images_before_it_are_read() {
        let endless = |count| format!("<image name='a'/>\n<image name='b'>{}</image>", "<tag/>".repeat(count));
        assert_eq!(run(Content::Boxes, &endless(MAX_SHAPES)).batch.images.len(), 2);
        let imported = run(Content::Boxes, &endless(MAX_SHAPES + 1));
        assert_eq!((imported.batch.images.len(), findings(&imported)), (1, vec![(code::BAD_XML, None)]));
        assert!(imported.findings[0].message.starts_with("line 3: the image has more shapes than the allowed 262144"));
    }

    #[test]
    fn a_file_of_a_video_is_refused_by_name() {
        let document = Document { name: "a.xml", format: "cvat", bytes: b"<annotations><track/></annotations>" };
        let refused = import(document, Content::Boxes, &Call::unlimited());
        assert!(matches!(refused, Err(Error::Unsupported(sentence)) if sentence.contains("CVAT for video")));
    }
}
