//! Imports of archives of our own: every format, every way to say labels, names and progress.

use crate::support::archives::{jpeg, labelled, mask_text, png, zip};
use crate::support::dicom::Dicom;
use crate::support::shared;
use serde_json::json;

#[test]
fn pictures_of_every_built_in_format_are_imported_with_what_they_are() {
    let client = shared().user("imports-formats");
    let dicom = Dicom { study: "1.2.3".to_owned(), ..Dicom::new(1).with_frames(3) };
    let sibling = Dicom { study: "1.2.3".to_owned(), ..Dicom::new(2) };
    let archive = zip(&[
        ("a/p.png", png(10, 7, 1)),
        ("a/j.jpg", jpeg(16, 9, 1)),
        ("scan", dicom.bytes()),
        ("scan2.dcm", sibling.bytes()),
        ("notes.txt", b"hello".to_vec()),
        ("__MACOSX/a/._p.png", b"x".to_vec()),
        ("a/.DS_Store", b"x".to_vec()),
    ]);
    let imported = client.import("formats", &archive);
    assert_eq!(imported.state(), "SUCCEEDED", "{}", imported.job);
    assert_eq!(imported.codes(), ["IGNORED_FILE"]);
    assert_eq!(imported.findings[0]["path"], "notes.txt");
    let images = client.images(
        &imported.dataset,
        "path format { id } width height frameCount bitsPerSample study { studyInstanceUid imageCount name } sha256",
    );
    let told: Vec<String> = images
        .iter()
        .map(|image| {
            format!(
                "{} {} {}x{} {} frames {} bits {}",
                image["path"].as_str().unwrap(),
                image["format"]["id"].as_str().unwrap(),
                image["width"],
                image["height"],
                image["frameCount"],
                image["bitsPerSample"],
                image["study"]["imageCount"]
            )
        })
        .collect();
    let expected = [
        "a/p.png png 10x7 1 frames 8 bits 1",
        "a/j.jpg jpeg 16x9 1 frames 8 bits 1",
        "scan dicom 8x6 3 frames 12 bits 2",
        "scan2.dcm dicom 8x6 1 frames 12 bits 2",
    ];
    assert_eq!(told, expected);
    assert_eq!(images[2]["study"]["studyInstanceUid"], "1.2.3");
}

#[test]
fn every_layout_of_label_csv_makes_a_set_of_its_type() {
    let client = shared().user("imports-layouts");
    let table = [
        ("image/0.png,RBC\nimage/1.png,WBC\nimage/2.png\n", "single-label-classification", 2),
        ("image/0.png,RBC\nimage/0.png,WBC\n", "multi-label-classification", 2),
        ("image/0.png,RBC,1\nimage/0.png,WBC,0\n", "multi-label-classification", 1),
        ("image/0.png,cell,1,1,3.5,2\nimage/0.png,cell,0,0,8,6\n", "detection", 2),
    ];
    for (number, (rows, of_type, count)) in table.into_iter().enumerate() {
        let dataset = client.dataset(&format!("layout {number}"), &labelled(3, 7, rows));
        let sets = client.annotation_sets(&dataset);
        assert_eq!(sets.len(), 1, "{rows}");
        assert_eq!(sets[0]["type"]["id"], of_type, "{rows}");
        assert_eq!(sets[0]["annotationCount"], count, "{rows}");
        assert_eq!((&sets[0]["source"], &sets[0]["name"]), (&json!("UPLOAD"), &json!("label.csv")));
    }
    let rows = format!("image/0.png,cell,8,6,{}\n", mask_text(&[1, 0, 1]));
    let dataset = client.dataset("layout mask", &labelled(1, 7, &rows));
    let sets = client.annotation_sets(&dataset);
    assert_eq!(sets[0]["type"]["id"], "segmentation");
    assert_eq!(sets[0]["annotationCount"], 1);
}

#[test]
fn class_folders_make_one_single_label_set() {
    let client = shared().user("imports-folders");
    let entries: Vec<(String, Vec<u8>)> = (0..6)
        .map(|number| {
            (format!("top/CLASSES/{}/{number}.png", if number < 4 { "a b" } else { "001" }), png(5, 5, number))
        })
        .collect();
    let dataset = client.dataset("folders", &zip(&entries));
    let sets = client.annotation_sets(&dataset);
    assert_eq!(sets.len(), 1);
    assert_eq!(sets[0]["type"]["id"], "single-label-classification");
    let counts = sets[0]["labelDistribution"]["labels"].as_array().unwrap();
    let mut told: Vec<(&str, i64)> = counts
        .iter()
        .map(|count| (count["label"]["name"].as_str().unwrap(), count["imageCount"].as_i64().unwrap()))
        .collect();
    told.sort_unstable();
    assert_eq!(told, [("001", 2), ("a b", 4)]);
}

#[test]
fn progress_counts_the_images() {
    let client = shared().user("imports-progress");
    let imported = client.import("progress", &labelled(5, 3, "image/0.png,a\n"));
    assert_eq!(imported.job["progress"], json!({ "done": 5, "total": 5, "unit": "images" }));
    assert!(imported.job["startedAt"].is_string() && imported.job["finishedAt"].is_string());
}

#[test]
fn a_dataset_without_a_name_takes_the_files_and_a_number_when_that_is_taken() {
    let client = shared().user("imports-names");
    let archive = labelled(1, 3, "");
    for expected in ["chest", "chest (2)", "chest (3)"] {
        let upload = client.upload("chest.zip", &archive);
        let started = client.mutate("importDataset", json!({ "upload": upload }), "dataset { name status } job { id }");
        assert_eq!(started["dataset"]["name"], expected);
        assert_eq!(started["dataset"]["status"], "PREPARING");
        client.wait_for(started["job"]["id"].as_str().unwrap());
    }
}
