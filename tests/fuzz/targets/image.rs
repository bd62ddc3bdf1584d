// What the server asks of a file: probe, open, metadata, data elements, the first frames in every mode.

use lightbox_sdk::image_format::{DecodeMode, DecodeRequest, ImageFormat, Window};
use lightbox_sdk::pixels::{PixelFormat, PixelOut, PixelSink};
use lightbox_sdk::{Call, Error, Result};

/// As much as a frame may take here; a target that needs more fails with a limit, as it would in the server.
const MAX_BYTES: u64 = 16 << 20;

struct Bounded(Vec<u8>);

impl PixelSink for Bounded {
    fn alloc(&mut self, width: u32, height: u32, format: PixelFormat) -> Result<&mut [u8]> {
        let size = format.size_bytes(width, height).filter(|size| *size as u64 <= MAX_BYTES);
        self.0 = vec![0; size.ok_or_else(|| Error::Limit("too large".to_owned()))?];
        Ok(&mut self.0)
    }
}

pub fn read(format: &impl ImageFormat, file: &[u8]) {
    let deadline = Some(std::time::Instant::now() + std::time::Duration::from_secs(20));
    let call = Call::new(deadline, MAX_BYTES, &|| false);
    format.probe(&file[..file.len().min(4096)], file.len() as u64, "fuzz");
    let Ok(mut reader) = format.open(file, &call) else { return };
    let _ = reader.elements(&call);
    let Ok(metadata) = reader.metadata(&call) else { return };
    for frame in 0..metadata.frame_count.min(3) {
        for mode in [DecodeMode::Stored, DecodeMode::Display, DecodeMode::Modality16] {
            for window in [None, Some(Window { center: 40.0, width: 400.0 })] {
                let request = DecodeRequest { frame, mode, window };
                let _ = reader.decode(&request, PixelOut::new(&mut Bounded(Vec::new())), &call);
            }
        }
    }
}
