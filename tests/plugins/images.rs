//! Images through the whole way: recognised, inspected, rendered and converted by loaded plugins.

use crate::libraries::Plugins;
use lightbox::plugin_host::{PluginErrorKind, PluginHost, RenderOutput, RenderRequest};
use lightbox_sdk::Window;
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

fn all() -> (Plugins, PluginHost) {
    let plugins = Plugins::none().with_raster().with_rust("example-plugin-nifti").with_c_example();
    let host = plugins.load();
    let catalog = host.catalog();
    assert_eq!(catalog.refusals(), []);
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

/// NIfTI-1 of a byte a voxel.
fn nifti(size: [u16; 3], voxels: &[u8]) -> Vec<u8> {
    let mut file = vec![0; 352];
    let mut put = |at: usize, bytes: &[u8]| file[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, &348u32.to_le_bytes());
    put(40, &3u16.to_le_bytes());
    (42..).step_by(2).zip(size).for_each(|(at, length)| put(at, &length.to_le_bytes()));
    put(70, &2u16.to_le_bytes());
    put(72, &8u16.to_le_bytes());
    put(108, &352f32.to_le_bytes());
    put(344, b"n+1\0");
    file.extend(voxels);
    file
}

fn request(output: RenderOutput, max_size: Option<u32>) -> RenderRequest {
    RenderRequest { frame: 0, window: None, max_size, output }
}

#[tokio::test]
async fn a_third_partys_picture_goes_all_the_way() {
    let (plugins, host) = all();
    let file = ramp(300, 200);
    assert_eq!(host.recognise_image(&file[..64], file.len() as u64, "scan").unwrap().as_deref(), Some("pgm"));
    let inspection = host.inspect("pgm", plugins.file(&file), 128, &CancellationToken::new()).await.unwrap();
    assert_eq!(
        (inspection.metadata.width, inspection.metadata.height, inspection.metadata.bits_per_sample),
        (300, 200, 8)
    );

    let mut digest = Sha256::new();
    [300u32, 200, 1].iter().for_each(|number| digest.update(number.to_le_bytes()));
    digest.update(&file[file.len() - 60_000..]);
    assert_eq!(inspection.pixel_digest, <[u8; 32]>::from(digest.finalize()));

    assert_eq!(host.recognise_image(&inspection.thumbnail, 0, "").unwrap().as_deref(), Some("jpeg"));
    let thumbnail =
        host.inspect("jpeg", plugins.file(&inspection.thumbnail), 8, &CancellationToken::new()).await.unwrap();
    assert_eq!((thumbnail.metadata.width, thumbnail.metadata.height), (128, 85));
}

#[tokio::test]
async fn equal_pixels_in_three_formats_have_one_digest() {
    let (plugins, host) = all();
    let pgm = ramp(20, 10);
    let volume = nifti([20, 10, 1], &pgm[pgm.len() - 200..]);
    let png = host.convert("pgm", plugins.file(&pgm), 0, 8).await.unwrap();
    let mut digests = Vec::new();
    for (format, file) in [("pgm", &pgm[..]), ("nifti", &volume[..]), ("png", &png[..])] {
        assert_eq!(host.recognise_image(file, file.len() as u64, "").unwrap().as_deref(), Some(format));
        let inspection = host.inspect(format, plugins.file(file), 64, &CancellationToken::new()).await.unwrap();
        digests.push(inspection.pixel_digest);
    }
    assert!(digests.iter().all(|digest| *digest == digests[0]));
}

#[tokio::test]
async fn conversion_keeps_every_sample_in_8_and_in_16_bits() {
    let (plugins, host) = all();
    let file = plugins.file(b"P5 2 1 65535\n\x12\x34\xff\xff");
    let wide = read_png(&host.convert("pgm", file.clone(), 0, 16).await.unwrap());
    assert_eq!(wide, (2, 1, png::ColorType::Grayscale, png::BitDepth::Sixteen, vec![0x12, 0x34, 0xff, 0xff]));
    let narrow = read_png(&host.convert("pgm", file.clone(), 0, 8).await.unwrap());
    assert_eq!(narrow, (2, 1, png::ColorType::Grayscale, png::BitDepth::Eight, vec![0x12, 0xff]));
    let error = host.convert("pgm", file, 0, 12).await.unwrap_err();
    assert_eq!(error.kind, PluginErrorKind::Invalid);
}

#[tokio::test]
async fn renditions_fit_the_size_asked_for_and_never_grow() {
    let (plugins, host) = all();
    let file = plugins.file(&ramp(300, 200));
    for (max_size, expected) in [(None, (300, 200)), (Some(60), (60, 40)), (Some(5000), (300, 200)), (Some(0), (1, 1))]
    {
        let png = host.render("pgm", file.clone(), request(RenderOutput::Png, max_size)).await.unwrap();
        let (width, height, ..) = read_png(&png);
        assert_eq!((width, height), expected, "{max_size:?}");
        let jpeg = host.render("pgm", file.clone(), request(RenderOutput::Jpeg, max_size)).await.unwrap();
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
    assert_eq!(host.recognise_image(b"", 0, "empty.png"), Ok(None));
    for (format, _) in host.catalog().image_formats() {
        let outcome = host.inspect(&format.id, plugins.file(b""), 64, &CancellationToken::new()).await;
        assert_eq!(outcome.unwrap_err().kind, PluginErrorKind::Corrupt, "{}", format.id);
    }
}

#[tokio::test]
async fn a_frame_that_is_not_there_is_told() {
    let (plugins, host) = all();
    let error = host.convert("pgm", plugins.file(&ramp(2, 2)), 3, 8).await.unwrap_err();
    assert_eq!(
        (error.kind, error.message.as_str()),
        (PluginErrorKind::Invalid, "frame 3 was asked for, but the frames are 0 to 0")
    );
}

#[tokio::test]
async fn a_format_without_data_elements_gives_none() {
    let (plugins, host) = all();
    for (format, file) in [("pgm", ramp(2, 2)), ("nifti", nifti([1, 1, 1], &[7]))] {
        assert_eq!(host.elements(format, plugins.file(&file)).await.unwrap(), None);
    }
}

#[tokio::test]
async fn slices_of_a_volume_are_frames_each_with_its_own_picture() {
    let (plugins, host) = all();
    let file = plugins.file(&nifti([2, 1, 3], &[0, 9, 0, 1, 255, 0]));
    let inspection = host.inspect("nifti", file.clone(), 64, &CancellationToken::new()).await.unwrap();
    assert_eq!(inspection.metadata.frame_count, 3);
    let (.., first) = read_png(&host.convert("nifti", file.clone(), 0, 16).await.unwrap());
    assert_eq!(first, [0, 0, 0, 9]);
    let (.., last) = read_png(&host.convert("nifti", file.clone(), 2, 8).await.unwrap());
    assert_eq!(last, [255, 0]);
    let window = Some(Window { center: 1.0, width: 2.0 });
    let asked = RenderRequest { frame: 0, window, ..request(RenderOutput::Png, None) };
    let (.., windowed) = read_png(&host.render("nifti", file, asked).await.unwrap());
    assert_eq!(windowed, [0, 255]);
}
