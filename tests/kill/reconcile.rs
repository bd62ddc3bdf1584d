//! What was acknowledged, held against what the server shows: as its jobs end, and after it was killed.

use crate::model::{Combination, Content, Dataset, Doubt, Effect, Job, Stage};
use crate::operations::{combined, kind_of};
use crate::pictures::{frames, sha256};
use crate::seen::{self, Seen};
use crate::support::client::string;
use crate::wire::Wire;
use crate::world::{Gone, World};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::time::{Duration, Instant};

/// How long the jobs of a server that came back may take.
const PATIENCE: Duration = Duration::from_secs(90);

/// A dataset as the list shows it.
#[derive(Debug)]
struct Listed {
    name: String,
    status: String,
    job: String,
    job_state: String,
}

impl World {
    /// After a kill: settles what was in doubt, and finds everything else as it was, before its jobs go on and after.
    pub fn find_everything(&mut self, wire: &Wire) -> Result<(), Gone> {
        self.settle(wire)?;
        self.check_whole(wire)?;
        self.wait_for_jobs(wire)?;
        self.check_whole(wire)?;
        let listed = self.list(wire)?;
        self.check_listed(&listed);
        self.check_exports(wire)
    }

    pub fn wait_for_jobs(&mut self, wire: &Wire) -> Result<(), Gone> {
        let given_up = Instant::now() + PATIENCE;
        while !self.model.jobs.is_empty() {
            if Instant::now() > given_up {
                let jobs: Vec<&String> = self.model.jobs.keys().collect();
                self.lose(&format!("{jobs:?} neither end nor go on"));
            }
            self.look_at_jobs(wire)?;
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Looks for jobs that ended, and holds each against what it was to make.
    pub fn look_at_jobs(&mut self, wire: &Wire) -> Result<(), Gone> {
        let ids: Vec<&String> = self.model.jobs.keys().collect();
        if ids.is_empty() {
            return Ok(());
        }
        let query = "query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Job { state error downloadUrl
            findings(first: 500) { nodes { code path } } } } }";
        let found = self.ask(wire.ask(query, json!({ "ids": ids })))?["nodes"].take();
        let ids: Vec<String> = ids.into_iter().cloned().collect();
        for (id, shown) in ids.iter().zip(found.as_array().into_iter().flatten()) {
            if shown.is_null() {
                self.lose(&format!("{id} is not there any more"));
            }
            if !matches!(shown["state"].as_str(), Some("QUEUED" | "RUNNING")) {
                self.end_job(wire, id, shown)?;
            }
        }
        Ok(())
    }

    fn end_job(&mut self, wire: &Wire, id: &str, shown: &Value) -> Result<(), Gone> {
        let Some(job) = self.model.jobs.get(id).cloned() else { return Ok(()) };
        self.note(format!("  {id} ended: {} {}", shown["state"], shown["error"]));
        match shown["state"].as_str() {
            Some("SUCCEEDED") => self.take_over(wire, id, &job, shown)?,
            Some("CANCELLED") if job.may_be_cancelled => self.roll_back(wire, &job, None)?,
            Some("FAILED") if self.may_fail(&job, shown) => self.roll_back(wire, &job, Some("FAILED"))?,
            _ => self.lose(&format!("{id} ({:?}) ended with {shown}", job.effect)),
        }
        self.model.jobs.remove(id);
        self.board.end_job(id, kind_of(&job.effect));
        Ok(())
    }

    /// It was interrupted too often, or plugins died under it; deleting goes on until it is done.
    fn may_fail(&self, job: &Job, shown: &Value) -> bool {
        let error = shown["error"].as_str().unwrap_or_default();
        let by_kills = error.contains("the server stopped 3 times while it ran; it is not tried again");
        let names_plugin =
            error.contains("PLUGIN_") || error.contains("(plugin lightbox.") || has_plugin_finding(shown);
        let by_workers = self.board.worker_kills() > 0 && names_plugin;
        !matches!(job.effect, Effect::Delete) && (by_kills || by_workers || self.expects_faults() && !error.is_empty())
    }

    /// What a job made that succeeded.
    fn take_over(&mut self, wire: &Wire, id: &str, job: &Job, shown: &Value) -> Result<(), Gone> {
        match &job.effect {
            Effect::Delete => Ok(()),
            Effect::Export { dataset } => {
                self.model.exports.insert(id.to_owned(), dataset.clone());
                self.check_export(wire, id)
            }
            Effect::AnnotationSet { dataset, set } => {
                let seen = self.read_whole(wire, dataset)?;
                let known = &self.model.datasets[dataset].sets;
                let added = seen.sets.iter().find(|(id, each)| !known.contains_key(*id) && each.name == set.name);
                let Some((set_id, added)) = added.map(|(id, set)| (id.clone(), set.clone())) else {
                    self.lose(&format!("{id} succeeded, but the set {:?} of {dataset} is not there", set.name));
                };
                if added.boxes != set.boxes && !has_plugin_finding(shown) {
                    self.lose(&format!("{set_id} has {:?}, not {:?}", added.boxes, set.boxes));
                }
                if let Some(dataset) = self.model.datasets.get_mut(dataset) {
                    dataset.sets.insert(set_id, added);
                }
                Ok(())
            }
            Effect::Import { dataset, content } => {
                let seen = self.read_whole(wire, dataset)?;
                if let Some(what) = other_content(&seen, content, shown) {
                    self.lose(&format!("{dataset} is not what was imported: {what}"));
                }
                self.adopt(dataset, seen);
                Ok(())
            }
            Effect::Combine { dataset, combination } => {
                let seen = self.read_whole(wire, dataset)?;
                if let Some(what) = other_combination(&seen, combination) {
                    self.lose(&format!("{dataset} is not what was combined: {what}"));
                }
                self.adopt(dataset, seen);
                Ok(())
            }
        }
    }

    /// A dataset that its job has just made.
    fn adopt(&mut self, id: &str, seen: Seen) {
        if let Some(dataset) = self.model.datasets.get_mut(id) {
            dataset.stage = Stage::Whole;
            (dataset.images, dataset.image_ids, dataset.sets) = (seen.images, seen.image_ids, seen.sets);
        }
    }

    /// Nothing may be left of what a job would have made; `status`: of the dataset, `None` when it is gone.
    fn roll_back(&mut self, wire: &Wire, job: &Job, status: Option<&str>) -> Result<(), Gone> {
        let dataset = match &job.effect {
            Effect::Import { dataset, .. } | Effect::Combine { dataset, .. } => dataset,
            _ => return Ok(()),
        };
        let seen = self.ask(seen::read(wire, dataset))?;
        match (seen, status) {
            (None, None) => self.model.forget_dataset(dataset),
            (Some(Ok(seen)), Some(status))
                if seen.status == status && seen.images.is_empty() && seen.sets.is_empty() =>
            {
                if let Some(dataset) = self.model.datasets.get_mut(dataset) {
                    dataset.stage = Stage::Failed;
                }
            }
            (seen, status) => {
                let seen = seen.map(|seen| seen.map(|seen| (seen.status, seen.images.len())));
                self.lose(&format!("{dataset} shows as {seen:?} after a job that ended with {status:?}"));
            }
        }
        Ok(())
    }

    /// A dataset that must be there, whole.
    fn read_whole(&self, wire: &Wire, id: &str) -> Result<Seen, Gone> {
        let is_changing = self.model.jobs.values().any(|job| job.effect.dataset() == Some(id));
        let mut attempts = if is_changing { 5 } else { 1 };
        loop {
            attempts -= 1;
            match self.ask(seen::read(wire, id))? {
                Some(Ok(seen)) if seen.status == "AVAILABLE" => return Ok(seen),
                Some(Ok(seen)) => self.lose(&format!("{id} is {}, not AVAILABLE", seen.status)),
                None => self.lose(&format!("{id} is not there any more")),
                // One answer takes several reads, between which a job may publish.
                Some(Err(_)) if attempts > 0 => {}
                Some(Err(what)) => self.lose(&format!("{id} is half-made: {what}")),
            }
        }
    }

    /// Every dataset that is whole, and a file of each.
    fn check_whole(&mut self, wire: &Wire) -> Result<(), Gone> {
        for id in self.model.whole() {
            let seen = self.read_whole(wire, &id)?;
            let coming: Vec<&str> = (self.model.jobs.values())
                .filter_map(|job| match &job.effect {
                    Effect::AnnotationSet { dataset, set } if *dataset == id => Some(set.name.as_str()),
                    _ => None,
                })
                .collect();
            let dataset = &self.model.datasets[&id];
            let sets: BTreeMap<_, _> =
                seen.sets.iter().filter(|(_, set)| !coming.contains(&set.name.as_str())).collect();
            let known: BTreeMap<_, _> = dataset.sets.iter().collect();
            if sets != known {
                self.lose(&format!("the sets of {id} are {sets:?}, not {known:?}"));
            }
            if seen.name != dataset.name || seen.images != dataset.images || seen.derivatives != dataset.derivatives {
                let seen = (&seen.name, &seen.images, &seen.derivatives);
                self.lose(&format!("{id} shows {seen:?}, not {dataset:?}"));
            }
            if let Some((path, url)) = self.pick(&seen.urls) {
                let reply = self.ask(wire.send("GET", &url, &[], b""))?;
                if reply.status != 200 || sha256(&reply.body) != seen.images[&path] {
                    self.lose(&format!("{path} of {id}: {} with other bytes than were sent", reply.status));
                }
            }
        }
        Ok(())
    }

    fn check_exports(&mut self, wire: &Wire) -> Result<(), Gone> {
        let ids: Vec<String> = self.model.exports.keys().cloned().collect();
        match self.pick(&ids) {
            Some(id) => self.check_export(wire, &id),
            None => Ok(()),
        }
    }

    fn check_export(&mut self, wire: &Wire, id: &str) -> Result<(), Gone> {
        let reply = self.ask(wire.send("GET", &format!("/exports/{id}"), &[], b""))?;
        if reply.status != 200 {
            self.lose(&format!("the archive of {id}: {} {}", reply.status, reply.text()));
        }
        let dataset = &self.model.datasets[&self.model.exports[id]];
        let mut wanted: Vec<&String> = dataset.images.values().collect();
        let mut archived = digests(&reply.body);
        archived.sort_unstable();
        wanted.sort_unstable();
        let missing = wanted.iter().filter(|file| archived.binary_search(**file).is_err()).count();
        if missing > 0 {
            self.lose(&format!("{missing} files are not in the archive of {id}"));
        }
        Ok(())
    }

    fn list(&self, wire: &Wire) -> Result<BTreeMap<String, Listed>, Gone> {
        let query = "{ datasets(first: 500) { nodes { id name status creationJob { id state } } } }";
        let found = self.ask(wire.ask(query, Value::Null))?["datasets"]["nodes"].take();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let listed = found.as_array().into_iter().flatten().map(|each| {
            let job = &each["creationJob"];
            let listed = Listed {
                name: text(&each["name"]),
                status: text(&each["status"]),
                job: text(&job["id"]),
                job_state: text(&job["state"]),
            };
            (string(&each["id"]), listed)
        });
        Ok(listed.collect())
    }

    /// Every dataset that is shown is one that was asked for, in a state that fits its job.
    fn check_listed(&self, listed: &BTreeMap<String, Listed>) {
        let unknown: Vec<_> = listed.iter().filter(|(id, _)| !self.model.datasets.contains_key(*id)).collect();
        if !unknown.is_empty() {
            self.lose(&format!("nobody asked for {unknown:?}"));
        }
        for (id, dataset) in &self.model.datasets {
            let Some(shown) = listed.get(id) else {
                let makes = |job: &&Job| job.effect.dataset() == Some(id) && dataset.stage == Stage::Preparing;
                if self.model.jobs.values().find(makes).is_some_and(|job| job.may_be_cancelled) {
                    continue;
                }
                self.lose(&format!("{id} {:?} is not there any more", dataset.name));
            };
            let fits = match (shown.status.as_str(), shown.job_state.as_str()) {
                // A job that ends between the reading of its dataset and its own.
                ("PREPARING", "QUEUED" | "RUNNING" | "SUCCEEDED" | "FAILED") => {
                    self.model.jobs.contains_key(&shown.job) && dataset.stage == Stage::Preparing
                }
                ("AVAILABLE", "SUCCEEDED") => dataset.stage != Stage::Failed,
                ("FAILED", "FAILED") => dataset.stage != Stage::Whole,
                _ => false,
            };
            if !fits {
                self.lose(&format!("{id} shows as {shown:?}, but was {:?}", dataset.stage));
            }
        }
    }

    /// The request that was not answered is done wholly or not at all: finds out which.
    fn settle(&mut self, wire: &Wire) -> Result<(), Gone> {
        let doubt = self.model.doubt.clone();
        let listed = self.list(wire)?;
        let mut new_jobs = self.new_jobs(wire)?;
        let mut take_job =
            |kind: &str| new_jobs.iter().position(|(_, each)| each == kind).map(|at| new_jobs.remove(at).0);
        let named = |name: &String| listed.iter().find(|(_, each)| each.name == *name);
        match doubt {
            None | Some(Doubt::Chunk | Doubt::Cancel) => {}
            Some(Doubt::CreateUpload) => self.model.lost_uploads += 1,
            Some(Doubt::EndUpload { upload }) => {
                if self.offset(wire, &upload)?.is_none() {
                    self.model.uploads.remove(&upload);
                }
            }
            Some(Doubt::ImportDataset { upload, name, content }) => {
                if let Some((id, shown)) = named(&name) {
                    take_job("IMPORT");
                    self.model.uploads.remove(&upload);
                    self.model.datasets.insert(id.clone(), Dataset::preparing(&name));
                    self.begin_job(&shown.job, Effect::Import { dataset: id.clone(), content });
                }
            }
            Some(Doubt::ImportAnnotationSet { upload, dataset, set }) => {
                if let Some(job) = take_job("IMPORT") {
                    self.model.uploads.remove(&upload);
                    self.begin_job(&job, Effect::AnnotationSet { dataset, set });
                }
            }
            Some(Doubt::Combine { name, combination }) => {
                if let Some((id, shown)) = named(&name) {
                    take_job("COMBINE");
                    self.model.datasets.insert(id.clone(), Dataset::preparing(&name));
                    self.begin_job(&shown.job, Effect::Combine { dataset: id.clone(), combination });
                }
            }
            Some(Doubt::Export { dataset }) => {
                if let Some(job) = take_job("EXPORT") {
                    self.begin_job(&job, Effect::Export { dataset });
                }
            }
            Some(Doubt::Delete { dataset }) => {
                if let Some(job) = take_job("DELETE") {
                    self.model.forget_dataset(&dataset);
                    self.begin_job(&job, Effect::Delete);
                }
            }
            Some(Doubt::Rename { dataset, name }) => {
                if listed.get(&dataset).is_some_and(|shown| shown.name == name)
                    && let Some(dataset) = self.model.datasets.get_mut(&dataset)
                {
                    dataset.name = name;
                }
            }
            Some(inside) => self.settle_inside(wire, inside)?,
        }
        if !new_jobs.is_empty() {
            self.lose(&format!("nobody asked for the jobs {new_jobs:?}"));
        }
        self.model.doubt = None;
        self.check_listed(&listed);
        for upload in self.model.uploads.keys().cloned().collect::<Vec<_>>() {
            self.look_at_upload(wire, &upload)?;
        }
        Ok(())
    }

    /// What changes inside one dataset.
    fn settle_inside(&mut self, wire: &Wire, doubt: Doubt) -> Result<(), Gone> {
        let id = match &doubt {
            Doubt::CreateSet { dataset, .. }
            | Doubt::Annotate { dataset, .. }
            | Doubt::DeleteSet { dataset, .. }
            | Doubt::Register { dataset, .. }
            | Doubt::Remove { dataset, .. } => dataset.clone(),
            _ => return Ok(()),
        };
        let seen = self.read_whole(wire, &id)?;
        let Some(dataset) = self.model.datasets.get_mut(&id) else { return Ok(()) };
        match doubt {
            Doubt::CreateSet { name, .. } => {
                let made = seen.sets.iter().find(|(id, set)| !dataset.sets.contains_key(*id) && set.name == name);
                if let Some((id, set)) = made.filter(|(_, set)| set.boxes.is_empty()) {
                    dataset.sets.insert(id.clone(), set.clone());
                }
            }
            Doubt::Annotate { set, boxes, .. } => {
                let mut after = dataset.sets.get(&set).cloned();
                if let Some(after) = &mut after {
                    after.boxes.extend(boxes);
                }
                if let Some(after) = after.filter(|after| seen.sets.get(&set) == Some(after)) {
                    dataset.sets.insert(set, after);
                }
            }
            Doubt::DeleteSet { set, .. } if !seen.sets.contains_key(&set) => drop(dataset.sets.remove(&set)),
            Doubt::Register { name, .. } => {
                let made = seen.derivatives.iter().find(|(_, each)| **each == name);
                dataset.derivatives.extend(made.map(|(id, name)| (id.clone(), name.clone())));
            }
            Doubt::Remove { derivative, .. } if !seen.derivatives.contains_key(&derivative) => {
                dataset.derivatives.remove(&derivative);
            }
            _ => {}
        }
        Ok(())
    }

    /// Jobs that no answer told of: id and kind.
    fn new_jobs(&self, wire: &Wire) -> Result<Vec<(String, String)>, Gone> {
        let found =
            self.ask(wire.ask("{ jobs(first: 100) { nodes { id kind } } }", Value::Null))?["jobs"]["nodes"].take();
        let jobs = found.as_array().into_iter().flatten().map(|job| (string(&job["id"]), string(&job["kind"])));
        Ok(jobs.filter(|(id, _)| !self.model.known_jobs.contains(id)).collect())
    }

    /// Bytes that the server says to have; `None`: it has no such upload.
    fn offset(&self, wire: &Wire, id: &str) -> Result<Option<usize>, Gone> {
        let reply = self.ask(wire.send("HEAD", &format!("/uploads/{id}"), &[("tus-resumable", "1.0.0")], b""))?;
        match reply.status {
            200 => Ok(reply.header("upload-offset").parse().ok()),
            404 => Ok(None),
            status => self.lose(&format!("{id} answers HEAD with {status}")),
        }
    }

    /// Not less than was acknowledged, and not more than was sent.
    pub fn look_at_upload(&mut self, wire: &Wire, id: &str) -> Result<(), Gone> {
        let offset = self.offset(wire, id)?;
        let Some(upload) = self.model.uploads.get_mut(id) else { return Ok(()) };
        match offset {
            Some(offset) if (upload.acknowledged..=upload.sent).contains(&offset) => upload.acknowledged = offset,
            offset => {
                let (acknowledged, sent) = (upload.acknowledged, upload.sent);
                self.lose(&format!("{id} has {offset:?} bytes; {acknowledged} were acknowledged, {sent} sent"));
            }
        }
        Ok(())
    }

    /// Digests of all files that the datasets show, which are all that may be stored.
    pub fn needed_files(&self) -> BTreeSet<String> {
        self.model.datasets.values().flat_map(|dataset| dataset.images.values().cloned()).collect()
    }
}

fn has_plugin_finding(shown: &Value) -> bool {
    plugin_findings(shown).next().is_some()
}

/// Paths of what plugins died over.
fn plugin_findings(shown: &Value) -> impl Iterator<Item = &str> {
    let findings = shown["findings"]["nodes"].as_array().into_iter().flatten();
    let of_plugins = findings.filter(|each| each["code"].as_str().is_some_and(|code| code.starts_with("PLUGIN_")));
    of_plugins.map(|each| each["path"].as_str().unwrap_or_default())
}

/// What an import made else than it was to make; findings of plugins that were killed excuse what they name.
fn other_content(seen: &Seen, content: &Content, shown: &Value) -> Option<String> {
    let excused: BTreeSet<&str> = plugin_findings(shown).collect();
    let mut wanted = content.images.clone();
    wanted.retain(|path, _| !excused.contains(path.as_str()));
    if seen.images != wanted {
        return Some(format!("images {}; {shown}", difference(&seen.images, &wanted)));
    }
    let boxes = seen.sets.values().next().map(|set| &set.boxes);
    let is_as_wanted = boxes == content.boxes.as_ref() && seen.sets.len() <= 1;
    (!is_as_wanted && excused.is_empty()).then(|| format!("sets {:?}, not {:?}; {shown}", seen.sets, content.boxes))
}

/// What one has and the other has not.
fn difference(seen: &BTreeMap<String, String>, wanted: &BTreeMap<String, String>) -> String {
    let lacks: Vec<_> = wanted.iter().filter(|(path, file)| seen.get(*path) != Some(*file)).collect();
    let more: Vec<_> = seen.iter().filter(|(path, file)| wanted.get(*path) != Some(*file)).collect();
    format!("lack {lacks:?} and have {more:?}")
}

fn other_combination(seen: &Seen, combination: &Combination) -> Option<String> {
    let made = combined(&seen.images, seen.sets.values().next().map(|set| &set.boxes));
    let is_as_wanted = match combination.is_exact {
        true => made == combination.images,
        false => made.len() == combination.images.iter().map(|(sha256, _)| frames(sha256)).sum::<usize>(),
    };
    (!is_as_wanted).then(|| format!("{made:?}, not {:?}", combination.images))
}

/// SHA-256 of every file of an archive.
fn digests(archive: &[u8]) -> Vec<String> {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(archive)).expect("an export is a zip archive");
    let count = zip.len();
    let digest = |index| {
        let mut bytes = Vec::new();
        zip.by_index(index).and_then(|mut entry| Ok(entry.read_to_end(&mut bytes)?)).expect("an entry can be read");
        sha256(&bytes)
    };
    (0..count).map(digest).collect()
}
