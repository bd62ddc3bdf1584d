//! The payload of a mask between import and validation: the size that the document states, then COCO's RLE.
//!
//! A document's mask has a size of its own, and 512 × 256 has as many pixels as 256 × 512. So an import writes
//! `512x256/` before the RLE; validation compares it with the image and stores the RLE alone. None of the three
//! characters besides the digits belongs to the RLE's alphabet, so a payload without a stated size reads as RLE.

use lightbox_sdk::mask::Mask;

/// Width and height that a document gives a mask, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatedSize {
    pub width: u32,
    pub height: u32,
}

/// The mask's size and RLE.
pub fn write_payload(mask: &Mask) -> Vec<u8> {
    let mut payload = format!("{}x{}/", mask.width, mask.height).into_bytes();
    payload.extend_from_slice(mask.to_coco().as_bytes());
    payload
}

/// The stated size, if there is one, and the RLE.
pub fn read_payload(payload: &[u8]) -> (Option<StatedSize>, &[u8]) {
    let Some(at) = memchr::memchr(b'/', payload.get(..24).unwrap_or(payload)) else { return (None, payload) };
    let (size, rle) = (payload.get(..at).unwrap_or_default(), payload.get(at + 1..).unwrap_or_default());
    match read_size(size) {
        Some(size) => (Some(size), rle),
        None => (None, payload),
    }
}

fn read_size(bytes: &[u8]) -> Option<StatedSize> {
    let (width, height) = str::from_utf8(bytes).ok()?.split_once('x')?;
    Some(StatedSize { width: width.parse().ok()?, height: height.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stated_size_travels_with_the_mask() {
        let mask = Mask::from_pixels(3, 2, &[0, 1, 1, 0, 0, 1]);
        let payload = write_payload(&mask);
        let (size, rle) = read_payload(&payload);
        assert_eq!(size, Some(StatedSize { width: 3, height: 2 }));
        assert_eq!(Mask::from_coco(3, 2, rle), Ok(mask));
    }

    #[test]
    fn a_payload_without_a_size_is_all_rle() {
        for payload in [&b""[..], b"06", b"x/06", b"1x/0", b"99999999999x1/0"] {
            assert_eq!(read_payload(payload), (None, payload));
        }
    }
}
