//! The stream of one frame to samples. Every stream's own header is held against the data set's before a decoder
//! sees it, and no memory is taken that the stream's length or the call's limit does not bear out.

mod deflated;
mod jpeg;
mod jpeg2000;
mod jpeg_ls;
mod jpeg_markers;
mod jpeg_xl;
mod rle;

pub use jpeg2000::sign_of_stream;

use crate::frame::Colour;
use crate::frame::FrameBytes;
use crate::header::{Cell, Header, Photometric};
use crate::native::Layout;
use crate::syntax::{Codec, Syntax};
use lightbox_sdk::{Call, Error, Result};

/// What a codec made of a stream.
pub struct Decoded {
    pub cell: Cell,
    /// Interleaved, little endian.
    pub bytes: Vec<u8>,
    pub colour: Colour,
    /// Two's complement, where the stream says so itself.
    pub is_signed: Option<bool>,
    /// Bits that a sample of the stream has.
    pub precision: u32,
}

/// Decodes one frame.
pub fn decode(syntax: &Syntax, stream: &[u8], header: &Header, call: &Call<'_>) -> Result<Decoded> {
    check_size(header, call)?;
    match syntax.codec {
        Codec::Rle => rle::decode(stream, header),
        Codec::DeflatedFrame => deflated::decode(stream, header),
        Codec::Native | Codec::EncapsulatedNative => native(stream, header),
        Codec::Jpeg => jpeg::decode(stream, header),
        Codec::JpegLs => jpeg_ls::decode(stream, header),
        Codec::Jpeg2000 => jpeg2000::decode(stream, header),
        Codec::JpegXl => jpeg_xl::decode(stream, header, call),
    }
}

/// A decoder's working memory is 4 bytes a sample for most codecs.
fn check_size(header: &Header, call: &Call<'_>) -> Result<()> {
    let size_bytes = header.frame_samples() * 4;
    if size_bytes > call.max_output_bytes() {
        return Err(Error::Limit(format!(
            "decoding {} × {} pixels takes {size_bytes} bytes, {} are allowed",
            header.columns,
            header.rows,
            call.max_output_bytes()
        )));
    }
    Ok(())
}

/// Native bytes of one frame that came out of a fragment.
fn native(stream: &[u8], header: &Header) -> Result<Decoded> {
    let layout = Layout::check(header, 1, 0..stream.len(), 1)?;
    let bytes = match layout.frame(stream, header, 0)? {
        FrameBytes::InDataSet(range) => stream.get(range).unwrap_or_default().to_vec(),
        FrameBytes::Owned(bytes) => bytes,
    };
    let cell = if header.cell == Cell::Bit { Cell::U8 } else { header.cell };
    Ok(Decoded { cell, bytes, colour: colour_of(header), is_signed: None, precision: header.cell.bits() })
}

/// What the data set says of samples that the codec does not transform.
pub fn colour_of(header: &Header) -> Colour {
    match header.photometric {
        Photometric::Monochrome1 | Photometric::Monochrome2 => Colour::Grey,
        Photometric::Palette => Colour::Palette,
        Photometric::Rgb | Photometric::OfCodec => Colour::Rgb,
        Photometric::YbrFull | Photometric::YbrFull422 => Colour::Ybr,
    }
}

/// Holds a stream's size and sample layout against the data set's.
pub fn require_same_size(name: &str, header: &Header, found: (u64, u64, u32)) -> Result<()> {
    let (columns, rows, samples) = found;
    if (columns, rows, samples) == (u64::from(header.columns), u64::from(header.rows), header.samples) {
        return Ok(());
    }
    Err(Error::Corrupt(format!(
        "the {name} stream has {columns} × {rows} pixels of {samples} samples, but the data set has {} × {} of {}",
        header.columns, header.rows, header.samples
    )))
}

/// The cell that samples of `precision` bits are put into.
pub fn cell_for(name: &str, precision: u32, header: &Header) -> Result<Cell> {
    // A picture of 1 bit a pixel is a codec's 8-bit picture.
    let allocated = if header.cell == Cell::Bit { 8 } else { header.cell.bits() };
    if precision == 0 || precision > allocated || header.cell.is_float() {
        return Err(Error::Corrupt(format!(
            "the {name} stream has {precision} bits a sample, but the data set allocates {}",
            header.cell.bits()
        )));
    }
    match allocated {
        8 => Ok(Cell::U8),
        16 => Ok(Cell::U16),
        _ => Ok(Cell::U32),
    }
}
