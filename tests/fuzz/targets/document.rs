// What the server asks of a document: recognise it, import it, check and merge what was in it.

use lightbox_sdk::{AnnotationType, Call, Document};

pub fn read(annotation_type: &impl AnnotationType, bytes: &[u8]) {
    let deadline = Some(std::time::Instant::now() + std::time::Duration::from_secs(20));
    let call = Call::new(deadline, 64 << 20, &|| false);
    for name in ["label.csv", "a.json"] {
        let recognised = annotation_type.recognise(Document { name, format: "", bytes }, &call);
        for format in annotation_type.descriptor().formats.iter().chain(recognised.iter().map(|each| &each.format)) {
            let Ok(imported) = annotation_type.import(Document { name, format, bytes }, &call) else { continue };
            imported.batch.check().expect("an import gives consistent columns");
            let mut batch = imported.batch;
            for (index, image) in batch.images.iter_mut().enumerate() {
                (image.width, image.height) = (1 + index as u32 % 64, 48);
            }
            let Ok(validated) = annotation_type.validate(batch, &call) else { continue };
            validated.batch.check().expect("a check gives consistent columns");
            let mut united = validated.batch;
            for index in 0..united.len().min(8) {
                let copy = united.clone();
                united.push_from(&copy, index);
            }
            if let Ok(merged) = annotation_type.merge(united, &call) {
                merged.batch.check().expect("a merge gives consistent columns");
            }
        }
    }
}
