//! Lists of numbers, and which of their items is none.

use super::refusal::{Refusal, RowResult, refuse};
use super::scan::Value;
use crate::code;
use crate::shortened::shortened;
use lightbox_sdk::Call;
use serde::de::DeserializeOwned;

/// Exactly four finite numbers.
pub(super) fn read_bounds(value: Value<'_>, call: &Call<'_>) -> RowResult<[f64; 4]> {
    read(value, "bbox", call, "four numbers x, y, width, height")
}

/// Whole sizes, as `height, width`.
pub(super) fn read_size(value: Value<'_>, call: &Call<'_>) -> RowResult<[u32; 2]> {
    let expected = "two whole numbers height, width";
    let size: [f64; 2] = read(value, "size", call, expected)?;
    let is_whole = |each: &f64| each.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(each);
    match size.iter().find(|each| !is_whole(each)) {
        Some(bad) => refuse(code::MASK_SIZE, format!("size holds {bad}, but {expected} are expected")),
        None => Ok(size.map(|each| each as u32)),
    }
}

/// Whole run lengths.
pub(super) fn read_counts(value: Value<'_>, call: &Call<'_>) -> RowResult<Vec<u32>> {
    let counts: Vec<f64> = read(value, "counts", call, "run lengths")?;
    let is_whole = |each: &f64| each.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(each);
    match counts.iter().find(|each| !is_whole(each)) {
        Some(bad) => refuse(code::BAD_MASK, format!("counts holds {bad}, but whole run lengths are expected")),
        None => Ok(counts.into_iter().map(|each| each as u32).collect()),
    }
}

/// A list of numbers of any length.
pub(super) fn read_coordinates(value: Value<'_>, call: &Call<'_>) -> RowResult<Vec<f64>> {
    read(value, "segmentation", call, "coordinates")
}

fn read<T: DeserializeOwned>(value: Value<'_>, name: &str, call: &Call<'_>, expected: &str) -> RowResult<T> {
    serde_json::from_slice(value.bytes).map_err(|_| diagnose(value, name, call, expected))
}

/// Names the first item that is no number, or else how many there are.
fn diagnose(value: Value<'_>, name: &str, call: &Call<'_>, expected: &str) -> Refusal {
    let text = |value: Value<'_>| shortened(&String::from_utf8_lossy(value.bytes));
    if !value.is_list() {
        return Refusal::Row(code::BAD_NUMBER, format!("{name} is {}, but {expected} are expected", text(value)));
    }
    if let Err(error) = call.check() {
        return error.into();
    }
    let mut count = 0;
    for item in value.items(call) {
        let item = match item {
            Ok(item) => item,
            Err(error) => return error.into(),
        };
        if serde_json::from_slice::<f64>(item.bytes).is_err() {
            let message = format!("{name}[{count}] is {}, but a finite number is expected", text(item));
            return Refusal::Row(code::BAD_NUMBER, message);
        }
        count += 1;
    }
    Refusal::Row(code::BAD_SHAPE, format!("{name} has {count} numbers, but {expected} are expected"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightbox_sdk::Error;

    #[test]
    fn nothing_is_diagnosed_when_the_call_has_ended() {
        let ended = Call::new(None, 0, &|| true);
        let broken = Value { bytes: b"[1,2,3,x]", start: 0 };
        assert_eq!(read_bounds(broken, &ended), Err(Refusal::Stop(Error::Cancelled)));
    }

    fn complaint<T: std::fmt::Debug>(read: fn(Value<'_>, &Call<'_>) -> RowResult<T>, text: &str) -> String {
        match read(Value { bytes: text.as_bytes(), start: 0 }, &Call::unlimited()) {
            Err(Refusal::Row(code, what)) => format!("{code}: {what}"),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn what_is_wrong_with_a_list_is_named() {
        let table = [
            (complaint(read_bounds, "[1,2,3]"), "BAD_SHAPE: bbox has 3 numbers"),
            (complaint(read_bounds, "[1,2,NaN,4]"), "BAD_NUMBER: bbox[2] is NaN, but a finite number"),
            (complaint(read_bounds, "[1,\"2\",3,4]"), "BAD_NUMBER: bbox[1] is \"2\""),
            (complaint(read_bounds, "[1,2,3,1e999]"), "BAD_NUMBER: bbox[3] is 1e999"),
            (complaint(read_bounds, "{\"x\":1}"), "BAD_NUMBER: bbox is {\"x\":1}"),
            (complaint(read_bounds, "[1,2 3,4]"), "BAD_SHAPE: not valid JSON"),
            (complaint(read_size, "[480,640.5]"), "MASK_SIZE: size holds 640.5"),
            (complaint(read_size, "[480]"), "BAD_SHAPE: size has 1 numbers"),
            (complaint(read_counts, "[3,-1]"), "BAD_MASK: counts holds -1"),
            (complaint(read_coordinates, "[1,null]"), "BAD_NUMBER: segmentation[1] is null"),
            (complaint(read_size, "[480.0,640]"), "Ok([480, 640])"),
        ];
        for (found, start) in table {
            assert!(found.starts_with(start), "{found} does not start with {start}");
        }
    }
}
