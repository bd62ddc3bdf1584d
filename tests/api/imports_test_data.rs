//! Every archive of the test data against what it must give.

use crate::support::client::{Client, Imported, string};
use crate::support::{Server, test_data};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;

#[test]
fn every_archive_of_the_test_data_gives_what_it_must() {
    let Some(root) = test_data::find("every_archive_of_the_test_data_gives_what_it_must") else { return };
    let mut server = Server::start();
    let client = server.admin();
    let mut breaches = Vec::new();
    for path in cases(&root) {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let mut case = Case { client: &client, breaches: &mut breaches, name: &name };
        case.hold(&root, &path);
    }
    assert_eq!(client.get("/health/ready").status, 200);
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
    server.end_and_check();
}

fn cases(root: &Path) -> Vec<std::path::PathBuf> {
    let files = std::fs::read_dir(root.join("zips")).unwrap().map(|entry| entry.unwrap().path());
    let mut archives: Vec<_> = files.filter(|path| path.extension().is_some_and(|known| known == "zip")).collect();
    archives.sort();
    assert!(archives.len() >= 40, "only {} archives", archives.len());
    archives
}

struct Case<'a> {
    client: &'a Client,
    breaches: &'a mut Vec<String>,
    name: &'a str,
}

impl Case<'_> {
    fn equal<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, actual: T, expected: T) {
        if actual != expected {
            self.breaches.push(format!("{}: {what} is {actual:?}, not {expected:?}", self.name));
        }
    }

    fn hold(&mut self, root: &Path, archive: &Path) {
        let expected = test_data::read_json(&archive.with_extension("expected.json"));
        let imported = self.client.import(self.name, &std::fs::read(archive).unwrap());
        self.reports(&expected, &imported);
        if expected.get("images").is_none() {
            return;
        }
        if imported.state() != "SUCCEEDED" {
            self.breaches.push(format!("{}: {}", self.name, imported.job));
            return;
        }
        if expected["accept"] == true {
            let errors = imported.findings.iter().filter(|finding| finding["severity"] == "ERROR");
            let mut errors: Vec<&Value> = errors.collect();
            errors.retain(|finding| expected["not_images"].get(finding["path"].as_str().unwrap_or("")).is_none());
            self.equal("errors of an archive without mistakes", errors, Vec::new());
        }
        self.images(&expected, &imported);
        let sets = self.client.annotation_sets(&imported.dataset);
        self.sets(root, &expected, &imported, &sets);
    }

    fn reports(&mut self, expected: &Value, imported: &Imported) {
        for must in expected["must_report"].as_array().into_iter().flatten() {
            let found = imported.findings.iter().any(|finding| {
                let path = finding["path"].as_str().unwrap_or("");
                let at_line = must.get("line").is_none_or(|line| finding["line"] == *line && path.ends_with(".csv"));
                let in_file = must.get("file").is_none_or(|file| path == *file);
                at_line && in_file && !finding["message"].as_str().unwrap().is_empty()
            });
            if !found {
                self.breaches.push(format!("{}: {must} is not among {:?}", self.name, imported.findings));
            }
        }
    }

    fn images(&mut self, expected: &Value, imported: &Imported) {
        let query = "query($id: ID!) { dataset(id: $id) { imageCount studyCount status imageFormats { id } byteSize
            images { totalCount } studies(first: 500) { nodes { studyInstanceUid imageCount } totalCount } } }";
        let dataset = self.client.data(query, json!({ "id": imported.dataset }))["dataset"].take();
        let images = self.client.images(&imported.dataset, "path frameCount byteSize");
        self.equal("status", dataset["status"].clone(), json!("AVAILABLE"));
        self.equal("imageCount", dataset["imageCount"].clone(), expected["images"].clone());
        self.equal("images.totalCount", dataset["images"]["totalCount"].clone(), expected["images"].clone());
        self.equal("images listed", json!(images.len()), expected["images"].clone());
        self.equal("studyCount", dataset["studyCount"].clone(), expected["studies"].clone());
        self.equal("studies.totalCount", dataset["studies"]["totalCount"].clone(), expected["studies"].clone());
        let sizes: i64 = images.iter().map(|image| image["byteSize"].as_i64().unwrap()).sum();
        self.equal("byteSize", dataset["byteSize"].as_i64().unwrap(), sizes);
        if let Some(frames) = expected.get("frames") {
            let actual: i64 = images.iter().map(|image| image["frameCount"].as_i64().unwrap()).sum();
            self.equal("frames", json!(actual), frames.clone());
        }
        if let Some(formats) = expected.get("image_formats") {
            let actual = dataset["imageFormats"].as_array().unwrap().iter().map(|format| format["id"].clone());
            self.equal("imageFormats", Value::Array(actual.collect()), formats.clone());
        }
        if let Some(uids) = expected.get("study_uids") {
            let studies = dataset["studies"]["nodes"].as_array().unwrap();
            let actual = studies.iter().map(|each| (string(&each["studyInstanceUid"]), each["imageCount"].clone()));
            self.equal("studies by UID", Value::Object(actual.collect()), uids.clone());
        }
        for path in expected["not_images"].as_object().into_iter().flat_map(Map::keys) {
            let listed = images.iter().any(|image| image["path"] == path.as_str());
            self.equal(&format!("{path} among the images"), listed, false);
        }
    }

    fn sets(&mut self, root: &Path, expected: &Value, imported: &Imported, sets: &[Value]) {
        for (key, of_type) in [
            ("detection", "detection"),
            ("segmentation", "segmentation"),
            ("classification_by_presence", "multi-label-classification"),
        ] {
            if let Some(labels) = expected.get(key) {
                let set = sets.iter().find(|set| set["type"]["id"] == of_type);
                self.labels(key, set.unwrap_or(&Value::Null), labels);
            }
        }
        let Some(set) = sets.first() else {
            let annotated = expected.get("labels").is_some_and(|labels| labels != &json!({}));
            self.equal("annotation sets", 0, usize::from(annotated));
            return;
        };
        if let Some(named) = expected["annotation_type"].as_str() {
            let plain = if named == "classes-folder" { "single-label classification" } else { named };
            let two_classes = imported.codes().contains(&"MULTI_LABEL");
            if !two_classes {
                self.equal("type", set["type"]["id"].clone(), json!(plain.replace(' ', "-")));
            }
        }
        if let Some(same) = expected["if_accepted_same_as"].as_str() {
            let other = test_data::read_json(&root.join(format!("zips/{same}.expected.json")));
            self.labels("labels of the nested folders", set, &other["labels"]);
        }
        let relative = &expected["if_relative_to_label_csv"];
        for labels in [&expected["labels"], &expected["labels_if_duplicates_are_dropped"], &relative["labels"]] {
            self.labels("labels", set, labels);
        }
        for (key, field) in [("annotated_images", "imageCount"), ("annotated_studies", "studyCount")] {
            if let Some(count) = expected.get(key) {
                self.equal(key, set[field].clone(), count.clone());
            }
        }
        if let Some(count) = expected["images_without_annotation"].as_i64() {
            let covered = set["imageCount"].as_i64().unwrap();
            self.equal("images without annotation", expected["images"].as_i64().unwrap() - covered, count);
        }
        self.annotations(expected, set);
    }

    /// Kept counts of each label, and that the labels are these.
    fn labels(&mut self, what: &str, set: &Value, expected: &Value) {
        let Some(expected) = expected.as_object() else { return };
        let counts = set["labelDistribution"]["labels"].as_array().cloned().unwrap_or_default();
        let names: Vec<String> = counts.iter().map(|count| string(&count["label"]["name"])).collect();
        let (mut names, mut wanted): (Vec<_>, Vec<_>) = (names, expected.keys().cloned().collect());
        names.sort();
        wanted.sort();
        self.equal(what, names, wanted);
        for count in &counts {
            let name = string(&count["label"]["name"]);
            for (key, field) in [("images", "imageCount"), ("studies", "studyCount"), ("instances", "annotationCount")]
            {
                if let Some(expected) = expected.get(&name).and_then(|label| label.get(key)) {
                    self.equal(&format!("{what}: {name}: {key}"), count[field].clone(), expected.clone());
                }
            }
        }
    }

    /// What only the annotations themselves tell: negatives, areas, and which images have nothing to label.
    fn annotations(&mut self, expected: &Value, set: &Value) {
        let seen = SeenAnnotations::read(self.client, set["id"].as_str().unwrap());
        for (name, label) in expected["labels"].as_object().into_iter().flatten() {
            if let Some(negatives) = label["negatives"].as_u64() {
                let actual = seen.negatives.get(name).copied().unwrap_or(0);
                self.equal(&format!("{name}: negatives"), actual, negatives);
            }
        }
        if let Some(areas) = expected.get("mask_pixels_per_label") {
            self.equal("areas of masks", json!(seen.areas), areas.clone());
        }
        if let Some(empty) = expected.get("images_with_nothing_to_label") {
            self.equal("images with nothing to label", json!(seen.empty), empty.clone());
        }
        let positives = seen.positives;
        self.equal("positive annotations", json!(positives), set["annotationCount"].clone());
    }
}

#[derive(Default)]
struct SeenAnnotations {
    positives: u64,
    negatives: BTreeMap<String, u64>,
    areas: BTreeMap<String, Vec<i64>>,
    empty: Vec<String>,
}

impl SeenAnnotations {
    fn read(client: &Client, set: &str) -> Self {
        let query = "query($id: ID!) { annotationSet(id: $id) { images(first: 500) { edges { node { path }
            annotations { label { name } ... on Classification { value } ... on Segmentation { area } } } } } }";
        let data = client.data(query, json!({ "id": set }));
        let mut seen = Self::default();
        for edge in data["annotationSet"]["images"]["edges"].as_array().unwrap() {
            let annotations = edge["annotations"].as_array().unwrap();
            if annotations.is_empty() {
                seen.empty.push(string(&edge["node"]["path"]));
            }
            for annotation in annotations {
                let name = string(&annotation["label"]["name"]);
                if annotation["value"] == false {
                    *seen.negatives.entry(name).or_default() += 1;
                    continue;
                }
                seen.positives += 1;
                if let Some(area) = annotation["area"].as_i64() {
                    seen.areas.entry(name).or_default().push(area);
                }
            }
        }
        seen.areas.values_mut().for_each(|areas| areas.sort_unstable());
        seen.empty.sort();
        seen
    }
}
