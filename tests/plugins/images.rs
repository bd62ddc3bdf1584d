//! Images through the whole way: recognised, inspected, rendered and converted by loaded plugins.

use crate::libraries::Plugins;
use lightbox::plugin_host::{PluginErrorKind, PluginHost, RenderOutput, RenderRequest};
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

fn all() -> (Plugins, PluginHost) {
    let plugins = Plugins::none().with_raster().with_rust("example-plugin-pnm").with_c_example();
    let host = plugins.load();
    assert_eq!(host.refusals(), []);
    (plugins, host)
}

/// Samples of an 8- or 16-bit PNG, big endian, and its size.
fn read_png(bytes: &[u8]) -> (u32, u32, png::ColorType, png::BitDepth, Vec<u8>) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
    let mut samples = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut samples).unwrap();
    (info.width, info.height, info.color_type, info.bit_depth, samples)
}

fn ramp(width: u16, height: u16) -> Vec<u8> {
    let pixels = (0..u32::from(width) * u32::from(height)).map(|index| (index % 251) as u8);
    format!("P5 {width} {height} 255\n").into_bytes().into_iter().chain(pixels).collect()
}

fn request(output: RenderOutput, max_size: Option<u32>) -> RenderRequest {
    RenderRequest { frame: 0, window: None, max_size, output }
}

#[tokio::test]
async fn a_third_partys_picture_goes_all_the_way() {
    let (plugins, host) = all();
    let file = ramp(300, 200);
    assert_eq!(host.recognise_image(&file[..64], file.len() as u64, "scan").as_deref(), Some("pnm"));
    let inspection = host.inspect("pnm", plugins.file(&file), 128, &CancellationToken::new()).await.unwrap();
    assert_eq!(
        (inspection.metadata.width, inspection.metadata.height, inspection.metadata.bits_per_sample),
        (300, 200, 8)
    );

    let mut digest = Sha256::new();
    [300u32, 200, 1].iter().for_each(|number| digest.update(number.to_le_bytes()));
    digest.update(&file[file.len() - 60_000..]);
    assert_eq!(inspection.pixel_digest, <[u8; 32]>::from(digest.finalize()));

    assert_eq!(host.recognise_image(&inspection.thumbnail, 0, "").as_deref(), Some("jpeg"));
    let thumbnail =
        host.inspect("jpeg", plugins.file(&inspection.thumbnail), 8, &CancellationToken::new()).await.unwrap();
    assert_eq!((thumbnail.metadata.width, thumbnail.metadata.height), (128, 85));
}

#[tokio::test]
async fn equal_pixels_in_two_formats_have_one_digest() {
    let (plugins, host) = all();
    let pgm = ramp(20, 10);
    let raw = [b"RAW8\x14\0\x0a\0".as_slice(), &pgm[pgm.len() - 200..]].concat();
    let png = host.convert("pnm", plugins.file(&pgm), 0, 8).await.unwrap();
    let mut digests = Vec::new();
    for (format, file) in [("pnm", &pgm), ("raw8", &raw), ("png", &png)] {
        assert_eq!(host.recognise_image(file, file.len() as u64, "").as_deref(), Some(format));
        let inspection = host.inspect(format, plugins.file(file), 64, &CancellationToken::new()).await.unwrap();
        digests.push(inspection.pixel_digest);
    }
    assert!(digests.iter().all(|digest| *digest == digests[0]));
}

#[tokio::test]
async fn conversion_keeps_every_sample_in_8_and_in_16_bits() {
    let (plugins, host) = all();
    let file = plugins.file(b"P5 2 1 65535\n\x12\x34\xff\xff");
    let wide = read_png(&host.convert("pnm", file.clone(), 0, 16).await.unwrap());
    assert_eq!(wide, (2, 1, png::ColorType::Grayscale, png::BitDepth::Sixteen, vec![0x12, 0x34, 0xff, 0xff]));
    let narrow = read_png(&host.convert("pnm", file.clone(), 0, 8).await.unwrap());
    assert_eq!(narrow, (2, 1, png::ColorType::Grayscale, png::BitDepth::Eight, vec![0x12, 0xff]));
    let error = host.convert("pnm", file, 0, 12).await.unwrap_err();
    assert_eq!(error.kind, PluginErrorKind::Invalid);
}

#[tokio::test]
async fn renditions_fit_the_size_asked_for_and_never_grow() {
    let (plugins, host) = all();
    let file = plugins.file(&ramp(300, 200));
    for (max_size, expected) in [(None, (300, 200)), (Some(60), (60, 40)), (Some(5000), (300, 200)), (Some(0), (1, 1))]
    {
        let png = host.render("pnm", file.clone(), request(RenderOutput::Png, max_size)).await.unwrap();
        let (width, height, ..) = read_png(&png);
        assert_eq!((width, height), expected, "{max_size:?}");
        let jpeg = host.render("pnm", file.clone(), request(RenderOutput::Jpeg, max_size)).await.unwrap();
        let inspection = host.inspect("jpeg", plugins.file(&jpeg), 8, &CancellationToken::new()).await.unwrap();
        assert_eq!((inspection.metadata.width, inspection.metadata.height), expected, "{max_size:?}");
    }
}

#[tokio::test]
async fn transparency_survives_png_and_is_laid_on_black_for_jpeg() {
    let (plugins, host) = all();
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 8, 8);
    encoder.set_color(png::ColorType::Rgba);
    encoder.write_header().unwrap().write_image_data(&[255, 255, 255, 0].repeat(64)).unwrap();
    let file = plugins.file(&file);
    let (.., color, _, samples) =
        read_png(&host.render("png", file.clone(), request(RenderOutput::Png, None)).await.unwrap());
    assert_eq!((color, samples), (png::ColorType::Rgba, [255, 255, 255, 0].repeat(64)));
    let jpeg = host.render("png", file, request(RenderOutput::Jpeg, None)).await.unwrap();
    let (.., samples) = read_png(&host.convert("jpeg", plugins.file(&jpeg), 0, 8).await.unwrap());
    assert!(samples.iter().all(|sample| *sample < 4), "{samples:?}");
}

#[tokio::test]
async fn an_empty_file_is_refused_by_every_format() {
    let (plugins, host) = all();
    assert_eq!(host.recognise_image(b"", 0, "empty.png"), None);
    for (format, _) in host.image_formats() {
        let outcome = host.inspect(&format.id, plugins.file(b""), 64, &CancellationToken::new()).await;
        assert_eq!(outcome.unwrap_err().kind, PluginErrorKind::Corrupt, "{}", format.id);
    }
}

#[tokio::test]
async fn a_frame_that_is_not_there_is_told() {
    let (plugins, host) = all();
    let error = host.convert("pnm", plugins.file(&ramp(2, 2)), 3, 8).await.unwrap_err();
    assert_eq!(
        (error.kind, error.message.as_str()),
        (PluginErrorKind::Invalid, "frame 3 was asked for, but the frames are 0 to 0")
    );
}

#[tokio::test]
async fn a_format_without_data_elements_gives_none() {
    let (plugins, host) = all();
    for (format, file) in [("pnm", ramp(2, 2)), ("raw8", b"RAW8\x01\0\x01\0\x07".to_vec())] {
        assert_eq!(host.elements(format, plugins.file(&file)).await.unwrap(), None);
    }
}
