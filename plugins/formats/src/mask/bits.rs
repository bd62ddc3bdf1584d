//! Masks of one bit a pixel.

/// One byte a pixel from bits, row-major over row ends, most significant bit first.
pub(super) fn unpack(bits: &[u8], pixels: usize) -> Vec<u8> {
    bits.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).take(pixels).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_significant_bit_is_the_first_pixel() {
        assert_eq!(unpack(&[0b1000_0001, 0b1100_0000], 10), [1, 0, 0, 0, 0, 0, 0, 1, 1, 1]);
    }
}
