//! What a box may be on its image.

use lightbox_formats::code;
use lightbox_sdk::Finding;

/// Pixels by which a box may stand out without being called clipped: what computing in floats leaves.
const TOLERANCE: f64 = 1e-6;
const NAMES: [&str; 4] = ["xLeft", "yTop", "width", "height"];

/// What becomes of a box.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fate {
    Stays,
    Clipped([f64; 4], Finding),
    Refused(Finding),
}

/// Checks `[x, y, width, height]` by itself, and against `[width, height]` of its image where known.
pub(crate) fn judge(bounds: [f64; 4], image_size: Option<[u32; 2]>) -> Fate {
    if let Some((name, value)) = NAMES.into_iter().zip(bounds).find(|(_, value)| !value.is_finite()) {
        return Fate::Refused(Finding::error(
            code::BAD_NUMBER,
            format!("{name} is {value}; a finite number is expected"),
        ));
    }
    if let Some((name, value)) = NAMES.into_iter().zip(bounds).skip(2).find(|(_, value)| *value <= 0.0) {
        return Fate::Refused(Finding::error(code::BOX_EMPTY, format!("{name} is {value}; more than 0 is expected")));
    }
    image_size.map_or(Fate::Stays, |size| judge_place(bounds, size))
}

fn judge_place(bounds: [f64; 4], size: [u32; 2]) -> Fate {
    let mut clipped = bounds;
    let (mut outside, mut stands_out) = (false, false);
    for axis in 0..2 {
        let (start, end, limit) = (bounds[axis], bounds[axis] + bounds[axis + 2], f64::from(size[axis]));
        outside |= start >= limit || end <= 0.0;
        if start < -TOLERANCE || end > limit + TOLERANCE {
            stands_out = true;
            clipped[axis] = start.max(0.0);
            clipped[axis + 2] = end.min(limit) - clipped[axis];
        }
    }
    let shown = |bounds: [f64; 4]| format!("{},{},{},{}", bounds[0], bounds[1], bounds[2], bounds[3]);
    let image = format!("its image of {} × {} pixels", size[0], size[1]);
    if outside || clipped[2] <= 0.0 || clipped[3] <= 0.0 {
        return Fate::Refused(Finding::error(
            code::BOX_OUTSIDE,
            format!("the box {} lies outside {image}", shown(bounds)),
        ));
    }
    if !stands_out {
        return Fate::Stays;
    }
    let message = format!("the box {} lies partly outside {image}; clipped to {}", shown(bounds), shown(clipped));
    Fate::Clipped(clipped, Finding::warning(code::BOX_CLIPPED, message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn boxes_are_kept_clipped_or_refused() {
        let table = [
            ([0.0, 0.0, 64.0, 64.0], "", [0.0, 0.0, 64.0, 64.0]),
            ([60.0, 1.0, 10.0, 10.0], code::BOX_CLIPPED, [60.0, 1.0, 4.0, 10.0]),
            ([-1.0, 3.0, 5.0, 5.0], code::BOX_CLIPPED, [0.0, 3.0, 4.0, 5.0]),
            ([-1.0, -1.0, 99.0, 99.0], code::BOX_CLIPPED, [0.0, 0.0, 64.0, 64.0]),
            ([1.0, 64.0, 5.0, 5.0], code::BOX_OUTSIDE, [0.0; 4]),
            ([-5.0, 1.0, 5.0, 5.0], code::BOX_OUTSIDE, [0.0; 4]),
            ([5.0, 5.0, 0.0, 5.0], code::BOX_EMPTY, [0.0; 4]),
            ([20.0, 20.0, 5.0, -0.5], code::BOX_EMPTY, [0.0; 4]),
            ([f64::NAN, 1.0, 1.0, 1.0], code::BAD_NUMBER, [0.0; 4]),
            ([1.0, 1.0, f64::INFINITY, 1.0], code::BAD_NUMBER, [0.0; 4]),
        ];
        for (bounds, code, expected) in table {
            let (found, result) = match judge(bounds, Some([64, 64])) {
                Fate::Stays => (String::new(), bounds),
                Fate::Clipped(clipped, finding) => (finding.code, clipped),
                Fate::Refused(finding) => (finding.code, [0.0; 4]),
            };
            assert_eq!((found.as_str(), result), (code, expected), "{bounds:?}");
        }
    }

    #[test]
    fn without_a_size_only_the_box_itself_is_judged() {
        assert_eq!(judge([1e9, 0.0, 1.0, 1.0], None), Fate::Stays);
        assert!(matches!(judge([0.0, 0.0, 0.0, 1.0], None), Fate::Refused(_)));
    }

    proptest! {
        #[test]
        fn what_was_clipped_stays_from_then_on(
            bounds in prop::array::uniform4(-80.0..80.0f64), size in prop::array::uniform2(1..70u32),
        ) {
            if let Fate::Clipped(clipped, _) = judge(bounds, Some(size)) {
                prop_assert_eq!(judge(clipped, Some(size)), Fate::Stays);
            }
        }
    }
}
