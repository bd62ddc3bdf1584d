//! Files that the plugin reads: those of a folder that it claims, and those that it writes itself.

use super::bench::{Bench, Outcome};
use super::capability::Capability;
use super::subject::Subject;
use crate::plugin_host::answers::read_recognition;
use crate::plugin_host::task::{Answer, Parcel, Task};
use bytes::Bytes;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Files of the folder that are looked at.
const FILES: usize = 5_000;
/// Larger files are passed over: everything is tried many times.
const FILE_BYTES: u64 = 32 << 20;
/// Files that one capability is tried with, and so many are opened to find them.
const KEPT: usize = 12;
const TRIED: usize = 24;

/// A file that the plugin reads.
pub struct Sample {
    pub name: String,
    /// Of an annotation document; else empty.
    pub format: String,
    pub input: Arc<Parcel>,
}

/// What was found for one capability.
pub struct Found {
    /// The smallest first.
    pub samples: Vec<Sample>,
    /// Files of the folder that the plugin claims.
    pub claimed: usize,
    /// Files that were opened and refused, with what was said of the first.
    pub refused: usize,
    pub first_refusal: Option<String>,
    pub faults: Vec<String>,
    /// Whether there was a folder.
    pub has_folder: bool,
}

impl Found {
    pub const fn none() -> Self {
        Self { samples: Vec::new(), claimed: 0, refused: 0, first_refusal: None, faults: Vec::new(), has_folder: false }
    }

    /// Why there is nothing to try.
    pub fn lack(&self) -> String {
        if !self.has_folder {
            return "no file of this kind is known: give some with --samples DIR".to_owned();
        }
        let claimed = self.claimed;
        format!("the folder of samples has no file that can be read: {claimed} are claimed, none of those was read")
    }
}

struct Candidate {
    path: PathBuf,
    size_bytes: u64,
    format: String,
}

/// By the capability's id. `folder`: searched with all that is below.
///
/// # Errors
/// When the folder cannot be read.
pub fn find(subject: &Subject, folder: Option<&Path>) -> Result<BTreeMap<String, Found>, String> {
    let bench = subject.bench()?;
    let mut candidates = BTreeMap::new();
    if let Some(folder) = folder {
        for (path, size_bytes) in list(folder)? {
            claim(subject, &bench, &path, size_bytes, &mut candidates)?;
        }
    }
    let found = subject.capabilities.iter().map(|capability| {
        let candidates: Vec<Candidate> = candidates.remove(capability.id()).unwrap_or_default();
        let mut found = Found { has_folder: folder.is_some(), claimed: candidates.len(), ..Found::none() };
        found.samples.extend(written(&bench, capability));
        for candidate in spread(candidates) {
            if found.samples.len() < KEPT {
                try_one(&bench, capability, &candidate, &mut found);
            }
        }
        found.samples.sort_by_key(|sample| sample.input.bytes.len());
        (capability.id().to_owned(), found)
    });
    Ok(found.collect())
}

/// Files by size, then path.
fn list(folder: &Path) -> Result<Vec<(PathBuf, u64)>, String> {
    let told = |error| format!("the folder of samples {} cannot be read: {error}", folder.display());
    let (mut folders, mut files) = (vec![folder.to_owned()], Vec::new());
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).map_err(told)? {
            let entry = entry.map_err(told)?;
            let metadata = entry.metadata().map_err(told)?;
            if metadata.is_dir() {
                folders.push(entry.path());
            } else if metadata.is_file() && metadata.len() <= FILE_BYTES && files.len() < FILES {
                files.push((entry.path(), metadata.len()));
            }
        }
    }
    files.sort_by(|one, other| (one.1, &one.0).cmp(&(other.1, &other.0)));
    Ok(files)
}

/// Notes the file with those who say that it is theirs.
fn claim(
    subject: &Subject,
    bench: &Bench,
    path: &Path,
    size_bytes: u64,
    candidates: &mut BTreeMap<String, Vec<Candidate>>,
) -> Result<(), String> {
    let bytes =
        Bytes::from(std::fs::read(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?);
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut claims = Vec::new();
    if let Some(format) = surest(subject, bench, &name, &bytes) {
        claims.push((format, String::new()));
    }
    let input = Arc::new(Parcel::new(bytes));
    for capability in &subject.capabilities {
        if let Capability::Annotations(descriptor) = capability {
            let (id, format) = (descriptor.id.clone(), String::new());
            let task = Task::Recognise { annotation_type: id.clone(), name: name.clone(), format };
            let Outcome::Answered(answer) = bench.ask(&task, &input) else { continue };
            let recognised = first_part(answer).and_then(|part| read_recognition(&part).ok());
            claims.extend(recognised.filter(|said| said.confidence > 0).map(|said| (id, said.format)));
        }
    }
    for (id, format) in claims {
        let candidate = Candidate { path: path.to_owned(), size_bytes, format };
        candidates.entry(id).or_default().push(candidate);
    }
    Ok(())
}

/// The image format of the plugin that is surest of the file.
fn surest(subject: &Subject, bench: &Bench, name: &str, bytes: &Bytes) -> Option<String> {
    let head = bytes.slice(..bytes.len().min(lightbox_abi::LBX_PROBE_LEN));
    let task = Task::Probe { name: name.to_owned(), total_bytes: bytes.len() as u64 };
    let Outcome::Answered(answer) = bench.ask(&task, &Arc::new(Parcel::new(head))) else { return None };
    let sure = first_part(answer)?;
    let asked = sure.iter().zip(&subject.probed).filter(|(sure, _)| **sure > 0);
    asked.max_by_key(|(sure, _)| **sure).map(|(_, format)| format.clone())
}

/// Of all sizes, the largest among them.
fn spread(mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    let count = candidates.len();
    if count <= TRIED {
        return candidates;
    }
    let wanted: Vec<usize> = (0..TRIED).map(|index| index * (count - 1) / (TRIED - 1)).collect();
    candidates.sort_by_key(|candidate| candidate.size_bytes);
    let mut index = 0;
    candidates.retain(|_| {
        index += 1;
        wanted.binary_search(&(index - 1)).is_ok()
    });
    candidates
}

fn try_one(bench: &Bench, capability: &Capability, candidate: &Candidate, found: &mut Found) {
    let name = candidate.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let Ok(bytes) = std::fs::read(&candidate.path) else { return };
    let input = Arc::new(Parcel::new(bytes.into()));
    for task in capability.readings(&name, &candidate.format) {
        match bench.ask(&task, &input) {
            Outcome::Answered(_) => {}
            Outcome::Refused(error) => {
                found.refused += 1;
                found.first_refusal.get_or_insert_with(|| format!("{name}: {}", error.message));
                return;
            }
            Outcome::Broke(reason) => return found.faults.push(format!("{name}: {reason}")),
        }
    }
    found.samples.push(Sample { name, format: candidate.format.clone(), input });
}

/// Pictures that a format that writes writes of a slope of grey.
fn written(bench: &Bench, capability: &Capability) -> Vec<Sample> {
    let Capability::Image(descriptor) = capability else { return Vec::new() };
    if !descriptor.encodes {
        return Vec::new();
    }
    let sizes = [(1, 1), (16, 16), (67, 45)];
    let write = |(width, height)| {
        let Outcome::Answered(answer) = bench.ask(&encoding(&descriptor.id, width, height), &slope(width, height))
        else {
            return None;
        };
        let input = Arc::new(Parcel::new(first_part(answer)?));
        Some(Sample { name: format!("written {width} × {height}"), format: String::new(), input })
    };
    sizes.into_iter().filter_map(write).collect()
}

pub fn encoding(format: &str, width: u32, height: u32) -> Task {
    Task::Encode { format: format.to_owned(), width, height }
}

/// Grey pixels, no two neighbours alike.
pub fn slope(width: u32, height: u32) -> Arc<Parcel> {
    let pixels =
        (0..height).flat_map(|y| (0..width).map(move |x| (x.wrapping_mul(7) ^ y.wrapping_mul(13)).to_le_bytes()[0]));
    Arc::new(Parcel::new(pixels.collect::<Vec<u8>>().into()))
}

pub fn first_part(answer: Answer) -> Option<Bytes> {
    answer.parts.into_iter().next()
}
