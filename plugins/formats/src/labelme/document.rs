//! The frame of a LabelMe file: image, size, flags, and its shapes, each still to be read.

use super::shape::{BadShape, Shape, read_shape};
use crate::shape_limit::MAX_SHAPES;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Every member is kept raw, so that one of a wrong type costs itself only.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw<'a> {
    #[serde(borrow)]
    version: Option<&'a RawValue>,
    #[serde(borrow)]
    flags: Option<&'a RawValue>,
    #[serde(borrow)]
    shapes: Option<&'a RawValue>,
    #[serde(borrow)]
    image_path: Option<&'a RawValue>,
    #[serde(borrow)]
    image_data: Option<&'a RawValue>,
    #[serde(borrow)]
    image_width: Option<&'a RawValue>,
    #[serde(borrow)]
    image_height: Option<&'a RawValue>,
}

/// A LabelMe file.
pub(super) struct LabelMe<'a> {
    /// `imagePath` with `/` for `\`; `None` when missing or blank.
    pub(super) image_path: Option<String>,
    /// `imageData`, base64.
    pub(super) image_data: Option<Cow<'a, str>>,
    /// Pixels of the image as the file states them; `None` unless both are whole and above 0.
    pub(super) size: Option<(u32, u32)>,
    /// Names of the flags that are true.
    pub(super) flags: Vec<String>,
    pub(super) shapes: Vec<Result<Shape<'a>, BadShape>>,
    /// Shapes behind the last one that is allowed.
    pub(super) left_out: usize,
}

/// Reads a file, whatever its name.
///
/// # Errors
/// Why it is no LabelMe file, in one sentence.
pub(super) fn read(bytes: &[u8]) -> Result<LabelMe<'_>, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let raw: Raw<'_> = serde_json::from_slice(bytes).map_err(|error| not_json(bytes, &error))?;
    let shapes = raw.shapes.and_then(parse::<Vec<&RawValue>>);
    let shapes = shapes.ok_or("JSON, but not LabelMe: no list `shapes`")?;
    let is_labelme = [raw.version, raw.image_path, raw.image_data, raw.image_width].iter().any(Option::is_some);
    if !is_labelme {
        return Err("JSON, but not LabelMe: no `version`, `imagePath`, `imageData` or `imageWidth`".to_owned());
    }
    let pixels = |member: Option<&RawValue>| member.and_then(parse::<u32>).filter(|pixels| *pixels > 0);
    Ok(LabelMe {
        image_path: raw.image_path.and_then(parse::<String>).map(plain_path).filter(|path| !path.trim().is_empty()),
        image_data: raw.image_data.and_then(parse::<Text<'_>>).map(|text| text.0).filter(|data| !data.is_empty()),
        size: pixels(raw.image_width).zip(pixels(raw.image_height)),
        flags: raw.flags.map(true_flags).unwrap_or_default(),
        left_out: shapes.len().saturating_sub(MAX_SHAPES),
        shapes: shapes
            .into_iter()
            .take(MAX_SHAPES)
            .enumerate()
            .map(|(index, shape)| read_shape(index, shape))
            .collect(),
    })
}

/// A text that is borrowed where the JSON allows it.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

fn parse<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Option<T> {
    serde_json::from_str(raw.get()).ok()
}

fn plain_path(path: String) -> String {
    path.replace('\\', "/")
}

fn true_flags(flags: &RawValue) -> Vec<String> {
    let flags = parse::<BTreeMap<String, Value>>(flags).unwrap_or_default();
    flags.into_iter().filter(|(_, value)| *value == Value::Bool(true)).map(|(name, _)| name).collect()
}

/// A broken file is told from JSON of another shape.
fn not_json(bytes: &[u8], error: &serde_json::Error) -> String {
    match serde_json::from_slice::<serde::de::IgnoredAny>(bytes) {
        Err(error) => format!("not valid JSON: {error}"),
        Ok(_) => format!("JSON, but not LabelMe: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(text: &str) -> String {
        read(text.as_bytes()).err().unwrap_or_default()
    }

    #[test]
    fn broken_json_and_other_json_are_told_apart() {
        assert!(complaint("{\"shapes\": [\n 1,").starts_with("not valid JSON: EOF"));
        assert!(complaint("{\"shapes\": [\n 1,").contains("line 2 column 3"));
        for text in ["{\"a\":1}", "[1,2]", "7", "{\"shapes\":{}}", "{\"shapes\":[]}"] {
            assert!(complaint(text).starts_with("JSON, but not LabelMe"), "{text}: {}", complaint(text));
        }
    }

    #[test]
    fn members_of_a_wrong_type_cost_themselves_only() {
        let file = read(br#"{"shapes":[7],"imagePath":"..\\a\\b.png","imageWidth":"5","imageHeight":3,"flags":[],"imageData":null}"#);
        let file = file.ok().unwrap();
        assert_eq!((file.image_path.as_deref(), file.size, file.image_data), (Some("../a/b.png"), None, None));
        assert!(file.shapes[0].is_err() && file.flags.is_empty());
    }
}
