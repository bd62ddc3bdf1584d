//! Writes JPEG streams with libjpeg-turbo.

use turbojpeg_sys as turbo;

/// A compressor's parameters: what `tj3Set` takes.
pub type Parameters<'p> = &'p [(turbo::TJPARAM, i32)];

/// Samples of up to `precision` bits, interleaved, 1 or 3 a pixel.
pub fn encode(samples: &[u16], width: usize, channels: usize, precision: i32, parameters: Parameters<'_>) -> Vec<u8> {
    let height = samples.len() / width / channels;
    let format = if channels == 1 { turbo::TJPF_TJPF_GRAY } else { turbo::TJPF_TJPF_RGB };
    let (width, height) = (width as i32, height as i32);
    let bytes: Vec<u8> = samples.iter().map(|sample| *sample as u8).collect();
    let (mut out, mut size) = (std::ptr::null_mut(), 0);
    // SAFETY: the handle lives until `tj3Destroy`, the sources have width × height × channels samples, and the
    // buffer that the encoder allocates is copied before it is freed.
    unsafe {
        let handle = turbo::tj3Init(turbo::TJINIT_TJINIT_COMPRESS as i32);
        let subsampling = if channels == 1 { turbo::TJSAMP_TJSAMP_GRAY } else { turbo::TJSAMP_TJSAMP_444 };
        turbo::tj3Set(handle, turbo::TJPARAM_TJPARAM_SUBSAMP as i32, subsampling);
        turbo::tj3Set(handle, turbo::TJPARAM_TJPARAM_QUALITY as i32, 100);
        turbo::tj3Set(handle, turbo::TJPARAM_TJPARAM_PRECISION as i32, precision);
        for (parameter, value) in parameters {
            assert_eq!(turbo::tj3Set(handle, *parameter as i32, *value), 0);
        }
        let code = match precision {
            ..=8 => turbo::tj3Compress8(handle, bytes.as_ptr(), width, 0, height, format, &raw mut out, &raw mut size),
            9..=12 => {
                let source = samples.as_ptr().cast();
                turbo::tj3Compress12(handle, source, width, 0, height, format, &raw mut out, &raw mut size)
            }
            _ => {
                let source = samples.as_ptr();
                turbo::tj3Compress16(handle, source, width, 0, height, format, &raw mut out, &raw mut size)
            }
        };
        assert_eq!(code, 0, "the encoder refused");
        let stream = std::slice::from_raw_parts(out, size as usize).to_vec();
        turbo::tj3Free(out.cast());
        turbo::tj3Destroy(handle);
        stream
    }
}

/// The stream without its JFIF and Adobe markers.
pub fn without_colour_markers(stream: &[u8]) -> Vec<u8> {
    let mut plain = stream[..2].to_vec();
    let mut at = 2;
    while stream[at + 1] != 0xDA {
        let end = at + 2 + usize::from(u16::from_be_bytes([stream[at + 2], stream[at + 3]]));
        if !matches!(stream[at + 1], 0xE0 | 0xEE) {
            plain.extend_from_slice(&stream[at..end]);
        }
        at = end;
    }
    plain.extend_from_slice(&stream[at..]);
    plain
}
