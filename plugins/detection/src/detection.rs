//! Detection: what it reads, and which rules it follows.

use crate::rules;
use lightbox_formats::label_csv::{self, Content, Layout};
use lightbox_formats::{class_folders, labelme};
use lightbox_sdk::{
    AnnotationShape, AnnotationType, AnnotationTypeDescriptor, Batch, Call, Document, Error, Imported, Recognition,
    Result, Validated,
};

/// Every image has any number of boxes, each with a class.
#[derive(Debug, Clone, Copy, Default)]
pub struct Detection;

impl AnnotationType for Detection {
    fn descriptor(&self) -> AnnotationTypeDescriptor {
        AnnotationTypeDescriptor {
            id: "detection".to_owned(),
            name: "Object detection".to_owned(),
            description: "Each image has any number of boxes, each with a class.".to_owned(),
            shape: AnnotationShape::Box,
            formats: [label_csv::FORMAT, labelme::FORMAT].map(str::to_owned).to_vec(),
            exports: Vec::new(),
        }
    }

    fn recognise(&self, document: Document<'_>, call: &Call<'_>) -> Result<Recognition> {
        if document.format == class_folders::FORMAT {
            return Ok(Recognition::none("class folders give images classes, no boxes"));
        }
        match labelme::recognise(document, labelme::Content::Boxes) {
            Some(found) => Ok(found),
            None => label_csv::recognise(document, Content::Boxes, call),
        }
    }

    fn import(&self, document: Document<'_>, call: &Call<'_>) -> Result<Imported> {
        match document.format {
            label_csv::FORMAT => label_csv::import(document.bytes, Layout::Box, call),
            labelme::FORMAT => labelme::import_boxes(document, call),
            other => Err(Error::Unsupported(format!("detection does not read the format '{other}'"))),
        }
    }

    fn validate(&self, batch: Batch, call: &Call<'_>) -> Result<Validated> {
        rules::validate(batch, call)
    }

    fn merge(&self, batch: Batch, call: &Call<'_>) -> Result<Validated> {
        call.check()?;
        rules::merge(batch)
    }
}
