//! Annotation formats of other tools inside upload archives, the way back from our own exports among them.

use crate::exports::exported;
use crate::support::archives::{labelled, mask_text, numbered, zip};
use crate::support::client::{Client, Imported};
use crate::support::shared;
use serde_json::{Value, json};

fn labels(set: &Value) -> Value {
    let labels = set["labelDistribution"]["labels"].as_array().unwrap();
    labels.iter().map(|each| json!([each["label"]["name"], each["annotationCount"]])).collect()
}

fn only_set(client: &Client, imported: &Imported) -> Value {
    assert_eq!(imported.state(), "SUCCEEDED", "{:?}", imported.findings);
    let mut sets = client.annotation_sets(&imported.dataset);
    assert_eq!(sets.len(), 1, "{sets:?}");
    sets.remove(0)
}

#[test]
fn a_folder_of_voc_files_makes_one_set() {
    let client = shared().user("formats-voc");
    let mut entries = numbered(2, 5100);
    for number in 0..2 {
        let object = "<object><name>cell</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>4</xmax><ymax>5</ymax></bndbox></object>";
        let size = "<size><width>8</width><height>6</height><depth>1</depth></size>";
        let text = format!("<annotation><filename>{number}.png</filename>{size}{object}</annotation>");
        entries.push((format!("Annotations/{number}.xml"), text.into_bytes()));
    }
    entries.push(("notes.xml".to_owned(), b"<notes/>".to_vec()));
    let imported = client.import("voc", &zip(&entries));
    let set = only_set(&client, &imported);
    assert_eq!((&set["type"]["id"], labels(&set)), (&json!("detection"), json!([["cell", 2]])));
    assert_eq!(imported.codes(), ["IGNORED_FILE"], "{:?}", imported.findings);
}

#[test]
fn yolo_files_take_the_sizes_of_the_images_and_other_texts_are_passed_over() {
    let client = shared().user("formats-yolo");
    let picture = |number: u32| crate::support::archives::png(8, 6, 5200 + number);
    let imported = client.import(
        "yolo",
        &zip(&[
            ("data.yaml", b"names: [cell, nucleus]\nnc: 2\ntrain: images/train\n".to_vec()),
            ("images/train/a.png", picture(0)),
            ("images/train/b.png", picture(1)),
            ("labels/train/a.txt", b"1 0.5 0.5 0.25 0.5\n".to_vec()),
            ("readme.txt", b"made by hand\n".to_vec()),
        ]),
    );
    let set = only_set(&client, &imported);
    assert_eq!((&set["type"]["id"], labels(&set)), (&json!("detection"), json!([["cell", 0], ["nucleus", 1]])));
    assert!(imported.codes().contains(&"IGNORED_FILE"), "{:?}", imported.findings);
    let query = "query($id: ID!) { annotationSet(id: $id) { images { nodes { path } edges { annotations { ... on Detection { x y width height } } } } } }";
    let shown = client.data(query, json!({ "id": set["id"] }))["annotationSet"]["images"].take();
    assert_eq!(shown["edges"][0]["annotations"], json!([{ "x": 3.0, "y": 1.5, "width": 2.0, "height": 3.0 }]));
}

#[test]
fn what_each_format_wrote_is_read_with_the_same_counts() {
    let client = shared().user("formats-back");
    let boxes = "image/0.png,cell,1,1,2,2\nimage/0.png,nucleus,0,0,4,4\nimage/2.png,cell,2,2,4,4\n".to_owned();
    let masks =
        format!("image/0.png,cell,8,6,{}\nimage/1.png,nucleus,8,6,{}\n", mask_text(&[1, 1]), mask_text(&[0, 0, 1]));
    for (name, rows) in [("detection", boxes), ("segmentation", masks)] {
        let dataset = client.dataset(name, &labelled(3, 5300, &rows));
        let set = client.annotation_sets(&dataset).remove(0);
        let query = "query { annotationTypes { id exportFormats } }";
        let types = client.data(query, Value::Null)["annotationTypes"].take();
        let of_type = types.as_array().unwrap().iter().find(|each| each["id"] == set["type"]["id"]).unwrap();
        for format in of_type["exportFormats"].as_array().unwrap() {
            let format = format.as_str().unwrap();
            let archive = exported(&client, &dataset, set["id"].clone(), format);
            let imported = client.import(&format!("{name} by {format}"), &archive);
            let sets = client.annotation_sets(&imported.dataset);
            let back = sets
                .iter()
                .find(|each| each["type"]["id"] == name)
                .unwrap_or_else(|| panic!("{format}: {:?}", imported.findings));
            let sorted = |set: &Value| {
                let mut all = labels(set).as_array().unwrap().clone();
                all.sort_by_key(Value::to_string);
                all
            };
            assert_eq!(sorted(back), sorted(&set), "{format}");
            assert_eq!(client.images(&imported.dataset, "id").len(), 3, "{format}");
        }
    }
}

#[test]
fn a_list_beside_the_table_gives_the_order_of_the_labels_and_keeps_those_without_annotations() {
    let client = shared().user("formats-labels");
    let mut entries = numbered(3, 5400);
    entries.push(("label.csv".to_owned(), b"image/0.png,b\nimage/1.png,a\n".to_vec()));
    entries.push(("labels.txt".to_owned(), b"a\nb\nunused\n".to_vec()));
    let imported = client.import("listed", &zip(&entries));
    assert_eq!(labels(&only_set(&client, &imported)), json!([["a", 1], ["b", 1], ["unused", 0]]));
    assert!(!imported.codes().contains(&"IGNORED_FILE"), "{:?}", imported.findings);
}

#[test]
fn a_folder_that_the_archive_says_is_its_own_is_left_out_of_paths_if_all_images_are_in_it() {
    let client = shared().user("formats-layout");
    let said = |folder: &str| ("lightbox.json".to_owned(), json!({ "imageFolder": folder }).to_string().into_bytes());
    let picture = |path: &str, seed: u32| (path.to_owned(), crate::support::archives::png(8, 6, 5500 + seed));
    for (name, entries, paths, codes) in [
        ("ours", vec![picture("images/a/0.png", 0), said("images/")], vec!["a/0.png"], vec![]),
        (
            "mixed",
            vec![picture("images/0.png", 0), picture("1.png", 1), said("images/")],
            vec!["1.png", "images/0.png"],
            vec![],
        ),
        ("odd", vec![picture("x/0.png", 0), said("x/")], vec!["x/0.png"], vec!["IGNORED_FILE"]),
        ("long", vec![picture("0.png", 0), said(&"images/".repeat(1000))], vec!["0.png"], vec!["IGNORED_FILE"]),
    ] {
        let imported = client.import(name, &zip(&entries));
        let mut found: Vec<String> = client
            .images(&imported.dataset, "path")
            .iter()
            .map(|image| image["path"].as_str().unwrap().to_owned())
            .collect();
        found.sort();
        assert_eq!((found, imported.codes()), (paths.into_iter().map(str::to_owned).collect(), codes), "{name}");
    }
}
