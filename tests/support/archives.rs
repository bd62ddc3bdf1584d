//! Upload archives made in memory, with small pictures of our own making.

use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// A zip of these entries, in this order; names are UTF-8.
pub fn zip<N: AsRef<str>, B: AsRef<[u8]>>(entries: &[(N, B)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in entries {
        writer.start_file(name.as_ref(), options).unwrap();
        writer.write_all(bytes.as_ref()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A grey 8-bit PNG; every seed makes other pixels.
pub fn png(width: u32, height: u32, seed: u32) -> Vec<u8> {
    let pixels: Vec<u8> = (0..width * height).map(|at| noise(at, seed)).collect();
    grey_png(width, height, &pixels)
}

/// A grey 8-bit PNG of these pixels.
pub fn grey_png(width: u32, height: u32, pixels: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header().unwrap().write_image_data(pixels).unwrap();
    bytes
}

/// A colour JPEG; every seed makes other pixels.
pub fn jpeg(width: u16, height: u16, seed: u32) -> Vec<u8> {
    let samples = u32::from(width) * u32::from(height) * 3;
    let pixels: Vec<u8> = (0..samples).map(|at| noise(at / 3, seed)).collect();
    let mut bytes = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut bytes, 95);
    encoder.encode(&pixels, width, height, jpeg_encoder::ColorType::Rgb).unwrap();
    bytes
}

/// The same for the same place and seed, and without a pattern that pictures could share.
fn noise(at: u32, seed: u32) -> u8 {
    let mixed = (at ^ seed.wrapping_mul(0x9e37_79b9)).wrapping_mul(0x85eb_ca6b);
    ((mixed ^ (mixed >> 15)).wrapping_mul(0xc2b2_ae35) >> 24) as u8
}

/// An archive of `count` PNGs, `image/0.png` and so on, none like another.
pub fn pictures(count: u32, seed: u32) -> Vec<u8> {
    zip(&numbered(count, seed))
}

/// The entries of `pictures`.
pub fn numbered(count: u32, seed: u32) -> Vec<(String, Vec<u8>)> {
    (0..count).map(|number| (format!("image/{number}.png"), png(8, 6, seed * 10_000 + number))).collect()
}

/// `pictures` with a `label.csv` of these rows.
pub fn labelled(count: u32, seed: u32, rows: &str) -> Vec<u8> {
    let mut entries = numbered(count, seed);
    entries.push(("label.csv".to_owned(), rows.as_bytes().to_vec()));
    zip(&entries)
}

/// Width, height, bits of a sample, and all samples of a PNG, interleaved.
pub fn decode_png(bytes: &[u8]) -> (u32, u32, u32, Vec<u16>) {
    let mut reader = png::Decoder::new(Cursor::new(bytes)).read_info().unwrap();
    let mut buffer = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut buffer).unwrap();
    let bytes = &buffer[..frame.buffer_size()];
    let samples = match frame.bit_depth {
        png::BitDepth::Sixteen => bytes.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect(),
        png::BitDepth::Eight => bytes.iter().map(|byte| u16::from(*byte)).collect(),
        depth => panic!("{depth:?} is no depth that this server writes"),
    };
    (frame.width, frame.height, frame.bit_depth as u32, samples)
}

/// The mask column of `label.csv`: base64 of a zlib stream of one byte a pixel, row-major; the rest of an 8 × 6 mask
/// is not set.
pub fn mask_text(pixels: &[u8]) -> String {
    let mut whole = [0; 48];
    whole[..pixels.len()].copy_from_slice(pixels);
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(&whole).unwrap();
    base64::Engine::encode(&base64::prelude::BASE64_STANDARD, encoder.finish().unwrap())
}
