//! What one user was told: everything that the server acknowledged, and the one request that it may not have answered.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Boxes of the images that a set covers, by path; each box as a line of text.
pub type Annotations = BTreeMap<String, Vec<String>>;

/// What a dataset is to hold: paths with the SHA-256 of their files, and the boxes of the set that comes with it, if any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    pub images: BTreeMap<String, String>,
    pub boxes: Option<Annotations>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    pub name: String,
    pub boxes: Annotations,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Preparing,
    Whole,
    Failed,
}

#[derive(Debug, Clone)]
pub struct Dataset {
    pub name: String,
    pub stage: Stage,
    pub images: BTreeMap<String, String>,
    pub image_ids: BTreeMap<String, String>,
    pub sets: BTreeMap<String, Set>,
    /// Names by id.
    pub derivatives: BTreeMap<String, String>,
}

impl Dataset {
    pub fn preparing(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            stage: Stage::Preparing,
            images: BTreeMap::new(),
            image_ids: BTreeMap::new(),
            sets: BTreeMap::new(),
            derivatives: BTreeMap::new(),
        }
    }
}

/// What a combination is to hold: the SHA-256 and the boxes of each image, sorted. Paths are the server's choice.
#[derive(Debug, Clone)]
pub struct Combination {
    pub images: Vec<(String, Option<Vec<String>>)>,
    /// Ids of the datasets that it is made from.
    pub sources: Vec<String>,
    /// False where DICOM becomes PNG, of which only the number is known.
    pub is_exact: bool,
}

/// What a job makes when it succeeds.
#[derive(Debug, Clone)]
pub enum Effect {
    Import { dataset: String, content: Content },
    AnnotationSet { dataset: String, set: Set },
    Combine { dataset: String, combination: Combination },
    Export { dataset: String },
    Delete,
}

impl Effect {
    /// Whether the job makes, adds to or reads this dataset.
    pub fn works_with(&self, id: &str) -> bool {
        let is_source = match self {
            Self::Combine { combination, .. } => combination.sources.iter().any(|source| source == id),
            _ => false,
        };
        is_source || self.dataset() == Some(id)
    }

    /// The dataset that the job makes, adds to or exports.
    pub fn dataset(&self) -> Option<&str> {
        match self {
            Self::Import { dataset, .. }
            | Self::AnnotationSet { dataset, .. }
            | Self::Combine { dataset, .. }
            | Self::Export { dataset } => Some(dataset),
            Self::Delete => None,
        }
    }
}

#[derive(Debug, Clone)]
pub struct Job {
    pub effect: Effect,
    pub may_be_cancelled: bool,
}

/// What an upload is sent for.
#[derive(Debug, Clone)]
pub enum Purpose {
    Dataset(Content),
    AnnotationSet { dataset: String, boxes: Annotations },
}

#[derive(Debug, Clone)]
pub struct Upload {
    pub bytes: Arc<Vec<u8>>,
    /// Bytes that the server said it has.
    pub acknowledged: usize,
    /// Bytes that were sent, answered or not.
    pub sent: usize,
    pub purpose: Purpose,
}

/// A request without an answer: done wholly or not at all.
#[derive(Debug, Clone)]
pub enum Doubt {
    CreateUpload,
    Chunk,
    EndUpload { upload: String },
    ImportDataset { upload: String, name: String, content: Content },
    ImportAnnotationSet { upload: String, dataset: String, set: Set },
    Combine { name: String, combination: Combination },
    Export { dataset: String },
    Delete { dataset: String },
    CreateSet { dataset: String, name: String },
    Annotate { dataset: String, set: String, boxes: Annotations },
    DeleteSet { dataset: String, set: String },
    Rename { dataset: String, name: String },
    Register { dataset: String, name: String },
    Remove { dataset: String, derivative: String },
    Cancel,
}

#[derive(Debug, Default)]
pub struct Model {
    pub datasets: BTreeMap<String, Dataset>,
    pub uploads: BTreeMap<String, Upload>,
    /// Jobs that have not been seen to end.
    pub jobs: BTreeMap<String, Job>,
    pub known_jobs: BTreeSet<String>,
    /// Exports that can be downloaded, with their datasets.
    pub exports: BTreeMap<String, String>,
    pub doubt: Option<Doubt>,
    /// Uploads that may be there though nobody knows their ids.
    pub lost_uploads: usize,
}

impl Model {
    pub fn add_job(&mut self, id: &str, effect: Effect) {
        self.known_jobs.insert(id.to_owned());
        self.jobs.insert(id.to_owned(), Job { effect, may_be_cancelled: false });
    }

    /// Datasets that are whole and that no job works with.
    pub fn idle(&self) -> Vec<String> {
        let is_busy = |id: &str| self.jobs.values().any(|job| job.effect.works_with(id));
        self.whole().into_iter().filter(|id| !is_busy(id)).collect()
    }

    pub fn whole(&self) -> Vec<String> {
        let whole = self.datasets.iter().filter(|(_, each)| each.stage == Stage::Whole);
        whole.map(|(id, _)| id.clone()).collect()
    }

    pub fn forget_dataset(&mut self, id: &str) {
        self.datasets.remove(id);
        self.exports.retain(|_, dataset| dataset != id);
    }
}
