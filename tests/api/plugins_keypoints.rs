//! An annotation type of a third party, from its file to combining and CSV: the server knows nothing of it.

use crate::combine::{Source, combine_as_previewed, input};
use crate::exports::{entries, exported};
use crate::support::archives::{png, zip};
use crate::support::client::{Client, string};
use crate::support::{PluginFolder, Server};
use serde_json::{Value, json};

const KEYPOINTS: &str = "keypoints";

fn server() -> (PluginFolder, Server) {
    let folder = PluginFolder::built_in().with_example("example-plugin-keypoints");
    let server = folder.serve(&[]);
    (folder, server)
}

/// Pictures `1.png` and so on of 8 × 6 pixels, one a seed, with what a document says of them.
fn archive(seeds: &[u32], categories: Value, annotations: Value) -> Vec<u8> {
    let name = |number: usize| format!("image/{}.png", number + 1);
    let mut entries: Vec<(String, Vec<u8>)> =
        seeds.iter().enumerate().map(|(number, seed)| (name(number), png(8, 6, *seed))).collect();
    let images: Vec<Value> =
        (0..seeds.len()).map(|number| json!({ "id": number + 1, "file_name": name(number) })).collect();
    let document = json!({ "images": images, "categories": categories, "annotations": annotations });
    entries.push(("annotations/points.json".to_owned(), document.to_string().into_bytes()));
    zip(&entries)
}

fn birds_and_fish() -> Value {
    json!([{ "id": 1, "name": "bird", "keypoints": ["beak", "tail"], "skeleton": [[1, 2]] },
        { "id": 2, "name": "fish", "keypoints": ["mouth"] }])
}

/// Label and payload of each annotation, image by image.
fn annotations(client: &Client, set: &str) -> Value {
    let query = "query($id: ID!) { node(id: $id) { ... on AnnotationSet { images { edges { annotations {
        __typename id label { name } ... on CustomAnnotation { payload } } } } } } }";
    let edges = client.data(query, json!({ "id": set }))["node"]["images"]["edges"].take();
    let told = |annotation: &Value| {
        assert_eq!(annotation["__typename"], "CustomAnnotation");
        json!([annotation["label"]["name"], annotation["payload"]])
    };
    let of_image = |edge: &Value| edge["annotations"].as_array().unwrap().iter().map(told).collect::<Value>();
    edges.as_array().unwrap().iter().map(of_image).collect()
}

fn counts(set: &Value) -> Value {
    let labels = set["labelDistribution"]["labels"].as_array().unwrap();
    let told = |each: &Value| json!([each["label"]["name"], each["annotationCount"], each["imageCount"]]);
    labels.iter().map(told).collect()
}

#[test]
fn keypoints_are_imported_counted_and_shown_with_their_payload() {
    let (_folder, mut server) = server();
    let client = server.admin();
    let types = client.data("{ annotationTypes { id plugin { builtIn } } }", Value::Null)["annotationTypes"].take();
    assert!(types.as_array().unwrap().contains(&json!({ "id": KEYPOINTS, "plugin": { "builtIn": false } })));
    let rows = json!([
        { "image_id": 1, "category_id": 1, "keypoints": [1, 2, 2, 3, 4.5, 1] },
        { "image_id": 1, "category_id": 2, "keypoints": [5, 5, 2] },
        { "image_id": 2, "category_id": 1, "keypoints": [0, 0, 0, 2, 2, 2] },
        { "image_id": 3, "category_id": 2, "keypoints": [80, 5, 2] },
        { "image_id": 99, "category_id": 2, "keypoints": [1, 1, 2] },
    ]);
    let imported = client.import("points", &archive(&[1, 2, 3], birds_and_fish(), rows));
    assert_eq!(imported.state(), "SUCCEEDED", "{}", imported.job);
    assert!(imported.codes().contains(&"POINTS_OUTSIDE"), "{:?}", imported.findings);
    assert_eq!(imported.codes().len(), 2, "{:?}", imported.findings);
    let set = client.annotation_sets(&imported.dataset).remove(0);
    assert_eq!(
        (&set["type"]["id"], &set["annotationCount"], &set["imageCount"]),
        (&json!(KEYPOINTS), &json!(3), &json!(3))
    );
    assert_eq!(counts(&set), json!([["bird", 2, 2], ["fish", 1, 1]]));
    let shown = annotations(&client, set["id"].as_str().unwrap());
    let beak = json!({ "name": "beak", "x": 1.0, "y": 2.0, "v": 2 });
    let both = json!({ "points": [beak, { "name": "tail", "x": 3.0, "y": 4.5, "v": 1 }], "skeleton": [[0, 1]] });
    let fish = json!({ "points": [{ "name": "mouth", "x": 5.0, "y": 5.0, "v": 2 }] });
    let tail = json!({ "points": [{ "name": "beak", "v": 0 }, { "name": "tail", "x": 2.0, "y": 2.0, "v": 2 }], "skeleton": [[0, 1]] });
    assert_eq!(shown, json!([[["bird", both], ["fish", fish]], [["bird", tail]], []]));
    let csv = client.get(set["labelDistribution"]["csvUrl"].as_str().unwrap());
    assert_eq!(csv.status, 200);
    assert!(csv.text().lines().any(|line| line.starts_with("bird,")), "{}", csv.text());
    assert!(csv.text().lines().any(|line| line.starts_with("fish,")), "{}", csv.text());
    server.end_and_check();
}

#[test]
fn datasets_with_keypoints_are_combined_with_labels_renamed_and_equal_points_united() {
    let (_folder, mut server) = server();
    let client = server.admin();
    let same = json!([2, 2, 2, 3, 3, 1]);
    let first = archive(
        &[1, 2],
        birds_and_fish(),
        json!([{ "image_id": 1, "category_id": 2, "keypoints": [5, 5, 2] },
            { "image_id": 2, "category_id": 1, "keypoints": same }]),
    );
    let second = archive(
        &[2, 3],
        json!([{ "id": 7, "name": "Bird", "keypoints": ["beak", "tail"], "skeleton": [[1, 2]] }]),
        json!([{ "image_id": 1, "category_id": 7, "keypoints": same },
            { "image_id": 1, "category_id": 7, "keypoints": [1, 1, 2, 0, 0, 0] },
            { "image_id": 2, "category_id": 7, "keypoints": [4, 4, 2, 0, 0, 0] }]),
    );
    let (first, second) = (Source::import(&client, "first", &first), Source::import(&client, "second", &second));
    let sources = [first.whole(), second.whole()];
    let plain = combine_as_previewed(&client, input("plain", &sources, Some(KEYPOINTS), json!({})));
    let set = client.annotation_sets(&plain).remove(0);
    assert_eq!(counts(&set), json!([["bird", 1, 1], ["fish", 1, 1], ["Bird", 3, 2]]));
    let united = json!({ "duplicates": "MERGE", "labelMap": [{ "from": "Bird", "to": "bird" }] });
    let asked = input("united", &sources, Some(KEYPOINTS), united);
    let dataset = combine_as_previewed(&client, asked);
    assert_eq!(client.images(&dataset, "id").len(), 3);
    let set = client.annotation_sets(&dataset).remove(0);
    assert_eq!(counts(&set), json!([["bird", 3, 2], ["fish", 1, 1]]));
    let shown = annotations(&client, set["id"].as_str().unwrap());
    let labels = |image: &Value| image.as_array().unwrap().iter().map(|each| string(&each[0])).collect::<Vec<_>>();
    let labels: Vec<Vec<String>> = shown.as_array().unwrap().iter().map(labels).collect();
    assert_eq!(labels, [vec!["fish"], vec!["bird", "bird"], vec!["bird"]]);
    let job = client.data("query($id: ID!) { dataset(id: $id) { creationJob { id } } }", json!({ "id": dataset }));
    let findings = client.findings(job["dataset"]["creationJob"]["id"].as_str().unwrap());
    assert!(findings.iter().any(|finding| finding["code"] == "MERGED_DUPLICATE"), "{findings:?}");
    server.end_and_check();
}

#[test]
fn keypoints_are_exported_and_what_is_imported_from_it_is_the_same() {
    let (_folder, mut server) = server();
    let client = server.admin();
    let rows = json!([{ "image_id": 1, "category_id": 1, "keypoints": [1, 2, 2, 3, 4.5, 1] },
        { "image_id": 2, "category_id": 2, "keypoints": [5, 5, 2] }]);
    let first = Source::import(&client, "first", &archive(&[1, 2], birds_and_fish(), rows));
    let archive = exported(&client, &first.dataset, json!(first.set), "coco-keypoints");
    let paths: Vec<String> = entries(&archive).into_iter().map(|(path, _)| path).collect();
    assert_eq!(
        paths,
        ["annotations/person_keypoints.json", "images/image/1.png", "images/image/2.png", "lightbox.json"]
    );
    let again = Source::import(&client, "again", &archive);
    assert_eq!(annotations(&client, &again.set), annotations(&client, &first.set));
    let sets = [&first, &again].map(|source| client.annotation_sets(&source.dataset).remove(0));
    assert_eq!(counts(&sets[0]), counts(&sets[1]));
    server.end_and_check();
}

#[test]
fn annotations_of_a_type_whose_plugin_is_gone_are_still_shown_and_counted() {
    let (folder, mut server) = server();
    let client = server.admin();
    let rows = json!([{ "image_id": 1, "category_id": 2, "keypoints": [5, 5, 2] }]);
    let dataset = client.dataset("points", &archive(&[1], birds_and_fish(), rows));
    let mask = crate::support::archives::mask_text(&[1, 0, 1]);
    let masks = crate::support::archives::labelled(1, 7, &format!("image/0.png,cell,8,6,{mask}\n"));
    let masks = client.dataset("masks", &masks);
    folder.remove("libexample_plugin_keypoints");
    folder.remove("liblightbox_plugin_segmentation");
    client.data("mutation { reloadPlugins { userErrors { message } } }", Value::Null);
    let set = client.annotation_sets(&dataset).remove(0);
    let types = client.data("{ annotationTypes { id } }", Value::Null)["annotationTypes"].take();
    assert!(!types.as_array().unwrap().iter().any(|each| each["id"] == KEYPOINTS || each["id"] == "segmentation"));
    assert_eq!((&set["type"]["id"], counts(&set)), (&json!(KEYPOINTS), json!([["bird", 0, 0], ["fish", 1, 1]])));
    let shown = annotations(&client, set["id"].as_str().unwrap());
    assert_eq!(shown[0][0], json!(["fish", { "points": [{ "name": "mouth", "x": 5.0, "y": 5.0, "v": 2 }] }]));
    let set = client.annotation_sets(&masks).remove(0);
    let shown = annotations(&client, set["id"].as_str().unwrap());
    assert_eq!(shown[0][0][0], "cell");
    assert!(shown[0][0][1].is_string(), "what the type wrote for itself: {shown}");
    server.end_and_check();
}
