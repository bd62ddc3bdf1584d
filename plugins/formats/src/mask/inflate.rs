//! Inflates a zlib stream, and never further than allowed.

use flate2::read::ZlibDecoder;
use std::io::Read;

/// Why a stream gave nothing.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Not zlib, cut, or its checksum is wrong.
    Broken(String),
    /// Goes on after the allowed bytes.
    TooLong(u64),
}

/// The whole content of a stream. `allowed` is asked once, with the first bytes, for the most bytes it may have.
pub(super) fn inflate(stream: &[u8], allowed: impl FnOnce(&[u8]) -> u64) -> Result<Vec<u8>, Fault> {
    let mut decoder = ZlibDecoder::new(stream);
    let mut content = Vec::new();
    read_up_to(&mut decoder, &mut content, 8)?;
    let allowed = allowed(&content);
    let rest = (allowed + 1).saturating_sub(content.len() as u64);
    read_up_to(&mut decoder, &mut content, rest)?;
    if content.len() as u64 > allowed { Err(Fault::TooLong(allowed)) } else { Ok(content) }
}

fn read_up_to(decoder: &mut ZlibDecoder<&[u8]>, content: &mut Vec<u8>, bytes: u64) -> Result<(), Fault> {
    decoder.take(bytes).read_to_end(content).map_err(|error| Fault::Broken(error.to_string()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::ZlibEncoder};
    use std::io::Write;

    fn deflate(content: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_stream_is_read_to_its_allowed_end_and_no_further() {
        assert_eq!(inflate(&deflate(&[7; 100]), |_| 100), Ok(vec![7; 100]));
        assert_eq!(inflate(&deflate(&[7; 101]), |_| 100), Err(Fault::TooLong(100)));
        assert_eq!(inflate(&deflate(&[7; 9]), |_| 1), Err(Fault::TooLong(1)));
        assert_eq!(inflate(&deflate(b""), |_| 1), Ok(vec![]));
    }

    #[test]
    fn a_cut_stream_and_a_wrong_checksum_are_broken() {
        let whole = deflate(b"some bytes, some more bytes");
        let mut wrong = whole.clone();
        *wrong.last_mut().unwrap() ^= 1;
        for stream in [&whole[..whole.len() - 6], &wrong, b"not zlib"] {
            assert!(matches!(inflate(stream, |_| 1000), Err(Fault::Broken(_))));
        }
    }
}
