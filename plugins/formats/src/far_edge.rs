//! Boxes as two corners, for formats that write those instead of width and height.

/// The far edge for which `edge - start` is `length` again, and whether there is one: far from 0 the numbers lie too far
/// apart for some lengths, and the nearest is given.
pub(crate) fn far_edge(start: f64, length: f64) -> (f64, bool) {
    let sum = start + length;
    let exact = [sum, sum.next_up(), sum.next_down()].into_iter().find(|edge| edge - start == length);
    exact.map_or((sum, false), |edge| (edge, true))
}

/// `[left, top, right, bottom]` of `[x, y, width, height]`, and how far, in pixels, the size read from them is off.
pub(crate) fn corners(bounds: [f64; 4]) -> ([f64; 4], f64) {
    let [x, y, width, height] = bounds;
    let ((right, x_exact), (bottom, y_exact)) = (far_edge(x, width), far_edge(y, height));
    let off = |exact: bool, edge: f64, start: f64, length: f64| if exact { 0.0 } else { (edge - start - length).abs() };
    ([x, y, right, bottom], off(x_exact, right, x, width).max(off(y_exact, bottom, y, height)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_size_comes_back_or_is_said_to_be_off(bounds in prop::array::uniform4(0.0..20_000.0f64)) {
            let ([left, top, right, bottom], off) = corners(bounds);
            let back = [left, top, right - left, bottom - top];
            prop_assert!(off < 1e-10);
            prop_assert_eq!(off == 0.0, back == bounds);
        }

        #[test]
        fn whole_and_half_pixels_always_come_back(bounds in prop::array::uniform4(0..60_000u32)) {
            let bounds = bounds.map(|half| f64::from(half) / 2.0);
            prop_assert_eq!(corners(bounds).1, 0.0);
        }
    }
}
