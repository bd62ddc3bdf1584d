//! The string that COCO packs a mask's run lengths into.
//!
//! Source: the COCO API's `maskApi`: each count as groups of five bits, six-bit characters from '0', counts after the
//! second as the difference to the one two before.

use super::{Mask, corrupt};
use crate::Result;

impl Mask {
    /// COCO's compressed `counts` string.
    pub fn to_coco(&self) -> String {
        let mut out = String::new();
        for (index, count) in self.counts.iter().enumerate() {
            let before = if index > 2 { i64::from(self.counts[index - 2]) } else { 0 };
            let mut rest = i64::from(*count) - before;
            loop {
                let low = (rest & 0x1f) as u8;
                rest >>= 5;
                let more = if low & 0x10 != 0 { rest != -1 } else { rest != 0 };
                out.push(char::from(low + if more { 0x20 } else { 0 } + 48));
                if !more {
                    break;
                }
            }
        }
        out
    }

    /// Reads COCO's compressed `counts` string.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for a character outside its alphabet, a cut number, or counts that do not add up to the
    /// size.
    pub fn from_coco(width: u32, height: u32, text: &[u8]) -> Result<Self> {
        let mut counts: Vec<u32> = Vec::new();
        let mut bytes = text.iter();
        while let Some(first) = bytes.next() {
            let mut value = read_packed(*first, &mut bytes)?;
            if counts.len() > 2 {
                value += i64::from(counts[counts.len() - 2]);
            }
            counts.push(u32::try_from(value).map_err(|_| corrupt(format!("a run of {value} pixels")))?);
        }
        Self::from_counts(width, height, counts)
    }
}

fn read_packed(first: u8, rest: &mut std::slice::Iter<'_, u8>) -> Result<i64> {
    let (mut value, mut shift, mut byte) = (0i64, 0u32, first);
    loop {
        let group = byte.wrapping_sub(48);
        if group > 0x3f || shift > 55 {
            return Err(corrupt(format!("the byte {byte} where a count was expected")));
        }
        value |= i64::from(group & 0x1f) << shift;
        shift += 5;
        if group & 0x20 == 0 {
            return Ok(if group & 0x10 != 0 { value | (-1i64 << shift) } else { value });
        }
        byte = *rest.next().ok_or_else(|| corrupt("a count that is cut".to_owned()))?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Size, runs, and the string that the COCO API packs them to.
    const KNOWN: [(u32, u32, &[u32], &str); 5] = [
        (10, 9, &[6, 1, 40, 4, 5, 4, 5, 4, 21], "61X13mN000`0"),
        (3, 2, &[6], "6"),
        (3, 2, &[0, 6], "06"),
        (4, 4, &[0, 16], "0`0"),
        (1, 100, &[31, 32, 37], "o0P1U1"),
    ];

    #[test]
    fn known_strings_are_read_and_written() {
        for (width, height, counts, text) in KNOWN {
            let mask = Mask::from_counts(width, height, counts.to_vec()).unwrap();
            assert_eq!(mask.to_coco(), text);
            assert_eq!(Mask::from_coco(width, height, text.as_bytes()).unwrap(), mask);
        }
    }

    proptest! {
        #[test]
        fn runs_survive_the_packed_string(counts in prop::collection::vec(0u32..100_000, 1..40)) {
            let total: u32 = counts.iter().sum();
            let mask = Mask { width: total, height: 1, counts };
            prop_assert_eq!(Mask::from_coco(total, 1, mask.to_coco().as_bytes()).unwrap(), mask);
        }

        #[test]
        fn arbitrary_text_never_panics(text in prop::collection::vec(any::<u8>(), 0..60), width: u32, height: u32) {
            let _ = Mask::from_coco(width, height, &text);
        }
    }
}
