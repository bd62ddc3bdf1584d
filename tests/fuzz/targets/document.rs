// What the server asks of a document: recognise it, import it, check, merge and write what was in it.

use lightbox_sdk::bundle::{BUNDLE_FORMAT, is_bundle};
use lightbox_sdk::{AnnotationType, Batch, Call, Document};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

const NAMES: [&str; 4] = ["label.csv", "a.json", "a.xml", "a.txt"];

pub fn read(annotation_type: &impl AnnotationType, bytes: &[u8]) {
    let call = Call::new(Some(Instant::now() + Duration::from_secs(20)), 64 << 20, &|| false);
    // Every format gets every document, because people may name the wrong one.
    let mut formats: BTreeSet<String> = annotation_type.descriptor().formats.into_iter().collect();
    let (names, format) = if is_bundle(bytes) { (&NAMES[..1], BUNDLE_FORMAT) } else { (&NAMES[..], "") };
    for name in names {
        let recognised = annotation_type.recognise(Document { name, format, bytes }, &call);
        formats.extend(recognised.into_iter().map(|each| each.format));
    }
    for format in &formats {
        let Ok(imported) = annotation_type.import(Document { name: NAMES[0], format, bytes }, &call) else { continue };
        imported.batch.check().expect("an import gives consistent columns");
        use_batch(annotation_type, imported.batch, &call);
    }
}

fn use_batch(annotation_type: &impl AnnotationType, mut batch: Batch, call: &Call<'_>) {
    for (index, image) in batch.images.iter_mut().enumerate() {
        (image.width, image.height) = (1 + index as u32 % 64, 48);
    }
    let Ok(validated) = annotation_type.validate(batch, call) else { return };
    validated.batch.check().expect("a check gives consistent columns");
    let mut united = validated.batch;
    let copy = united.clone();
    for index in 0..copy.len().min(8) {
        united.push_from(&copy, index);
    }
    let Ok(merged) = annotation_type.merge(united, call) else { return };
    merged.batch.check().expect("a merge gives consistent columns");
    for format in annotation_type.descriptor().exports {
        let _ = annotation_type.export(merged.batch.clone(), &format, call);
    }
}
