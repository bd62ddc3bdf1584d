//! Fills a polygon: the pixels whose centres lie inside it, by the even-odd rule.
//!
//! Column by column, because COCO's run lengths go down the columns: the runs come out as they are stored, and a
//! small polygon on a large image costs its own columns only.

use crate::mask::runs::Runs;
use lightbox_sdk::mask::Mask;
use lightbox_sdk::{Call, Result};

/// From the left end to the right.
#[derive(Debug, Clone, Copy)]
struct Edge {
    left: [f64; 2],
    right: [f64; 2],
}

/// The mask of one polygon, on an image of `width` × `height` pixels; what lies outside the image is cut off.
///
/// # Errors
/// `Cancelled`.
pub(super) fn fill_polygon(points: &[[f64; 2]], width: u32, height: u32, call: &Call<'_>) -> Result<Mask> {
    let mut edges = edges(points);
    let mut runs = Runs::default();
    let mut active: Vec<Edge> = Vec::new();
    let first = edges.first().map_or(width, |edge| first_column(edge.left[0], width));
    let last = edges.iter().map(|edge| first_column(edge.right[0], width)).max().unwrap_or(0);
    let mut waiting = edges.drain(..).peekable();
    for column in first..last {
        call.check()?;
        let center = f64::from(column) + 0.5;
        while let Some(edge) = waiting.next_if(|edge| edge.left[0] <= center) {
            active.push(edge);
        }
        active.retain(|edge| edge.right[0] > center);
        fill_column(&active, center, u64::from(column) * u64::from(height), height, &mut runs);
    }
    Ok(runs.into_mask(width, height))
}

/// The edges that are not vertical, by their left end. Vertical ones cross no column's centre line.
fn edges(points: &[[f64; 2]]) -> Vec<Edge> {
    let next = points.iter().cycle().skip(1);
    let mut edges: Vec<Edge> = (points.iter().zip(next))
        .filter(|(a, b)| a[0] != b[0])
        .map(|(a, b)| if a[0] < b[0] { Edge { left: *a, right: *b } } else { Edge { left: *b, right: *a } })
        .collect();
    edges.sort_by(|a, b| a.left[0].total_cmp(&b.left[0]));
    edges
}

fn fill_column(active: &[Edge], center: f64, start: u64, height: u32, runs: &mut Runs) {
    let mut crossings: Vec<f64> = active.iter().map(|edge| crossing(edge, center)).collect();
    crossings.sort_by(f64::total_cmp);
    for pair in crossings.chunks_exact(2) {
        let (top, bottom) = (first_column(pair[0], height), first_column(pair[1], height));
        runs.set(start + u64::from(top), u64::from(bottom - top.min(bottom)));
    }
}

fn crossing(edge: &Edge, x: f64) -> f64 {
    let part = (x - edge.left[0]) / (edge.right[0] - edge.left[0]);
    edge.left[1] + (edge.right[1] - edge.left[1]) * part
}

/// The first of `count` pixels whose centre is at or after `position`; `count` when there is none.
fn first_column(position: f64, count: u32) -> u32 {
    (position - 0.5).ceil().clamp(0.0, f64::from(count)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fill(points: &[[f64; 2]], width: u32, height: u32) -> Mask {
        fill_polygon(points, width, height, &Call::unlimited()).unwrap()
    }

    /// Whether a point lies inside, crossing by crossing: slow and plain.
    fn inside(points: &[[f64; 2]], x: f64, y: f64) -> bool {
        edges(points).iter().filter(|edge| edge.left[0] <= x && x < edge.right[0] && crossing(edge, x) <= y).count() % 2
            == 1
    }

    #[test]
    fn a_square_on_pixel_borders_fills_its_pixels() {
        let mask = fill(&[[1.0, 1.0], [3.0, 1.0], [3.0, 4.0], [1.0, 4.0]], 5, 5);
        assert_eq!((mask.area(), mask.bounding_box()), (6, [1.0, 1.0, 2.0, 3.0]));
    }

    #[test]
    fn a_polygon_that_covers_the_image_fills_it_and_one_beside_it_does_not() {
        let all = fill(&[[-9.0, -9.0], [99.0, -9.0], [99.0, 99.0], [-9.0, 99.0]], 4, 3);
        assert_eq!(all.counts, [0, 12]);
        assert_eq!(fill(&[[10.0, 0.0], [20.0, 0.0], [20.0, 9.0]], 4, 3).counts, [12]);
        assert_eq!(fill(&[[1.0, 1.0], [1.0, 2.0], [1.0, 3.0]], 4, 3).counts, [12]);
    }

    proptest! {
        #[test]
        fn every_pixel_whose_centre_is_inside_is_set_and_no_other(
            points in prop::collection::vec([-3.0..12.0f64, -3.0..12.0f64], 3..12), width in 1..9u32, height in 1..9u32,
        ) {
            let mask = fill(&points, width, height);
            prop_assert!(Mask::from_counts(width, height, mask.counts.clone()).is_ok());
            let expected: Vec<u8> = (0..height)
                .flat_map(|row| (0..width).map(move |column| (column, row)))
                .map(|(column, row)| u8::from(inside(&points, f64::from(column) + 0.5, f64::from(row) + 0.5)))
                .collect();
            prop_assert_eq!(mask.to_pixels(1), expected);
        }
    }
}
