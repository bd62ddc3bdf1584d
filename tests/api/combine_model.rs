//! Random sources, combined by the real server, against a model of a few lines: counts, labels and origins.

use crate::combine::{Source, combine_as_previewed, input};
use crate::support::archives::{png, zip};
use crate::support::client::{Client, string};
use crate::support::shared;
use proptest::prelude::*;
use serde_json::json;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};

const SINGLE: &str = "single-label-classification";
const LABELS: [&str; 4] = ["a", "b", "A", "c d"];

/// An image: which picture it shows, and what its source says of it: nothing, nothing to label, or a label.
type Drawn = (u32, Option<Option<usize>>);

#[derive(Debug, Clone)]
struct Scene {
    sources: Vec<Vec<Drawn>>,
    renamed: Vec<(usize, usize)>,
    merges: bool,
}

fn scene() -> impl Strategy<Value = Scene> {
    let said = prop_oneof![Just(None), Just(Some(None)), (0..LABELS.len()).prop_map(|label| Some(Some(label)))];
    // The first image has a label, so that every source has a set of the type.
    let first = (0u32..6, 0..LABELS.len()).prop_map(|(picture, label)| (picture, Some(Some(label))));
    let source = (first, prop::collection::vec((0u32..6, said), 0..5)).prop_map(|(first, mut rest)| {
        rest.insert(0, first);
        rest
    });
    let sources = prop::collection::vec(source, 2..4);
    (sources, prop::collection::vec((0..LABELS.len(), 0..LABELS.len()), 0..2), any::<bool>())
        .prop_map(|(sources, renamed, merges)| Scene { sources, renamed, merges })
}

/// One image of the result: where it comes from, and what is said of it.
#[derive(Debug, PartialEq)]
struct Expected {
    source: usize,
    image: usize,
    said: Option<Option<String>>,
}

impl Scene {
    /// Labels of a source in the order in which it first names them.
    fn labels_of(source: &[Drawn]) -> Vec<usize> {
        let mut labels = Vec::new();
        for label in source.iter().filter_map(|(_, said)| said.flatten()) {
            if !labels.contains(&label) {
                labels.push(label);
            }
        }
        labels
    }

    fn name(&self, label: usize) -> String {
        let renamed = self.renames().into_iter().find(|(from, _)| *from == label).map_or(label, |(_, to)| to);
        LABELS[renamed].to_owned()
    }

    /// Those of the drawn renames whose label some source has.
    fn renames(&self) -> Vec<(usize, usize)> {
        let known = |label| self.sources.iter().any(|source| Self::labels_of(source).contains(&label));
        self.renamed.iter().copied().filter(|(from, _)| known(*from)).collect()
    }

    fn label_names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for label in self.sources.iter().flat_map(|source| Self::labels_of(source)) {
            let name = self.name(label);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// Rule 8: a picture that an earlier source brought falls together with it; the first label said of it stays.
    fn expected(&self) -> Vec<Expected> {
        let mut out: Vec<Expected> = Vec::new();
        let mut first_of: HashMap<u32, usize> = HashMap::new();
        for (source, images) in self.sources.iter().enumerate() {
            for (image, (picture, said)) in images.iter().enumerate() {
                let said = said.map(|label| label.map(|label| self.name(label)));
                match first_of.get(picture) {
                    Some(&first) if self.merges && out[first].source != source => {
                        let earlier = out[first].said.take();
                        out[first].said = match (earlier, said) {
                            (Some(Some(label)), _) => Some(Some(label)),
                            (earlier, None) => earlier,
                            (_, later) => later,
                        };
                    }
                    _ => {
                        first_of.entry(*picture).or_insert(out.len());
                        out.push(Expected { source, image, said });
                    }
                }
            }
        }
        out
    }

    fn archive(source: &[Drawn]) -> Vec<u8> {
        let mut rows = String::new();
        let mut entries = Vec::new();
        for (image, (picture, said)) in source.iter().enumerate() {
            entries.push((format!("{image}.png"), png(3, 3, 7000 + picture)));
            match said {
                None => {}
                Some(None) => rows.push_str(&format!("{image}.png\n")),
                Some(Some(label)) => rows.push_str(&format!("{image}.png,{}\n", LABELS[*label])),
            }
        }
        entries.push(("label.csv".to_owned(), rows.into_bytes()));
        zip(&entries)
    }

    fn hold(&self, client: &Client) {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let import = |(index, source): (usize, &Vec<Drawn>)| {
            Source::import(client, &format!("{number} {index}"), &Self::archive(source))
        };
        let sources: Vec<Source> = self.sources.iter().enumerate().map(import).collect();
        let whole: Vec<_> = sources.iter().map(Source::whole).collect();
        let map: Vec<_> =
            self.renames().iter().map(|(from, to)| json!({ "from": LABELS[*from], "to": LABELS[*to] })).collect();
        let policy = if self.merges { "MERGE" } else { "KEEP" };
        let more = json!({ "duplicates": policy, "labelMap": map });
        let dataset = combine_as_previewed(client, input(&format!("{number}"), &whole, Some(SINGLE), more));
        assert_eq!(self.result(client, &dataset, &sources), self.expected());
        let set = client.annotation_sets(&dataset).remove(0);
        let names: Vec<String> = set["labels"].as_array().unwrap().iter().map(|label| string(&label["name"])).collect();
        assert_eq!(names, self.label_names());
        let (expected, distribution) = (self.expected(), &set["labelDistribution"]);
        let carrying = |name: &str| expected.iter().filter(|image| image.said == Some(Some(name.to_owned()))).count();
        for (name, count) in names.iter().zip(distribution["labels"].as_array().unwrap()) {
            assert_eq!(count["imageCount"], carrying(name), "{name}");
            assert_eq!(count["annotationCount"], carrying(name), "{name}");
        }
        let covered = expected.iter().filter(|image| image.said.is_some()).count();
        let unlabelled = expected.iter().filter(|image| image.said == Some(None)).count();
        assert_eq!(
            (&distribution["imageCount"], &distribution["unlabelledImageCount"]),
            (&json!(covered), &json!(unlabelled))
        );
    }

    /// What the server made, in the words of the model.
    fn result(&self, client: &Client, dataset: &str, sources: &[Source]) -> Vec<Expected> {
        let set = string(&client.annotation_sets(dataset)[0]["id"]);
        let query = "query($id: ID!) { annotationSet(id: $id) { images(first: 500) { edges { node { id }
            annotations { label { name } } } } } }";
        let data = client.data(query, json!({ "id": set }));
        let edges = data["annotationSet"]["images"]["edges"].as_array().unwrap();
        let said: HashMap<String, Option<String>> = edges
            .iter()
            .map(|edge| {
                let annotations = edge["annotations"].as_array().unwrap();
                assert!(annotations.len() <= 1);
                (string(&edge["node"]["id"]), annotations.first().map(|each| string(&each["label"]["name"])))
            })
            .collect();
        let images = client.images(dataset, "id origin { path dataset { id } }");
        images
            .iter()
            .map(|image| {
                let origin = string(&image["origin"]["path"]);
                let of = |source: &Source| image["origin"]["dataset"]["id"] == source.dataset.as_str();
                Expected {
                    source: sources.iter().position(of).unwrap(),
                    image: origin.strip_suffix(".png").unwrap().parse().unwrap(),
                    said: said.get(image["id"].as_str().unwrap()).cloned(),
                }
            })
            .collect()
    }
}

#[test]
fn random_sources_combine_as_the_model_says() {
    let client = shared().user("combine-model");
    let config =
        ProptestConfig { cases: 24, failure_persistence: None, max_shrink_iters: 40, ..ProptestConfig::default() };
    proptest!(config, |(scene in scene())| scene.hold(&client));
}
