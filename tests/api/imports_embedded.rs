//! Pictures that annotation documents carry inside.

use crate::support::Server;
use crate::support::archives::{png, zip};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;

/// A LabelMe document with one box, and a picture inside.
fn labelme(image_path: &str, picture: &[u8]) -> Vec<u8> {
    let document = json!({
        "version": "5.4.1", "flags": {}, "imagePath": image_path, "imageData": BASE64_STANDARD.encode(picture),
        "imageWidth": 8, "imageHeight": 6,
        "shapes": [{ "label": "cell", "shape_type": "rectangle", "points": [[1, 1], [4, 3]], "flags": {} }],
    });
    document.to_string().into_bytes()
}

#[test]
fn a_picture_inside_that_loses_to_the_file_leaves_nothing_in_the_store() {
    let mut server = Server::start();
    let client = server.admin();
    let (file, other, lone) = (png(8, 6, 1), png(8, 6, 2), png(8, 6, 3));
    let archive = zip(&[
        ("a.png", file.clone()),
        ("a.json", labelme("a.png", &other)),
        ("same.png", file.clone()),
        ("same.json", labelme("same.png", &file)),
        ("inside.json", labelme("inside.png", &lone)),
    ]);
    let imported = client.import("embedded", &archive);
    assert_eq!(imported.state(), "SUCCEEDED", "{}", imported.job);
    let differs: Vec<_> =
        imported.findings.iter().filter(|finding| finding["code"] == "LABELME_IMAGE_DIFFERS").collect();
    assert_eq!(differs.len(), 1, "{:?}", imported.findings);
    assert_eq!(differs[0]["path"], "a.json");
    let images = client.images(&imported.dataset, "path url");
    let paths: Vec<&str> = images.iter().map(|image| image["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["a.png", "same.png", "inside.png"]);
    for (image, bytes) in images.iter().zip([&file, &file, &lone]) {
        assert_eq!(&client.get(image["url"].as_str().unwrap()).body, bytes, "{}", image["path"]);
    }
    // A file of the one that lost would be an orphan.
    server.end_and_check();
}
