//! Reads a LabelMe file into a batch, for one type.

use super::document::{LabelMe, read};
use super::kind::Kind;
use super::shape::{BadShape, Shape};
use super::stamp;
use crate::code;
use crate::mask::{canvas, read_base64, write_payload};
use crate::shape_limit::MAX_SHAPES;
use crate::table::Table;
use lightbox_sdk::mask::Mask;
use lightbox_sdk::{Call, Document, Error, Finding, Imported, Result};
use std::collections::{BTreeMap, HashSet};

/// Rectangles as boxes.
///
/// # Errors
/// `Corrupt` for a document that is no LabelMe file, `Limit` for an embedded picture larger than the call may return.
pub fn import_boxes(document: Document<'_>, call: &Call<'_>) -> Result<Imported> {
    import(
        document,
        call,
        |kind| *kind == Kind::Rectangle,
        |path, shapes, _, table| {
            for shape in shapes {
                table.check(call)?;
                table.push_box(path, &shape.label, 0, shape.bounds());
            }
            Ok(())
        },
    )
}

/// Polygons and masks as masks of the size that the file states, each shape its own; polygons are filled as those of every
/// other format, by the COCO API's rule. Errors as of [`import_boxes`].
pub fn import_masks(document: Document<'_>, call: &Call<'_>) -> Result<Imported> {
    import(document, call, Kind::is_region, |path, shapes, file, table| {
        table.findings.extend(grouped(shapes));
        for shape in shapes {
            table.check(call)?;
            match draw(shape, file.size, call)? {
                Ok(mask) => table.push_mask(path, &shape.label, 0, mask.bounding_box(), &write_payload(&mask)),
                Err(finding) => table.findings.push(finding),
            }
        }
        Ok(())
    })
}

/// The labels present, each once; without shapes, the flags that are true. Errors as of [`import_boxes`].
pub fn import_labels(document: Document<'_>, call: &Call<'_>) -> Result<Imported> {
    import(
        document,
        call,
        |_| true,
        |path, shapes, file, table| {
            let mut seen = HashSet::new();
            let flags = if file.shapes.is_empty() { file.flags.as_slice() } else { &[] };
            for label in shapes.iter().map(|shape| &shape.label).chain(flags).filter(|label| !label.trim().is_empty()) {
                table.check(call)?;
                if seen.insert(label) {
                    table.push(path, label, 0, 1);
                }
            }
            table.findings.extend(unsupported(shapes));
            Ok(())
        },
    )
}

/// What all three have in common: the image, the shapes of the wanted kinds, the findings of bad ones.
fn import(
    document: Document<'_>,
    call: &Call<'_>,
    wanted: impl Fn(&Kind) -> bool,
    fill: impl FnOnce(&str, &[&Shape<'_>], &LabelMe<'_>, &mut Table) -> Result<()>,
) -> Result<Imported> {
    let file = read(document.bytes).map_err(Error::Corrupt)?;
    let mut table = Table::default();
    let path = file.image_path.as_deref().or(file.image_data.as_ref().map(|_| document.name));
    let Some(path) = path.map(str::to_owned) else {
        let message = "the file names no image: `imagePath` is empty and there is no `imageData`";
        table.findings.push(Finding::error(code::MISSING_IMAGE, message));
        return table.into_imported(call);
    };
    table.image(&path, 0);
    let (shapes, bad) = of_kind(&file, &wanted);
    table.findings.extend(bad.iter().map(|bad| bad.finding.clone()));
    table.findings.extend(nothing_of_kind(&file, &shapes, &bad));
    fill(&path, &shapes, &file, &mut table)?;
    table.findings.extend(too_many(&file));
    let embedded = embedded_image(&file, &path, call, &mut table)?;
    let mut imported = table.into_imported(call)?;
    imported.embedded_images.extend(embedded);
    Ok(imported)
}

/// Shapes whose kind is wanted. A bad shape of unknown kind counts only where every kind is wanted.
fn of_kind<'f, 'a>(file: &'f LabelMe<'a>, wanted: &impl Fn(&Kind) -> bool) -> (Vec<&'f Shape<'a>>, Vec<&'f BadShape>) {
    let unknown = Kind::Other(String::new());
    let good = file.shapes.iter().filter_map(|shape| shape.as_ref().ok()).filter(|shape| wanted(&shape.kind));
    let bad = file.shapes.iter().filter_map(|shape| shape.as_ref().err());
    (good.collect(), bad.filter(|bad| wanted(bad.kind.as_ref().unwrap_or(&unknown))).collect())
}

fn too_many(file: &LabelMe<'_>) -> Option<Finding> {
    (file.left_out > 0).then(|| {
        let message = format!("{} shapes are left out: a file may have {MAX_SHAPES} at most", file.left_out);
        Finding::error(code::BAD_SHAPE, message)
    })
}

/// A file read for a type that it has nothing for says so.
fn nothing_of_kind(file: &LabelMe<'_>, shapes: &[&Shape<'_>], bad: &[&BadShape]) -> Option<Finding> {
    let passed_over = file.shapes.len();
    (shapes.is_empty() && bad.is_empty() && passed_over > 0).then(|| {
        let message = format!("none of the {passed_over} shapes is of a kind that this annotation type is made of");
        Finding::info(code::UNSUPPORTED_SHAPE, message)
    })
}

/// One finding a kind of shape that neither a box nor a mask is made of.
fn unsupported(shapes: &[&Shape<'_>]) -> Vec<Finding> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for shape in shapes.iter().filter(|shape| matches!(shape.kind, Kind::Other(_))) {
        *counts.entry(shape.kind.name()).or_default() += 1;
    }
    let finding = |(kind, count)| {
        let message =
            format!("{count} of kind '{kind}': the label counts for the image, but no box or mask is made of it");
        Finding::info(code::UNSUPPORTED_SHAPE, message)
    };
    counts.into_iter().map(finding).collect()
}

/// Shapes of one label and group belong to one object; that is said, because each stays a mask of its own.
fn grouped(shapes: &[&Shape<'_>]) -> Vec<Finding> {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for shape in shapes {
        if let Some(group) = &shape.group {
            *counts.entry((&shape.label, group)).or_default() += 1;
        }
    }
    let finding = |((label, group), count)| {
        let message = format!("{count} shapes of '{label}' share the group {group}; each is kept as a mask of its own");
        Finding::info(code::GROUPED_SHAPES, message)
    };
    counts.into_iter().filter(|(_, count)| *count > 1).map(finding).collect()
}

fn draw(shape: &Shape<'_>, size: Option<(u32, u32)>, call: &Call<'_>) -> Result<Result<Mask, Finding>> {
    let Some((width, height)) = size else {
        let what = "`imageWidth` and `imageHeight` are not both whole numbers above 0";
        return Ok(Err(shape.refuse(code::MASK_SIZE, what)));
    };
    let refuse = |finding: Finding| shape.refuse(&finding.code, &finding.message);
    if shape.kind != Kind::Mask {
        return Ok(canvas::fill(shape.points.as_flattened(), width, height, call)?.map_err(refuse));
    }
    Ok(canvas::require_size(width, height, call).map_err(refuse).and_then(|()| {
        let mask = stamp::lay(shape, width, height, call.max_output_bytes())?;
        if mask.area() > 0 { Ok(mask) } else { Err(shape.refuse(code::BAD_MASK, "no pixel of the image lies inside")) }
    }))
}

fn embedded_image(
    file: &LabelMe<'_>,
    path: &str,
    call: &Call<'_>,
    table: &mut Table,
) -> Result<Option<(String, Vec<u8>)>> {
    let Some(data) = file.image_data.as_deref() else { return Ok(None) };
    if data.len() as u64 / 4 * 3 > call.max_output_bytes() {
        let allowed = call.max_output_bytes();
        return Err(Error::Limit(format!("`imageData` is larger than the allowed {allowed} bytes")));
    }
    match read_base64(data) {
        Ok(bytes) => Ok(Some((path.to_owned(), bytes))),
        Err(error) => {
            let message = format!("`imageData` is not base64: {error}");
            table.findings.push(Finding::error(code::IMAGE_UNREADABLE, message));
            Ok(None)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Import = fn(Document<'_>, &Call<'_>) -> Result<Imported>;

    fn run(import: Import, members: &str) -> Imported {
        let text = format!(r#"{{"version":"5",{members}}}"#);
        import(Document { name: "ds/a.json", format: "labelme", bytes: text.as_bytes() }, &Call::unlimited()).unwrap()
    }

    const SHAPES: &str = r#""imagePath":"a.png","imageWidth":4,"imageHeight":3,"flags":{"late":true},"shapes":[
        {"label":"box","shape_type":"rectangle","points":[[3,2],[1,0]]},
        {"label":"area","points":[[0,0],[2,0],[2,2],[0,2]],"group_id":1},
        {"label":"area","points":[[2,0],[4,0],[4,2],[2,2]],"group_id":1},
        {"label":"area","points":[[20,0],[24,0],[24,2]]},
        {"label":"dot","shape_type":"point","points":[[1,1]]},
        {"label":"box","shape_type":"rectangle","points":[[3,2]]},
        5]"#;

    fn codes(imported: &Imported) -> Vec<&str> {
        imported.findings.iter().map(|finding| finding.code.as_str()).collect()
    }

    #[test]
    fn each_type_takes_its_shapes_and_reports_what_is_wrong_with_them() {
        let boxes = run(import_boxes, SHAPES);
        assert_eq!((boxes.batch.boxes.clone(), codes(&boxes)), (vec![[1.0, 0.0, 2.0, 2.0]], vec![code::BAD_SHAPE]));
        let masks = run(import_masks, SHAPES);
        assert_eq!(codes(&masks), [code::GROUPED_SHAPES, code::BAD_MASK]);
        assert_eq!(masks.batch.boxes, [[0.0, 0.0, 2.0, 2.0], [2.0, 0.0, 2.0, 2.0]]);
        let labels = run(import_labels, SHAPES);
        assert_eq!(labels.batch.labels, ["box", "area", "dot"]);
        assert_eq!(codes(&labels), [code::BAD_SHAPE, code::BAD_SHAPE, code::UNSUPPORTED_SHAPE]);
        assert!([boxes, masks, labels].iter().all(|each| each.batch.check().is_ok() && each.batch.images.len() == 1));
    }

    #[test]
    fn without_shapes_the_flags_that_are_true_are_the_labels() {
        let labels = run(import_labels, r#""imagePath":"a.png","flags":{"cat":true,"dog":false},"shapes":[]"#);
        assert_eq!((labels.batch.labels, labels.batch.image), (vec!["cat".to_owned()], vec![0]));
    }

    #[test]
    fn of_endless_shapes_the_last_are_left_out() {
        let shape = r#"{"label":"a","shape_type":"point","points":[]}"#;
        let shapes = format!(r#""imagePath":"a.png","shapes":[{}{shape}]"#, format!("{shape},").repeat(MAX_SHAPES + 1));
        let labels = run(import_labels, &shapes);
        assert_eq!((labels.batch.len(), codes(&labels)), (1, vec![code::UNSUPPORTED_SHAPE, code::BAD_SHAPE]));
        assert!(labels.findings[1].message.starts_with("2 shapes are left out"));
    }

    #[test]
    fn an_embedded_picture_comes_with_its_path() {
        let labels = run(import_labels, r#""imagePath":"x\\a.png","imageData":"AQID","shapes":[]"#);
        assert_eq!(labels.embedded_images, [("x/a.png".to_owned(), vec![1, 2, 3])]);
        let unnamed = run(import_labels, r#""imageData":"AQID","shapes":[]"#);
        assert_eq!(unnamed.batch.images[0].path, "ds/a.json");
        let broken = run(import_labels, r#""imagePath":"a.png","imageData":"!","shapes":[]"#);
        assert_eq!((codes(&broken), broken.embedded_images.len()), (vec![code::IMAGE_UNREADABLE], 0));
    }

    #[test]
    fn a_file_without_image_or_size_says_so() {
        assert_eq!(codes(&run(import_labels, r#""shapes":[]"#)), [code::MISSING_IMAGE]);
        let polygon = r#"{"label":"a","points":[[0,0],[2,0],[2,2]]}"#;
        let unsized_file = run(import_masks, &format!(r#""imagePath":"a.png","shapes":[{polygon}]"#));
        assert_eq!(codes(&unsized_file), [code::MASK_SIZE]);
        assert_eq!(
            codes(&run(import_boxes, &format!(r#""imagePath":"a.png","shapes":[{polygon}]"#))),
            [code::UNSUPPORTED_SHAPE]
        );
    }
}
