//! An image format of a third party, one of whose extensions has a dot inside.

use crate::support::PluginFolder;
use crate::support::archives::{decode_png, zip};
use crate::support::plugin_folder::MISBEHAVING;
use serde_json::{Value, json};
use std::io::Write;

/// A NIfTI-1 file (`nifti1.h`) of 8-bit voxels.
fn nifti(size: [i16; 3], voxels: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; 352];
    let mut put = |at: usize, number: &[u8]| bytes[at..at + number.len()].copy_from_slice(number);
    put(0, &348i32.to_le_bytes());
    for (index, length) in [3].iter().chain(&size).enumerate() {
        put(40 + index * 2, &length.to_le_bytes());
    }
    put(70, &2i16.to_le_bytes());
    put(72, &8i16.to_le_bytes());
    put(108, &352f32.to_le_bytes());
    // Black and white of the picture.
    put(124, &255f32.to_le_bytes());
    put(128, &0f32.to_le_bytes());
    put(344, b"n+1\0");
    bytes.extend(voxels);
    bytes
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn volumes_are_imported_shown_and_labelled_by_names_without_extension() {
    let folder = PluginFolder::built_in().with_example("example-plugin-nifti");
    let mut server = folder.serve(&[]);
    let client = server.admin();
    let voxels: Vec<u8> = (0..5 * 4 * 3).map(|voxel| voxel * 4).collect();
    // Noise does not shrink: the second is longer than what formats see of it.
    let noise: Vec<u8> = (0..90 * 80u32).map(|at| (at.wrapping_mul(0x9e37_79b9) >> 13) as u8).collect();
    let archive = zip(&[
        ("a/plain.nii", nifti([5, 4, 3], &voxels)),
        ("a/packed.nii.gz", gzip(&nifti([90, 80, 1], &noise))),
        ("b/cut.NII.GZ", b"no such thing".to_vec()),
        ("b/notes.gz", gzip(b"notes")),
        ("label.csv", b"plain,one\na/packed,two\n".to_vec()),
    ]);
    let imported = client.import("volumes", &archive);
    assert_eq!(imported.state(), "SUCCEEDED", "{}", imported.job);
    let of_files = imported.findings.iter().filter(|each| each["path"] != "label.csv");
    let told: Vec<Value> = of_files.map(|each| json!([each["code"], each["path"]])).collect();
    assert_eq!(told, [json!(["IMAGE_UNREADABLE", "b/cut.NII.GZ"]), json!(["IGNORED_FILE", "b/notes.gz"])]);
    let fields = "path format { id } width height frameCount bitsPerSample thumbnailUrl renderedUrl(frame: 0)";
    let images = client.images(&imported.dataset, fields);
    let told = |image: &Value| {
        json!([image["path"], image["format"]["id"], image["width"], image["height"], image["frameCount"]])
    };
    let told: Vec<Value> = images.iter().map(told).collect();
    assert_eq!(told, [json!(["a/plain.nii", "nifti", 5, 4, 3]), json!(["a/packed.nii.gz", "nifti", 90, 80, 1])]);
    let last = client.images(&imported.dataset, "id")[0]["id"].clone();
    let query = "query($id: ID!) { node(id: $id) { ... on Image { renderedUrl(frame: 2) } } }";
    let last = client.data(query, json!({ "id": last }))["node"]["renderedUrl"].take();
    for (url, expected) in
        [(&images[0]["renderedUrl"], &voxels[..20]), (&last, &voxels[40..]), (&images[1]["renderedUrl"], &noise)]
    {
        let reply = client.get(url.as_str().unwrap());
        assert_eq!(reply.status, 200, "{url}: {}", reply.text());
        let (_, _, _, samples) = decode_png(&reply.body);
        assert_eq!(samples, expected.iter().map(|voxel| u16::from(*voxel)).collect::<Vec<_>>(), "{url}");
    }
    for image in &images {
        let thumbnail = client.get(image["thumbnailUrl"].as_str().unwrap());
        assert_eq!((thumbnail.status, thumbnail.header("content-type")), (200, "image/jpeg"));
        assert!(thumbnail.body.starts_with(b"\xff\xd8\xff"));
    }
    let set = client.annotation_sets(&imported.dataset).remove(0);
    assert_eq!((&set["imageCount"], &set["annotationCount"]), (&json!(2), &json!(2)), "{set}");
    server.end_and_check();
}

#[test]
fn a_format_is_told_how_long_the_whole_file_is() {
    let mut folder = PluginFolder::built_in();
    for length in [100, 1_000_000] {
        let definitions = [
            format!("PLUGIN_ID=\"test.{length}\""),
            format!("FORMAT_ID=\"{length}\""),
            format!("CLAIMS_LENGTH={length}"),
        ];
        folder =
            folder.with_source(MISBEHAVING, &format!("length-{length}"), &definitions.each_ref().map(String::as_str));
    }
    let server = folder.serve(&[]);
    let client = server.admin();
    let archive = zip(&[("short", vec![1; 100]), ("long", vec![1; 1_000_000]), ("other", vec![1; 4096])]);
    let imported = client.import("lengths", &archive);
    let images = client.images(&imported.dataset, "path format { id }");
    let told: Vec<Value> = images.iter().map(|image| json!([image["path"], image["format"]["id"]])).collect();
    assert_eq!(told, [json!(["short", "100"]), json!(["long", "1000000"])], "{:?}", imported.findings);
}
