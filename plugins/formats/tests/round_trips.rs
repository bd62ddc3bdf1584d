//! What is written as VOC, YOLO, LabelMe or pictures of masks reads back as the same annotations, or a finding says what
//! does not; and it is always the same bytes.

#![allow(clippy::unwrap_used)] // a test that cannot read its input has failed

use lightbox_formats::{code, labelme, png_masks, voc, yolo};
use lightbox_sdk::bundle::{self, BundledFile};
use lightbox_sdk::mask::Mask;
use lightbox_sdk::{Batch, Call, Document, Error, Exported, ImageRef, Imported};
use proptest::prelude::*;

/// Names that make trouble: of equal stems, with folders of other meanings, without extension.
const IMAGES: [&str; 7] = ["a.png", "x/a.png", "a.jpg", "1.2.840", "images/b.png", "labels/c.png", "x y/肺.png"];
const SIDE: u32 = 40;

/// `image`, `label`, and what is annotated there.
type Row<T> = (usize, usize, T);

fn rows<T: std::fmt::Debug>(each: impl Strategy<Value = T>) -> impl Strategy<Value = Vec<Row<T>>> {
    prop::collection::vec((0..IMAGES.len(), 0..3usize, each), 0..12)
}

fn batch<T>(root: &str, rows: &[Row<T>]) -> Batch {
    let image = |path: &&str| ImageRef { path: format!("{root}{path}"), width: SIDE, height: SIDE, line: 0 };
    Batch {
        labels: ["cat", "<dog> & \"co\"", "001"].map(str::to_owned).to_vec(),
        images: IMAGES.iter().map(image).collect(),
        image: rows.iter().map(|row| row.0 as u32).collect(),
        label: rows.iter().map(|row| row.1 as u32).collect(),
        line: vec![0; rows.len()],
        value: vec![1; rows.len()],
        ..Batch::default()
    }
}

fn with_boxes(root: &str, rows: &[Row<[f64; 4]>]) -> Batch {
    Batch { boxes: rows.iter().map(|row| row.2).collect(), ..batch(root, rows) }
}

fn with_masks(root: &str, rows: &[Row<Mask>]) -> Batch {
    let mut batch = Batch { boxes: rows.iter().map(|row| row.2.bounding_box()).collect(), ..batch(root, rows) };
    rows.iter().for_each(|row| batch.push_payload(row.2.to_coco().as_bytes()));
    batch
}

/// Image, label, box and mask of every annotation, in the images' order.
type Content = Vec<(String, String, [f64; 4], Option<Vec<u8>>)>;

fn content(batch: &Batch) -> Content {
    let annotation = |row: usize| {
        let (image, label) = (batch.image[row] as usize, batch.label[row] as usize);
        let rle = batch.payload(row).split(|byte| *byte == b'/').next_back().unwrap_or_default();
        let mask = (!rle.is_empty()).then(|| Mask::from_coco(SIDE, SIDE, rle).unwrap().to_pixels(1));
        let bounds = batch.boxes.get(row).copied().unwrap_or_default();
        (batch.images[image].path.clone(), batch.labels[label].clone(), bounds, mask)
    };
    let mut all: Content = (0..batch.len()).map(annotation).collect();
    all.sort_by(|a, b| (&a.0, &a.1, &a.3).cmp(&(&b.0, &b.1, &b.3)).then(a.2.partial_cmp(&b.2).unwrap()));
    all
}

fn codes(exported: &Exported) -> Vec<&str> {
    exported.findings.iter().map(|finding| finding.code.as_str()).collect()
}

/// Every written file that ends so, read by itself; images' paths are those in the export.
fn read_each(
    exported: &Exported,
    extension: &str,
    import: impl Fn(Document<'_>) -> Imported,
    resolve: impl Fn(&str, &str) -> String,
) -> (Content, usize) {
    let (mut all, mut images) = (Content::new(), 0);
    for (path, bytes) in exported.files.iter().filter(|(path, _)| path.ends_with(extension)) {
        let imported = import(Document { name: path, format: "", bytes });
        assert!(imported.batch.check().is_ok() && imported.findings.is_empty(), "{:?}", imported.findings);
        images += imported.batch.images.len();
        all.extend(content(&imported.batch).into_iter().map(|row| (resolve(path, &row.0), row.1, row.2, row.3)));
    }
    all.sort_by(|a, b| (&a.0, &a.1, &a.3).cmp(&(&b.0, &b.1, &b.3)).then(a.2.partial_cmp(&b.2).unwrap()));
    (all, images)
}

/// The written files and the images as one document.
fn bundled(exported: &Exported, batch: &Batch) -> Vec<u8> {
    let files = exported.files.iter().map(|(path, bytes)| BundledFile::new(path.as_str(), bytes.as_slice()));
    let images = batch.images.iter().map(|image| BundledFile::image(image.path.as_str(), image.width, image.height));
    bundle::encode(&files.chain(images).collect::<Vec<_>>())
}

fn is_near(found: &Content, expected: &Content, pixels: f64) -> bool {
    let near = |a: &[f64; 4], b: &[f64; 4]| a.iter().zip(b).all(|(a, b)| (a - b).abs() <= pixels);
    found.len() == expected.len()
        && found.iter().zip(expected).all(|(a, b)| (&a.0, &a.1, &a.3) == (&b.0, &b.1, &b.3) && near(&a.2, &b.2))
}

/// Where LabelMe looks for the image of a file.
fn beside(document: &str, image: &str) -> String {
    let folder = document.rsplit_once('/').map_or("", |(folder, _)| folder);
    match image.strip_prefix("../") {
        Some(up) => [folder.rsplit_once('/').map_or("", |(up, _)| up), up].join("/").trim_start_matches('/').to_owned(),
        None => [folder, image].join("/").trim_start_matches('/').to_owned(),
    }
}

/// Boxes on quarters of pixels, inside the image.
fn quarters() -> impl Strategy<Value = [f64; 4]> {
    let span = || (0..SIDE * 4, 1..=SIDE * 4).prop_map(|(at, length)| (at, length.min(SIDE * 4 - at)));
    (span(), span()).prop_map(|((x, width), (y, height))| [x, y, width, height].map(|each| f64::from(each) / 4.0))
}

fn fractions() -> impl Strategy<Value = [f64; 4]> {
    let side = f64::from(SIDE);
    let span = move || (0.0..side - 1.0, 0.001..1.0f64).prop_map(move |(at, part)| (at, (side - at) * part));
    (span(), span()).prop_map(|((x, width), (y, height))| [x, y, width, height])
}

fn masks() -> impl Strategy<Value = Mask> {
    (0..SIDE - 1, 0..SIDE - 1, 1..9u32, 1..9u32, any::<u64>()).prop_map(|(left, top, width, height, bits)| {
        let mut pixels = vec![0; (SIDE * SIDE) as usize];
        for at in 0..width * height {
            let (x, y) = ((left + at % width).min(SIDE - 1), (top + at / width).min(SIDE - 1));
            pixels[(y * SIDE + x) as usize] = u8::from(at == 0 || bits >> (at % 64) & 1 == 1);
        }
        // The corner may have been cleared again at the border.
        pixels[(top * SIDE + left) as usize] = 1;
        Mask::from_pixels(SIDE, SIDE, &pixels)
    })
}

/// One mask a label and image, none over another.
fn apart(rows: Vec<Row<Mask>>) -> Vec<Row<Mask>> {
    let mut taken: Vec<Vec<u8>> = vec![vec![0; (SIDE * SIDE) as usize]; IMAGES.len()];
    let mut labels = std::collections::HashSet::new();
    let mut kept = Vec::new();
    for (image, label, mask) in rows {
        let mut pixels = mask.to_pixels(1);
        pixels.iter_mut().zip(&taken[image]).for_each(|(own, other)| *own &= 1 - other);
        if pixels.contains(&1) && labels.insert((image, label)) {
            taken[image].iter_mut().zip(&pixels).for_each(|(other, own)| *other |= own);
            kept.push((image, label, Mask::from_pixels(SIDE, SIDE, &pixels)));
        }
    }
    kept
}

proptest! {
    #[test]
    fn pascal_voc_comes_back(rows in rows(prop_oneof![quarters(), fractions()])) {
        let batch = with_boxes("JPEGImages/", &rows);
        let exported = voc::export(&batch, &Call::unlimited()).unwrap();
        let (found, images) =
            read_each(&exported, ".xml", |document| voc::import(document, &Call::unlimited()).unwrap(), |_, path| path.to_owned());
        let is_exact = !codes(&exported).contains(&code::EXPORT_ROUNDED);
        let slack = if is_exact { 0.0 } else { 1e-9 };
        prop_assert!(is_near(&found, &content(&batch), slack), "{:?}", found);
        prop_assert_eq!(images, IMAGES.len());
        prop_assert_eq!(voc::export(&batch, &Call::unlimited()).unwrap(), exported);
    }

    #[test]
    fn yolo_comes_back(rows in rows(prop_oneof![quarters(), fractions()])) {
        let mut batch = with_boxes("images/", &rows);
        batch.images[2].path = "images/z.jpg".to_owned();
        let exported = yolo::export(&batch, &Call::unlimited()).unwrap();
        let bytes = bundled(&exported, &batch);
        let document = Document { name: "", format: yolo::FORMAT, bytes: &bytes };
        let imported = yolo::import(document, yolo::Content::Boxes, &Call::unlimited()).unwrap();
        prop_assert!(imported.findings.is_empty(), "{:?}", imported.findings);
        prop_assert_eq!(&imported.batch.labels, &batch.labels);
        prop_assert_eq!(imported.batch.images.len(), batch.images.len());
        let is_exact = codes(&exported).is_empty();
        let slack = if is_exact { 0.0 } else { 1e-6 };
        prop_assert!(is_near(&content(&imported.batch), &content(&batch), slack));
        prop_assert_eq!(yolo::export(&batch, &Call::unlimited()).unwrap(), exported);
    }

    #[test]
    fn boxes_on_quarters_of_pixels_lose_nothing(rows in rows(quarters())) {
        let batch = with_boxes("images/", &rows.into_iter().filter(|row| row.0 != 2).collect::<Vec<_>>());
        let exported = [yolo::export(&batch, &Call::unlimited()), labelme::export_boxes(&batch, &Call::unlimited())];
        prop_assert!(exported.iter().all(|exported| codes(exported.as_ref().unwrap()).is_empty()));
    }

    #[test]
    fn rectangles_of_labelme_come_back(rows in rows(prop_oneof![quarters(), fractions()])) {
        let batch = with_boxes("", &rows);
        let exported = labelme::export_boxes(&batch, &Call::unlimited()).unwrap();
        let import = |document: Document<'_>| labelme::import_boxes(document, &Call::unlimited()).unwrap();
        let (found, images) = read_each(&exported, ".json", import, beside);
        let is_exact = !codes(&exported).contains(&code::EXPORT_ROUNDED);
        let slack = if is_exact { 0.0 } else { 1e-9 };
        prop_assert!(is_near(&found, &content(&batch), slack), "{:?}", found);
        prop_assert_eq!(images, IMAGES.len());
    }

    #[test]
    fn masks_of_labelme_come_back(rows in rows(masks())) {
        let batch = with_masks("", &rows);
        let exported = labelme::export_masks(&batch, &Call::unlimited()).unwrap();
        let import = |document: Document<'_>| labelme::import_masks(document, &Call::unlimited()).unwrap();
        let (found, _) = read_each(&exported, ".json", import, beside);
        prop_assert_eq!(found, content(&batch));
        prop_assert_eq!(codes(&exported), Vec::<&str>::new());
        prop_assert_eq!(labelme::export_masks(&batch, &Call::unlimited()).unwrap(), exported);
    }

    #[test]
    fn flags_of_labelme_come_back(picked in prop::collection::btree_set((0..IMAGES.len(), 0..3usize), 0..12)) {
        let rows: Vec<Row<()>> = picked.into_iter().map(|(image, label)| (image, label, ())).collect();
        let batch = batch("", &rows);
        let exported = labelme::export_labels(&batch, &Call::unlimited()).unwrap();
        let import = |document: Document<'_>| labelme::import_labels(document, &Call::unlimited()).unwrap();
        prop_assert_eq!(read_each(&exported, ".json", import, beside), (content(&batch), IMAGES.len()));
        let denied = Batch { value: vec![0; batch.len()], ..batch };
        let exported = labelme::export_labels(&denied, &Call::unlimited()).unwrap();
        prop_assert_eq!(codes(&exported).contains(&code::EXPORT_LEFT_OUT), !denied.is_empty());
    }

    #[test]
    fn pictures_of_masks_come_back(rows in rows(masks())) {
        let batch = with_masks("images/", &apart(rows));
        let exported = png_masks::export(&batch, &Call::unlimited()).unwrap();
        prop_assert_eq!(codes(&exported), Vec::<&str>::new());
        let bytes = bundled(&exported, &batch);
        let document = Document { name: "", format: png_masks::FORMAT, bytes: &bytes };
        let imported = png_masks::import(document, &Call::unlimited()).unwrap();
        prop_assert!(imported.findings.is_empty(), "{:?}", imported.findings);
        prop_assert_eq!(&imported.batch.labels, &batch.labels);
        prop_assert_eq!(imported.batch.images.len(), batch.images.len());
        prop_assert_eq!(content(&imported.batch), content(&batch));
        prop_assert_eq!(png_masks::export(&batch, &Call::unlimited()).unwrap(), exported);
    }

    #[test]
    fn no_bundle_makes_a_reader_panic(
        files in prop::collection::vec((bundle_path(), "(0 |1 |0.5 |-1 |names: |\\[a\\]|:1,2,3:|\n){0,8}", 0..3u32), 0..8),
    ) {
        let file = |(path, text, side): (String, String, u32)| BundledFile {
            bytes: if side > 0 { Vec::new() } else { text.into_bytes() }.into(),
            width: side,
            height: side,
            path: path.into(),
        };
        let bytes = bundle::encode(&files.into_iter().map(file).collect::<Vec<_>>());
        let (document, call) = (Document { name: "", format: "", bytes: &bytes }, Call::unlimited());
        for content in [yolo::Content::Boxes, yolo::Content::Masks] {
            yolo::recognise(document, content, &call).unwrap();
            prop_assert!(yolo::import(document, content, &call).unwrap().batch.check().is_ok());
        }
        png_masks::recognise(document, &call).unwrap();
        prop_assert!(png_masks::import(document, &call).unwrap().batch.check().is_ok());
    }
}

fn bundle_path() -> impl Strategy<Value = String> {
    "(labels/|images/|masks/|SegmentationClass/|train/){0,3}(a|b|data|classes|labelmap|obj)(\\.txt|\\.png|\\.yaml|\\.names|\\.data|)"
}

#[test]
fn a_batch_whose_columns_do_not_fit_each_other_is_refused_by_every_writer() {
    let whole = with_masks("images/", &[(0, 0, Mask::from_pixels(SIDE, SIDE, &[1; (SIDE * SIDE) as usize]))]);
    let unequal = Batch { label: vec![], ..whole.clone() };
    let unlisted = Batch { image: vec![99], ..whole };
    for writer in [
        voc::export,
        yolo::export,
        labelme::export_boxes,
        labelme::export_masks,
        labelme::export_labels,
        png_masks::export,
    ] {
        for batch in [&unequal, &unlisted] {
            assert!(matches!(writer(batch, &Call::unlimited()), Err(Error::Invalid(_))));
        }
    }
}

#[test]
fn masks_that_overlap_or_share_a_label_are_told() {
    let square = |left: u32| {
        let inside = |at: u32| u8::from((left..left + 4).contains(&(at % SIDE)) && at / SIDE < 4);
        Mask::from_pixels(SIDE, SIDE, &(0..SIDE * SIDE).map(inside).collect::<Vec<_>>())
    };
    let batch = with_masks("images/", &[(0, 1, square(0)), (0, 0, square(2)), (0, 1, square(20)), (1, 0, square(0))]);
    let exported = png_masks::export(&batch, &Call::unlimited()).unwrap();
    assert_eq!(codes(&exported), [code::EXPORT_OVERLAP, code::EXPORT_INSTANCES_UNITED]);
    assert!(exported.findings[0].message.starts_with("8 pixels on 1 images"), "{:?}", exported.findings);
    let bytes = bundled(&exported, &batch);
    let document = Document { name: "", format: png_masks::FORMAT, bytes: &bytes };
    let found = content(&png_masks::import(document, &Call::unlimited()).unwrap().batch);
    let areas: Vec<usize> =
        found.iter().map(|row| row.3.as_ref().unwrap().iter().filter(|pixel| **pixel == 1).count()).collect();
    assert_eq!(areas, [32, 8, 16]);
}

#[test]
fn more_labels_than_a_palette_has_need_16_bits() {
    let labels: Vec<String> = (0..300).map(|number| format!("label {number}")).collect();
    let pixels: Vec<u8> = (0..SIDE * SIDE).map(|at| u8::from(at < 7)).collect();
    let mut batch = with_masks("images/", &[(0, 0, Mask::from_pixels(SIDE, SIDE, &pixels))]);
    (batch.labels, batch.label) = (labels, vec![299]);
    let exported = png_masks::export(&batch, &Call::unlimited()).unwrap();
    let bytes = bundled(&exported, &batch);
    let document = Document { name: "", format: png_masks::FORMAT, bytes: &bytes };
    let imported = png_masks::import(document, &Call::unlimited()).unwrap();
    assert_eq!(content(&imported.batch), content(&batch));
}
