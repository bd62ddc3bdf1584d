//! Combining datasets: what comes out of the test data's cases, of each duplicate policy, of label maps and digests.
//! Pixels of converted images, refusals and the model have files of their own.

use crate::support::archives::{labelled, numbered, png, zip};
use crate::support::client::{Client, string};
use crate::support::dicom::Dicom;
use crate::support::{shared, test_data};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const SINGLE: &str = "single-label-classification";

/// Ids of a dataset and of its first annotation set.
#[derive(Debug, Clone)]
pub struct Source {
    pub dataset: String,
    pub set: String,
}

impl Source {
    pub fn import(client: &Client, name: &str, archive: &[u8]) -> Self {
        let dataset = client.dataset(name, archive);
        let sets = client.annotation_sets(&dataset);
        Self { dataset, set: sets.first().map(|set| string(&set["id"])).unwrap_or_default() }
    }

    /// With its annotation set.
    pub fn whole(&self) -> Value {
        json!({ "dataset": self.dataset, "annotationSet": self.set })
    }

    pub fn images_only(&self) -> Value {
        json!({ "dataset": self.dataset })
    }
}

/// What combining is asked for, with more fields of the input.
pub fn input(name: &str, sources: &[Value], of_type: Option<&str>, more: Value) -> Value {
    let mut input = json!({ "name": name, "sources": sources });
    if let Some(of_type) = of_type {
        input["annotationType"] = json!(of_type);
        input["annotationSetName"] = json!("united");
    }
    for (key, value) in more.as_object().into_iter().flatten() {
        input[key] = value.clone();
    }
    input
}

pub fn preview(client: &Client, input: &Value) -> Value {
    let query = "query($input: CombineDatasetsInput!) { combinePreview(input: $input) {
        digest studyCount imageCount annotationCount outputFormats { id } imagesToConvert
        labels { name annotationCount imageCount lookalikes sources { id name } }
        duplicates { kind imageCount } sharedPatientCount userErrors { code message path }
        warnings { code message } } }";
    client.data(query, json!({ "input": input }))["combinePreview"].take()
}

/// Combines what the preview finds nothing wrong with, and holds the result to the preview: the new dataset's id.
pub fn combine_as_previewed(client: &Client, input: Value) -> String {
    let seen = preview(client, &input);
    assert_eq!(seen["userErrors"], json!([]), "{input}");
    let (job, dataset) = client.combine(input.clone());
    assert_eq!(job["state"], "SUCCEEDED", "{job}");
    let query = "query($id: ID!) { dataset(id: $id) { imageCount studyCount imageFormats { id } annotationSetCount } }";
    let made = client.data(query, json!({ "id": dataset }))["dataset"].take();
    for field in ["imageCount", "studyCount"] {
        assert_eq!(made[field], seen[field], "{field} of {input}");
    }
    assert_eq!(made["imageFormats"], seen["outputFormats"], "{input}");
    let sets = client.annotation_sets(&dataset);
    let annotations: i64 = sets.iter().map(|set| set["annotationCount"].as_i64().unwrap()).sum();
    assert_eq!(json!(annotations), seen["annotationCount"], "{input}");
    let counts = |labels: &Value, name: fn(&Value) -> &Value| -> Vec<Value> {
        let labels = labels.as_array().into_iter().flatten();
        labels.map(|label| json!([name(label), label["annotationCount"], label["imageCount"]])).collect()
    };
    if let Some(set) = sets.first() {
        let made = counts(&set["labelDistribution"]["labels"], |label| &label["label"]["name"]);
        assert_eq!(made, counts(&seen["labels"], |label| &label["name"]), "{input}");
    }
    assert_eq!(job["progress"]["done"], seen["imageCount"]);
    dataset
}

#[test]
fn every_case_of_the_test_data_adds_up() {
    let Some(root) = test_data::find("every_case_of_the_test_data_adds_up") else { return };
    let client = shared().user("combine-cases");
    let cases = test_data::read_json(&root.join("zips/combine-cases.json"));
    let mut imported: BTreeMap<String, Source> = BTreeMap::new();
    for (number, case) in cases["cases"].as_array().unwrap().iter().enumerate() {
        let names: Vec<String> = case["inputs"].as_array().unwrap().iter().map(string).collect();
        let mut frames = 0;
        let mut sources = Vec::new();
        for name in &names {
            let archive = std::fs::read(root.join("zips").join(name)).unwrap();
            let source = imported.entry(name.clone()).or_insert_with(|| Source::import(&client, name, &archive));
            let images = client.images(&source.dataset, "frameCount");
            frames += images.iter().map(|image| image["frameCount"].as_i64().unwrap()).sum::<i64>();
            sources.push(if source.set.is_empty() { source.images_only() } else { source.whole() });
        }
        let set = client.annotation_sets(&imported[&names[0]].dataset).remove(0);
        let of_type = string(&set["type"]["id"]);
        let asked = input(&format!("case {number}"), &sources, Some(&of_type), json!({}));
        let becomes_png = case["dicom_becomes_png"] == true;
        let seen = preview(&client, &asked);
        assert_eq!(seen["imagesToConvert"].as_i64().unwrap() > 0, becomes_png, "{names:?}");
        let dataset = combine_as_previewed(&client, asked);
        let images = client.images(&dataset, "path format { id } origin { id path dataset { name } }");
        let expected = if becomes_png { frames } else { case["images"].as_i64().unwrap() };
        assert_eq!(images.len() as i64, expected, "{names:?}");
        assert!(!becomes_png || images.iter().all(|image| image["format"]["id"] != "dicom"));
        let paths: BTreeSet<String> = images.iter().map(|image| string(&image["path"])).collect();
        assert_eq!(paths.len(), images.len(), "{names:?}");
        for image in &images {
            let folder = string(&image["origin"]["dataset"]["name"]);
            assert!(string(&image["path"]).starts_with(&format!("{folder}/")), "{image}");
        }
        hold_labels(&client, &dataset, &case["labels"], &names);
    }
}

fn hold_labels(client: &Client, dataset: &str, expected: &Value, names: &[String]) {
    let sets = client.annotation_sets(dataset);
    let actual: serde_json::Map<String, Value> = sets[0]["labelDistribution"]["labels"]
        .as_array()
        .unwrap()
        .iter()
        .map(|count| {
            let counts = json!({ "images": count["imageCount"], "studies": count["studyCount"],
                "instances": count["annotationCount"] });
            (string(&count["label"]["name"]), counts)
        })
        .collect();
    assert_eq!(Value::Object(actual), *expected, "{names:?}");
}

#[test]
fn labels_are_renamed_for_one_set_or_for_all_and_lookalikes_are_shown_not_joined() {
    let client = shared().user("combine-labels");
    let first = Source::import(&client, "one", &labelled(3, 20, "image/0.png,RBC\nimage/1.png,wbc\nimage/2.png,RBC\n"));
    let second = Source::import(&client, "two", &labelled(3, 21, "image/0.png,rbc\nimage/1.png,wbc\nimage/2.png,x\n"));
    let sources = [first.whole(), second.whole()];
    let plain = preview(&client, &input("plain", &sources, Some(SINGLE), json!({})));
    let names = |seen: &Value| -> Vec<String> {
        seen["labels"].as_array().unwrap().iter().map(|l| string(&l["name"])).collect()
    };
    assert_eq!(names(&plain), ["RBC", "wbc", "rbc", "x"]);
    assert_eq!(plain["labels"][0]["lookalikes"], json!(["rbc"]));
    assert_eq!(plain["labels"][1]["sources"].as_array().unwrap().len(), 2);
    assert!(plain["warnings"].as_array().unwrap().iter().any(|warning| warning["code"] == "LABEL_LOOKALIKES"));
    let map = json!({ "labelMap": [
        { "from": "rbc", "to": "RBC" },
        { "from": "wbc", "to": "leucocyte" },
        { "annotationSet": second.set, "from": "wbc", "to": "RBC" },
    ] });
    let dataset = combine_as_previewed(&client, input("mapped", &sources, Some(SINGLE), map));
    let set = client.annotation_sets(&dataset).remove(0);
    let told: Vec<(String, i64)> = set["labelDistribution"]["labels"]
        .as_array()
        .unwrap()
        .iter()
        .map(|count| (string(&count["label"]["name"]), count["annotationCount"].as_i64().unwrap()))
        .collect();
    assert_eq!(told, [("RBC".to_owned(), 4), ("leucocyte".to_owned(), 1), ("x".to_owned(), 1)]);
    assert_eq!((&set["name"], &set["source"]), (&json!("united"), &json!("COMBINE")));
}

/// Two sources that share one picture, with labels that agree on nothing.
fn overlapping(client: &Client, seed: u32) -> (Source, Source) {
    let (same, own, other) = (png(9, 9, seed), png(9, 9, seed + 1), png(9, 9, seed + 2));
    let first = zip(&[("a.png", same.clone()), ("b.png", own), ("label.csv", b"a.png,cat\nb.png,dog\n".to_vec())]);
    let second = zip(&[("z/c.png", same), ("d.png", other), ("label.csv", b"z/c.png,dog\nd.png,cat\n".to_vec())]);
    (Source::import(client, "first", &first), Source::import(client, "second", &second))
}

#[test]
fn duplicates_are_kept_merged_or_refused_as_asked() {
    let client = shared().user("combine-duplicates");
    let (first, second) = overlapping(&client, 300);
    let sources = [first.whole(), second.whole()];
    let kept = combine_as_previewed(&client, input("kept", &sources, Some(SINGLE), json!({ "duplicates": "KEEP" })));
    assert_eq!(client.images(&kept, "id").len(), 4);

    let merge = input("merged", &sources, Some(SINGLE), json!({ "duplicates": "MERGE" }));
    let seen = preview(&client, &merge);
    assert_eq!(seen["duplicates"], json!([{ "kind": "SAME_FILE", "imageCount": 1 }]));
    let codes: Vec<&str> =
        seen["warnings"].as_array().unwrap().iter().map(|warning| warning["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["DUPLICATE_IMAGES", "CONFLICTING_LABELS"]);
    let merged = combine_as_previewed(&client, merge);
    let images = client.images(&merged, "path origin { path dataset { id } }");
    let paths: Vec<&str> = images.iter().map(|image| image["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["first/a.png", "first/b.png", "second/d.png"]);
    assert_eq!(images[0]["origin"]["dataset"]["id"], first.dataset);
    let counts = client.annotation_sets(&merged).remove(0);
    let counts = counts["labelDistribution"]["labels"].as_array().unwrap();
    let counts: Vec<&Value> = counts.iter().map(|count| &count["imageCount"]).collect();
    assert_eq!(counts, [2, 1], "the first source's label of the shared picture stays");

    let reject = input("rejected", &sources, Some(SINGLE), json!({ "duplicates": "REJECT" }));
    let refused = client.mutate("combineDatasets", reject, "dataset { id } job { id }");
    assert_eq!(refused["userErrors"][0]["code"], "DUPLICATE_IMAGES");
    assert_eq!(refused["userErrors"][0]["path"], json!(["input", "duplicates"]));
    assert_eq!(refused["dataset"], Value::Null);
}

#[test]
fn equal_instances_are_told_from_conflicting_ones() {
    let client = shared().user("combine-uids");
    let same = Dicom::new(40);
    let mut resent = same.clone();
    resent.window = Some((100.0, 200.0));
    let mut conflict = Dicom::new(41);
    conflict.values[0] ^= 1;
    let first = zip(&[("a.dcm", same.bytes()), ("b.dcm", Dicom::new(41).bytes())]);
    let second = zip(&[("a.dcm", resent.bytes()), ("b.dcm", conflict.bytes())]);
    let (first, second) = (Source::import(&client, "f", &first), Source::import(&client, "s", &second));
    let sources = [first.images_only(), second.images_only()];
    let asked = input("uids", &sources, None, json!({ "duplicates": "MERGE" }));
    let seen = preview(&client, &asked);
    let kinds = json!([{ "kind": "SAME_UID", "imageCount": 1 }, { "kind": "UID_CONFLICT", "imageCount": 1 }]);
    assert_eq!(seen["duplicates"], kinds);
    assert_eq!(seen["sharedPatientCount"], 2);
    let dataset = combine_as_previewed(&client, asked);
    assert_eq!(client.images(&dataset, "id").len(), 3);
    let job = client.data("query($id: ID!) { dataset(id: $id) { creationJob { id } } }", json!({ "id": dataset }));
    let findings = client.findings(job["dataset"]["creationJob"]["id"].as_str().unwrap());
    assert!(findings.iter().any(|finding| finding["code"] == "UID_CONFLICT" && finding["path"] == "s/b.dcm"));
}

#[test]
fn a_preview_holds_as_long_as_its_sources_do() {
    let client = shared().user("combine-digest");
    let (first, second) = overlapping(&client, 330);
    let sources = [first.whole(), second.whole()];
    let digest = string(&preview(&client, &input("a", &sources, Some(SINGLE), json!({})))["digest"]);
    assert_eq!(preview(&client, &input("b", &sources, Some(SINGLE), json!({})))["digest"], digest.as_str());
    let other = preview(&client, &input("a", &sources, Some(SINGLE), json!({ "duplicates": "MERGE" })));
    assert_ne!(other["digest"], digest.as_str());
    let expecting = |name: &str| input(name, &sources, Some(SINGLE), json!({ "expectedDigest": digest }));
    combine_as_previewed(&client, expecting("as previewed"));
    let renamed =
        client.mutate("renameDataset", json!({ "dataset": first.dataset, "name": "moved" }), "dataset { name }");
    assert_eq!(renamed["dataset"]["name"], "moved");
    let refused = client.mutate("combineDatasets", expecting("too late"), "dataset { id }");
    assert_eq!(refused["userErrors"][0]["code"], "SOURCE_CHANGED");
    assert_eq!(refused["userErrors"][0]["path"], json!(["input", "expectedDigest"]));
}

#[test]
fn a_source_without_a_set_brings_its_images_alone() {
    let client = shared().user("combine-uncovered");
    let (first, second) = overlapping(&client, 360);
    let sources = [first.whole(), second.images_only()];
    let asked = input("half", &sources, Some(SINGLE), json!({}));
    let warnings = preview(&client, &asked)["warnings"].take();
    assert!(warnings.as_array().unwrap().iter().any(|warning| warning["code"] == "UNANNOTATED_SOURCE"));
    let dataset = combine_as_previewed(&client, asked);
    let set = client.annotation_sets(&dataset).remove(0);
    assert_eq!((&set["imageCount"], &set["annotationCount"]), (&json!(2), &json!(2)));

    let neither = [first.images_only(), second.images_only()];
    let dataset = combine_as_previewed(&client, input("none", &neither, None, json!({})));
    assert_eq!(client.annotation_sets(&dataset).len(), 0);
}

#[test]
fn the_result_names_its_sources_and_outlives_them() {
    let client = shared().user("combine-sources");
    let (first, second) = overlapping(&client, 390);
    let made = input("child", &[second.whole(), first.images_only()], Some(SINGLE), json!({ "duplicates": "MERGE" }));
    let dataset = combine_as_previewed(&client, made);
    let query = "query($id: ID!) { dataset(id: $id) { imageCount images { nodes { sha256 origin { id } } }
        sources { datasetName dataset { id } annotationSetName annotationSet { id } imageCount } } }";
    let before = client.data(query, json!({ "id": dataset }))["dataset"].take();
    let told = json!([
        { "datasetName": "second", "dataset": { "id": second.dataset }, "annotationSetName": "label.csv",
          "annotationSet": { "id": second.set }, "imageCount": 2 },
        { "datasetName": "first", "dataset": { "id": first.dataset }, "annotationSetName": null,
          "annotationSet": null, "imageCount": 1 },
    ]);
    assert_eq!(before["sources"], told);
    let deleted =
        client.mutate("deleteDataset", json!({ "dataset": second.dataset, "confirmation": "DELETE" }), "job { id }");
    client.wait_for(deleted["job"]["id"].as_str().unwrap());
    let after = client.data(query, json!({ "id": dataset }))["dataset"].take();
    assert_eq!(after["imageCount"], before["imageCount"]);
    assert_eq!(after["sources"][0]["dataset"], Value::Null);
    assert_eq!(after["sources"][0]["datasetName"], "second");
    assert_eq!(after["sources"][0]["annotationSetName"], "label.csv");
    assert_eq!(after["images"]["nodes"][0]["origin"], Value::Null);
    for image in client.images(&dataset, "url") {
        assert_eq!(client.get(image["url"].as_str().unwrap()).status, 200);
    }
}

#[test]
fn paths_that_would_fall_together_are_told_apart() {
    let client = shared().user("combine-paths");
    let archive = |seed| zip(&numbered(1, seed));
    let first = Source::import(&client, "a/b", &archive(50));
    let second = Source::import(&client, "a_b", &archive(51));
    let sources = [first.images_only(), second.images_only()];
    let dataset = combine_as_previewed(&client, input("paths", &sources, None, json!({})));
    let paths: Vec<String> = client.images(&dataset, "path").iter().map(|image| string(&image["path"])).collect();
    assert_eq!(paths, ["a_b/image/0.png", "a_b (2)/image/0.png"]);
}

#[test]
fn the_books_of_a_combination_are_shown() {
    let client = shared().user("combine-books");
    let (first, second) = overlapping(&client, 420);
    let asked = input("books", &[first.whole(), second.whole()], Some(SINGLE), json!({ "duplicates": "MERGE" }));
    let (job, _) = client.combine(asked);
    let findings = client.findings(job["id"].as_str().unwrap());
    let books = findings.iter().find(|finding| finding["code"] == "RECONCILIATION").unwrap();
    assert_eq!(
        books["message"],
        "images: 4 in + 0 further frames = 3 out + 1 merged; annotations: 4 in + 0 repeated for frames = 3 out + 1 merged"
    );
    assert!(findings.iter().any(|finding| finding["code"] == "CONFLICTING_LABELS"));
}
