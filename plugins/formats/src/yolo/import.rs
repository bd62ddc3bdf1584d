//! Reads a bundle of label files into a batch, for one type.

use super::Content;
use super::layout::{LabelFile, Layout, Pairing, find};
use super::names::{Source, text};
use super::row::{self, Geometry, Row};
use crate::code;
use crate::mask::{canvas, write_payload};
use crate::table::Table;
use crate::unpaired::Unpaired;
use lightbox_sdk::bundle::{self, BundledFile};
use lightbox_sdk::{Call, Document, Finding, Imported, Result};
use std::borrow::Cow;

/// The rows that `content` takes. Images with an empty label file, and those that lie beside labelled ones without a
/// file, belong to the set with nothing to label.
///
/// # Errors
/// `Invalid` for a document that is no bundle; `Limit`; `Cancelled`.
pub fn import(document: Document<'_>, content: Content, call: &Call<'_>) -> Result<Imported> {
    let files = bundle::decode(document.bytes)?;
    let layout = find(&files);
    let (table, unpaired) = (Table::default(), Unpaired::default());
    let mut import = Import { content, call, layout: &layout, table, unpaired, counts: Counts::default() };
    for source in &layout.sources.all {
        source.names.values().filter(|name| !name.trim().is_empty()).for_each(|name| {
            import.table.label(name);
        });
    }
    for label in &layout.labels {
        import.add_file(label)?;
    }
    for image in layout.unlabelled.iter().filter(|image| image.is_image()) {
        import.table.image(&image.path, 0);
        import.counts.unlabelled += 1;
    }
    import.finish()
}

struct Import<'a, 'b, 'c> {
    content: Content,
    call: &'a Call<'c>,
    layout: &'a Layout<'b>,
    table: Table,
    unpaired: Unpaired<'b>,
    counts: Counts,
}

#[derive(Default)]
struct Counts {
    own: u64,
    of_other_types: u64,
    keypoints: u64,
    unnamed: u64,
    unlabelled: u64,
}

impl<'b> Import<'_, 'b, '_> {
    fn add_file(&mut self, label: &LabelFile<'b>) -> Result<()> {
        self.call.check()?;
        let path = &*label.file.path;
        let image = match label.image {
            Pairing::Image(image) if image.is_image() => image,
            Pairing::Several => {
                let message = "several images have the name of this label file and differ in their extension only";
                self.table.findings.push(Finding::error(code::AMBIGUOUS_PATH, message).in_file(path));
                return Ok(());
            }
            Pairing::Image(_) | Pairing::Missing => {
                self.unpaired.add(path);
                return Ok(());
            }
        };
        self.unpaired.add_paired();
        let Some(rows) = text(label.file) else {
            let message = "the label file is not UTF-8";
            self.table.findings.push(Finding::error(code::BAD_ENCODING, message).in_file(path));
            return Ok(());
        };
        self.table.image(&image.path, 0);
        let source = self.layout.sources.of(path);
        for (line, number) in rows.lines().zip(1..) {
            if line.trim().is_empty() {
                continue;
            }
            self.table.check(self.call)?;
            if let Err(finding) = self.add_row(line, image, source)? {
                self.table.findings.push(finding.in_file(path).at_line(number));
            }
        }
        Ok(())
    }

    fn add_row(
        &mut self,
        line: &str,
        image: &BundledFile<'_>,
        source: Option<&Source<'_>>,
    ) -> Result<Result<(), Finding>> {
        let has_keypoints = source.is_some_and(|source| source.has_keypoints);
        let row = match row::read(line, has_keypoints) {
            Ok(row) => row,
            Err(finding) => return Ok(Err(finding)),
        };
        let is_own = match row.geometry {
            Geometry::Box(_) => self.content == Content::Boxes,
            Geometry::Outline(_) => self.content == Content::Masks,
        };
        if !is_own {
            self.counts.of_other_types += 1;
            return Ok(Ok(()));
        }
        self.counts.own += 1;
        self.counts.keypoints += u64::from(has_keypoints);
        let name = match self.name(row.class, source) {
            Ok(name) => name,
            Err(finding) => return Ok(Err(finding)),
        };
        self.add_geometry(&row, &name, image)
    }

    /// Of a class that has no name at all, its number.
    fn name<'s>(&mut self, class: u32, source: Option<&'s Source<'_>>) -> Result<Cow<'s, str>, Finding> {
        let Some(source) = source else {
            self.counts.unnamed += 1;
            return Ok(Cow::Owned(class.to_string()));
        };
        match source.names.get(&class) {
            Some(name) if !name.trim().is_empty() => Ok(Cow::Borrowed(name)),
            Some(_) => Err(Finding::error(code::EMPTY_CLASS, format!("the name of class {class} is empty"))),
            None => {
                let last = source.names.keys().next_back().copied().unwrap_or_default();
                let message = format!("class {class} has no name: {} names classes up to {last}", source.path);
                Err(Finding::error(code::UNKNOWN_CLASS, message))
            }
        }
    }

    fn add_geometry(&mut self, row: &Row, name: &str, image: &BundledFile<'_>) -> Result<Result<(), Finding>> {
        // Lines are those of findings only: a set is made of many files.
        let (width, height) = (image.width, image.height);
        match &row.geometry {
            Geometry::Box(numbers) => {
                self.table.push_box(&image.path, name, 0, row::to_pixels(*numbers, width, height));
                Ok(Ok(()))
            }
            Geometry::Outline(fractions) => {
                let sizes = [f64::from(width), f64::from(height)].into_iter().cycle();
                let outline: Vec<f64> = fractions.iter().zip(sizes).map(|(fraction, size)| fraction * size).collect();
                Ok(canvas::fill(&outline, width, height, self.call)?.map(|mask| {
                    let (bounds, payload) = (mask.bounding_box(), write_payload(&mask));
                    self.table.push_mask(&image.path, name, 0, bounds, &payload);
                }))
            }
        }
    }

    fn finish(mut self) -> Result<Imported> {
        let Counts { own, of_other_types, keypoints, unnamed, unlabelled } = self.counts;
        let findings = [
            (unnamed > 0).then(|| {
                let message = format!(
                    "{unnamed} rows are of classes without names: neither data.yaml nor a list of names was found above \
                     their files, so that the classes are named by their numbers"
                );
                Finding::warning(code::NO_CLASS_NAMES, message)
            }),
            (keypoints > 0).then(|| {
                let message = format!("{keypoints} rows have key points behind the box, which are left out");
                Finding::info(code::UNSUPPORTED_SHAPE, message)
            }),
            (own == 0 && of_other_types > 0).then(|| {
                let message = format!("none of the {of_other_types} rows is of a kind that this type is made of");
                Finding::info(code::UNSUPPORTED_SHAPE, message)
            }),
            (unlabelled > 0).then(|| {
                let message = format!(
                    "{unlabelled} images beside labelled ones have no label file, which YOLO takes for nothing to label"
                );
                Finding::info(code::NO_LABEL_FILE, message)
            }),
        ];
        let unpaired = self.unpaired.findings("label file", "neither beside it nor in the folder `images`");
        self.table.findings.extend(unpaired.into_iter().chain(findings.into_iter().flatten()));
        self.table.into_imported(self.call)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(content: Content, files: &[(&'static str, &'static str)]) -> Imported {
        let files: Vec<BundledFile<'_>> = files
            .iter()
            .map(|(path, text)| match path.rsplit_once('.') {
                Some((_, "png")) => BundledFile::image(*path, 10, 20),
                _ => BundledFile::new(*path, text.as_bytes()),
            })
            .collect();
        let bytes = bundle::encode(&files);
        import(Document { name: "", format: "yolo", bytes: &bytes }, content, &Call::unlimited()).unwrap()
    }

    fn findings(imported: &Imported) -> Vec<(&str, Option<&str>, Option<u32>)> {
        imported.findings.iter().map(|each| (each.code.as_str(), each.path.as_deref(), each.line)).collect()
    }

    #[test]
    fn good_rows_stay_and_bad_ones_are_refused_with_file_and_line() {
        let rows = "1 0.5 0.5 0.2 0.5\n\nx 0.5 0.5 0.2 0.5\n7 0.5 0.5 0.2 0.5\n0 0 0 1 0 1 1 0 1\n0 1 2 3\r\n";
        let files = [
            ("data.yaml", "names: [cat, dog, bird]"),
            ("labels/a.txt", rows),
            ("images/a.png", ""),
            ("images/b.png", ""),
            ("labels/c.txt", "0 0.5 0.5 0.2 0.5"),
        ];
        let boxes = run(Content::Boxes, &files);
        assert_eq!((boxes.batch.boxes.clone(), boxes.batch.labels.len()), (vec![[4.0, 5.0, 2.0, 10.0]], 3));
        assert_eq!((boxes.batch.images.len(), boxes.batch.label.clone()), (2, vec![1]));
        let in_rows = |code, line| (code, Some("labels/a.txt"), Some(line));
        let expected = [
            in_rows(code::BAD_NUMBER, 3),
            in_rows(code::UNKNOWN_CLASS, 4),
            in_rows(code::COLUMN_COUNT, 6),
            (code::MISSING_IMAGE, Some("labels/c.txt"), None),
            (code::NO_LABEL_FILE, None, None),
        ];
        assert_eq!(findings(&boxes), expected);
        let masks = run(Content::Masks, &files);
        assert_eq!(masks.batch.boxes, [[0.0, 0.0, 10.0, 20.0]]);
    }

    #[test]
    fn label_files_whose_images_are_elsewhere_are_told_as_one() {
        let row = "0 0.5 0.5 0.2 0.5";
        let files = [("classes.txt", "cat"), ("labels/a.txt", row), ("labels/b.txt", row), ("labels/c.txt", row)];
        assert_eq!(findings(&run(Content::Boxes, &files)), [(code::MISSING_IMAGE, None, None)]);
    }

    #[test]
    fn without_names_the_classes_are_their_numbers() {
        let imported = run(Content::Boxes, &[("a.txt", "3 0.5 0.5 0.2 0.5"), ("a.png", "")]);
        assert_eq!(
            (imported.batch.labels.clone(), findings(&imported)),
            (vec!["3".to_owned()], vec![(code::NO_CLASS_NAMES, None, None)])
        );
    }

    #[test]
    fn key_points_are_not_taken_for_outlines() {
        let files =
            [("data.yaml", "names: [a]\nkpt_shape: [1, 2]"), ("a.txt", "0 0.5 0.5 0.2 0.5 0.1 0.1"), ("a.png", "")];
        let imported = run(Content::Boxes, &files);
        assert_eq!((imported.batch.len(), findings(&imported)), (1, vec![(code::UNSUPPORTED_SHAPE, None, None)]));
        assert!(run(Content::Masks, &files).batch.is_empty());
    }
}
