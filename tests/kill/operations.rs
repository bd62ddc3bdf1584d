//! What a user asks for, and how each answer changes what he was told.

use crate::board::Kind;
use crate::model::{Annotations, Combination, Content, Dataset, Doubt, Effect, Purpose, Set, Upload};
use crate::pictures::{self, sha256};
use crate::seen::line;
use crate::support::archives::zip;
use crate::support::client::{Reply, string};
use crate::wire::{Answer, Failed, Wire};
use crate::world::{Gone, World};
use base64::Engine;
use rand::RngExt;
use rand::seq::SliceRandom;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

const DETECTION: &str = "detection";
/// Images of the sources of a combination. Combined again and again they would be more than one page shows.
const MOST_IMAGES: usize = 100;

impl World {
    /// Makes one, sends the next bytes of one, or uses one that is whole.
    pub fn go_on_with_an_upload(&mut self, wire: &Wire) -> Result<(), Gone> {
        let ids: Vec<String> = self.model.uploads.keys().cloned().collect();
        if ids.len() < 3 && (ids.is_empty() || self.random.random_bool(0.3)) {
            return self.create_upload(wire);
        }
        let Some(id) = self.pick(&ids) else { return Ok(()) };
        let upload = &self.model.uploads[&id];
        match (upload.acknowledged < upload.bytes.len(), upload.purpose.clone()) {
            (true, _) => self.send_chunk(wire, &id),
            (false, Purpose::Dataset(content)) => self.import_dataset(wire, &id, content),
            (false, Purpose::AnnotationSet { dataset, boxes }) => self.import_set(wire, &id, dataset, boxes),
        }
    }

    fn create_upload(&mut self, wire: &Wire) -> Result<(), Gone> {
        let targets = self.model.whole();
        let target = self.random.random_bool(0.4).then(|| self.pick(&targets)).flatten();
        let (filename, bytes, purpose) = match target {
            Some(dataset) => self.document(dataset),
            None => self.archive(),
        };
        let input = json!({ "filename": filename, "byteSize": bytes.len() });
        let made = self
            .attempt(Kind::CreateUpload, Doubt::CreateUpload, || wire.change("createUpload", input, "upload { id }"))?;
        if let Some(made) = made {
            let upload = Upload { bytes: Arc::new(bytes), acknowledged: 0, sent: 0, purpose };
            self.model.uploads.insert(string(&made["upload"]["id"]), upload);
        }
        Ok(())
    }

    /// A zip of pictures, with a `label.csv` or without one.
    fn archive(&mut self) -> (String, Vec<u8>, Purpose) {
        let mut numbers: Vec<usize> = (0..pictures::all().len()).collect();
        numbers.shuffle(&mut self.random);
        numbers.truncate(self.random.random_range(1..24));
        if self.random.random_bool(0.5) {
            numbers.retain(|number| pictures::all()[*number].extension == "png");
        }
        if numbers.is_empty() {
            numbers.push(0);
        }
        let mut entries = Vec::new();
        let mut content = Content::default();
        for number in numbers {
            let picture = &pictures::all()[number];
            let path = format!("image/{number}.{}", picture.extension);
            content.images.insert(path.clone(), picture.sha256.clone());
            entries.push((path, picture.bytes.clone()));
        }
        if self.random.random_bool(0.6) {
            let (mut rows, mut boxes) = (String::new(), Annotations::new());
            for path in content.images.keys() {
                for number in 0..self.random.random_range(1..4) {
                    rows.push_str(&format!("{path},cell,{number},1,2,3\n"));
                    boxes.entry(path.clone()).or_default().push(line("cell", [f64::from(number), 1.0, 2.0, 3.0]));
                }
            }
            entries.push(("label.csv".to_owned(), rows.into_bytes()));
            content.boxes = Some(boxes);
        }
        ("archive.zip".to_owned(), zip(&entries), Purpose::Dataset(content))
    }

    /// A COCO document for the images of a dataset.
    fn document(&mut self, dataset: String) -> (String, Vec<u8>, Purpose) {
        let (mut images, mut annotations, mut boxes) = (Vec::new(), Vec::new(), Annotations::new());
        for (number, path) in self.model.datasets[&dataset].images.keys().enumerate() {
            images.push(json!({ "id": number, "file_name": path, "width": 8, "height": 6 }));
            for _ in 0..self.random.random_range(1..30) {
                let id = annotations.len() + 1;
                let place = [id as f64 / 1e5, 1.0, 2.0, 2.0];
                annotations.push(json!({ "id": id, "image_id": number, "category_id": 1, "bbox": place }));
                boxes.entry(path.clone()).or_default().push(line("nucleus", place));
            }
        }
        let categories = json!([{ "id": 1, "name": "nucleus" }]);
        let document = json!({ "images": images, "annotations": annotations, "categories": categories }).to_string();
        ("boxes.json".to_owned(), document.into_bytes(), Purpose::AnnotationSet { dataset, boxes })
    }

    fn send_chunk(&mut self, wire: &Wire, id: &str) -> Result<(), Gone> {
        let upload = &self.model.uploads[id];
        let (bytes, start) = (upload.bytes.clone(), upload.acknowledged);
        let end = (start + self.random.random_range(1..=bytes.len())).min(bytes.len());
        let has_checksum = self.random.random_bool(0.3);
        if let Some(upload) = self.model.uploads.get_mut(id) {
            upload.sent = upload.sent.max(end);
        }
        let sent =
            self.attempt(Kind::Chunk, Doubt::Chunk, || patch(wire, id, start, &bytes[start..end], has_checksum))?;
        let Some(reply) = sent else { return Ok(()) };
        match reply.status {
            204 if reply.header("upload-offset") == end.to_string() => {
                if let Some(upload) = self.model.uploads.get_mut(id) {
                    upload.acknowledged = end;
                }
            }
            // A failing disk may have taken a part of an earlier one.
            409 if self.expects_faults() => return self.look_at_upload(wire, id),
            _ => self.lose(&format!("bytes {start} to {end} of {id}: {} {}", reply.status, reply.text())),
        }
        Ok(())
    }

    fn import_dataset(&mut self, wire: &Wire, upload: &str, content: Content) -> Result<(), Gone> {
        let name = self.fresh_name();
        let doubt = Doubt::ImportDataset { upload: upload.to_owned(), name: name.clone(), content: content.clone() };
        let input = json!({ "upload": upload, "name": name });
        let started = self
            .attempt(Kind::ImportDataset, doubt, || wire.change("importDataset", input, "dataset { id } job { id }"))?;
        if let Some(started) = started {
            self.model.uploads.remove(upload);
            let (dataset, job) = (string(&started["dataset"]["id"]), string(&started["job"]["id"]));
            self.model.datasets.insert(dataset.clone(), Dataset::preparing(&name));
            self.begin_job(&job, Effect::Import { dataset, content });
        }
        Ok(())
    }

    fn import_set(&mut self, wire: &Wire, upload: &str, dataset: String, boxes: Annotations) -> Result<(), Gone> {
        if !self.model.datasets.contains_key(&dataset) {
            return self.end_this_upload(wire, upload);
        }
        let set = Set { name: self.fresh_name(), boxes };
        let input = json!({ "upload": upload, "dataset": dataset, "name": set.name, "annotationType": DETECTION });
        let upload_id = upload.to_owned();
        let doubt = Doubt::ImportAnnotationSet { upload: upload_id, dataset: dataset.clone(), set: set.clone() };
        let started =
            self.attempt(Kind::ImportAnnotationSet, doubt, || wire.change("importAnnotationSet", input, "job { id }"))?;
        if let Some(started) = started {
            self.model.uploads.remove(upload);
            self.begin_job(&string(&started["job"]["id"]), Effect::AnnotationSet { dataset, set });
        }
        Ok(())
    }

    pub fn end_upload(&mut self, wire: &Wire) -> Result<(), Gone> {
        let ids: Vec<String> = self.model.uploads.keys().cloned().collect();
        match self.pick(&ids) {
            Some(id) => self.end_this_upload(wire, &id),
            None => Ok(()),
        }
    }

    fn end_this_upload(&mut self, wire: &Wire, id: &str) -> Result<(), Gone> {
        let headers = [("tus-resumable", "1.0.0")];
        let doubt = Doubt::EndUpload { upload: id.to_owned() };
        let ended =
            self.attempt(Kind::EndUpload, doubt, || wire.send("DELETE", &format!("/uploads/{id}"), &headers, b""))?;
        match ended.map(|reply| reply.status) {
            Some(204) => drop(self.model.uploads.remove(id)),
            // A failing disk may have kept the file of one whose row is gone.
            Some(404) if self.expects_faults() => drop(self.model.uploads.remove(id)),
            None => {}
            Some(status) => self.lose(&format!("ending {id}: {status}")),
        }
        Ok(())
    }

    pub fn create_set(&mut self, wire: &Wire) -> Result<(), Gone> {
        let whole = self.model.whole();
        let Some(dataset) = self.pick(&whole) else { return Ok(()) };
        let name = self.fresh_name();
        let input = json!({ "dataset": dataset, "name": name, "annotationType": DETECTION, "labels": ["cell"] });
        let doubt = Doubt::CreateSet { dataset: dataset.clone(), name: name.clone() };
        let made = self.attempt(Kind::CreateAnnotationSet, doubt, || {
            wire.change("createAnnotationSet", input, "annotationSet { id }")
        })?;
        if let (Some(made), Some(dataset)) = (made, self.model.datasets.get_mut(&dataset)) {
            let set = Set { name, boxes: Annotations::new() };
            dataset.sets.insert(string(&made["annotationSet"]["id"]), set);
        }
        Ok(())
    }

    /// A dataset that no job works with, and one of its sets: who combines or exports it reads it when his turn comes.
    fn pick_set(&mut self) -> Option<(String, String)> {
        let mut sets = Vec::new();
        for id in self.model.idle() {
            sets.extend(self.model.datasets[&id].sets.keys().map(|set| (id.clone(), set.clone())));
        }
        self.pick(&sets)
    }

    pub fn annotate(&mut self, wire: &Wire) -> Result<(), Gone> {
        let Some((dataset, set)) = self.pick_set() else { return Ok(()) };
        let mut images: Vec<(String, String)> = self.model.datasets[&dataset].image_ids.clone().into_iter().collect();
        images.shuffle(&mut self.random);
        images.truncate(self.random.random_range(1..8));
        let (mut boxes, mut call) = (Annotations::new(), Vec::new());
        for (path, image) in images {
            let (mut lines, mut annotations) = (Vec::new(), Vec::new());
            for number in 0..self.random.random_range(0..5) {
                let label = ["cell", "nucleus", "debris"][self.random.random_range(0..3)];
                let (x, y) = (f64::from(number) / 2.0, f64::from(self.random.random_range(0..3)));
                annotations.push(json!({ "label": label, "box": { "x": x, "y": y, "width": 2, "height": 2.5 } }));
                lines.push(line(label, [x, y, 2.0, 2.5]));
            }
            call.push(json!({ "image": image, "annotations": annotations }));
            boxes.insert(path, lines);
        }
        let input = json!({ "annotationSet": set, "images": call });
        let doubt = Doubt::Annotate { dataset: dataset.clone(), set: set.clone(), boxes: boxes.clone() };
        let done =
            self.attempt(Kind::AnnotateImages, doubt, || wire.change("annotateImages", input, "findings { code }"))?;
        if done.is_some() {
            self.replace_boxes(&dataset, &set, boxes);
        }
        Ok(())
    }

    pub fn replace_boxes(&mut self, dataset: &str, set: &str, boxes: Annotations) {
        if let Some(set) = self.model.datasets.get_mut(dataset).and_then(|dataset| dataset.sets.get_mut(set)) {
            set.boxes.extend(boxes);
        }
    }

    pub fn delete_set(&mut self, wire: &Wire) -> Result<(), Gone> {
        let Some((dataset, set)) = self.pick_set() else { return Ok(()) };
        let input = json!({ "annotationSet": set, "confirmation": "DELETE" });
        let doubt = Doubt::DeleteSet { dataset: dataset.clone(), set: set.clone() };
        let done =
            self.attempt(Kind::DeleteAnnotationSet, doubt, || wire.change("deleteAnnotationSet", input, "deletedId"))?;
        if let (Some(_), Some(dataset)) = (done, self.model.datasets.get_mut(&dataset)) {
            dataset.sets.remove(&set);
        }
        Ok(())
    }

    pub fn rename(&mut self, wire: &Wire) -> Result<(), Gone> {
        let ids: Vec<String> = self.model.datasets.keys().cloned().collect();
        let Some(dataset) = self.pick(&ids) else { return Ok(()) };
        let name = self.fresh_name();
        let input = json!({ "dataset": dataset, "name": name });
        let doubt = Doubt::Rename { dataset: dataset.clone(), name: name.clone() };
        let done =
            self.attempt(Kind::RenameDataset, doubt, || wire.change("renameDataset", input, "dataset { id }"))?;
        if let (Some(_), Some(dataset)) = (done, self.model.datasets.get_mut(&dataset)) {
            dataset.name = name;
        }
        Ok(())
    }

    pub fn register(&mut self, wire: &Wire) -> Result<(), Gone> {
        let whole = self.model.whole();
        let Some(dataset) = self.pick(&whole) else { return Ok(()) };
        let name = self.fresh_name();
        let input = json!({ "dataset": dataset, "name": name, "kind": "TRAINING_TASK" });
        let doubt = Doubt::Register { dataset: dataset.clone(), name: name.clone() };
        let made = self.attempt(Kind::RegisterDerivative, doubt, || {
            wire.change("registerDerivative", input, "derivative { id }")
        })?;
        if let (Some(made), Some(dataset)) = (made, self.model.datasets.get_mut(&dataset)) {
            dataset.derivatives.insert(string(&made["derivative"]["id"]), name);
        }
        Ok(())
    }

    pub fn remove(&mut self, wire: &Wire) -> Result<(), Gone> {
        let all: Vec<(String, String)> = (self.model.datasets.iter())
            .flat_map(|(id, each)| each.derivatives.keys().map(|derivative| (id.clone(), derivative.clone())))
            .collect();
        let Some((dataset, derivative)) = self.pick(&all) else { return Ok(()) };
        let input = json!({ "derivative": derivative });
        let doubt = Doubt::Remove { dataset: dataset.clone(), derivative: derivative.clone() };
        let done =
            self.attempt(Kind::RemoveDerivative, doubt, || wire.change("removeDerivative", input, "removedId"))?;
        if let (Some(_), Some(dataset)) = (done, self.model.datasets.get_mut(&dataset)) {
            dataset.derivatives.remove(&derivative);
        }
        Ok(())
    }

    pub fn combine(&mut self, wire: &Wire) -> Result<(), Gone> {
        let mut sources = self.model.idle();
        sources.shuffle(&mut self.random);
        sources.truncate(2);
        let images: usize = sources.iter().map(|id| self.model.datasets[id].images.len()).sum();
        if sources.len() < 2 || images > MOST_IMAGES {
            return Ok(());
        }
        let name = self.fresh_name();
        let (mut input, combination) = self.combination(&sources);
        input["name"] = json!(name);
        let doubt = Doubt::Combine { name: name.clone(), combination: combination.clone() };
        let started = self.attempt(Kind::CombineDatasets, doubt, || {
            wire.change("combineDatasets", input, "dataset { id } job { id }")
        })?;
        if let Some(started) = started {
            let (dataset, job) = (string(&started["dataset"]["id"]), string(&started["job"]["id"]));
            self.model.datasets.insert(dataset.clone(), Dataset::preparing(&name));
            self.begin_job(&job, Effect::Combine { dataset, combination });
        }
        Ok(())
    }

    /// All images of both, and the first set of each when both have one.
    fn combination(&mut self, sources: &[String]) -> (Value, Combination) {
        let ids = sources.to_vec();
        let sources: Vec<(&String, &Dataset)> = sources.iter().map(|id| (id, &self.model.datasets[id])).collect();
        let with_sets = sources.iter().all(|(_, each)| !each.sets.is_empty());
        let is_dicom = |path: &&String| path.ends_with(".dcm");
        let dicom = sources.iter().flat_map(|(_, each)| each.images.keys()).filter(is_dicom).count();
        let total: usize = sources.iter().map(|(_, each)| each.images.len()).sum();
        let mut images = Vec::new();
        let mut asked = Vec::new();
        for (id, each) in sources {
            let set = each.sets.iter().next().filter(|_| with_sets);
            asked.push(json!({ "dataset": id, "annotationSet": set.map(|(set, _)| set) }));
            images.extend(each.images.iter().map(|(path, sha256)| {
                let boxes = set.and_then(|(_, set)| set.boxes.get(path)).cloned();
                (sha256.clone(), boxes)
            }));
        }
        images.sort();
        let mut input = json!({ "sources": asked });
        if with_sets {
            input["annotationType"] = json!(DETECTION);
            input["annotationSetName"] = json!("united");
        }
        (input, Combination { images, sources: ids, is_exact: dicom == 0 || dicom == total })
    }

    pub fn export(&mut self, wire: &Wire) -> Result<(), Gone> {
        let idle = self.model.idle();
        let Some(dataset) = self.pick(&idle) else { return Ok(()) };
        let set = self.model.datasets[&dataset].sets.keys().next().cloned();
        let format = if set.is_some() { "coco" } else { "images" };
        let input = json!({ "dataset": dataset, "annotationSet": set, "format": format });
        let doubt = Doubt::Export { dataset: dataset.clone() };
        let started = self.attempt(Kind::ExportDataset, doubt, || wire.change("exportDataset", input, "job { id }"))?;
        if let Some(started) = started {
            self.begin_job(&string(&started["job"]["id"]), Effect::Export { dataset });
        }
        Ok(())
    }

    pub fn delete(&mut self, wire: &Wire) -> Result<(), Gone> {
        let idle = self.model.idle();
        let Some(dataset) = self.pick(&idle) else { return Ok(()) };
        let input = json!({ "dataset": dataset, "confirmation": "DELETE" });
        let doubt = Doubt::Delete { dataset: dataset.clone() };
        let started = self.attempt(Kind::DeleteDataset, doubt, || wire.change("deleteDataset", input, "job { id }"))?;
        if let Some(started) = started {
            self.model.forget_dataset(&dataset);
            self.begin_job(&string(&started["job"]["id"]), Effect::Delete);
        }
        Ok(())
    }

    pub fn cancel(&mut self, wire: &Wire) -> Result<(), Gone> {
        let jobs = self.model.jobs.iter().filter(|(_, job)| !matches!(job.effect, Effect::Delete));
        let jobs: Vec<String> = jobs.map(|(id, _)| id.clone()).collect();
        let Some(job) = self.pick(&jobs) else { return Ok(()) };
        // It may end by itself first.
        if let Some(job) = self.model.jobs.get_mut(&job) {
            job.may_be_cancelled = true;
        }
        let input = json!({ "job": job });
        self.attempt(Kind::CancelJob, Doubt::Cancel, || wire.change("cancelJob", input, "job { id }"))?;
        Ok(())
    }

    pub fn begin_job(&mut self, id: &str, effect: Effect) {
        let kind = kind_of(&effect);
        self.note(format!("  {id} is {kind:?} of {:?}", effect.dataset()));
        self.board.begin(id, kind);
        self.model.add_job(id, effect);
    }
}

pub fn kind_of(effect: &Effect) -> Kind {
    match effect {
        Effect::Import { .. } => Kind::ImportJob,
        Effect::AnnotationSet { .. } => Kind::AnnotationSetJob,
        Effect::Combine { .. } => Kind::CombineJob,
        Effect::Export { .. } => Kind::ExportJob,
        Effect::Delete => Kind::DeleteJob,
    }
}

fn patch(wire: &Wire, id: &str, start: usize, bytes: &[u8], has_checksum: bool) -> Answer<Reply> {
    let offset = start.to_string();
    let mut headers = vec![
        ("tus-resumable", "1.0.0"),
        ("upload-offset", offset.as_str()),
        ("content-type", "application/offset+octet-stream"),
    ];
    let checksum = format!("sha256 {}", base64::prelude::BASE64_STANDARD.encode(unhex(&sha256(bytes))));
    if has_checksum {
        headers.push(("upload-checksum", checksum.as_str()));
    }
    let reply = wire.send("PATCH", &format!("/uploads/{id}"), &headers, bytes)?;
    // A server that is being killed may still say that the body broke off.
    match reply.status {
        400 | 408 => Err(Failed::Lost),
        _ => Ok(reply),
    }
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|at| u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).unwrap_or(0)).collect()
}

/// The images of a combination as they came out, to be held against what was expected.
pub fn combined(images: &BTreeMap<String, String>, boxes: Option<&Annotations>) -> Vec<(String, Option<Vec<String>>)> {
    let mut combined: Vec<_> = images
        .iter()
        .map(|(path, sha256)| (sha256.clone(), boxes.and_then(|boxes| boxes.get(path)).cloned()))
        .collect();
    combined.sort();
    combined
}
