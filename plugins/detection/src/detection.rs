//! Detection: what it reads, and which rules it follows.

use crate::rules;
use lightbox_formats::label_csv::{self, Content, Layout};
use lightbox_formats::readers::first_sure;
use lightbox_formats::{class_folders, coco, cvat, deepq, labelme, voc, yolo};
use lightbox_sdk::bundle::BUNDLE_FORMAT;
use lightbox_sdk::{
    AnnotationShape, AnnotationType, AnnotationTypeDescriptor, Batch, Call, Document, Error, Exported, Imported,
    Recognition, Result, Validated,
};

const FORMATS: [&str; 6] = [label_csv::FORMAT, labelme::FORMAT, coco::FORMAT, voc::FORMAT, yolo::FORMAT, cvat::FORMAT];
const EXPORTS: [&str; 5] = [deepq::FORMAT, coco::FORMAT, voc::FORMAT, yolo::FORMAT, labelme::FORMAT];

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
            formats: FORMATS.map(str::to_owned).to_vec(),
            exports: EXPORTS.map(str::to_owned).to_vec(),
        }
    }

    fn recognise(&self, document: Document<'_>, call: &Call<'_>) -> Result<Recognition> {
        if document.format == class_folders::FORMAT {
            return Ok(Recognition::none("class folders give images classes, no boxes"));
        }
        if document.format == BUNDLE_FORMAT {
            return yolo::recognise(document, yolo::Content::Boxes, call);
        }
        first_sure(&[
            &|| coco::recognise(document, coco::Content::Boxes, call),
            &|| Ok(labelme::recognise(document, labelme::Content::Boxes)),
            &|| voc::recognise(document, call),
            &|| cvat::recognise(document, cvat::Content::Boxes, call),
            &|| label_csv::recognise(document, Content::Boxes, call).map(Some),
        ])
    }

    fn import(&self, document: Document<'_>, call: &Call<'_>) -> Result<Imported> {
        match document.format {
            label_csv::FORMAT => label_csv::import(document.bytes, Layout::Box, call),
            labelme::FORMAT => labelme::import_boxes(document, call),
            coco::FORMAT => coco::import(document, coco::Content::Boxes, call),
            voc::FORMAT => voc::import(document, call),
            yolo::FORMAT => yolo::import(document, yolo::Content::Boxes, call),
            cvat::FORMAT => cvat::import(document, cvat::Content::Boxes, call),
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

    fn export(&self, batch: Batch, format: &str, call: &Call<'_>) -> Result<Exported> {
        match format {
            deepq::FORMAT => deepq::export(&batch, Layout::Box, call),
            coco::FORMAT => coco::export(&batch, coco::Content::Boxes, call),
            voc::FORMAT => voc::export(&batch, call),
            yolo::FORMAT => yolo::export(&batch, call),
            labelme::FORMAT => labelme::export_boxes(&batch, call),
            other => Err(Error::Unsupported(format!("detection does not write the format '{other}'"))),
        }
    }
}
