//! libjpeg-turbo, safe: whole pictures in, whole pictures out. The only `unsafe` of this plugin.

use lightbox_sdk::{Error, Result};
use std::ffi::CStr;
use turbojpeg_sys as tj;

/// A progressive file of more scans than this serves no viewer.
const MAX_SCANS: i32 = 500;

/// What the decoder is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    Gray,
    Rgb,
    Cmyk,
}

impl Layout {
    pub(crate) fn channels(self) -> usize {
        match self {
            Self::Gray => 1,
            Self::Rgb => 3,
            Self::Cmyk => 4,
        }
    }

    fn code(self) -> tj::TJPF {
        match self {
            Self::Gray => tj::TJPF_TJPF_GRAY,
            Self::Rgb => tj::TJPF_TJPF_RGB,
            Self::Cmyk => tj::TJPF_TJPF_CMYK,
        }
    }
}

struct Handle(tj::tjhandle);

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: made by `tj3Init` and not used after this.
        unsafe { tj::tj3Destroy(self.0) };
    }
}

impl Handle {
    fn new(kind: tj::TJINIT) -> Result<Self> {
        // SAFETY: no argument but a constant.
        let handle = unsafe { tj::tj3Init(kind as i32) };
        if handle.is_null() { Err(Error::Internal("libjpeg-turbo did not start".to_owned())) } else { Ok(Self(handle)) }
    }

    fn set(&self, parameter: tj::TJPARAM, value: i32) -> Result<()> {
        // SAFETY: the handle is live.
        let code = unsafe { tj::tj3Set(self.0, parameter as i32, value) };
        if code == 0 { Ok(()) } else { Err(Error::Internal(self.message())) }
    }

    fn find(&self, parameter: tj::TJPARAM) -> i32 {
        // SAFETY: the handle is live.
        unsafe { tj::tj3Get(self.0, parameter as i32) }
    }

    fn message(&self) -> String {
        // SAFETY: the text lives in the handle, ends with NUL and is copied here.
        unsafe { CStr::from_ptr(tj::tj3GetErrorStr(self.0)) }.to_string_lossy().into_owned()
    }

    fn is_warning(&self) -> bool {
        // SAFETY: the handle is live.
        unsafe { tj::tj3GetErrorCode(self.0) == tj::TJERR_TJERR_WARNING as i32 }
    }

    /// A damaged file is refused even where the decoder would paint over the damage. `tolerated`: beginnings of
    /// warnings that cost no picture.
    fn check(&self, code: i32, tolerated: &[&str]) -> Result<()> {
        if code == 0 {
            return Ok(());
        }
        let message = self.message();
        if self.is_warning() && tolerated.iter().any(|each| message.contains(each)) {
            return Ok(());
        }
        Err(Error::Corrupt(format!("the JPEG file is damaged: {message}")))
    }
}

/// Bytes between segments, an odd version number.
const HARMLESS: &[&str] = &["extraneous bytes before marker", "JFIF revision number"];

/// A scan of a progressive file may end early, which costs detail; the file as a whole may not.
const HARMLESS_IN_SCANS: &[&str] = &[HARMLESS[0], HARMLESS[1], "premature end of data segment"];

fn tolerated(file: &[u8], is_progressive: bool) -> &'static [&'static str] {
    let tail = &file[file.len().saturating_sub(64)..];
    let has_end = tail.windows(2).any(|pair| pair == b"\xff\xd9");
    if is_progressive && has_end { HARMLESS_IN_SCANS } else { HARMLESS }
}

/// Decodes a file whose frame header says `width × height` of 8 bits.
pub(crate) fn decode_8(file: &[u8], size: (u32, u32), layout: Layout) -> Result<Vec<u8>> {
    let decoder = open(file, size)?;
    let mut samples = vec![0; size.0 as usize * size.1 as usize * layout.channels()];
    // SAFETY: the decoder says that it will write as many rows and columns as `samples` was made for, each of the
    // layout's channels, without padding (pitch 0).
    let code = unsafe {
        let pixels = samples.as_mut_ptr();
        tj::tj3Decompress8(decoder.0, file.as_ptr(), file.len() as tj::size_t, pixels, 0, layout.code())
    };
    decoder.check(code, tolerated(file, decoder.find(tj::TJPARAM_TJPARAM_PROGRESSIVE) == 1))?;
    Ok(samples)
}

/// Decodes a file whose frame header says `width × height` of 12 bits; samples of 0 to 4,095.
pub(crate) fn decode_12(file: &[u8], size: (u32, u32), layout: Layout) -> Result<Vec<i16>> {
    let decoder = open(file, size)?;
    let mut samples = vec![0i16; size.0 as usize * size.1 as usize * layout.channels()];
    // SAFETY: as in `decode_8`, with two bytes a sample.
    let code = unsafe {
        let pixels = samples.as_mut_ptr();
        tj::tj3Decompress12(decoder.0, file.as_ptr(), file.len() as tj::size_t, pixels, 0, layout.code())
    };
    decoder.check(code, tolerated(file, decoder.find(tj::TJPARAM_TJPARAM_PROGRESSIVE) == 1))?;
    Ok(samples)
}

/// A decoder that has read the file's header and agrees with ours on the size.
fn open(file: &[u8], size: (u32, u32)) -> Result<Handle> {
    let decoder = Handle::new(tj::TJINIT_TJINIT_DECOMPRESS)?;
    decoder.set(tj::TJPARAM_TJPARAM_SCANLIMIT, MAX_SCANS)?;
    // Colour profiles are not read, so that broken ones do no harm.
    decoder.set(tj::TJPARAM_TJPARAM_SAVEMARKERS, 0)?;
    // SAFETY: the file is borrowed for the call.
    let code = unsafe { tj::tj3DecompressHeader(decoder.0, file.as_ptr(), file.len() as tj::size_t) };
    decoder.check(code, HARMLESS)?;
    let found = (decoder.find(tj::TJPARAM_TJPARAM_JPEGWIDTH), decoder.find(tj::TJPARAM_TJPARAM_JPEGHEIGHT));
    if (i64::from(found.0), i64::from(found.1)) != (size.0.into(), size.1.into()) {
        return Err(Error::Corrupt(format!(
            "the JPEG file has two frame headers: one says {} × {} pixels, another {} × {}",
            size.0, size.1, found.0, found.1
        )));
    }
    Ok(decoder)
}

/// Encodes 8-bit grey or RGB. `samples` has `width × height × channels` bytes.
pub(crate) fn encode(samples: &[u8], size: (u32, u32), layout: Layout, quality: u8, small: bool) -> Result<Vec<u8>> {
    let encoder = Handle::new(tj::TJINIT_TJINIT_COMPRESS)?;
    let (Ok(width), Ok(height)) = (i32::try_from(size.0), i32::try_from(size.1)) else {
        return Err(too_large(size));
    };
    if size.0 > 65_500 || size.1 > 65_500 {
        return Err(too_large(size));
    }
    if (size.0 as usize * size.1 as usize).checked_mul(layout.channels()) != Some(samples.len()) {
        return Err(Error::Internal(format!("{} bytes are no {width} × {height} {layout:?} pixels", samples.len())));
    }
    let subsampling = match (layout, quality) {
        (Layout::Gray, _) => tj::TJSAMP_TJSAMP_GRAY,
        (_, 90..) => tj::TJSAMP_TJSAMP_444,
        _ => tj::TJSAMP_TJSAMP_420,
    };
    encoder.set(tj::TJPARAM_TJPARAM_QUALITY, i32::from(quality.clamp(1, 100)))?;
    encoder.set(tj::TJPARAM_TJPARAM_SUBSAMP, subsampling)?;
    encoder.set(tj::TJPARAM_TJPARAM_OPTIMIZE, i32::from(small))?;
    encoder.set(tj::TJPARAM_TJPARAM_PROGRESSIVE, i32::from(small))?;
    let (mut file, mut length) = (std::ptr::null_mut(), 0);
    // SAFETY: the samples have the size that the numbers ask for, as was checked; the file is the encoder's own
    // allocation, which is copied and freed below.
    unsafe {
        let pixels = samples.as_ptr();
        let layout = layout.code();
        let code = tj::tj3Compress8(encoder.0, pixels, width, 0, height, layout, &raw mut file, &raw mut length);
        let copy = if code == 0 && !file.is_null() {
            Ok(std::slice::from_raw_parts(file, length as usize).to_vec())
        } else {
            Err(Error::Internal(format!("the picture cannot be written as JPEG: {}", encoder.message())))
        };
        tj::tj3Free(file.cast());
        copy
    }
}

fn too_large(size: (u32, u32)) -> Error {
    Error::Limit(format!("a JPEG has 65,500 pixels a side at most, the picture has {} × {}", size.0, size.1))
}
