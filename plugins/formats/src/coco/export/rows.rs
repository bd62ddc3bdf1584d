//! The rows of a COCO document as they are written: the order of members is the order here.

use super::Number;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Info {
    /// By this an import knows for which type the document was written.
    pub(super) annotation_type: &'static str,
    pub(super) description: &'static str,
}

#[derive(Serialize)]
pub(super) struct CategoryRow<'a> {
    pub(super) id: usize,
    pub(super) name: &'a str,
    pub(super) supercategory: &'static str,
}

#[derive(Serialize)]
pub(super) struct ImageRow<'a> {
    pub(super) id: usize,
    pub(super) file_name: &'a str,
    pub(super) width: u32,
    pub(super) height: u32,
    /// LVIS's word for categories that are known to be absent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) neg_category_ids: Vec<u32>,
}

#[derive(Serialize)]
pub(super) struct AnnotationRow<'a> {
    pub(super) id: usize,
    pub(super) image_id: usize,
    pub(super) category_id: usize,
    #[serde(flatten)]
    pub(super) drawn: Option<Drawn<'a>>,
}

/// What boxes and masks have and classes do not.
#[derive(Serialize)]
pub(super) struct Drawn<'a> {
    segmentation: Segmentation<'a>,
    area: Number,
    bbox: [Number; 4],
    /// 0 also beside run lengths: 1 would have evaluations ignore the mask.
    iscrowd: u8,
}

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Segmentation<'a> {
    /// An empty list, which readers expect of boxes.
    Nothing([u8; 0]),
    Runs(Runs<'a>),
}

#[derive(Serialize)]
pub(super) struct Runs<'a> {
    /// Height, width.
    pub(super) size: [u32; 2],
    pub(super) counts: &'a str,
}

impl<'a> AnnotationRow<'a> {
    pub(super) fn drawn(self, segmentation: Segmentation<'a>, bounds: [f64; 4], area: Number) -> Self {
        let drawn = Drawn { segmentation, area, bbox: bounds.map(Number), iscrowd: 0 };
        Self { drawn: Some(drawn), ..self }
    }
}
