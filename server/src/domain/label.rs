//! The class that an annotation names, with its kept counts and its colour.

use super::ids::{AnnotationSetId, LabelId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    pub id: LabelId,
    pub annotation_set_id: AnnotationSetId,
    /// From 0 without gaps inside the set.
    pub position: i64,
    pub name: String,
    /// Images, studies and annotations that carry it; a classification with value false does not.
    pub image_count: i64,
    pub study_count: i64,
    pub annotation_count: i64,
}

impl Label {
    /// `#rrggbb`, the same for the same name everywhere: the hue comes from the name, lightness and saturation are
    /// fixed so that it stands out on grey pictures.
    pub fn color(&self) -> String {
        let hash = self
            .name
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        let hue = (hash >> 32) as f64 / f64::from(u32::MAX) * 360.0;
        let [red, green, blue] = [0.0, 8.0, 4.0].map(|offset| {
            let k: f64 = (offset + hue / 30.0) % 12.0;
            let level = 0.58 - 0.33 * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0);
            (level * 255.0).round() as u8
        });
        format!("#{red:02x}{green:02x}{blue:02x}")
    }
}

/// Share of a set's annotations, 0 to 1.
pub fn fraction(annotation_count: i64, of: i64) -> f64 {
    if of == 0 { 0.0 } else { annotation_count as f64 / of as f64 }
}
