//! From paths as a document writes them to images of the archive.

use super::documents::ReadDocument;
use super::images::{ReadImage, ReadImages};
use crate::domain::findings::{Finding, FindingLog};
use crate::domain::path_match::{PathIndex, PathMatch, Paths, plain_path};
use lightbox_sdk::{Batch, ImageRef};
use std::collections::HashMap;
use std::sync::Arc;

/// Looks paths up, and remembers which image stands where in the set that is being put together.
pub struct Matcher {
    read: Arc<ReadImages>,
    index: PathIndex<Arc<ReadImages>>,
    /// Paths of files that cannot be used as images, by their last part.
    refused: HashMap<String, Vec<String>>,
    place_of: HashMap<usize, u32>,
    position_of: HashMap<String, u32>,
}

impl Paths for Arc<ReadImages> {
    fn each(&self) -> impl Iterator<Item = &str> {
        self.images.iter().map(|image| image.new.path.as_str())
    }
}

impl Matcher {
    pub fn new(read: Arc<ReadImages>, extensions: Vec<String>) -> Self {
        let index = PathIndex::new(read.clone(), extensions);
        let mut refused: HashMap<String, Vec<String>> = HashMap::new();
        for path in &read.refused {
            refused.entry(last_part(path).to_owned()).or_default().push(path.clone());
        }
        Self { read, index, refused, place_of: HashMap::new(), position_of: HashMap::new() }
    }

    /// The next documents make another set.
    pub fn begin_set(&mut self) {
        self.place_of.clear();
        self.position_of.clear();
    }
}

/// Adds a document's annotations to a batch whose images are images of the archive: `path` and size are theirs, and
/// `line` is the image's index. Rows that name no image become findings.
pub fn match_images(matcher: &mut Matcher, document: ReadDocument, batch: &mut Batch, log: &mut FindingLog) {
    let Matcher { read, index: paths, refused, place_of, position_of } = matcher;
    let folder = document.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let given = document.imported.batch;
    let label_of = unite_labels(batch, position_of, &given.labels);
    let mut images = Vec::with_capacity(given.images.len());
    let mut has_annotation = vec![false; given.images.len()];
    for each in &given.image {
        has_annotation[*each as usize] = true;
    }
    for (number, image) in given.images.iter().enumerate() {
        let found = paths.find(&image.path, folder);
        if let PathMatch::OneWithoutCase(index) = found {
            let message = format!("{:?} fits {} only without regard to case", image.path, read.images[index].new.path);
            log.push(Finding::warning("PATH_CASE", message).in_file(&document.path).at_line(image.line));
        }
        let place = match found {
            PathMatch::One(index) | PathMatch::OneWithoutCase(index) => {
                Ok(*place_of.entry(index).or_insert_with(|| add_image(batch, index, &read.images[index])))
            }
            PathMatch::Several => Err(ambiguous(image)),
            PathMatch::Nothing => Err(missing(image, refused, folder)),
        };
        if let (Err(finding), false) = (&place, has_annotation[number]) {
            log.push(finding.clone().in_file(&document.path).at_line(image.line));
        }
        images.push(place);
    }
    for index in 0..given.len() {
        match &images[given.image[index] as usize] {
            Ok(place) => add_annotation(batch, &given, index, *place, label_of[given.label[index] as usize]),
            Err(finding) => log.push(finding.clone().in_file(&document.path).at_line(given.line[index])),
        }
    }
}

/// Labels of several documents unite by exact name.
fn unite_labels(batch: &mut Batch, position_of: &mut HashMap<String, u32>, labels: &[String]) -> Vec<u32> {
    let mut position = |name: &String| {
        *position_of.entry(name.clone()).or_insert_with(|| {
            batch.labels.push(name.clone());
            batch.labels.len() as u32 - 1
        })
    };
    labels.iter().map(&mut position).collect()
}

fn add_image(batch: &mut Batch, index: usize, image: &ReadImage) -> u32 {
    let (width, height) = (image.new.width, image.new.height);
    batch.images.push(ImageRef { path: image.new.path.clone(), width, height, line: index as u32 });
    batch.images.len() as u32 - 1
}

fn add_annotation(batch: &mut Batch, given: &Batch, index: usize, image: u32, label: u32) {
    batch.push_from(given, index);
    if let (Some(last_image), Some(last_label)) = (batch.image.last_mut(), batch.label.last_mut()) {
        (*last_image, *last_label) = (image, label);
    }
}

fn ambiguous(image: &ImageRef) -> Finding {
    let message = format!("{:?} fits several images of the archive: write the whole path", image.path);
    Finding::error("AMBIGUOUS_PATH", message)
}

fn last_part(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn missing(image: &ImageRef, refused: &HashMap<String, Vec<String>>, folder: &str) -> Finding {
    let path = plain_path(&image.path);
    let below = format!("{folder}/{path}");
    let tail = format!("/{path}");
    let mut named_so = refused.get(last_part(&path)).into_iter().flatten();
    let refused = named_so.any(|each| *each == path || *each == below || each.ends_with(&tail));
    let hint = [(';', "semicolons"), ('\t', "tabs")].into_iter().find(|(separator, _)| image.path.contains(*separator));
    let message = match (refused, hint) {
        _ if path.is_empty() => "the path is empty: name an image of the archive".to_owned(),
        (true, _) => format!("{:?} is in the archive, but cannot be used as an image", image.path),
        (false, Some((_, name))) => format!("{:?} is not in the archive ({name} instead of commas?)", image.path),
        (false, None) => format!("{:?} is not in the archive", image.path),
    };
    Finding::error("MISSING_IMAGE", message)
}
