//! Which files of a bundle are YOLO's, and which image each label file belongs to.

use super::names::{Sources, is_list_of_names, text};
use super::row::looks_like_row;
use crate::stem::{extension, file_name, folder, without_extension};
use lightbox_sdk::bundle::BundledFile;
use std::collections::{HashMap, HashSet};

const LABELS: &str = "labels";
const IMAGES: &str = "images";
/// Extensions of files that are no images, even when they are empty.
const TEXTS: [&str; 7] = ["txt", "yaml", "yml", "names", "data", "labels", "csv"];

/// A bundle looked through.
pub(super) struct Layout<'b> {
    pub(super) sources: Sources<'b>,
    pub(super) labels: Vec<LabelFile<'b>>,
    /// Files that list images, such as `train.txt`.
    pub(super) lists: Vec<&'b str>,
    /// Images that belong to the set though they have no label file: those that a list names, and those beside others
    /// that have one.
    pub(super) unlabelled: Vec<&'b BundledFile<'b>>,
}

pub(super) struct LabelFile<'b> {
    pub(super) file: &'b BundledFile<'b>,
    pub(super) image: Pairing<'b>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Pairing<'b> {
    Image(&'b BundledFile<'b>),
    /// Images of the same name with different extensions.
    Several,
    Missing,
}

/// Looks through a bundle. A text is a label file if its first row is one by its looks, or if it lies in a folder
/// `labels`; outside of one it must lie beside its image too.
pub(super) fn find<'b>(files: &'b [BundledFile<'b>]) -> Layout<'b> {
    let sources = Sources::find(files);
    let images = Images::of(files);
    let of_names: HashSet<&str> = sources.all.iter().map(|source| source.path).collect();
    let texts = files.iter().filter(|file| extension(&file.path) == "txt" && !file.is_image());
    let texts = texts.filter(|file| !of_names.contains(&*file.path) && !is_list_of_names(&file.path));
    let (mut labels, mut lists, mut listed) = (Vec::new(), Vec::new(), Vec::new());
    for file in texts {
        let image = images.pair(&file.path);
        if is_label_file(file, image) {
            labels.push(LabelFile { file, image });
        } else if let Some(named) = images.listed_in(file) {
            lists.push(&*file.path);
            listed.extend(named);
        }
    }
    let unlabelled = images.unlabelled(&labels, listed);
    Layout { sources, labels, lists, unlabelled }
}

fn is_label_file(file: &BundledFile<'_>, image: Pairing<'_>) -> bool {
    let in_folder = parts(&file.path).any(|part| part.eq_ignore_ascii_case(LABELS));
    let is_paired = !matches!(image, Pairing::Missing);
    let first = text(file).unwrap_or_default().lines().find(|line| !line.trim().is_empty());
    match first {
        None => is_paired,
        Some(line) if looks_like_row(line) => in_folder || is_paired,
        Some(_) => in_folder && is_paired,
    }
}

/// Folders of a path.
fn parts(path: &str) -> impl Iterator<Item = &str> {
    folder(path).split('/')
}

/// The images of a bundle, by their paths without extension.
struct Images<'b> {
    all: Vec<&'b BundledFile<'b>>,
    by_stem: HashMap<&'b str, Pairing<'b>>,
    by_name: HashMap<&'b str, Pairing<'b>>,
    by_path: HashMap<&'b str, &'b BundledFile<'b>>,
}

impl<'b> Images<'b> {
    fn of(files: &'b [BundledFile<'b>]) -> Self {
        let is_image = |file: &&BundledFile<'_>| {
            file.is_image() || (file.bytes.is_empty() && !TEXTS.contains(&extension(&file.path).as_str()))
        };
        let all: Vec<&BundledFile<'b>> = files.iter().filter(is_image).collect();
        let (mut by_stem, mut by_name) = (HashMap::new(), HashMap::new());
        for image in &all {
            let stem = without_extension(&image.path);
            let once = |map: &mut HashMap<&'b str, Pairing<'b>>, key: &'b str| {
                map.entry(key).and_modify(|pairing| *pairing = Pairing::Several).or_insert(Pairing::Image(image));
            };
            once(&mut by_stem, stem);
            once(&mut by_name, file_name(stem));
        }
        let by_path = all.iter().map(|image| (&*image.path, *image)).collect();
        Self { all, by_stem, by_name, by_path }
    }

    /// In the folder `images` where the file is in `labels`, beside the file, above `labels`; else the only image of
    /// that name.
    fn pair(&self, path: &str) -> Pairing<'b> {
        let stem = without_extension(path);
        let parts: Vec<&str> = stem.split('/').collect();
        let folders = parts.len().saturating_sub(1);
        let places =
            (0..folders).rev().filter(|at| parts.get(*at).is_some_and(|part| part.eq_ignore_ascii_case(LABELS)));
        let mut candidates = Vec::new();
        for at in places {
            let (before, after) = (parts.get(..at).unwrap_or_default(), parts.get(at + 1..).unwrap_or_default());
            candidates.push([before, &[IMAGES], after].concat().join("/"));
            candidates.push([before, &["Images"], after].concat().join("/"));
            candidates.push([before, after].concat().join("/"));
        }
        candidates.insert(0, stem.to_owned());
        let found = candidates.iter().find_map(|candidate| self.by_stem.get(candidate.as_str()));
        found.or_else(|| self.by_name.get(file_name(stem))).copied().unwrap_or(Pairing::Missing)
    }

    /// The images that a text names line by line; `None` for a text that does not.
    fn listed_in(&self, list: &BundledFile<'_>) -> Option<Vec<&'b BundledFile<'b>>> {
        let place = folder(&list.path);
        let lines = text(list)?.lines().map(str::trim).filter(|line| !line.is_empty());
        let mut found = Vec::new();
        for line in lines {
            let line = line.replace('\\', "/");
            let line = line.trim_start_matches("./");
            if line.split_ascii_whitespace().count() != 1 && !self.by_path.contains_key(line) {
                return None;
            }
            let near = line.strip_prefix("data/").unwrap_or(line);
            let beside = |path: &str| if place.is_empty() { path.to_owned() } else { format!("{place}/{path}") };
            let image =
                [beside(line), beside(near), line.to_owned()].iter().find_map(|path| self.by_path.get(path.as_str()));
            found.extend(image.copied());
        }
        (!found.is_empty()).then_some(found)
    }

    fn unlabelled(&self, labels: &[LabelFile<'b>], listed: Vec<&'b BundledFile<'b>>) -> Vec<&'b BundledFile<'b>> {
        let labelled: HashSet<&str> = labels
            .iter()
            .filter_map(|label| match label.image {
                Pairing::Image(image) => Some(&*image.path),
                _ => None,
            })
            .collect();
        let folders: HashSet<&str> = labelled.iter().map(|path| folder(path)).collect();
        let listed: HashSet<&str> = listed.into_iter().map(|image| &*image.path).collect();
        let belongs = |image: &&BundledFile<'_>| {
            !labelled.contains(&*image.path) && (listed.contains(&*image.path) || folders.contains(folder(&image.path)))
        };
        self.all.iter().copied().filter(|image| belongs(image)).collect()
    }
}

impl Layout<'_> {
    /// Paths of all files that are YOLO's.
    pub(super) fn paths(&self) -> Vec<String> {
        let labels = self.labels.iter().map(|label| &*label.file.path);
        let names = self.sources.all.iter().map(|source| source.path);
        let all = labels.chain(names).chain(self.sources.data_files.iter().copied()).chain(self.lists.iter().copied());
        let mut seen = HashSet::new();
        all.filter(|path| seen.insert(*path)).map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn describe(files: &[(&'static str, &'static str)]) -> (Vec<(String, String)>, Vec<String>) {
        let files: Vec<BundledFile<'_>> =
            files.iter().map(|(path, text)| BundledFile::new(*path, text.as_bytes())).collect();
        let layout = find(&files);
        let pairing = |pairing: &Pairing<'_>| match pairing {
            Pairing::Image(image) => image.path.to_string(),
            Pairing::Several => "several".to_owned(),
            Pairing::Missing => "missing".to_owned(),
        };
        let labels = layout.labels.iter().map(|label| (label.file.path.to_string(), pairing(&label.image))).collect();
        (labels, layout.unlabelled.iter().map(|image| image.path.to_string()).collect())
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(label, image)| ((*label).to_owned(), (*image).to_owned())).collect()
    }

    const ROW: &str = "0 0.5 0.5 0.1 0.1";

    #[test]
    fn label_files_find_their_images_in_every_layout() {
        let (labels, unlabelled) = describe(&[
            ("train/labels/1.txt", ROW),
            ("train/images/1.jpg", ""),
            ("train/images/2.jpg", ""),
            ("valid/labels/1.txt", ""),
            ("valid/images/1.png", ""),
            ("flat/3.txt", ROW),
            ("flat/3.png", ""),
            ("flat/readme.txt", "3 apples"),
            ("d/labels/4.txt", ROW),
            ("d/4.png", ""),
            ("labels/7.txt", ROW),
            ("JPEGImages/7.png", ""),
            ("labels/8.txt", ROW),
            ("labels/9.txt", ROW),
            ("images/9.png", ""),
            ("images/9.jpg", ""),
            ("other/10.png", ""),
        ]);
        let expected = [
            ("train/labels/1.txt", "train/images/1.jpg"),
            ("valid/labels/1.txt", "valid/images/1.png"),
            ("flat/3.txt", "flat/3.png"),
            ("d/labels/4.txt", "d/4.png"),
            ("labels/7.txt", "JPEGImages/7.png"),
            ("labels/8.txt", "missing"),
            ("labels/9.txt", "several"),
        ];
        assert_eq!((labels, unlabelled), (pairs(&expected), vec!["train/images/2.jpg".to_owned()]));
    }

    #[test]
    fn images_of_darknets_lists_belong_to_the_set() {
        let (labels, unlabelled) = describe(&[
            ("d/train.txt", "data/obj_train_data/1.jpg\ndata/far/2.jpg\n"),
            ("d/obj_train_data/1.txt", ROW),
            ("d/obj_train_data/1.jpg", ""),
            ("d/far/2.jpg", ""),
            ("d/far/3.jpg", ""),
        ]);
        assert_eq!(labels, pairs(&[("d/obj_train_data/1.txt", "d/obj_train_data/1.jpg")]));
        assert_eq!(unlabelled, ["d/far/2.jpg"]);
    }
}
