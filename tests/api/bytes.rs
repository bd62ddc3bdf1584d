//! Addresses of bytes: media types, tags, caching, ranges, and what is refused.

use crate::support::archives::{decode_png, grey_png, jpeg, mask_text, png, zip};
use crate::support::client::{Client, string};
use crate::support::dicom::Dicom;
use crate::support::shared;
use serde_json::{Value, json};
use std::sync::OnceLock;

struct Scene {
    client: Client,
    /// Of a PNG, a JPEG and a DICOM file.
    images: Vec<Value>,
    files: Vec<Vec<u8>>,
    set: Value,
}

fn scene() -> &'static Scene {
    static SCENE: OnceLock<Scene> = OnceLock::new();
    SCENE.get_or_init(|| {
        let client = shared().user("bytes");
        let files = vec![png(8, 6, 800), jpeg(40, 20, 800), Dicom::new(80).with_frames(2).bytes()];
        let rows = format!("p.png,cell,8,6,{}\n=cmd,x\n", mask_text(&[1, 0, 1]));
        let archive = zip(&[
            ("p.png", files[0].clone()),
            ("a/\u{4e2d} j.jpg", files[1].clone()),
            ("scan.dcm", files[2].clone()),
            ("label.csv", rows.into_bytes()),
        ]);
        let dataset = client.dataset("bytes", &archive);
        let images = client.images(&dataset, "id url thumbnailUrl renderedUrl sha256 byteSize");
        let set = client.annotation_sets(&dataset).remove(0);
        Scene { client, images, files, set }
    })
}

fn url(image: usize, field: &str) -> String {
    string(&scene().images[image][field])
}

/// Every address with its media type and how it may be cached.
fn addresses() -> Vec<(String, &'static str, &'static str)> {
    let immutable = "private, max-age=31536000, immutable";
    let mut all = vec![
        (url(0, "url"), "image/png", immutable),
        (url(1, "url"), "image/jpeg", immutable),
        (url(2, "url"), "application/dicom", immutable),
        (string(&scene().set["labelDistribution"]["csvUrl"]), "text/csv; charset=utf-8", "private, no-cache"),
        (mask_url(), "image/png", "private, no-cache"),
        (url(0, "renderedUrl").replace("&v=", "&format=jpeg&v="), "image/jpeg", immutable),
        (format!("/images/{}/rendition", string(&scene().images[0]["id"])), "image/png", "private, max-age=3600"),
    ];
    for image in 0..3 {
        all.push((url(image, "thumbnailUrl"), "image/jpeg", immutable));
        all.push((url(image, "renderedUrl"), "image/png", immutable));
    }
    all
}

fn mask_url() -> String {
    let query = "query($id: ID!) { annotationSet(id: $id) { images { edges { annotations {
        ... on Segmentation { maskUrl area x y width height rle } } } } } }";
    let data = scene().client.data(query, json!({ "id": scene().set["id"] }));
    let mask = &data["annotationSet"]["images"]["edges"][0]["annotations"][0];
    assert_eq!(mask["area"], 2);
    assert_eq!(json!([mask["x"], mask["y"], mask["width"], mask["height"]]), json!([0.0, 0.0, 3.0, 1.0]));
    assert_eq!(mask["rle"]["size"], json!([6, 8]));
    string(&mask["maskUrl"])
}

#[test]
fn every_address_answers_with_its_media_type_a_strong_tag_and_how_long_it_holds() {
    let client = &scene().client;
    for (url, media_type, caching) in addresses() {
        let reply = client.get(&url);
        assert_eq!(reply.status, 200, "{url}: {}", reply.text());
        assert_eq!(reply.header("content-type"), media_type, "{url}");
        assert_eq!(reply.header("cache-control"), caching, "{url}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{url}");
        assert_eq!(reply.header("vary"), "Authorization", "{url}");
        assert!(reply.header("content-security-policy").contains("sandbox"), "{url}");
        let tag = reply.header("etag");
        assert!(tag.starts_with('"') && tag.len() > 10, "{url}: {tag}");
        let again = client.get_with(&url, &[("if-none-match", tag)]);
        assert_eq!((again.status, again.body.len()), (304, 0), "{url}");
        assert_eq!(again.header("etag"), tag, "{url}");
        assert_eq!(client.get_with(&url, &[("if-none-match", "\"other\"")]).body, reply.body, "{url}");
        let head = client.request("HEAD", &url, &[], b"");
        assert_eq!((head.status, head.body.len()), (200, 0), "{url}");
        assert_eq!(head.header("etag"), tag, "{url}");
        assert_eq!(head.header("content-length"), reply.body.len().to_string(), "{url}");
    }
}

#[test]
fn originals_come_back_byte_for_byte_under_their_digest_and_name() {
    let Scene { client, files, images, .. } = scene();
    for (number, file) in files.iter().enumerate() {
        let reply = client.get(&url(number, "url"));
        assert!(reply.body == *file, "image {number}");
        assert_eq!(images[number]["byteSize"], file.len());
        assert_eq!(reply.header("etag"), format!("\"{}\"", string(&images[number]["sha256"])));
        assert!(reply.header("content-disposition").starts_with("attachment; filename=\""));
    }
    let named = client.get(&url(1, "url"));
    assert!(named.header("content-disposition").ends_with("filename*=UTF-8''%E4%B8%AD%20j.jpg"));
}

#[test]
fn a_part_of_an_original_is_sent_when_asked_for() {
    let Scene { client, files, .. } = scene();
    let (url, file) = (url(2, "url"), &files[2]);
    let size = file.len();
    let table = [
        ("bytes=0-9".to_owned(), 0..10),
        ("bytes=100-".to_owned(), 100..size),
        ("bytes=-7".to_owned(), size - 7..size),
        (format!("bytes=5-{}", size * 2), 5..size),
    ];
    for (range, expected) in table {
        let reply = client.get_with(&url, &[("range", &range)]);
        assert_eq!(reply.status, 206, "{range}");
        let told = format!("bytes {}-{}/{size}", expected.start, expected.end - 1);
        assert_eq!(reply.header("content-range"), told, "{range}");
        assert!(reply.body == file[expected], "{range}");
    }
    let behind = client.get_with(&url, &[("range", &format!("bytes={size}-"))]);
    assert_eq!((behind.status, behind.header("content-range")), (416, format!("bytes */{size}").as_str()));
    let tag = client.get(&url).header("etag").to_owned();
    assert_eq!(client.get_with(&url, &[("range", "bytes=0-9"), ("if-range", &tag)]).status, 206);
    let changed = client.get_with(&url, &[("range", "bytes=0-9"), ("if-range", "\"other\"")]);
    assert_eq!((changed.status, changed.body.len()), (200, size));
    for passed_over in ["bytes=9-5", "bytes=0-1,4-5", "lines=1-2", "nonsense"] {
        assert_eq!(client.get_with(&url, &[("range", passed_over)]).status, 200, "{passed_over}");
    }
}

#[test]
fn a_rendition_is_the_frame_and_the_window_asked_for_at_the_size_asked_for() {
    let client = shared().user("bytes-renditions");
    let scan = Dicom { slope: 1.0, intercept: -1000.0, ..Dicom::new(81).with_frames(2) };
    let wide: Vec<u8> = (0..200u32 * 100).map(|at| (at % 200) as u8).collect();
    let archive = zip(&[("scan.dcm", scan.bytes()), ("wide.png", grey_png(200, 100, &wide))]);
    let dataset = client.dataset("renditions", &archive);
    let query = "query($id: ID!, $frame: Int) { image(id: $id) { second: renderedUrl(frame: $frame)
        window: renderedUrl(windowCenter: 0.5, windowWidth: 1) small: renderedUrl(maxSize: 50)
        tiny: thumbnailUrl(size: 16) plain: renderedUrl } }";
    let ids = client.images(&dataset, "id");
    let urls = |image: usize, frame: i32| {
        client.data(query, json!({ "id": ids[image]["id"], "frame": frame }))["image"].take()
    };
    let images = [urls(0, 1), urls(1, 0)];
    let samples = |image: usize, name: &str| decode_png(&client.get(images[image][name].as_str().unwrap()).body);
    let least = |values: &[u16]| f64::from(*values.iter().min().unwrap());
    let most = |values: &[u16]| f64::from(*values.iter().max().unwrap());
    let second = &scan.values[48..];
    let shown: Vec<u16> = second
        .iter()
        .map(|value| {
            ((f64::from(*value) - least(second)) / (most(second) - least(second)) * 255.0 + 0.5).floor() as u16
        })
        .collect();
    assert_eq!(samples(0, "second").3, shown);
    let above: Vec<u16> =
        scan.values[..48].iter().map(|value| if i32::from(*value) > 1000 { 255 } else { 0 }).collect();
    assert_eq!(samples(0, "window").3, above);
    let (width, height, ..) = samples(1, "small");
    assert_eq!((width, height), (50, 25));
    assert_eq!(samples(1, "plain").3, wide.iter().map(|grey| u16::from(*grey)).collect::<Vec<_>>());
    assert!(client.get(images[1]["tiny"].as_str().unwrap()).body.starts_with(&[0xff, 0xd8, 0xff]));
}

#[test]
fn what_cannot_be_shown_is_refused_with_a_sentence() {
    let Scene { client, images, .. } = scene();
    let id = string(&images[0]["id"]);
    let table = [
        (format!("/images/{id}/rendition?frame=1"), 404),
        (format!("/images/{id}/rendition?frame=-1"), 400),
        (format!("/images/{id}/rendition?windowCenter=1"), 400),
        (format!("/images/{id}/rendition?windowCenter=1&windowWidth=0"), 400),
        (format!("/images/{id}/rendition?maxSize=0"), 400),
        (format!("/images/{id}/rendition?format=bmp"), 400),
        (format!("/images/{id}/rendition?color=red"), 400),
        (format!("/images/{id}/thumbnail?size=7"), 400),
        (format!("/images/{id}/thumbnail?size=1025"), 400),
        ("/images/image-1/original".to_owned(), 404),
        ("/images/nonsense/rendition".to_owned(), 404),
        ("/annotations/annotation-1-0-0/mask.png".to_owned(), 404),
        ("/annotation-sets/annotationset-1/label-distribution.csv".to_owned(), 404),
        ("/nowhere".to_owned(), 404),
    ];
    for (url, status) in table {
        let reply = client.get(&url);
        assert_eq!(reply.status, status, "{url}: {}", reply.text());
        assert!(!string(&reply.json()["error"]).is_empty(), "{url}");
    }
    for (arguments, field) in [
        ("frame: 1", "renderedUrl"),
        ("frame: -1", "renderedUrl"),
        ("windowCenter: 1", "renderedUrl"),
        ("windowCenter: 1, windowWidth: -2", "renderedUrl"),
        ("maxSize: 0", "renderedUrl"),
        ("size: 7", "thumbnailUrl"),
    ] {
        let response = client.graphql(&format!("{{ image(id: \"{id}\") {{ {field}({arguments}) }} }}"), Value::Null);
        assert_eq!(response["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{field}({arguments})");
    }
}

#[test]
fn the_mask_is_a_picture_of_the_images_size() {
    let reply = scene().client.get(&mask_url());
    let (width, height, bits, samples) = decode_png(&reply.body);
    assert_eq!((width, height, bits), (8, 6, 8));
    let set: Vec<usize> = samples.iter().enumerate().filter(|(_, grey)| **grey == 255).map(|(at, _)| at).collect();
    assert_eq!(set, [0, 2]);
    assert!(samples.iter().all(|grey| matches!(grey, 0 | 255)));
}

#[test]
fn the_label_distribution_is_a_table_for_spreadsheets() {
    let client = shared().user("bytes-csv");
    let rows = "image/0.png,\"a, b\"\nimage/1.png,\"=SUM(A1)\"\nimage/2.png,\"a, b\"\n";
    let dataset = client.dataset("csv", &crate::support::archives::labelled(3, 820, rows));
    let set = client.annotation_sets(&dataset).remove(0);
    let reply = client.get(set["labelDistribution"]["csvUrl"].as_str().unwrap());
    let mut table = csv::Reader::from_reader(reply.body.as_slice());
    let header: Vec<String> = table.headers().unwrap().iter().map(str::to_owned).collect();
    let records: Vec<Vec<String>> =
        table.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect();
    assert_eq!(records.len(), 2, "{}", reply.text());
    assert_eq!(records[0][0], "a, b");
    let column =
        |name: &str| header.iter().position(|each| each == name).unwrap_or_else(|| panic!("{name}: {header:?}"));
    assert_eq!(records[0][column("images")], "2");
    // A cell that begins like a formula must not be run by a spreadsheet.
    assert!(!records[1][0].starts_with('='), "{}", reply.text());
}
