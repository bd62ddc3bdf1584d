//! The annotation type `keypoints`: what it is, and which function does what.

use crate::coco::Coco;
use crate::{export, import, rules};
use lightbox_sdk::{
    AnnotationShape, AnnotationType, AnnotationTypeDescriptor, Batch, Call, Document, Error, Exported, Imported,
    Recognition, Result, Validated,
};

/// Id of the document format.
pub const FORMAT: &str = "coco-keypoints";
/// What an export is called; COCO's own name for it is this with the split behind.
const FILE: &str = "annotations/person_keypoints.json";

/// Named points. The payload of an annotation is a [`crate::Payload`], its label the category.
#[derive(Debug, Clone, Copy, Default)]
pub struct Keypoints;

impl AnnotationType for Keypoints {
    fn descriptor(&self) -> AnnotationTypeDescriptor {
        AnnotationTypeDescriptor {
            id: "keypoints".into(),
            name: "Keypoints".into(),
            description: "Each image has any number of things, each with named points and whether they can be seen."
                .into(),
            shape: AnnotationShape::Custom,
            formats: vec![FORMAT.into()],
            exports: vec![FORMAT.into()],
        }
    }

    /// A COCO document may hold boxes and masks beside the points: types that read those make sets of their own.
    fn recognise(&self, document: Document<'_>, call: &Call<'_>) -> Result<Recognition> {
        let coco = match Coco::read(document.bytes) {
            Ok(coco) => coco,
            Err(error) => return Ok(Recognition::none(format!("this is no COCO document: {error}"))),
        };
        if !coco.names_points(call)? {
            return Ok(Recognition::none("no category of this COCO document names keypoints"));
        }
        let reason = "a COCO document with a category that names keypoints".to_owned();
        Ok(Recognition { confidence: 95, format: FORMAT.into(), reason, shares: true, ..Recognition::default() })
    }

    fn import(&self, document: Document<'_>, call: &Call<'_>) -> Result<Imported> {
        import::import(Coco::read(document.bytes)?, call)
    }

    fn validate(&self, batch: Batch, call: &Call<'_>) -> Result<Validated> {
        rules::validate(batch, call)
    }

    fn merge(&self, batch: Batch, call: &Call<'_>) -> Result<Validated> {
        rules::merge(batch, call)
    }

    fn export(&self, batch: Batch, format: &str, call: &Call<'_>) -> Result<Exported> {
        if format != FORMAT {
            return Err(Error::Unsupported(format!("keypoints are written as {FORMAT}, not as {format}")));
        }
        let files = vec![(FILE.to_owned(), export::to_coco(&batch, call)?)];
        Ok(Exported { files, findings: Vec::new() })
    }
}
