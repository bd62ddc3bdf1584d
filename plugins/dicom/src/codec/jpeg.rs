//! JPEG by libjpeg-turbo: baseline, extended and progressive with 8 and 12 bits, lossless with 2 to 16.

use super::jpeg_markers::{self, Markers};
use super::{Decoded, cell_for, colour_of, require_same_size};
use crate::frame::Colour;
use crate::header::{Cell, Header};
use lightbox_sdk::{Error, Result};
use std::ffi::CStr;
use turbojpeg_sys as turbo;

/// Progressive streams of more scans than this serve no viewer.
const MAX_SCANS: i32 = 500;

/// Decodes one frame.
///
/// # Errors
/// [`Error::Unsupported`] for processes that libjpeg-turbo has not (hierarchical, arithmetic lossless);
/// [`Error::Corrupt`] for anything that it so much as warns of: a stream that ends early is not shown.
pub fn decode(stream: &[u8], header: &Header) -> Result<Decoded> {
    let markers = jpeg_markers::read(stream)?;
    if markers.frame == jpeg_markers::JPEG_LS_FRAME {
        let message = "the fragment holds a JPEG-LS stream, but the transfer syntax names another kind of JPEG";
        return Err(Error::Corrupt(message.to_owned()));
    }
    if !matches!(markers.frame, 0xC0..=0xC3) {
        return Err(Error::Unsupported(format!(
            "the JPEG process SOF{} cannot be read: baseline, extended, progressive and lossless Huffman streams can",
            markers.frame.wrapping_sub(0xC0)
        )));
    }
    require_same_size("JPEG", header, (markers.width.into(), markers.height.into(), markers.components))?;
    let cell = cell_for("JPEG", markers.precision, header)?;
    require_possible(stream, &markers, header)?;
    let mended = markers.mend(stream, colour_to_name(&markers, header));
    let bytes = run(&mended, &markers, cell, header)?;
    let colour = if markers.is_lossless() || header.samples == 1 { colour_of(header) } else { Colour::Rgb };
    Ok(Decoded { cell, bytes, colour, is_signed: None, precision: markers.precision })
}

/// What the stream has to be told, because it does not say it itself: the data set's word on colour. Lossless
/// streams are never transformed, whatever they say: the decoder refuses to.
fn colour_to_name(markers: &Markers, header: &Header) -> Option<bool> {
    match (header.samples, markers.is_lossless(), markers.is_ycbcr()) {
        (3, true, _) => Some(false),
        (3, false, None) => Some(colour_of(header) == Colour::Ybr),
        _ => None,
    }
}

/// A block of 8 × 8 takes 2 bits at least, a lossless sample 1: what would need more is refused before memory is
/// taken for it.
fn require_possible(stream: &[u8], markers: &Markers, header: &Header) -> Result<()> {
    let bits = if markers.is_lossless() {
        header.frame_samples()
    } else if markers.frame == 0xC2 {
        0
    } else {
        header.pixels() / 64 * 2
    };
    if bits / 8 <= stream.len() as u64 {
        return Ok(());
    }
    Err(Error::Corrupt(format!(
        "a JPEG stream of {} bytes cannot hold {} × {} pixels",
        stream.len(),
        header.columns,
        header.rows
    )))
}

fn run(stream: &[u8], markers: &Markers, cell: Cell, header: &Header) -> Result<Vec<u8>> {
    let decoder = Decoder::new()?;
    let samples = header.frame_samples() as usize;
    let format = if header.samples == 1 { turbo::TJPF_TJPF_GRAY } else { turbo::TJPF_TJPF_RGB };
    let (handle, source, length) = (decoder.0, stream.as_ptr(), stream.len() as turbo::size_t);
    if markers.precision <= 8 {
        let mut out = vec![0u8; samples];
        // SAFETY: `out` has rows × columns × samples bytes, which is what the stream's frame header, checked to be
        // the same as the data set's, makes the decoder write with a pitch of 0 (no padding).
        let code = unsafe { turbo::tj3Decompress8(handle, source, length, out.as_mut_ptr(), 0, format) };
        decoder.check(code)?;
        return Ok(if cell == Cell::U8 { out } else { widen(out.into_iter().map(u32::from), cell) });
    }
    let mut out = vec![0u16; samples];
    // SAFETY: as above, with two bytes a sample.
    let code = unsafe {
        if markers.precision <= 12 {
            turbo::tj3Decompress12(handle, source, length, out.as_mut_ptr().cast(), 0, format)
        } else {
            turbo::tj3Decompress16(handle, source, length, out.as_mut_ptr(), 0, format)
        }
    };
    decoder.check(code)?;
    Ok(widen(out.into_iter().map(u32::from), cell))
}

/// Samples to little-endian cells.
pub fn widen(samples: impl Iterator<Item = u32>, cell: Cell) -> Vec<u8> {
    match cell {
        Cell::U32 | Cell::F32 | Cell::F64 => samples.flat_map(u32::to_le_bytes).collect(),
        Cell::U16 => samples.flat_map(|sample| (sample as u16).to_le_bytes()).collect(),
        Cell::U8 | Cell::Bit => samples.map(|sample| sample as u8).collect(),
    }
}

/// A decompressor that is destroyed with its owner.
struct Decoder(turbo::tjhandle);

impl Decoder {
    fn new() -> Result<Self> {
        // SAFETY: no arguments but a constant.
        let handle = unsafe { turbo::tj3Init(turbo::TJINIT_TJINIT_DECOMPRESS as i32) };
        if handle.is_null() {
            return Err(Error::Internal("libjpeg-turbo gave no decoder".to_owned()));
        }
        let decoder = Self(handle);
        for (parameter, value) in
            [(turbo::TJPARAM_TJPARAM_STOPONWARNING, 1), (turbo::TJPARAM_TJPARAM_SCANLIMIT, MAX_SCANS)]
        {
            // SAFETY: the handle is a live decompressor.
            decoder.check(unsafe { turbo::tj3Set(decoder.0, parameter as i32, value) })?;
        }
        Ok(decoder)
    }

    fn check(&self, code: i32) -> Result<()> {
        if code == 0 {
            return Ok(());
        }
        // SAFETY: the string lives in the handle, ends with 0 and is copied here.
        let message = unsafe { CStr::from_ptr(turbo::tj3GetErrorStr(self.0)) }.to_string_lossy().into_owned();
        Err(Error::Corrupt(format!("the JPEG stream is damaged: {message}")))
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: made by `tj3Init` and not used after this.
        unsafe { turbo::tj3Destroy(self.0) };
    }
}
