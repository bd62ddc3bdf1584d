//! Multi-label classification: what it reads, and which rule it follows.

use crate::many_labels::settle;
use crate::occasion::Occasion;
use lightbox_formats::label_csv::{self, Content, Layout};
use lightbox_formats::readers::first_sure;
use lightbox_formats::{class_folders, coco, code, cvat, deepq, labelme};
use lightbox_sdk::bundle::BUNDLE_FORMAT;
use lightbox_sdk::{
    AnnotationShape, AnnotationType, AnnotationTypeDescriptor, Batch, Call, Document, Error, Exported, Finding,
    Imported, Recognition, Result, Validated,
};

/// Every image has any number of classes, each marked as present or not.
#[derive(Debug, Clone, Copy, Default)]
pub struct MultiLabel;

impl AnnotationType for MultiLabel {
    fn descriptor(&self) -> AnnotationTypeDescriptor {
        AnnotationTypeDescriptor {
            id: "multi-label-classification".to_owned(),
            name: "Multi-label classification".to_owned(),
            description: "Each image has any number of classes, each marked as present or not.".to_owned(),
            shape: AnnotationShape::Classification,
            formats: [label_csv::FORMAT, labelme::FORMAT, coco::FORMAT, cvat::FORMAT].map(str::to_owned).to_vec(),
            exports: [deepq::FORMAT, coco::FORMAT, labelme::FORMAT].map(str::to_owned).to_vec(),
        }
    }

    fn recognise(&self, document: Document<'_>, call: &Call<'_>) -> Result<Recognition> {
        if document.format == class_folders::FORMAT {
            return Ok(Recognition::none("class folders give each image one class"));
        }
        if document.format == BUNDLE_FORMAT {
            return Ok(Recognition::none("formats of many files have no classes of whole images"));
        }
        first_sure(&[
            &|| coco::recognise(document, coco::Content::ManyClasses, call),
            &|| Ok(labelme::recognise(document, labelme::Content::Labels)),
            &|| cvat::recognise(document, cvat::Content::ManyTags, call),
            &|| label_csv::recognise(document, Content::ManyClasses, call).map(Some),
        ])
    }

    fn import(&self, document: Document<'_>, call: &Call<'_>) -> Result<Imported> {
        match document.format {
            label_csv::FORMAT => import_rows(document.bytes, call),
            labelme::FORMAT => labelme::import_labels(document, call),
            coco::FORMAT => coco::import(document, coco::Content::ManyClasses, call),
            cvat::FORMAT => cvat::import(document, cvat::Content::ManyTags, call),
            other => Err(Error::Unsupported(format!("multi-label classification does not read the format '{other}'"))),
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
            deepq::FORMAT => deepq::export(&batch, Layout::ClassValue, call),
            coco::FORMAT => coco::export(&batch, coco::Content::ManyClasses, call),
            labelme::FORMAT => labelme::export_labels(&batch, call),
            other => Err(Error::Unsupported(format!("multi-label classification does not write the format '{other}'"))),
        }
    }
}

/// Rows of three columns; of two, if the document has those.
fn import_rows(bytes: &[u8], call: &Call<'_>) -> Result<Imported> {
    let survey = label_csv::survey(bytes, call)?;
    let layout = if survey.layout == Some(Layout::Class) { Layout::Class } else { Layout::ClassValue };
    let mut imported = label_csv::import(bytes, layout, call)?;
    imported.findings.extend(survey.second_class_line.map(|line| {
        let message = "the row gives an image a second class, so the file is read as multi-label classification";
        Finding::info(code::MULTI_LABEL, message).at_line(line)
    }));
    Ok(imported)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_columns_with_a_second_class_are_read_as_multi_label() {
        let document = Document { name: "label.csv", format: label_csv::FORMAT, bytes: b"a,x\na,y\nb,x\n" };
        let imported = MultiLabel.import(document, &Call::unlimited()).unwrap();
        assert_eq!(imported.batch.value, [1, 1, 1]);
        let finding = imported.findings.iter().find(|finding| finding.code == code::MULTI_LABEL).unwrap();
        assert_eq!(finding.line, Some(2));
    }
}
