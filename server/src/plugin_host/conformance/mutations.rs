//! A sound file, damaged in many ways: cut, with bits turned, with numbers in its head made huge.

use super::junk::Numbers;

const CUTS: usize = 40;
const FLIPS: usize = 80;
/// Where most formats have their numbers.
const HEAD_BYTES: usize = 128;

/// Damaged copies, each with what was done to it.
pub fn of(bytes: &[u8]) -> impl Iterator<Item = (String, Vec<u8>)> {
    cut(bytes).chain(flipped(bytes)).chain(enlarged(bytes)).chain(std::iter::once(nines(bytes)))
}

fn cut(bytes: &[u8]) -> impl Iterator<Item = (String, Vec<u8>)> {
    let whole = bytes.len();
    let spread = (0..CUTS).map(move |index| index * whole / CUTS);
    let near = [1, 2, 4, 8].into_iter().filter_map(move |less| whole.checked_sub(less));
    spread.chain(near).map(move |length| (format!("cut after {length} of {whole} bytes"), bytes[..length].to_vec()))
}

fn flipped(bytes: &[u8]) -> impl Iterator<Item = (String, Vec<u8>)> {
    let mut numbers = Numbers::new();
    let count = if bytes.is_empty() { 0 } else { FLIPS };
    (0..count).map(move |index| {
        let end = if index % 2 == 0 { bytes.len().min(HEAD_BYTES * 4) } else { bytes.len() };
        let (at, bit) = (numbers.below(end), numbers.below(8));
        let mut damaged = bytes.to_vec();
        damaged[at] ^= 1 << bit;
        (format!("with bit {bit} of byte {at} turned"), damaged)
    })
}

fn enlarged(bytes: &[u8]) -> impl Iterator<Item = (String, Vec<u8>)> {
    let places = (0..bytes.len().saturating_sub(4).min(HEAD_BYTES)).step_by(4);
    places.map(move |at| {
        let mut damaged = bytes.to_vec();
        let huge = if at % 8 == 0 { [0xff; 4] } else { [0x7f, 0xff, 0xff, 0x7f] };
        damaged[at..at + 4].copy_from_slice(&huge);
        (format!("with bytes {at} to {} made huge", at + 3), damaged)
    })
}

/// Numbers that stand there in letters.
fn nines(bytes: &[u8]) -> (String, Vec<u8>) {
    let larger = |(at, byte): (usize, &u8)| if at < HEAD_BYTES && byte.is_ascii_digit() { b'9' } else { *byte };
    ("with 9 for every digit of its head".to_owned(), bytes.iter().enumerate().map(larger).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_any_length_are_damaged_and_none_stays_whole() {
        for length in [0, 1, 3, 4, 5, 127, 129, 5000] {
            let whole: Vec<u8> = (0..length).map(|index| index as u8 | 1).collect();
            for (what, damaged) in of(&whole) {
                assert!(damaged != whole || what.contains("digit") || whole.is_empty(), "{length} bytes: {what}");
            }
        }
    }
}
