//! One shape of a LabelMe file.

use super::kind::Kind;
use crate::code;
use lightbox_sdk::Finding;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Beyond this a coordinate is no pixel of any image.
const MAX_COORDINATE: f64 = 1e9;

#[derive(Deserialize)]
struct Raw<'a> {
    #[serde(default)]
    label: Value,
    #[serde(default)]
    points: Value,
    #[serde(default)]
    group_id: Value,
    #[serde(default)]
    shape_type: Value,
    #[serde(borrow, default)]
    mask: Option<Cow<'a, str>>,
}

/// A shape that can be used.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shape<'a> {
    /// 1-based place in the file.
    pub(super) number: usize,
    /// Not blank.
    pub(super) label: String,
    pub(super) kind: Kind,
    pub(super) points: Vec<[f64; 2]>,
    /// Ties shapes of one object together; any JSON value but null.
    pub(super) group: Option<String>,
    /// Base64 of a PNG.
    pub(super) mask: Option<Cow<'a, str>>,
}

/// A shape that cannot be used.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct BadShape {
    /// `None` when not even that can be read.
    pub(super) kind: Option<Kind>,
    pub(super) finding: Finding,
}

impl Shape<'_> {
    /// An ERROR that names this shape.
    pub(super) fn refuse(&self, code: &str, what: &str) -> Finding {
        refuse(self.number, code, &format!("{} '{}': {what}", self.kind.name(), self.label))
    }

    /// `[x, y, width, height]` around all points.
    pub(super) fn bounds(&self) -> [f64; 4] {
        let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        for point in &self.points {
            for axis in 0..2 {
                low[axis] = low[axis].min(point[axis]);
                high[axis] = high[axis].max(point[axis]);
            }
        }
        [low[0], low[1], high[0] - low[0], high[1] - low[1]]
    }
}

/// Reads the shape at `index`.
pub(super) fn read_shape(index: usize, raw: &RawValue) -> Result<Shape<'_>, BadShape> {
    let number = index + 1;
    let bad = |kind: Option<Kind>, code: &str, what: &str| BadShape { kind, finding: refuse(number, code, what) };
    let raw: Raw<'_> = serde_json::from_str(raw.get())
        .map_err(|error| bad(None, code::BAD_SHAPE, &format!("not readable: {error}")))?;
    let kind = Kind::of_name(raw.shape_type.as_str().unwrap_or_default());
    let label = text(&raw.label);
    if label.trim().is_empty() {
        return Err(bad(Some(kind), code::EMPTY_CLASS, "its label is empty"));
    }
    let points = read_points(&raw.points).map_err(|what| bad(Some(kind.clone()), code::BAD_SHAPE, &what))?;
    let shape = Shape { number, label, kind, points, group: group(&raw.group_id), mask: raw.mask };
    require_points(&shape).map_err(|finding| BadShape { kind: Some(shape.kind.clone()), finding })?;
    Ok(shape)
}

fn require_points(shape: &Shape<'_>) -> Result<(), Finding> {
    let count = shape.points.len();
    let expected = match shape.kind {
        Kind::Rectangle if !matches!(count, 2 | 4) => "2 or 4 points are expected",
        Kind::Polygon if count < 3 => "3 points or more are expected",
        Kind::Mask if count != 2 => "2 points are expected",
        _ => return Ok(()),
    };
    Err(shape.refuse(code::BAD_SHAPE, &format!("{count} points, but {expected}")))
}

fn read_points(points: &Value) -> Result<Vec<[f64; 2]>, String> {
    let points = points.as_array().ok_or("it has no list `points`")?;
    points.iter().map(read_point).collect::<Option<_>>().ok_or_else(|| {
        format!("its points are not all pairs of numbers between -{MAX_COORDINATE:e} and {MAX_COORDINATE:e}")
    })
}

fn read_point(point: &Value) -> Option<[f64; 2]> {
    let [x, y] = point.as_array()?.as_slice() else { return None };
    let (x, y) = (x.as_f64()?, y.as_f64()?);
    (x.abs() <= MAX_COORDINATE && y.abs() <= MAX_COORDINATE).then_some([x, y])
}

/// Some tools write labels as numbers.
fn text(label: &Value) -> String {
    match label {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

fn group(group: &Value) -> Option<String> {
    (!group.is_null()).then(|| group.to_string())
}

fn refuse(number: usize, code: &str, what: &str) -> Finding {
    Finding::error(code, format!("shape {number}, {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Shape<'static>, BadShape> {
        let raw: Box<RawValue> = serde_json::from_str(text).unwrap();
        read_shape(0, Box::leak(raw))
    }

    #[test]
    fn a_shape_without_a_kind_is_a_polygon_and_a_label_may_be_a_number() {
        let shape = read(r#"{"label":7,"points":[[0,0],[1,0],[1,2.5]],"group_id":null}"#).unwrap();
        assert_eq!((shape.label.as_str(), shape.kind.clone(), shape.group.clone()), ("7", Kind::Polygon, None));
        assert_eq!(shape.bounds(), [0.0, 0.0, 1.0, 2.5]);
    }

    #[test]
    fn a_shape_that_lacks_something_is_refused() {
        let table = [
            (r#"7"#, code::BAD_SHAPE),
            (r#"{"label":" ","points":[[0,0],[1,0],[1,2.5]]}"#, code::EMPTY_CLASS),
            (r#"{"label":"a","points":[[0,0],[1,0]]}"#, code::BAD_SHAPE),
            (r#"{"label":"a","shape_type":"rectangle","points":[[0,0]]}"#, code::BAD_SHAPE),
            (r#"{"label":"a","points":[[0,0],[1,"0"],[2,2]]}"#, code::BAD_SHAPE),
            (r#"{"label":"a","points":[[0,0],[1,0,3],[2,2]]}"#, code::BAD_SHAPE),
            (r#"{"label":"a","points":[[0,0],[1,1e300],[2,2]]}"#, code::BAD_SHAPE),
            (r#"{"label":"a"}"#, code::BAD_SHAPE),
        ];
        for (text, code) in table {
            assert_eq!(read(text).unwrap_err().finding.code, code, "{text}");
        }
    }
}
