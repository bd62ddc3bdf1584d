//! Segmentation: what it reads, and which rules it follows.

use crate::rules;
use lightbox_formats::label_csv::{self, Content, Layout};
use lightbox_formats::readers::{first_sure, surest};
use lightbox_formats::{class_folders, coco, cvat, deepq, labelme, png_masks, yolo};
use lightbox_sdk::bundle::BUNDLE_FORMAT;
use lightbox_sdk::{
    AnnotationShape, AnnotationType, AnnotationTypeDescriptor, Batch, Call, Document, Error, Exported, Imported,
    Recognition, Result, Validated,
};

const FORMATS: [&str; 6] =
    [label_csv::FORMAT, labelme::FORMAT, coco::FORMAT, yolo::FORMAT, cvat::FORMAT, png_masks::FORMAT];
const EXPORTS: [&str; 4] = [deepq::FORMAT, coco::FORMAT, png_masks::FORMAT, labelme::FORMAT];

/// Every image has any number of masks, each with a class.
#[derive(Debug, Clone, Copy, Default)]
pub struct Segmentation;

impl AnnotationType for Segmentation {
    fn descriptor(&self) -> AnnotationTypeDescriptor {
        AnnotationTypeDescriptor {
            id: "segmentation".to_owned(),
            name: "Segmentation".to_owned(),
            description: "Each image has any number of masks, each with a class.".to_owned(),
            shape: AnnotationShape::Mask,
            formats: FORMATS.map(str::to_owned).to_vec(),
            exports: EXPORTS.map(str::to_owned).to_vec(),
        }
    }

    fn recognise(&self, document: Document<'_>, call: &Call<'_>) -> Result<Recognition> {
        if document.format == class_folders::FORMAT {
            return Ok(Recognition::none("class folders give images classes, no masks"));
        }
        if document.format == BUNDLE_FORMAT {
            return surest(&[&|| yolo::recognise(document, yolo::Content::Masks, call).map(Some), &|| {
                png_masks::recognise(document, call).map(Some)
            }]);
        }
        first_sure(&[
            &|| coco::recognise(document, coco::Content::Masks, call),
            &|| Ok(labelme::recognise(document, labelme::Content::Masks)),
            &|| cvat::recognise(document, cvat::Content::Masks, call),
            &|| label_csv::recognise(document, Content::Masks, call).map(Some),
        ])
    }

    fn import(&self, document: Document<'_>, call: &Call<'_>) -> Result<Imported> {
        match document.format {
            label_csv::FORMAT => label_csv::import(document.bytes, Layout::Mask, call),
            labelme::FORMAT => labelme::import_masks(document, call),
            coco::FORMAT => coco::import(document, coco::Content::Masks, call),
            yolo::FORMAT => yolo::import(document, yolo::Content::Masks, call),
            cvat::FORMAT => cvat::import(document, cvat::Content::Masks, call),
            png_masks::FORMAT => png_masks::import(document, call),
            other => Err(Error::Unsupported(format!("segmentation does not read the format '{other}'"))),
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
            deepq::FORMAT => deepq::export(&batch, Layout::Mask, call),
            coco::FORMAT => coco::export(&batch, coco::Content::Masks, call),
            png_masks::FORMAT => png_masks::export(&batch, call),
            labelme::FORMAT => labelme::export_masks(&batch, call),
            other => Err(Error::Unsupported(format!("segmentation does not write the format '{other}'"))),
        }
    }
}
