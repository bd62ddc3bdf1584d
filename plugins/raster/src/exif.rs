//! The orientation in EXIF data (TIFF 6.0 section 2; EXIF 2.32 section 4.6.4). Nothing else of EXIF is read.

use lightbox_sdk::Finding;

const ORIENTATION: u16 = 0x0112;
const SHORT: u16 = 3;

/// 2 to 8; `None` when upright, absent or broken: a wrong hint is no reason to refuse a picture.
/// `tiff` starts with the byte order, after JPEG's `Exif\0\0`.
pub(crate) fn find_orientation(tiff: &[u8]) -> Option<u8> {
    let data = match tiff.get(..4)? {
        b"II*\0" => Tiff { bytes: tiff, little_endian: true },
        b"MM\0*" => Tiff { bytes: tiff, little_endian: false },
        _ => return None,
    };
    let directory = data.u32_at(4)? as usize;
    let count = usize::from(data.u16_at(directory)?);
    let entries = (0..count).map(|index| directory.checked_add(2 + index * 12));
    for entry in entries {
        let entry = entry?;
        if data.u16_at(entry)? == ORIENTATION {
            let is_one_short = data.u16_at(entry + 2)? == SHORT && data.u32_at(entry + 4)? == 1;
            let value = data.u16_at(entry + 8)?;
            return u8::try_from(value).ok().filter(|value| is_one_short && (2..=8).contains(value));
        }
    }
    None
}

/// What to tell about a picture that wants to be turned.
pub(crate) fn finding(orientation: u8) -> Finding {
    Finding::warning(
        "EXIF_ORIENTATION",
        format!(
            "the file asks viewers to turn the picture (EXIF orientation {orientation}); it is shown as stored, \
             and annotations count from the stored top-left corner"
        ),
    )
}

struct Tiff<'a> {
    bytes: &'a [u8],
    little_endian: bool,
}

impl Tiff<'_> {
    fn u16_at(&self, at: usize) -> Option<u16> {
        let bytes = *self.bytes.get(at..)?.first_chunk()?;
        Some(if self.little_endian { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    }

    fn u32_at(&self, at: usize) -> Option<u32> {
        let bytes = *self.bytes.get(at..)?.first_chunk()?;
        Some(if self.little_endian { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tiff(count: u32, value: u16) -> Vec<u8> {
        let mut bytes = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03".to_vec();
        bytes.extend_from_slice(&count.to_be_bytes());
        bytes.extend_from_slice(&value.to_be_bytes());
        bytes
    }

    #[test]
    fn orientations_other_than_upright_are_found() {
        for value in 0..12 {
            let expected = u8::try_from(value).ok().filter(|value| (2..=8).contains(value));
            assert_eq!(find_orientation(&tiff(1, value)), expected);
        }
    }

    #[test]
    fn lies_and_cuts_are_ignored() {
        assert_eq!(find_orientation(&tiff(u32::MAX, 6)), None);
        let whole = tiff(1, 6);
        assert!((0..whole.len()).all(|length| find_orientation(&whole[..length]).is_none()));
        assert_eq!(find_orientation(b"II*\0\xff\xff\xff\xff"), None);
    }
}
