//! Shapes of kind `mask`: a PNG whose top-left corner lies on the first point.

use super::shape::Shape;
use crate::code;
use crate::mask::{Window, read_base64, read_png};
use lightbox_sdk::Finding;
use lightbox_sdk::mask::Mask;

/// The mask on an image of `width` × `height` pixels; what lies outside the image is cut off.
pub(super) fn lay(shape: &Shape<'_>, width: u32, height: u32, limit_bytes: u64) -> Result<Mask, Finding> {
    let refuse = |what: String| shape.refuse(code::BAD_MASK, &what);
    let text = shape.mask.as_deref().ok_or_else(|| refuse("it has no `mask`".to_owned()))?;
    let png = read_base64(text).map_err(|error| refuse(format!("its `mask` is not base64: {error}")))?;
    let picture = read_png(&png, limit_bytes).map_err(refuse)?;
    let [left, top, ..] = shape.bounds().map(|each| each.floor() as i64);
    Ok(Window { left, top, width: picture.width, pixels: picture.pixels }.lay(width, height))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labelme::kind::Kind;
    use base64::Engine;

    fn shape(x: f64, y: f64) -> Shape<'static> {
        let mut png = Vec::new();
        let mut encoder = png::Encoder::new(&mut png, 2, 2);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.write_header().unwrap().write_image_data(&[1, 0, 255, 1]).unwrap();
        let mask = Some(base64::engine::general_purpose::STANDARD.encode(png).into());
        Shape {
            number: 1,
            label: "a".into(),
            kind: Kind::Mask,
            points: vec![[x, y], [x + 1.0, y + 1.0]],
            group: None,
            mask,
        }
    }

    #[test]
    fn the_picture_lies_on_its_first_point_and_is_cut_at_the_border() {
        let lay = |x, y| lay(&shape(x, y), 3, 2, 1000).unwrap().to_pixels(1);
        assert_eq!(lay(0.4, 0.0), [1, 0, 0, 1, 1, 0]);
        assert_eq!(lay(2.0, 1.0), [0, 0, 0, 0, 0, 1]);
        assert_eq!(lay(-1.0, -1.0), [1, 0, 0, 0, 0, 0]);
        assert_eq!(lay(7.0, 0.0), [0; 6]);
    }

    #[test]
    fn a_mask_without_a_picture_is_refused() {
        let without = Shape { mask: None, ..shape(0.0, 0.0) };
        let broken = Shape { mask: Some("AAAA".into()), ..shape(0.0, 0.0) };
        assert!([without, broken].iter().all(|shape| lay(shape, 3, 2, 1000).is_err_and(|f| f.code == code::BAD_MASK)));
    }
}
