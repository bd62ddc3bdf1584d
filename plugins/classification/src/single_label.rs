//! Single-label classification: what it reads, and which rule it follows.

use crate::occasion::Occasion;
use crate::one_label::settle;
use lightbox_formats::class_folders;
use lightbox_formats::label_csv::{self, Content, Layout};
use lightbox_sdk::{
    AnnotationShape, AnnotationType, AnnotationTypeDescriptor, Batch, Call, Document, Error, Imported, Recognition,
    Result, Validated,
};

/// Every image has one class.
#[derive(Debug, Clone, Copy, Default)]
pub struct SingleLabel;

const CLASS_FOLDERS: u8 = 90;

impl AnnotationType for SingleLabel {
    fn descriptor(&self) -> AnnotationTypeDescriptor {
        AnnotationTypeDescriptor {
            id: "single-label-classification".to_owned(),
            name: "Single-label classification".to_owned(),
            description: "Each image has one class.".to_owned(),
            shape: AnnotationShape::Classification,
            formats: [label_csv::FORMAT, class_folders::FORMAT].map(str::to_owned).to_vec(),
            exports: Vec::new(),
        }
    }

    fn recognise(&self, document: Document<'_>, call: &Call<'_>) -> Result<Recognition> {
        if document.format == class_folders::FORMAT {
            return Ok(recognise_folders(document.bytes));
        }
        label_csv::recognise(document, Content::OneClass, call)
    }

    fn import(&self, document: Document<'_>, call: &Call<'_>) -> Result<Imported> {
        match document.format {
            label_csv::FORMAT => label_csv::import(document.bytes, Layout::Class, call),
            class_folders::FORMAT => class_folders::import(document.bytes, call),
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
