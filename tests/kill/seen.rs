//! What the API shows of a dataset, read whole; counts that do not agree with what they count are a loss already here.

use crate::model::{Annotations, Set};
use crate::support::client::string;
use crate::wire::{Answer, Wire};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// One dataset with all that is in it.
pub struct Seen {
    pub name: String,
    pub status: String,
    pub images: BTreeMap<String, String>,
    pub image_ids: BTreeMap<String, String>,
    pub sets: BTreeMap<String, Set>,
    pub derivatives: BTreeMap<String, String>,
    /// Path and address of every file.
    pub urls: Vec<(String, String)>,
}

const WHOLE: &str = "query($id: ID!) { dataset(id: $id) { name status imageCount studyCount annotationSetCount byteSize
    images(first: 500) { totalCount nodes { id path sha256 byteSize url } }
    studies(first: 500) { totalCount }
    annotationSets(first: 100) { nodes { id name imageCount annotationCount
        labelDistribution { labels { label { name } imageCount annotationCount } }
        images(first: 500) { edges { node { path }
            annotations { ... on Detection { label { name } x y width height } } } } } }
    derivatives(first: 500) { nodes { id name } } } }";

/// `None`: it is not there. `Err`: what does not fit.
pub fn read(wire: &Wire, id: &str) -> Answer<Option<Result<Seen, String>>> {
    let dataset = wire.ask(WHOLE, json!({ "id": id }))?["dataset"].take();
    Ok((!dataset.is_null()).then(|| seen(&dataset)))
}

fn seen(dataset: &Value) -> Result<Seen, String> {
    let images = list(&dataset["images"]["nodes"]);
    let sets = list(&dataset["annotationSets"]["nodes"]);
    require(&dataset["imageCount"], images.len(), "imageCount")?;
    require(&dataset["images"]["totalCount"], images.len(), "images.totalCount")?;
    require(&dataset["studies"]["totalCount"], number(&dataset["studyCount"]), "studyCount")?;
    require(&dataset["annotationSetCount"], sets.len(), "annotationSetCount")?;
    let size: usize = images.iter().map(|image| number(&image["byteSize"])).sum();
    require(&dataset["byteSize"], size, "byteSize")?;
    let by_path = |field: &str| images.iter().map(|image| (string(&image["path"]), string(&image[field]))).collect();
    Ok(Seen {
        name: string(&dataset["name"]),
        status: string(&dataset["status"]),
        images: by_path("sha256"),
        image_ids: by_path("id"),
        sets: sets.iter().map(|set| Ok((string(&set["id"]), set_of(set)?))).collect::<Result<_, String>>()?,
        derivatives: list(&dataset["derivatives"]["nodes"])
            .iter()
            .map(|each| (string(&each["id"]), string(&each["name"])))
            .collect(),
        urls: images.iter().map(|image| (string(&image["path"]), string(&image["url"]))).collect(),
    })
}

fn set_of(set: &Value) -> Result<Set, String> {
    let mut boxes = Annotations::new();
    let mut by_label: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for edge in list(&set["images"]["edges"]) {
        let annotations = list(&edge["annotations"]);
        let mut labels: Vec<String> = annotations.iter().map(|each| string(&each["label"]["name"])).collect();
        labels.iter().for_each(|label| by_label.entry(label.clone()).or_default().1 += 1);
        labels.sort_unstable();
        labels.dedup();
        labels.into_iter().for_each(|label| by_label.entry(label).or_default().0 += 1);
        boxes.insert(string(&edge["node"]["path"]), annotations.iter().map(box_line).collect());
    }
    require(&set["imageCount"], boxes.len(), "imageCount of a set")?;
    require(&set["annotationCount"], boxes.values().map(Vec::len).sum(), "annotationCount of a set")?;
    for label in list(&set["labelDistribution"]["labels"]) {
        let counted = by_label.remove(label["label"]["name"].as_str().unwrap_or_default()).unwrap_or_default();
        require(&label["imageCount"], counted.0, "imageCount of a label")?;
        require(&label["annotationCount"], counted.1, "annotationCount of a label")?;
    }
    if !by_label.is_empty() {
        return Err(format!("labels without counts: {by_label:?}"));
    }
    Ok(Set { name: string(&set["name"]), boxes })
}

fn box_line(annotation: &Value) -> String {
    let number = |field: &str| annotation[field].as_f64().unwrap_or(f64::NAN);
    let label = annotation["label"]["name"].as_str().unwrap_or_default();
    line(label, [number("x"), number("y"), number("width"), number("height")])
}

/// A box as a line of text.
pub fn line(label: &str, [x, y, width, height]: [f64; 4]) -> String {
    format!("{label} {x} {y} {width} {height}")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn number(value: &Value) -> usize {
    value.as_u64().unwrap_or(u64::MAX) as usize
}

fn require(kept: &Value, counted: usize, what: &str) -> Result<(), String> {
    if kept.as_u64() == Some(counted as u64) { Ok(()) } else { Err(format!("{what} is {kept}, but counted {counted}")) }
}
