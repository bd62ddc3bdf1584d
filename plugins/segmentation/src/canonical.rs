//! The one way in which a mask is stored, so that equal masks are equal bytes.

use lightbox_formats::code;
use lightbox_formats::mask::{StatedSize, read_payload};
use lightbox_sdk::Finding;
use lightbox_sdk::mask::Mask;

/// A mask as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stored {
    /// COCO's RLE without needless runs.
    pub(crate) rle: Vec<u8>,
    /// Around the pixels set.
    pub(crate) bounds: [f64; 4],
}

/// Checks a payload against `[width, height]` of its image. While that is unknown, the size that the payload states is
/// taken; `None` if there is none either, and the mask cannot be looked into.
///
/// # Errors
/// ERROR `MASK_SIZE` for another size, `BAD_MASK` for what is no RLE and for a mask without a pixel.
pub(crate) fn read(payload: &[u8], image_size: Option<[u32; 2]>) -> Result<Option<Stored>, Finding> {
    let (stated, rle) = read_payload(payload);
    let Some([width, height]) = image_size.or(stated.map(|size| [size.width, size.height])) else { return Ok(None) };
    require_size(stated, width, height)?;
    require_countable(width, height)?;
    let mask = Mask::from_coco(width, height, rle).map_err(|error| refuse(rle, width, height, &error.to_string()))?;
    let mask = without_needless_runs(mask);
    if mask.area() == 0 {
        return Err(Finding::error(code::BAD_MASK, "no pixel of the mask is set; for nothing to label leave it out"));
    }
    Ok(Some(Stored { rle: mask.to_coco().into_bytes(), bounds: mask.bounding_box() }))
}

fn require_size(stated: Option<StatedSize>, width: u32, height: u32) -> Result<(), Finding> {
    match stated {
        Some(size) if (size.width, size.height) != (width, height) => {
            let message =
                format!("the mask has {} × {} pixels, but its image has {width} × {height}", size.width, size.height);
            Err(Finding::error(code::MASK_SIZE, message))
        }
        _ => Ok(()),
    }
}

/// Run lengths are numbers of 32 bits.
fn require_countable(width: u32, height: u32) -> Result<(), Finding> {
    let pixels = u64::from(width) * u64::from(height);
    if pixels <= u64::from(u32::MAX) {
        return Ok(());
    }
    let message = format!("masks of {width} × {height} are not kept; the limit is {} pixels", u32::MAX);
    Err(Finding::error(code::MASK_SIZE, message))
}

/// RLE that is sound but for its sum has another size.
fn refuse(rle: &[u8], width: u32, height: u32, error: &str) -> Finding {
    if rle.is_empty() {
        return Finding::error(code::BAD_MASK, "the annotation has no mask");
    }
    let code = if error.contains("in all") { code::MASK_SIZE } else { code::BAD_MASK };
    Finding::error(code, format!("{error}; a mask of {width} × {height} pixels is expected"))
}

/// Joins runs around a run of 0 pixels, and drops an empty last one.
fn without_needless_runs(mask: Mask) -> Mask {
    let mut counts: Vec<u32> = Vec::with_capacity(mask.counts.len());
    for (index, count) in mask.counts.into_iter().enumerate() {
        let (is_set, last_is_set) = (index % 2 == 1, counts.len().is_multiple_of(2));
        match counts.last_mut() {
            Some(_) if count == 0 => {}
            Some(last) if last_is_set == is_set => *last += count,
            _ => counts.push(count),
        }
    }
    Mask { counts, ..mask }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightbox_formats::mask::write_payload;
    use proptest::prelude::*;

    fn payload(counts: &[u32]) -> Vec<u8> {
        Mask { width: 4, height: 3, counts: counts.to_vec() }.to_coco().into_bytes()
    }

    #[test]
    fn equal_masks_become_equal_bytes() {
        let plain = read(&payload(&[2, 4, 6]), Some([4, 3])).unwrap();
        for other in [&[2, 4, 6, 0][..], &[2, 1, 0, 3, 6], &[1, 0, 1, 4, 0, 0, 6], &[2, 4, 3, 0, 3]] {
            assert_eq!(read(&payload(other), Some([4, 3])).unwrap(), plain, "{other:?}");
        }
        let full = read(&payload(&[0, 12]), Some([4, 3])).unwrap();
        assert_eq!(full.map(|stored| stored.bounds), Some([0.0, 0.0, 4.0, 3.0]));
    }

    #[test]
    fn a_mask_of_another_size_is_refused_even_with_as_many_pixels() {
        let stated = write_payload(&Mask { width: 4, height: 3, counts: vec![2, 4, 6] });
        assert!(read(&stated, Some([4, 3])).is_ok() && read(&stated, None).is_ok_and(|stored| stored.is_some()));
        for (payload, size) in [(&stated, [3, 4]), (&payload(&[2, 4, 6]), [4, 4])] {
            assert_eq!(read(payload, Some(size)).unwrap_err().code, code::MASK_SIZE);
        }
    }

    #[test]
    fn what_is_no_mask_is_refused() {
        for payload in [&b""[..], b"!!", &payload(&[12]), &payload(&[12, 0])] {
            assert_eq!(read(payload, Some([4, 3])).unwrap_err().code, code::BAD_MASK, "{payload:?}");
        }
        assert_eq!(read(&payload(&[2, 4, 6]), None), Ok(None));
    }

    proptest! {
        #[test]
        fn the_stored_form_has_the_same_pixels_and_stays(counts in prop::collection::vec(0..4u32, 1..30)) {
            let height = counts.iter().sum::<u32>().max(1);
            let mask = Mask { width: 1, height, counts };
            if let Ok(Some(stored)) = read(mask.to_coco().as_bytes(), Some([1, height])) {
                let back = Mask::from_coco(1, height, &stored.rle).unwrap();
                prop_assert_eq!(back.to_pixels(1), mask.to_pixels(1));
                prop_assert_eq!(read(&stored.rle, Some([1, height])), Ok(Some(stored)));
            }
        }

        #[test]
        fn no_payload_makes_it_panic(payload in prop::collection::vec(any::<u8>(), 0..40), width in 0..9u32, height in 0..9u32) {
            let _ = read(&payload, Some([width, height]));
        }
    }
}
