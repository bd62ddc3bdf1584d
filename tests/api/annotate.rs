//! Annotations by the API: sets made, filled, replaced and deleted, their counts right whoever writes, and digests that say
//! whether two datasets hold the same.

use crate::exports::exported;
use crate::support::archives::{labelled, mask_text, numbered, pictures, zip};
use crate::support::client::{Client, string};
use crate::support::{Server, shared};
use serde_json::{Value, json};

fn create(client: &Client, dataset: &str, annotation_type: &str, labels: &[&str]) -> String {
    let input = json!({ "dataset": dataset, "name": "mine", "annotationType": annotation_type, "labels": labels });
    let made = client.mutate("createAnnotationSet", input, "annotationSet { id source }");
    assert_eq!((&made["userErrors"], &made["annotationSet"]["source"]), (&json!([]), &json!("API")));
    string(&made["annotationSet"]["id"])
}

fn annotate(client: &Client, set: &str, images: Value) -> Value {
    let input = json!({ "annotationSet": set, "images": images });
    client.mutate("annotateImages", input, "annotationSet { imageCount annotationCount } findings { code line }")
}

fn annotated(client: &Client, set: &str, images: Value) {
    let done = annotate(client, set, images);
    assert_eq!(done["userErrors"], json!([]));
}

/// Label, images, studies and annotations of each label of the dataset's only set.
fn counts(client: &Client, dataset: &str) -> Value {
    let set = client.annotation_sets(dataset).remove(0);
    let labels = set["labelDistribution"]["labels"].as_array().unwrap();
    let each =
        |one: &Value| json!([one["label"]["name"], one["imageCount"], one["studyCount"], one["annotationCount"]]);
    labels.iter().map(each).collect()
}

fn images(client: &Client, dataset: &str) -> Vec<String> {
    client.images(dataset, "id").iter().map(|image| string(&image["id"])).collect()
}

pub fn digest(client: &Client, dataset: &str) -> String {
    string(
        &client.data("query($id: ID!) { dataset(id: $id) { digest } }", json!({ "id": dataset }))["dataset"]["digest"],
    )
}

fn boxed(label: &str, x: f64) -> Value {
    json!({ "label": label, "box": { "x": x, "y": 1, "width": 2, "height": 2.5 } })
}

#[test]
fn a_set_is_made_filled_and_replaced_and_the_same_call_again_changes_nothing() {
    let client = shared().user("annotate-boxes");
    let dataset = client.dataset("boxes", &pictures(3, 4100));
    let (set, ids) = (create(&client, &dataset, "detection", &["cell"]), images(&client, &dataset));
    let call = json!([{ "image": ids[2], "annotations": [boxed("cell", 0.0), boxed("nucleus", 1.5)] },
        { "image": ids[0], "annotations": [] }]);
    annotated(&client, &set, call.clone());
    assert_eq!(counts(&client, &dataset), json!([["cell", 1, 1, 1], ["nucleus", 1, 1, 1]]));
    let shown = client.annotation_sets(&dataset).remove(0);
    assert_eq!((&shown["imageCount"], &shown["annotationCount"]), (&json!(2), &json!(2)));
    assert_eq!(shown["labelDistribution"]["unlabelledImageCount"], 1);
    let before = digest(&client, &dataset);
    annotated(&client, &set, call);
    assert_eq!((digest(&client, &dataset), counts(&client, &dataset)[0].take()), (before, json!(["cell", 1, 1, 1])));

    annotated(
        &client,
        &set,
        json!([{ "image": ids[2], "annotations": [boxed("cell", 3.0)] },
        { "image": ids[1], "annotations": [boxed("cell", 3.0), boxed("cell", 0.0)] }]),
    );
    assert_eq!(counts(&client, &dataset), json!([["cell", 2, 2, 3], ["nucleus", 0, 0, 0]]));
    let query = "query($id: ID!) { annotationSet(id: $id) { images { edges { node { id } annotations { label { name }
        ... on Detection { x y width height } } } } } }";
    let edges = client.data(query, json!({ "id": set }))["annotationSet"]["images"]["edges"].take();
    let of = |id: &str| {
        edges.as_array().unwrap().iter().find(|edge| edge["node"]["id"] == id).unwrap()["annotations"].clone()
    };
    let expected = json!([{ "label": { "name": "cell" }, "x": 3.0, "y": 1.0, "width": 2.0, "height": 2.5 }]);
    assert_eq!((of(&ids[2]), of(&ids[0])), (expected, json!([])));
}

#[test]
fn every_mistake_of_a_call_is_named_with_its_place_and_nothing_is_written() {
    let client = shared().user("annotate-mistakes");
    let dataset = client.dataset("mistakes", &pictures(2, 4200));
    let (set, ids) = (create(&client, &dataset, "detection", &[]), images(&client, &dataset));
    let foreign = images(&client, &client.dataset("other", &pictures(1, 4201))).remove(0);
    let outside = json!({ "label": "far", "box": { "x": 900, "y": 1, "width": 2, "height": 2 } });
    let refused = |call: Value| {
        let done = annotate(&client, &set, call);
        assert_eq!(done["annotationSet"], Value::Null);
        let errors = done["userErrors"].as_array().unwrap().clone();
        errors.iter().map(|error| json!([error["code"], error["path"]])).collect::<Value>()
    };
    assert_eq!(
        refused(
            json!([{ "image": ids[0], "annotations": [boxed("", 0.0), { "label": "a" }, { "label": "a", "value": true }] }])
        ),
        json!([
            ["INVALID", ["input", "images", "0", "annotations", "0", "label"]],
            ["INVALID", ["input", "images", "0", "annotations", "1", "box"]],
            ["INVALID", ["input", "images", "0", "annotations", "2", "value"]]
        ])
    );
    assert_eq!(
        refused(
            json!([{ "image": foreign, "annotations": [] }, { "image": ids[0], "annotations": [] }, { "image": ids[0], "annotations": [] }])
        ),
        json!([["NOT_FOUND", ["input", "images", "0", "image"]], ["INVALID", ["input", "images", "2", "image"]]])
    );
    // What only the type knows.
    assert_eq!(
        refused(json!([{ "image": ids[0], "annotations": [boxed("fine", 0.0)] },
            { "image": ids[1], "annotations": [boxed("fine", 0.0), outside] }])),
        json!([["INVALID", ["input", "images", "1", "annotations", "1"]]])
    );
    let shown = client.annotation_sets(&dataset).remove(0);
    assert_eq!((&shown["imageCount"], &shown["labels"]), (&json!(0), &json!([])));
    let clipped = annotate(&client, &set, json!([{ "image": ids[0], "annotations": [boxed("a", -1.0)] }]));
    assert_eq!((&clipped["findings"][0]["code"], &clipped["userErrors"]), (&json!("BOX_CLIPPED"), &json!([])));
}

#[test]
fn masks_go_in_as_runs_or_polygons_and_come_out_as_runs_picture_and_area() {
    let client = shared().user("annotate-masks");
    let dataset = client.dataset("masks", &pictures(1, 4300));
    let (set, image) = (create(&client, &dataset, "segmentation", &[]), images(&client, &dataset).remove(0));
    let size = client.images(&dataset, "width height").remove(0);
    let (width, height) = (size["width"].as_u64().unwrap(), size["height"].as_u64().unwrap());
    let runs = json!({ "size": [height, width], "counts": [height, height * 2, width * height - height * 3] });
    let square = json!([[1.0, 1.0, 3.0, 1.0, 3.0, 3.0, 1.0, 3.0]]);
    annotated(
        &client,
        &set,
        json!([{ "image": image, "annotations": [{ "label": "columns", "rle": runs }, { "label": "square", "polygon": square }] }]),
    );
    let query = "query($image: ID!, $set: ID!) { image(id: $image) { annotations(annotationSet: $set) { label { name }
        ... on Segmentation { area x y width height rle maskUrl } } } }";
    let shown = client.data(query, json!({ "image": image, "set": set }))["image"]["annotations"].take();
    let of = |label: &str| shown.as_array().unwrap().iter().find(|one| one["label"]["name"] == label).unwrap();
    let (columns, square) = (of("columns"), of("square"));
    assert_eq!((&columns["area"], &columns["x"], &columns["width"]), (&json!(height * 2), &json!(1.0), &json!(2.0)));
    assert_eq!(
        ["area", "x", "y", "width", "height"].map(|field| square[field].as_f64().unwrap()),
        [4.0, 1.0, 1.0, 2.0, 2.0]
    );
    assert_eq!(client.get(columns["maskUrl"].as_str().unwrap()).header("content-type"), "image/png");
    // What came out goes in again.
    let before = digest(&client, &dataset);
    let again: Vec<Value> = shown
        .as_array()
        .unwrap()
        .iter()
        .map(|one| json!({ "label": one["label"]["name"], "rle": one["rle"] }))
        .collect();
    annotated(&client, &set, json!([{ "image": image, "annotations": again }]));
    assert_eq!(digest(&client, &dataset), before);
}

#[test]
fn counts_are_right_under_concurrent_writers_and_ten_thousand_annotations_are_one_call() {
    let mut server = Server::start();
    let client = server.admin();
    let dataset = client.dataset("busy", &pictures(8, 4400));
    let (set, ids) = (create(&client, &dataset, "detection", &[]), images(&client, &dataset));
    std::thread::scope(|scope| {
        for writer in 0..4usize {
            let (client, set, ids) = (client.clone(), &set, &ids);
            scope.spawn(move || {
                for round in 0..5usize {
                    let of = |image: &String| json!({ "image": image, "annotations": [boxed("all", 0.0), boxed(&format!("by {}", (writer + round) % 3), 2.0)] });
                    annotated(&client, set, ids[writer..writer + 4].iter().map(of).collect());
                }
            });
        }
    });
    let shown = client.annotation_sets(&dataset).remove(0);
    assert_eq!(
        (&shown["imageCount"], &shown["annotationCount"], &shown["labels"].as_array().unwrap().len()),
        (&json!(7), &json!(14), &4)
    );
    let many: Vec<Value> = (0..10_000).map(|index| json!({ "label": "all", "box": { "x": 0, "y": 0, "width": 1, "height": 1.0 + f64::from(index) / 1e6 } })).collect();
    annotated(&client, &set, json!([{ "image": ids[7], "annotations": many }]));
    let all = counts(&client, &dataset).as_array().unwrap().iter().find(|label| label[0] == "all").unwrap().clone();
    assert_eq!(all, json!(["all", 8, 8, 10_007]));
    server.end_and_check();
}

#[test]
fn a_set_goes_only_with_the_word_and_takes_its_annotations_along() {
    let mut server = Server::start();
    let client = server.admin();
    let dataset = client.dataset("kept", &labelled(2, 4500, "image/0.png,cat\n"));
    let set = string(&client.annotation_sets(&dataset).remove(0)["id"]);
    let delete = |word: &str| {
        client.mutate("deleteAnnotationSet", json!({ "annotationSet": set, "confirmation": word }), "deletedId")
    };
    assert_eq!(delete("delete")["userErrors"][0]["code"], "CONFIRMATION_REQUIRED");
    assert_eq!(delete("DELETE"), json!({ "deletedId": set, "userErrors": [] }));
    assert_eq!(delete("DELETE")["userErrors"][0]["code"], "NOT_FOUND");
    let query = "query($id: ID!) { dataset(id: $id) { annotationSetCount imageCount annotationSets { totalCount } } }";
    let shown = client.data(query, json!({ "id": dataset }))["dataset"].take();
    assert_eq!(shown, json!({ "annotationSetCount": 0, "imageCount": 2, "annotationSets": { "totalCount": 0 } }));
    server.end_and_check();
}

#[test]
fn a_set_that_cannot_be_made_is_refused_with_the_reason() {
    let client = shared().user("annotate-refused");
    let dataset = client.dataset("refused", &pictures(1, 4600));
    let refused = |dataset: &str, name: &str, annotation_type: &str, labels: &[&str]| {
        let input = json!({ "dataset": dataset, "name": name, "annotationType": annotation_type, "labels": labels });
        let made = client.mutate("createAnnotationSet", input, "annotationSet { id }");
        assert_eq!(made["annotationSet"], Value::Null);
        json!([made["userErrors"][0]["code"], made["userErrors"][0]["path"]])
    };
    assert_eq!(refused("dataset-1", "a", "detection", &[]), json!(["NOT_FOUND", ["input", "dataset"]]));
    assert_eq!(refused(&dataset, " ", "detection", &[]), json!(["INVALID", ["input", "name"]]));
    assert_eq!(refused(&dataset, "a", "poetry", &[]), json!(["NOT_FOUND", ["input", "annotationType"]]));
    assert_eq!(refused(&dataset, "a", "detection", &["x", "x "]), json!(["INVALID", ["input", "labels", "1"]]));
}

#[test]
fn digests_are_equal_for_equal_content_and_survive_the_way_out_and_in_again() {
    let client = shared().user("annotate-digest");
    let tables = [
        ("single", "image/0.png,cat\nimage/1.png,\"a, \"\"dog\"\"\"\nimage/2.png\n".to_owned()),
        ("multi", "image/0.png,cat,1\nimage/0.png,dog,0\nimage/1.png,dog,1\n".to_owned()),
        ("boxes", "image/0.png,cat,0.5,1,2.25,3\nimage/0.png,cat,1,1,2,3\nimage/2.png,dog,1,1,1,1\n".to_owned()),
        (
            "masks",
            format!("image/0.png,cell,8,6,{}\nimage/1.png,nucleus,8,6,{}\n", mask_text(&[1, 0, 1]), mask_text(&[0, 1])),
        ),
    ];
    for (number, (name, rows)) in tables.iter().enumerate() {
        let dataset = client.dataset(name, &labelled(3, 4700 + number as u32 * 10, rows));
        let set = client.annotation_sets(&dataset).remove(0)["id"].clone();
        let expected = digest(&client, &dataset);
        for format in ["deepq", "coco"] {
            let archive = exported(&client, &dataset, set.clone(), format);
            let again = client.dataset(&format!("{name} from {format}"), &archive);
            assert_eq!(client.annotation_sets(&again).len(), 1, "{name} {format}");
            // COCO cannot say that a label was looked for and is not there.
            if (format, *name) != ("coco", "multi") {
                assert_eq!(digest(&client, &again), expected, "{name} {format}");
            }
            let second = exported(&client, &again, client.annotation_sets(&again).remove(0)["id"].clone(), "deepq");
            let third = client.dataset(&format!("{name} by {format} and deepq"), &second);
            assert_eq!(digest(&client, &third), digest(&client, &again), "{name} {format}");
        }
    }
    let plain = client.dataset("plain", &zip(&numbered(2, 4800)));
    let other = client.dataset("plain again", &zip(&numbered(2, 4800)));
    assert_eq!(digest(&client, &plain), digest(&client, &other));
    create(&client, &other, "detection", &[]);
    assert_ne!(digest(&client, &plain), digest(&client, &other));
}
