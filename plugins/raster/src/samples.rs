//! Samples from one depth to another. All linear: the largest value stays the largest value.

/// 16-bit samples, little endian, to 8 bits.
pub(crate) fn to_8_bits(samples: &[u8]) -> Vec<u8> {
    let (samples, _) = samples.as_chunks::<2>();
    samples.iter().map(|sample| rescale(u16::from_le_bytes(*sample).into(), 65535, 255) as u8).collect()
}

/// 8-bit samples to 16 bits, little endian.
pub(crate) fn to_16_bits(samples: &[u8]) -> Vec<u8> {
    samples.iter().flat_map(|sample| [*sample, *sample]).collect()
}

/// 16-bit samples in the other byte order.
pub(crate) fn swap_bytes(samples: &[u8]) -> Vec<u8> {
    let (samples, _) = samples.as_chunks::<2>();
    samples.iter().flat_map(|[first, second]| [*second, *first]).collect()
}

/// `value` of 0 to `from` as the nearest of 0 to `to`.
pub(crate) fn rescale(value: u32, from: u32, to: u32) -> u32 {
    (value.min(from) * to + from / 2) / from
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_bits_survive_sixteen() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(to_8_bits(&to_16_bits(&all)), all);
    }

    #[test]
    fn the_nearest_value_is_taken() {
        for (value, expected) in [(0u16, 0), (128, 0), (129, 1), (65406, 254), (65407, 255), (65535, 255)] {
            assert_eq!(to_8_bits(&value.to_le_bytes()), [expected], "{value}");
        }
    }
}
