//! The member `segmentation`: polygons, run lengths, or run lengths packed into a string.

use super::numbers::{read_coordinates, read_counts, read_size};
use super::refusal::{Refusal, RowResult, refuse};
use super::scan::Value;
use crate::code;
use crate::mask::MAX_MASK_PIXELS;
use lightbox_sdk::mask::Mask;
use lightbox_sdk::{Call, Error};
use std::borrow::Cow;

/// Coordinates of a polygon that covers something: three points.
const LEAST_COORDINATES: usize = 6;

/// A mask, and how many polygons of one or two points were left out of it.
#[derive(Debug)]
pub(super) struct Drawn {
    pub(super) mask: Mask,
    pub(super) left_out: usize,
}

/// Draws a segmentation; polygons on an image of `size` (width, height), run lengths on the one that they state.
/// `None` for polygons without a point.
pub(super) fn draw(value: Value<'_>, size: Option<[u32; 2]>, call: &Call<'_>) -> RowResult<Option<Drawn>> {
    if value.is_object() {
        return read_runs(value, call).map(|mask| Some(Drawn { mask, left_out: 0 }));
    }
    if !value.is_list() {
        return refuse(code::BAD_SHAPE, "segmentation is neither a list of polygons nor run lengths with a size");
    }
    let polygons = read_polygons(value, call)?;
    if polygons.is_empty() {
        return Ok(None);
    }
    let (whole, broken): (Vec<_>, Vec<_>) = polygons.into_iter().partition(|each| each.len() >= LEAST_COORDINATES);
    if whole.is_empty() {
        return refuse(code::BAD_SHAPE, "no polygon has three points, so that nothing is inside");
    }
    let Some([width, height]) = size else {
        return refuse(
            code::MASK_SIZE,
            "its image states no width and height above 0, on which the polygon could be drawn",
        );
    };
    require_pixels(width, height)?;
    let mask = Mask::from_polygons(width, height, &whole, call)?;
    if mask.area() == 0 {
        return refuse(code::BAD_MASK, "no pixel of the image lies inside the polygon");
    }
    Ok(Some(Drawn { mask, left_out: broken.len() }))
}

/// Polygons without coordinates are passed over; a bare list of coordinates is one polygon.
fn read_polygons(value: Value<'_>, call: &Call<'_>) -> RowResult<Vec<Vec<f64>>> {
    if let Ok(polygons) = serde_json::from_slice::<Vec<Vec<f64>>>(value.bytes) {
        return Ok(polygons.into_iter().filter(|polygon| !polygon.is_empty()).collect());
    }
    if value.items(call).next().is_some_and(|first| first.is_ok_and(|first| !first.is_list())) {
        return Ok(vec![read_coordinates(value, call)?]);
    }
    let polygons = value.items(call).map(|item| read_coordinates(item?, call)).collect::<RowResult<Vec<_>>>()?;
    Ok(polygons.into_iter().filter(|polygon| !polygon.is_empty()).collect())
}

fn read_runs(value: Value<'_>, call: &Call<'_>) -> RowResult<Mask> {
    let (mut size, mut counts) = (None, None);
    for member in value.members(call) {
        let (name, value) = member?;
        match name.as_ref() {
            b"size" => size = Some(read_size(value, call)?),
            b"counts" => counts = Some(value),
            _ => {}
        }
    }
    let Some([height, width]) = size else {
        return refuse(code::BAD_MASK, "segmentation has no size, so that its run lengths have no width and height");
    };
    require_pixels(width, height)?;
    let Some(counts) = counts else { return refuse(code::BAD_MASK, "segmentation has no counts") };
    let mask = match counts.bytes.first() {
        Some(b'"') => match serde_json::from_slice::<Cow<'_, str>>(counts.bytes) {
            Ok(text) => Mask::from_coco(width, height, text.as_bytes()),
            Err(error) => return refuse(code::BAD_MASK, format!("counts is no text: {error}")),
        },
        _ => Mask::from_counts(width, height, read_counts(counts, call)?),
    };
    mask.map_err(refuse_runs).and_then(|mask| match mask.area() {
        0 => refuse(code::BAD_MASK, "no pixel of the mask is set"),
        _ => Ok(mask),
    })
}

/// Run lengths that are sound but for their sum have another size.
fn refuse_runs(error: Error) -> Refusal {
    let sentence = error.to_string();
    let code = if sentence.contains("in all") { code::MASK_SIZE } else { code::BAD_MASK };
    Refusal::Row(code, sentence)
}

fn require_pixels(width: u32, height: u32) -> RowResult<()> {
    let pixels = u64::from(width) * u64::from(height);
    match pixels {
        0 => refuse(code::MASK_SIZE, format!("{width} × {height} is no size of a mask")),
        _ if pixels <= MAX_MASK_PIXELS => Ok(()),
        _ => {
            let what = format!("{width} × {height} are more pixels than the allowed {MAX_MASK_PIXELS}");
            refuse(code::MASK_SIZE, what)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> RowResult<Option<Drawn>> {
        draw(Value { bytes: text.as_bytes(), start: 0 }, Some([5, 10]), &Call::unlimited())
    }

    #[test]
    fn polygons_and_both_kinds_of_run_lengths_are_read() {
        let table = [
            ("[[0,0,1,0,1,2,0,2]]", 2),
            ("[0,0,1,0,1,2,0,2]", 2),
            ("[[],[0,0,1,0,1,2,0,2],[0,0,2,0,2,2,0,2],[4,4]]", 4),
            (r#"{"size":[10,5],"counts":[0,20,30]}"#, 20),
            (r#"{"counts":"0d0n0","size":[10.0,5]}"#, 20),
        ];
        for (text, area) in table {
            assert_eq!(read(text).unwrap().map(|drawn| drawn.mask.area()), Some(area), "{text}");
        }
        assert_eq!(read("[[],[]]").unwrap().map(|drawn| drawn.left_out), None);
        assert_eq!(read("[[0,0,1,0,1,2],[4,4]]").unwrap().map(|drawn| drawn.left_out), Some(1));
    }

    #[test]
    fn what_is_no_mask_is_refused_with_its_cause() {
        let table = [
            ("7", code::BAD_SHAPE, "neither"),
            ("[[1,2,3,4]]", code::BAD_SHAPE, "no polygon has three points"),
            ("[[1,2,3,4,5,6,7]]", code::BAD_SHAPE, "7 coordinates"),
            ("[[1,2,3,4,5,\"x\"]]", code::BAD_NUMBER, "\"x\""),
            ("[[90,0,91,0,91,2]]", code::BAD_MASK, "no pixel"),
            (r#"{"counts":[0,20,30]}"#, code::BAD_MASK, "no size"),
            (r#"{"size":[10,5]}"#, code::BAD_MASK, "no counts"),
            (r#"{"size":[10,5],"counts":[50]}"#, code::BAD_MASK, "no pixel"),
            (r#"{"size":[10,5],"counts":[0,20]}"#, code::MASK_SIZE, "20 pixels in all, but 5 × 10 are 50"),
            (r#"{"size":[10,5],"counts":"!"}"#, code::BAD_MASK, "the byte 33"),
            (r#"{"size":[10,5],"counts":null}"#, code::BAD_NUMBER, "counts is null"),
            (r#"{"size":[0,5],"counts":[]}"#, code::MASK_SIZE, "5 × 0 is no size"),
            (r#"{"size":[99999,99999],"counts":[]}"#, code::MASK_SIZE, "more pixels"),
        ];
        for (text, code, part) in table {
            match read(text) {
                Err(Refusal::Row(found, what)) => {
                    assert!(found == code && what.contains(part), "{text}: {found} {what}")
                }
                other => panic!("{text}: {other:?}"),
            }
        }
        let unsized_image = draw(Value { bytes: b"[[0,0,1,0,1,2]]", start: 0 }, None, &Call::unlimited());
        assert!(matches!(unsized_image, Err(Refusal::Row(code::MASK_SIZE, _))));
    }
}
