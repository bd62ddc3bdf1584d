//! Deflated Image Frame Compression (PS3.5, A.4.13): a native frame in a raw deflate stream.

use super::Decoded;
use crate::header::Header;
use flate2::read::DeflateDecoder;
use lightbox_sdk::{Error, Result};
use std::io::Read;

pub fn decode(stream: &[u8], header: &Header) -> Result<Decoded> {
    let expected = (header.frame_samples() * u64::from(header.cell.bits())).div_ceil(8);
    let mut bytes = Vec::new();
    // One byte more than the picture and its padding shows a stream that does not fit.
    let read = DeflateDecoder::new(stream).take(expected + 3).read_to_end(&mut bytes);
    read.map_err(|error| Error::Corrupt(format!("the deflated frame is damaged: {error}")))?;
    super::native(&bytes, header)
}
