//! What is written as COCO reads back as it was: labels in their order, used or not; images, annotated or not; and every
//! number and pixel. The types' own tests go the way through their rules as well.

#![allow(clippy::unwrap_used)] // a test that cannot read its own document has failed

use lightbox_formats::coco::{self, Content};
use lightbox_formats::mask::{StatedSize, read_payload};
use lightbox_sdk::mask::Mask;
use lightbox_sdk::{Batch, Call, Document, ImageRef};
use proptest::prelude::*;

/// Any text that is not blank, and such as look like something else.
fn texts() -> impl Strategy<Value = String> {
    let odd = ["null", "1", "1.0", "007", "images/a", "\\u0041", "\u{feff}a", " a ", "a\n\"b\"", "肺"];
    let any = any::<String>().prop_filter("not blank", |text| !text.trim().is_empty());
    prop_oneof![any, prop::sample::select(odd.to_vec()).prop_map(str::to_owned)]
}

prop_compose! {
    /// Images and labels, none twice, without annotations.
    fn frames()(
        labels in prop::collection::hash_set(texts(), 1..7),
        images in prop::collection::vec((texts(), 1..9u32, 1..9u32), 1..7),
    ) -> Batch {
        let image = |(number, (name, width, height)): (usize, (String, u32, u32))| {
            ImageRef { path: format!("images/{name}{number}"), width, height, line: 0 }
        };
        Batch { labels: labels.into_iter().collect(), images: images.into_iter().enumerate().map(image).collect(), ..Batch::default() }
    }
}

/// Image and label of annotations, by numbers of any size; image by image, as they are written.
fn annotate<T: Clone>(batch: &mut Batch, rows: &[(u32, u32, T)]) -> Vec<T> {
    let place = |row: &(u32, u32, T)| row.0 % batch.images.len() as u32;
    let mut ordered = rows.to_vec();
    ordered.sort_by_key(place);
    batch.image = ordered.iter().map(place).collect();
    batch.label = ordered.iter().map(|row| row.1 % batch.labels.len() as u32).collect();
    (batch.line, batch.value) = (vec![0; rows.len()], vec![1; rows.len()]);
    ordered.into_iter().map(|row| row.2).collect()
}

fn numbers() -> impl Strategy<Value = f64> {
    prop_oneof![0.0..9.0f64, (0..36i32).prop_map(|quarter| f64::from(quarter) / 4.0), prop::num::f64::ANY]
        .prop_filter("finite", |number| number.is_finite())
}

prop_compose! {
    fn boxes()(
        frame in frames(),
        rows in prop::collection::vec((any::<u32>(), any::<u32>(), prop::array::uniform4(numbers())), 0..20),
    ) -> Batch {
        let mut batch = frame;
        batch.boxes = annotate(&mut batch, &rows);
        batch
    }
}

prop_compose! {
    fn masks()(
        frame in frames(),
        rows in prop::collection::vec((any::<u32>(), any::<u32>(), prop::collection::vec(0..2u8, 64)), 0..20),
    ) -> Batch {
        let mut batch = frame;
        for (row, mut pixels) in annotate(&mut batch, &rows).into_iter().enumerate() {
            let ImageRef { width, height, .. } = batch.images[batch.image[row] as usize];
            // A mask without a pixel is none.
            pixels[0] = 1;
            let mask = Mask::from_pixels(width, height, &pixels[..(width * height) as usize]);
            batch.boxes.push(mask.bounding_box());
            batch.push_payload(mask.to_coco().as_bytes());
        }
        batch
    }
}

/// Out and in again; the document is taken for what it was written as and for nothing else.
fn read_back(batch: &Batch, content: Content) -> Batch {
    let call = Call::unlimited();
    let exported = coco::export(batch, content, &call).unwrap();
    assert_eq!(exported.findings, []);
    let (name, bytes) = exported.files.first().unwrap();
    for other in [Content::Boxes, Content::Masks, Content::OneClass, Content::ManyClasses] {
        let found = coco::recognise(Document { name, format: "", bytes }, other, &call).unwrap().unwrap();
        assert_eq!(found.confidence > 0, other == content, "{other:?}: {}", found.reason);
    }
    let imported = coco::import(Document { name, format: coco::FORMAT, bytes }, content, &call).unwrap();
    assert_eq!(imported.findings, []);
    imported.batch
}

/// What a document says of a batch: names stand in it as they are below `images/`, sizes are those of the host's images, and
/// lines are the document's own.
fn plain(batch: &Batch, root: &str) -> Batch {
    let image = |image: &ImageRef| {
        let path = image.path.strip_prefix(root).unwrap_or_default().to_owned();
        ImageRef { path, ..ImageRef::default() }
    };
    Batch { images: batch.images.iter().map(image).collect(), line: vec![0; batch.len()], ..batch.clone() }
}

proptest! {
    #[test]
    fn boxes_come_back_to_the_last_bit(batch in boxes()) {
        let mut back = read_back(&batch, Content::Boxes);
        let bits = |batch: &Batch| batch.boxes.iter().flatten().map(|number| number.to_bits()).collect::<Vec<_>>();
        prop_assert_eq!(bits(&back), bits(&batch));
        back.boxes.clone_from(&batch.boxes);
        prop_assert_eq!(plain(&back, ""), plain(&batch, "images/"));
    }

    #[test]
    fn masks_come_back_to_the_last_pixel(batch in masks()) {
        let mut back = read_back(&batch, Content::Masks);
        prop_assert_eq!(back.payload_ends.len(), batch.len());
        for row in 0..batch.len() {
            let ImageRef { width, height, .. } = batch.images[batch.image[row] as usize];
            let (size, rle) = read_payload(back.payload(row));
            prop_assert_eq!((size, rle), (Some(StatedSize { width, height }), batch.payload(row)));
        }
        back.payload_ends.clone_from(&batch.payload_ends);
        back.payload_bytes.clone_from(&batch.payload_bytes);
        prop_assert_eq!(plain(&back, ""), plain(&batch, "images/"));
    }
}
