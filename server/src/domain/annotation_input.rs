//! One annotation as a client of the API gives it, turned into what is stored by the shape of its set's type.

use lightbox_sdk::mask::Mask;
use lightbox_sdk::{AnnotationShape, Batch, Call};
use serde_json::Value;

/// As it is given; which part counts depends on the type.
#[derive(Debug, Clone, Default)]
pub struct AnnotationInput {
    pub label: String,
    pub value: Option<bool>,
    /// x, y, width, height in pixels.
    pub bounds: Option<[f64; 4]>,
    pub rle: Option<Value>,
    pub polygon: Option<Vec<Vec<f64>>>,
    pub payload: Option<Value>,
}

/// Field of the input, and what is wrong with it.
pub type Mistake = (&'static str, String);

impl AnnotationInput {
    /// Appends it to a batch, all but image, label and line; `width` and `height` are the image's.
    ///
    /// # Errors
    /// A part that is missing, belongs to another type, or does not read.
    pub fn append_to(&self, batch: &mut Batch, shape: AnnotationShape, width: u32, height: u32) -> Result<(), Mistake> {
        self.check_parts(shape)?;
        let value = match shape {
            AnnotationShape::Classification => self.value.unwrap_or(true),
            AnnotationShape::Box => {
                let bounds = self.bounds.ok_or_else(|| missing("box"))?;
                batch.boxes.push(bounds);
                true
            }
            AnnotationShape::Mask => {
                let mask = self.mask(width, height)?;
                batch.boxes.push(mask.bounding_box());
                batch.push_payload(mask.to_coco().as_bytes());
                true
            }
            AnnotationShape::Custom => {
                let payload = self.payload.as_ref().ok_or_else(|| missing("payload"))?;
                batch.push_payload(payload.to_string().as_bytes());
                true
            }
        };
        batch.value.push(u8::from(value));
        Ok(())
    }

    /// Only the parts of the type.
    fn check_parts(&self, shape: AnnotationShape) -> Result<(), Mistake> {
        let own: &[&str] = match shape {
            AnnotationShape::Classification => &["value"],
            AnnotationShape::Box => &["box"],
            AnnotationShape::Mask => &["rle", "polygon"],
            AnnotationShape::Custom => &["payload"],
        };
        let given = [
            ("value", self.value.is_some()),
            ("box", self.bounds.is_some()),
            ("rle", self.rle.is_some()),
            ("polygon", self.polygon.is_some()),
            ("payload", self.payload.is_some()),
        ];
        match given.into_iter().find(|(part, is_given)| *is_given && !own.contains(part)) {
            None => Ok(()),
            Some((part, _)) => {
                Err((part, format!("An annotation of this type takes {}, not `{part}`.", own.join(" or "))))
            }
        }
    }

    fn mask(&self, width: u32, height: u32) -> Result<Mask, Mistake> {
        let refused = |part: &'static str| move |error: lightbox_sdk::Error| (part, format!("{error}."));
        let (part, mask) = match (&self.rle, &self.polygon) {
            (Some(rle), None) => ("rle", read_rle(rle, width, height)?),
            (None, Some(polygon)) => {
                let mask = Mask::from_polygons(width, height, polygon, &Call::unlimited());
                ("polygon", mask.map_err(refused("polygon"))?)
            }
            _ => return Err(("rle", "Give either `rle` or `polygon`.".to_owned())),
        };
        if mask.area() == 0 {
            return Err((part, format!("The mask has no pixel inside the image, which is {width} × {height}.")));
        }
        Ok(mask)
    }
}

fn missing(part: &'static str) -> Mistake {
    (part, format!("An annotation of this type needs `{part}`."))
}

/// COCO's RLE: `size` [height, width], `counts` a compressed string or a list of run lengths.
fn read_rle(rle: &Value, width: u32, height: u32) -> Result<Mask, Mistake> {
    let wrong = |message: String| ("rle", message);
    let size: Option<Vec<u64>> = rle["size"].as_array().and_then(|size| size.iter().map(Value::as_u64).collect());
    if size.as_deref() != Some(&[u64::from(height), u64::from(width)]) {
        let message = format!("`size` is {}, but the image's, [height, width], is [{height}, {width}].", rle["size"]);
        return Err(wrong(message));
    }
    let read = match &rle["counts"] {
        Value::String(text) => Mask::from_coco(width, height, text.as_bytes()),
        Value::Array(counts) => {
            let count = |count: &Value| count.as_u64().and_then(|count| u32::try_from(count).ok());
            let counts: Option<Vec<u32>> = counts.iter().map(count).collect();
            let counts = counts.ok_or_else(|| wrong("`counts` has a run that is no whole number.".to_owned()))?;
            Mask::from_counts(width, height, counts)
        }
        _ => return Err(wrong("`counts` is neither COCO's compressed string nor a list of run lengths.".to_owned())),
    };
    read.map_err(|error| wrong(format!("{error}.")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn appended(input: &AnnotationInput, shape: AnnotationShape) -> Result<Batch, Mistake> {
        let mut batch = Batch::default();
        input.append_to(&mut batch, shape, 4, 3).map(|()| batch)
    }

    #[test]
    fn each_type_takes_its_own_part() {
        let classified = appended(&AnnotationInput::default(), AnnotationShape::Classification).unwrap();
        assert_eq!(classified.value, [1]);
        let absent = AnnotationInput { value: Some(false), ..AnnotationInput::default() };
        assert_eq!(appended(&absent, AnnotationShape::Classification).unwrap().value, [0]);
        let boxed = AnnotationInput { bounds: Some([1.0, 0.5, 2.0, 1.0]), ..AnnotationInput::default() };
        assert_eq!(appended(&boxed, AnnotationShape::Box).unwrap().boxes, [[1.0, 0.5, 2.0, 1.0]]);
        let custom = AnnotationInput { payload: Some(json!({"a": 1})), ..AnnotationInput::default() };
        assert_eq!(appended(&custom, AnnotationShape::Custom).unwrap().payload(0), br#"{"a":1}"#);
    }

    #[test]
    fn masks_come_as_runs_or_polygons_and_are_stored_as_coco_packs_them() {
        let rle = |counts: Value| AnnotationInput {
            rle: Some(json!({ "size": [3, 4], "counts": counts })),
            ..AnnotationInput::default()
        };
        let polygon =
            AnnotationInput { polygon: Some(vec![vec![1.0, 0.0, 3.0, 0.0, 3.0, 3.0, 1.0, 3.0]]), ..Default::default() };
        let expected = Mask::from_counts(4, 3, vec![3, 6, 3]).unwrap();
        for input in [rle(json!([3, 6, 3])), rle(json!(expected.to_coco())), polygon] {
            let batch = appended(&input, AnnotationShape::Mask).unwrap();
            assert_eq!((batch.payload(0), batch.boxes[0]), (expected.to_coco().as_bytes(), [1.0, 0.0, 2.0, 3.0]));
        }
    }

    #[test]
    fn a_part_that_is_missing_foreign_or_broken_is_named() {
        let rle = |rle: Value| AnnotationInput { rle: Some(rle), ..AnnotationInput::default() };
        let polygon = |points: Vec<f64>| AnnotationInput { polygon: Some(vec![points]), ..AnnotationInput::default() };
        let value = AnnotationInput { value: Some(true), ..AnnotationInput::default() };
        let table = [
            (AnnotationInput::default(), AnnotationShape::Box, "box", "needs `box`"),
            (AnnotationInput::default(), AnnotationShape::Custom, "payload", "needs `payload`"),
            (AnnotationInput::default(), AnnotationShape::Mask, "rle", "either"),
            (value, AnnotationShape::Box, "value", "takes box, not `value`"),
            (rle(json!({ "size": [4, 3], "counts": [12] })), AnnotationShape::Mask, "rle", "[3, 4]"),
            (rle(json!({ "size": [3, 4], "counts": [0, 11] })), AnnotationShape::Mask, "rle", "11 pixels"),
            (rle(json!({ "size": [3, 4], "counts": [1.5] })), AnnotationShape::Mask, "rle", "whole number"),
            (rle(json!({ "size": [3, 4] })), AnnotationShape::Mask, "rle", "neither"),
            (rle(json!(7)), AnnotationShape::Mask, "rle", "size"),
            (rle(json!({ "size": [3, 4], "counts": [12] })), AnnotationShape::Mask, "rle", "no pixel"),
            (polygon(vec![9.0, 9.0, 12.0, 9.0, 12.0, 12.0]), AnnotationShape::Mask, "polygon", "no pixel"),
            (polygon(vec![0.0, 0.0, 1.0]), AnnotationShape::Mask, "polygon", ""),
        ];
        for (input, shape, part, sentence) in table {
            let (found, message) = appended(&input, shape).unwrap_err();
            assert!(found == part && message.contains(sentence), "{input:?}: {found}: {message}");
        }
    }
}
