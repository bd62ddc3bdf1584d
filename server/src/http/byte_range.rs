//! The `Range` header (RFC 9110, section 14.2), for one range of bytes.

/// What of a file to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Whole,
    /// Zero-based positions of the first and the last byte.
    Range {
        first: u64,
        last: u64,
    },
    /// The range begins behind the end.
    Unsatisfiable,
}

/// A header that is not understood, or asks for several ranges, is passed over, as the RFC allows.
pub fn requested_part(header: Option<&str>, size_bytes: u64) -> Part {
    let range = header.and_then(|header| header.trim().split_once('=')).filter(|(unit, _)| *unit == "bytes");
    let Some((first, last)) = range.and_then(|(_, range)| range.split_once('-')) else { return Part::Whole };
    match (number(first), number(last)) {
        (Some(Some(first)), Some(last)) => from(first, last, size_bytes),
        (Some(None), Some(Some(count))) => suffix(count, size_bytes),
        _ => Part::Whole,
    }
}

/// `None`: no number; `Some(None)`: left out. A number too large to count is larger than every file.
fn number(text: &str) -> Option<Option<u64>> {
    let text = text.trim();
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((!text.is_empty()).then(|| text.parse().unwrap_or(u64::MAX)))
}

fn from(first: u64, last: Option<u64>, size_bytes: u64) -> Part {
    match last {
        Some(last) if last < first => Part::Whole,
        _ if first >= size_bytes => Part::Unsatisfiable,
        last => Part::Range { first, last: last.unwrap_or(u64::MAX).min(size_bytes - 1) },
    }
}

fn suffix(count: u64, size_bytes: u64) -> Part {
    if count == 0 || size_bytes == 0 {
        return Part::Unsatisfiable;
    }
    Part::Range { first: size_bytes.saturating_sub(count), last: size_bytes - 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_header_asks_for_a_part_of_ten_bytes() {
        let range = |first, last| Part::Range { first, last };
        let table = [
            ("bytes=0-3", range(0, 3)),
            ("bytes=4-", range(4, 9)),
            ("bytes=4-100", range(4, 9)),
            ("bytes=9-9", range(9, 9)),
            ("bytes=-3", range(7, 9)),
            ("bytes=-100", range(0, 9)),
            ("bytes=0-99999999999999999999999", range(0, 9)),
            ("bytes=10-", Part::Unsatisfiable),
            ("bytes=99999999999999999999999-", Part::Unsatisfiable),
            ("bytes=-0", Part::Unsatisfiable),
            ("bytes=5-4", Part::Whole),
            ("bytes=0-1,4-5", Part::Whole),
            ("bytes=-", Part::Whole),
            ("bytes=a-b", Part::Whole),
            ("bytes=+1-2", Part::Whole),
            ("bytes=", Part::Whole),
            ("items=0-3", Part::Whole),
            ("", Part::Whole),
        ];
        for (header, expected) in table {
            assert_eq!(requested_part(Some(header), 10), expected, "{header}");
        }
        assert_eq!(requested_part(None, 10), Part::Whole);
        assert_eq!(requested_part(Some("bytes=0-"), 0), Part::Unsatisfiable);
    }

    proptest! {
        #[test]
        fn a_range_always_lies_within_the_file(header in "bytes=[0-9]{0,21}-[0-9]{0,21}", size in 0u64..1000) {
            if let Part::Range { first, last } = requested_part(Some(&header), size) {
                prop_assert!(first <= last && last < size);
            }
        }

        #[test]
        fn no_header_is_too_odd(header in ".*", size in any::<u64>()) {
            requested_part(Some(&header), size);
        }
    }
}
