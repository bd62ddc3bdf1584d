//! Reads a Pascal VOC file into a batch: its image and its boxes.

use super::IMAGES;
use super::document::{CORNERS, Corners, Object, Voc, read};
use crate::code;
use crate::label_csv::number::parse;
use crate::shortened::shortened;
use crate::stem::{file_name, without_extension};
use crate::table::Table;
use crate::xml::{self, Fault};
use lightbox_sdk::{Call, Document, Error, Finding, Imported, Result};

/// The boxes of one image.
///
/// # Errors
/// `Corrupt` for a document that is no VOC file or is broken: half of an image's boxes would look like all of them; `Limit`
/// when the annotations take more than the call may return; `Cancelled`.
pub fn import(document: Document<'_>, call: &Call<'_>) -> Result<Imported> {
    let text = xml::decode(document.bytes).map_err(Error::Corrupt)?;
    let (voc, result) = read(&text, call);
    result.map_err(Fault::into_error)?;
    if !voc.is_annotation {
        return Err(Error::Corrupt("XML, but not Pascal VOC: its root is not <annotation>".to_owned()));
    }
    let mut table = Table::default();
    let Some(path) = image_path(&voc, document.name) else {
        table.findings.push(Finding::error(code::MISSING_IMAGE, "the file names no image: <filename> is empty"));
        return table.into_imported(call);
    };
    table.image(&path, 0);
    for object in &voc.objects {
        table.check(call)?;
        match judge(object) {
            // Lines are those of findings only: a set is made of many files, and lines of its rows would be of none.
            Ok(bounds) => table.push_box(&path, &object.name, 0, bounds),
            Err(finding) => table.findings.push(finding),
        }
    }
    table.findings.extend(left_out(&voc));
    table.into_imported(call)
}

/// `filename`, or the document's own name when it is empty. A `path` into the folder of images that ends in the
/// filename says more.
fn image_path(voc: &Voc, document: &str) -> Option<String> {
    let forward = |text: &Option<String>| text.as_deref().map(|text| text.replace('\\', "/")).unwrap_or_default();
    let (filename, path) = (forward(&voc.filename), forward(&voc.path));
    if filename.trim().is_empty() {
        let own = without_extension(file_name(document));
        return (!own.is_empty()).then(|| own.to_owned());
    }
    let is_placed = path.strip_prefix(IMAGES).is_some_and(|below| below == filename);
    Some(if is_placed { path } else { filename })
}

fn judge(object: &Object) -> Result<[f64; 4], Finding> {
    let refuse = |line: u32, code: &str, what: String| Finding::error(code, what).at_line(line);
    if object.name.trim().is_empty() {
        return Err(refuse(object.line, code::EMPTY_CLASS, "the object's <name> is missing or empty".to_owned()));
    }
    let Some(corners) = &object.corners else {
        let what = format!("the object '{}' has no <bndbox>", shortened(&object.name));
        return Err(refuse(object.line, code::BAD_SHAPE, what));
    };
    let [left, top, right, bottom] = read_corners(corners)?;
    let (width, height) = (right - left, bottom - top);
    for (name, size, near, far) in [("width", width, left, right), ("height", height, top, bottom)] {
        if size <= 0.0 {
            let what = format!("the box's {name} is {size} ({near} to {far}); more than 0 is expected");
            return Err(refuse(corners.line, code::BOX_EMPTY, what));
        }
    }
    Ok([left, top, width, height])
}

fn read_corners(corners: &Corners) -> Result<[f64; 4], Finding> {
    let mut numbers = [0.0; 4];
    for ((number, text), name) in numbers.iter_mut().zip(&corners.texts).zip(CORNERS) {
        let what = match text.as_deref().map(|text| (text, parse(text))) {
            Some((_, Some(parsed))) => {
                *number = parsed;
                continue;
            }
            Some((text, None)) => format!("<{name}> holds '{}', but a finite number is expected", shortened(text)),
            None => format!("the <bndbox> has no <{name}>"),
        };
        return Err(Finding::error(code::BAD_NUMBER, what).at_line(corners.line));
    }
    Ok(numbers)
}

/// One finding for each kind of thing that is not read.
fn left_out(voc: &Voc) -> Vec<Finding> {
    let outlines = voc.objects.iter().filter(|object| object.has_polygon && object.corners.is_some()).count();
    [(voc.parts, "parts of objects"), (outlines, "outlines of objects, whose boxes are read")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| Finding::info(code::UNSUPPORTED_SHAPE, format!("{count} {what} are left out")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape_limit::MAX_SHAPES;

    fn run(name: &str, content: &str) -> Imported {
        let text = format!("<annotation>\n{content}\n</annotation>");
        let document = Document { name, format: "pascal-voc", bytes: text.as_bytes() };
        import(document, &Call::unlimited()).unwrap()
    }

    fn object(name: &str, corners: [&str; 4]) -> String {
        let corners: String =
            CORNERS.iter().zip(corners).map(|(name, text)| format!("<{name}>{text}</{name}>")).collect();
        format!("<object><name>{name}</name><bndbox>{corners}</bndbox><part/></object>\n")
    }

    #[test]
    fn good_boxes_stay_and_bad_ones_are_refused_with_their_lines() {
        let content = [
            "<filename>a.png</filename>\n",
            &object("cat", ["1", "2.5", "3", " 4 "]),
            &object(" ", ["1", "2", "3", "4"]),
            &object("cat", ["1", "x", "3", "4"]),
            &object("cat", ["3", "2", "1", "4"]),
            "<object><name>dog</name></object>\n<object>\n<name>a</name><bndbox><xmin>1</xmin></bndbox></object>",
        ]
        .concat();
        let imported = run("x/a.xml", &content);
        assert_eq!((imported.batch.boxes, imported.batch.labels), (vec![[1.0, 2.5, 2.0, 1.5]], vec!["cat".to_owned()]));
        let findings: Vec<_> = imported.findings.iter().map(|each| (each.code.as_str(), each.line)).collect();
        let expected = [
            (code::EMPTY_CLASS, Some(4)),
            (code::BAD_NUMBER, Some(5)),
            (code::BOX_EMPTY, Some(6)),
            (code::BAD_SHAPE, Some(7)),
            (code::BAD_NUMBER, Some(9)),
            (code::UNSUPPORTED_SHAPE, None),
        ];
        assert_eq!(findings, expected);
    }

    #[test]
    fn the_image_is_the_one_that_the_file_names_or_that_of_its_own_name() {
        let table = [
            ("<filename>a\\b.png</filename>", "a/b.png"),
            ("<filename></filename>", "own"),
            ("", "own"),
            ("<filename>b.png</filename><path>JPEGImages/b.png</path>", "JPEGImages/b.png"),
            ("<filename>b.png</filename><path>/home/me/b.png</path>", "b.png"),
            ("<filename>\n b.png\n</filename>", "b.png"),
        ];
        for (content, path) in table {
            assert_eq!(run("x/own.xml", content).batch.images[0].path, path, "{content}");
        }
    }

    #[test]
    fn a_file_that_is_cut_is_refused_as_a_whole() {
        let bytes = b"<annotation><object><name>a</name></object>";
        let document = Document { name: "a.xml", format: "pascal-voc", bytes };
        assert!(
            matches!(import(document, &Call::unlimited()), Err(Error::Corrupt(sentence)) if sentence.contains("cut"))
        );
    }

    #[test]
    fn an_image_of_endless_objects_is_refused() {
        let endless = |count| format!("<annotation>\n{}</annotation>", "<object/>".repeat(count));
        let import = |text: &str| {
            let document = Document { name: "a.xml", format: "pascal-voc", bytes: text.as_bytes() };
            import(document, &Call::unlimited())
        };
        assert!(import(&endless(MAX_SHAPES)).is_ok());
        let refused = import(&endless(MAX_SHAPES + 1));
        assert!(matches!(refused, Err(Error::Corrupt(sentence)) if sentence.starts_with("line 2: the image has more")));
    }
}
