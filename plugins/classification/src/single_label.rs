//! Single-label classification: what it reads, and which rule it follows.

use crate::occasion::Occasion;
use crate::one_label::settle;
use lightbox_formats::label_csv::{self, Content, Layout};
use lightbox_formats::readers::first_sure;
use lightbox_formats::{class_folders, coco, cvat, deepq, labelme};
use lightbox_sdk::bundle::BUNDLE_FORMAT;
use lightbox_sdk::{
    AnnotationShape, AnnotationType, AnnotationTypeDescriptor, Batch, Call, Document, Error, Exported, Imported,
    Recognition, Result, Validated,
};

/// Every image has one class.
#[derive(Debug, Clone, Copy, Default)]
pub struct SingleLabel;

const CLASS_FOLDERS: u8 = 90;
const FORMATS: [&str; 5] = [label_csv::FORMAT, class_folders::FORMAT, labelme::FORMAT, coco::FORMAT, cvat::FORMAT];

impl AnnotationType for SingleLabel {
    fn descriptor(&self) -> AnnotationTypeDescriptor {
        AnnotationTypeDescriptor {
            id: "single-label-classification".to_owned(),
            name: "Single-label classification".to_owned(),
            description: "Each image has one class.".to_owned(),
            shape: AnnotationShape::Classification,
            formats: FORMATS.map(str::to_owned).to_vec(),
            exports: [deepq::FORMAT, coco::FORMAT, labelme::FORMAT].map(str::to_owned).to_vec(),
        }
    }

    fn recognise(&self, document: Document<'_>, call: &Call<'_>) -> Result<Recognition> {
        if document.format == class_folders::FORMAT {
            return Ok(recognise_folders(document.bytes));
        }
        if document.format == BUNDLE_FORMAT {
            return Ok(Recognition::none("formats of many files have no classes of whole images"));
        }
        first_sure(&[
            &|| coco::recognise(document, coco::Content::OneClass, call),
            &|| cvat::recognise(document, cvat::Content::OneTag, call),
            &|| label_csv::recognise(document, Content::OneClass, call).map(Some),
        ])
    }

    fn import(&self, document: Document<'_>, call: &Call<'_>) -> Result<Imported> {
        match document.format {
            label_csv::FORMAT => label_csv::import(document.bytes, Layout::Class, call),
            class_folders::FORMAT => class_folders::import(document.bytes, call),
            // Sets of many labels are what LabelMe's files are recognised as; this is for who asks for it.
            labelme::FORMAT => labelme::import_labels(document, call),
            coco::FORMAT => coco::import(document, coco::Content::OneClass, call),
            cvat::FORMAT => cvat::import(document, cvat::Content::OneTag, call),
            other => Err(Error::Unsupported(format!("single-label classification does not read the format '{other}'"))),
        }
    }

    fn validate(&self, batch: Batch, call: &Call<'_>) -> Result<Validated> {
        call.check()?;
        batch.check()?;
        settle(batch, Occasion::Validation, call)
    }

    fn merge(&self, batch: Batch, call: &Call<'_>) -> Result<Validated> {
        call.check()?;
        batch.check()?;
        settle(batch, Occasion::Merge, call)
    }

    fn export(&self, batch: Batch, format: &str, call: &Call<'_>) -> Result<Exported> {
        match format {
            deepq::FORMAT => deepq::export(&batch, Layout::Class, call),
            coco::FORMAT => coco::export(&batch, coco::Content::OneClass, call),
            labelme::FORMAT => labelme::export_labels(&batch, call),
            other => {
                Err(Error::Unsupported(format!("single-label classification does not write the format '{other}'")))
            }
        }
    }
}

fn recognise_folders(paths: &[u8]) -> Recognition {
    if !class_folders::has_class_folders(paths) {
        return Recognition::none("no image lies below a class folder");
    }
    Recognition {
        confidence: CLASS_FOLDERS,
        format: class_folders::FORMAT.to_owned(),
        reason: "images lie below class folders".to_owned(),
        ..Recognition::default()
    }
}
