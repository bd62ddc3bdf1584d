//! Fills polygons as the COCO API does, so that masks made here and there are equal to the pixel.
//!
//! The rule, of `rleFrPoly` in the COCO API's `maskApi`: coordinates are multiplied by five and rounded; each edge is drawn
//! on that finer grid, one step a unit of its longer side. Where a drawn edge goes from 5c + 2 to 5c + 3 it passes the
//! middle of pixel column c, and the mask changes in that column at its lower end's height, divided by five again and
//! rounded up. Edges have no other effect, so only these places are computed here: time goes with the columns that an
//! edge passes, not with its length.

use super::Mask;
use super::toggles::{MAX_CHANGES, Toggles};
use crate::{Call, Error, Result};

/// Steps of the finer grid in a pixel.
const SCALE: i64 = 5;
/// Largest coordinate, so that five times as much is a whole number of 32 bits, as in the COCO API.
const MAX_COORDINATE: f64 = 4e8;
/// Edges between two looks at whether the call should stop.
const BETWEEN_CHECKS: usize = 256;

/// A point on the finer grid.
type Point = [i64; 2];

impl Mask {
    /// The pixels inside any of `polygons`, each `x, y, x, y, …` in pixels from the image's top-left corner and closed by
    /// itself. What lies outside the image is cut off.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for a polygon of fewer than three points, an odd number of coordinates, or a coordinate that is
    /// no number or beyond 400,000,000; [`Error::Limit`] for 2³² pixels and more, or outlines that together change the
    /// mask more than 16,777,216 times, where two changes at one place of an outline are none; [`Error::Cancelled`];
    /// [`Error::Invalid`] for no polygon.
    pub fn from_polygons<P: AsRef<[f64]>>(width: u32, height: u32, polygons: &[P], call: &Call<'_>) -> Result<Self> {
        draw(width, height, polygons, MAX_CHANGES, call)
    }
}

/// The bound is that of all polygons together: their run lengths are held until they are united.
fn draw<P: AsRef<[f64]>>(width: u32, height: u32, polygons: &[P], most: usize, call: &Call<'_>) -> Result<Mask> {
    let (mut masks, mut left) = (Vec::with_capacity(polygons.len()), most);
    for polygon in polygons {
        let mask = from_polygon(width, height, polygon.as_ref(), left, call)?;
        left = left.saturating_sub(mask.counts.len());
        masks.push(mask);
    }
    match masks.len() {
        1 => Ok(masks.remove(0)),
        _ => Mask::union(&masks),
    }
}

fn from_polygon(width: u32, height: u32, coordinates: &[f64], most: usize, call: &Call<'_>) -> Result<Mask> {
    let total = width.checked_mul(height).ok_or_else(|| {
        Error::Limit(format!("masks of {width} × {height} are not kept; the limit is {} pixels", u32::MAX))
    })?;
    let points = points(coordinates)?;
    let mut toggles = Toggles::new(most, call);
    let ends = points.iter().cycle().skip(1);
    for (index, (from, to)) in points.iter().zip(ends).enumerate() {
        if index.is_multiple_of(BETWEEN_CHECKS) {
            call.check()?;
        }
        for (column, height_of_change) in crossings(*from, *to, width) {
            toggles.push(column * height + pixel_below(height_of_change, height))?;
        }
    }
    Ok(Mask { width, height, counts: toggles.into_counts(total)? })
}

fn points(coordinates: &[f64]) -> Result<Vec<Point>> {
    let (pairs, rest) = coordinates.as_chunks::<2>();
    if pairs.len() < 3 || !rest.is_empty() {
        let count = coordinates.len();
        return Err(corrupt(format!("{count} coordinates; pairs of at least three points are expected")));
    }
    if let Some(bad) = coordinates.iter().find(|each| !(-MAX_COORDINATE..=MAX_COORDINATE).contains(*each)) {
        return Err(corrupt(format!("the coordinate {bad}; a number of pixels is expected")));
    }
    Ok(pairs.iter().map(|pair| pair.map(|each| round(SCALE as f64 * each))).collect())
}

fn corrupt(what: String) -> Error {
    Error::Corrupt(format!("the polygon has {what}"))
}

/// Half up, but towards 0 below 0: what a cast to a whole number leaves of a number that half was added to.
fn round(number: f64) -> i64 {
    (number + 0.5) as i64
}

/// The pixel columns whose middle an edge passes, and the height on the finer grid at which it does.
fn crossings(from: Point, to: Point, width: u32) -> impl Iterator<Item = (u32, i64)> {
    let [across, down] = [0, 1].map(|axis| (to[axis] - from[axis]).abs());
    let is_flat = across >= down;
    // Drawn from its left end, or from its upper end when it is steep.
    let axis = usize::from(!is_flat);
    let (start, end) = if from[axis] <= to[axis] { (from, to) } else { (to, from) };
    let (left, right) = (from[0].min(to[0]), from[0].max(to[0]));
    let first = (left - 2).div_euclid(SCALE) + i64::from((left - 2).rem_euclid(SCALE) > 0);
    let last = (right - 3).div_euclid(SCALE);
    (first.max(0)..=last.min(i64::from(width) - 1)).map(move |column| {
        let middle = column * SCALE + 2;
        let height = if is_flat { flat_height(start, end, middle) } else { steep_height(start, end, middle) };
        (column as u32, height)
    })
}

/// The smaller height of an edge at `middle` and one step to the right of it.
fn flat_height(left: Point, right: Point, middle: i64) -> i64 {
    let slope = (right[1] - left[1]) as f64 / (right[0] - left[0]) as f64;
    let height = |x: i64| round(left[1] as f64 + slope * (x - left[0]) as f64);
    height(middle).min(height(middle + 1))
}

/// The height of the last step before an edge has passed from one side of `middle` to the other.
fn steep_height(top: Point, bottom: Point, middle: i64) -> i64 {
    let steps = bottom[1] - top[1];
    let slope = (bottom[0] - top[0]) as f64 / steps as f64;
    let starts_left = slope > 0.0;
    let has_passed = |step: i64| (round(top[0] as f64 + slope * step as f64) > middle) == starts_left;
    let guess = (middle as f64 + 0.5 - top[0] as f64) / slope;
    let mut step = (guess as i64).clamp(1, steps);
    while step < steps && !has_passed(step) {
        step += 1;
    }
    while step > 1 && has_passed(step - 1) {
        step -= 1;
    }
    top[1] + step - 1
}

/// The first pixel at or below a height on the finer grid.
fn pixel_below(height: i64, pixels: u32) -> u32 {
    let pixel = (height - 2).div_euclid(SCALE) + i64::from((height - 2).rem_euclid(SCALE) > 0);
    pixel.clamp(0, i64::from(pixels)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Width, height, polygons, and what pycocotools 2.0.11 makes of them: `merge(frPyObjects(…))`.
    const KNOWN: [(u32, u32, &[&[f64]], &str); 10] = [
        (5, 5, &[&[1.0, 1.0, 3.0, 1.0, 3.0, 4.0, 1.0, 4.0]], "63209"),
        (5, 10, &[&[0.0, 0.0, 1.0, 0.0, 1.0, 2.0, 0.0, 2.0]], "02`1"),
        (4, 3, &[&[-9.0, -9.0, 99.0, -9.0, 99.0, 99.0, -9.0, 99.0]], "0<"),
        (4, 3, &[&[10.0, 0.0, 20.0, 0.0, 20.0, 9.0]], "<"),
        (8, 6, &[&[0.4, 0.6, 7.9, 2.2, 3.3, 5.8]], "7152N2NO2N1O10N"),
        (8, 6, &[&[-3.7, 2.5, 4.1, -2.9, 12.2, 3.3, 4.4, 9.6]], "0`1"),
        (
            8,
            6,
            &[&[1.0, 1.0, 6.0, 1.0, 6.0, 5.0, 1.0, 5.0], &[4.0, 2.0, 8.0, 2.0, 8.0, 6.0, 4.0, 6.0]],
            "74200001O01O00",
        ),
        (8, 6, &[&[1.0, 1.0, 6.0, 5.0, 6.0, 1.0, 1.0, 5.0]], "743N70I2:"),
        (6, 6, &[&[2.0, 2.0, 2.0, 2.0, 2.0, 2.0]], "T1"),
        (
            6,
            6,
            &[&[0.5, 0.5, 5.5, 0.5, 5.5, 5.5, 0.5, 5.5, 0.5, 0.5, 2.0, 2.0, 2.0, 4.0, 4.0, 4.0, 4.0, 2.0, 2.0, 2.0]],
            "751L11OO11O300",
        ),
    ];

    fn fill(width: u32, height: u32, polygons: &[&[f64]]) -> Mask {
        Mask::from_polygons(width, height, polygons, &Call::unlimited()).unwrap()
    }

    #[test]
    fn polygons_are_filled_as_the_coco_api_fills_them() {
        for (width, height, polygons, expected) in KNOWN {
            assert_eq!(fill(width, height, polygons).to_coco(), expected, "{polygons:?} on {width} × {height}");
        }
    }

    #[test]
    fn what_is_no_polygon_is_refused() {
        let table: [(&[f64], &str); 4] = [
            (&[1.0, 1.0, 2.0, 2.0], "4 coordinates"),
            (&[1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0], "7 coordinates"),
            (&[1.0, 1.0, 2.0, f64::NAN, 3.0, 3.0], "NaN"),
            (&[1.0, 1.0, 2.0, 2.0, 3.0, 1e9], "1000000000"),
        ];
        for (polygon, part) in table {
            let error = Mask::from_polygons(9, 9, &[polygon], &Call::unlimited()).unwrap_err();
            assert!(matches!(&error, Error::Corrupt(sentence) if sentence.contains(part)), "{error}");
        }
        let none: [&[f64]; 0] = [];
        assert!(matches!(Mask::from_polygons(9, 9, &none, &Call::unlimited()), Err(Error::Invalid(_))));
        let vast = Mask::from_polygons(1 << 16, 1 << 16, &[KNOWN[0].2[0]], &Call::unlimited());
        assert!(matches!(vast, Err(Error::Limit(_))));
    }

    #[test]
    fn an_edge_far_longer_than_the_image_costs_the_columns_that_it_passes() {
        let far = MAX_COORDINATE;
        let mask = fill(3, 2, &[&[-far, -far, far, -far, far, far, -far, far], &[0.0, -far, 1.0, far, 0.5, far]]);
        assert_eq!(mask.counts, [0, 6]);
    }

    /// From side to side and a row down each time, so that every edge passes every column.
    fn zigzag(edges: u32, width: u32) -> Vec<f64> {
        let point = |at: u32| [if at.is_multiple_of(2) { 0.0 } else { f64::from(width) }, f64::from(at)];
        (0..edges).map(point).collect::<Vec<_>>().into_flattened()
    }

    #[test]
    fn the_bound_is_that_of_all_polygons_together() {
        let polygon = zigzag(4, 10);
        let changes = fill(10, 9, &[&polygon]).counts.len();
        let call = Call::unlimited();
        assert!(draw(10, 9, &[&polygon, &polygon], changes * 2, &call).is_ok());
        let refused = draw(10, 9, &[&polygon, &polygon], changes * 2 - 2, &call);
        assert!(matches!(refused, Err(Error::Limit(sentence)) if sentence.contains("16777216")));
    }

    #[test]
    fn few_edges_that_pass_many_columns_are_given_up_when_the_call_ends() {
        let asked = std::cell::Cell::new(0);
        let is_cancelled = || asked.replace(asked.get() + 1) > 0;
        let call = Call::new(None, 0, &is_cancelled);
        let polygon = zigzag(200, 1000);
        assert_eq!(Mask::from_polygons(1000, 300, &[&polygon], &call), Err(Error::Cancelled));
    }

    /// Draws every step of every edge, as the rule says it.
    fn by_steps(width: u32, height: u32, polygon: &[f64]) -> Vec<u32> {
        let call = Call::unlimited();
        let mut toggles = Toggles::new(usize::MAX, &call);
        let points = points(polygon).unwrap();
        for (index, from) in points.iter().enumerate() {
            let to = points[(index + 1) % points.len()];
            let (across, down) = ((to[0] - from[0]).abs(), (to[1] - from[1]).abs());
            let axis = usize::from(across < down);
            let (start, end) = if from[axis] <= to[axis] { (*from, to) } else { (to, *from) };
            let steps = end[axis] - start[axis];
            let slope = (end[1 - axis] - start[1 - axis]) as f64 / steps as f64;
            let drawn: Vec<Point> = (0..=steps)
                .map(|step| {
                    let mut point = [start[axis] + step; 2];
                    point[1 - axis] = round(start[1 - axis] as f64 + slope * step as f64);
                    point
                })
                .collect();
            for pair in drawn.windows(2).filter(|pair| pair[0][0] != pair[1][0]) {
                let left = pair[0][0].min(pair[1][0]);
                let column = (left - 2).div_euclid(5);
                if left.rem_euclid(5) == 2 && (0..i64::from(width)).contains(&column) {
                    let row = pixel_below(pair[0][1].min(pair[1][1]), height);
                    toggles.push(column as u32 * height + row).unwrap();
                }
            }
        }
        toggles.into_counts(width * height).unwrap()
    }

    proptest! {
        #[test]
        fn places_computed_are_those_that_drawing_step_by_step_passes(
            polygon in prop::collection::vec([-9.0..30.0f64, -9.0..30.0f64], 3..9), width in 1..22u32, height in 1..22u32,
        ) {
            let polygon: Vec<f64> = polygon.into_flattened();
            let mask = fill(width, height, &[&polygon]);
            prop_assert_eq!(&mask.counts, &by_steps(width, height, &polygon));
            prop_assert!(Mask::from_counts(width, height, mask.counts).is_ok());
        }
    }
}
