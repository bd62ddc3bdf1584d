//! Where the classes of a label file get their names from: the nearest file of names above it.

use super::data_yaml;
use crate::stem::{extension, file_name, folder};
use lightbox_sdk::bundle::BundledFile;
use std::collections::{BTreeMap, HashMap};

/// A file of names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source<'b> {
    pub(super) path: &'b str,
    pub(super) names: BTreeMap<u32, String>,
    pub(super) has_keypoints: bool,
}

/// All files of names of a bundle.
#[derive(Debug, Default)]
pub(super) struct Sources<'b> {
    pub(super) all: Vec<Source<'b>>,
    /// Index into `all` of the one that counts in a folder.
    in_folder: HashMap<&'b str, usize>,
    /// Paths of Darknet's `.data` files, which name the others.
    pub(super) data_files: Vec<&'b str>,
}

impl<'b> Sources<'b> {
    /// Of several in a folder the first kind counts: `.yaml`, those that a `.data` names, `.names`, `classes.txt`.
    pub(super) fn find(files: &'b [BundledFile<'_>]) -> Self {
        let mut found = Self::default();
        let mut read = HashMap::new();
        let texts: HashMap<&str, &BundledFile<'_>> = files.iter().map(|file| (&*file.path, file)).collect();
        let yaml = |file: &BundledFile<'_>| matches!(extension(&file.path).as_str(), "yaml" | "yml");
        for file in files.iter().filter(|file| yaml(file)) {
            if let Some(yaml) = text(file).and_then(data_yaml::read) {
                let number = found.add(&file.path, yaml.names, yaml.has_keypoints);
                found.in_folder.entry(folder(&file.path)).or_insert(number);
            }
        }
        for file in files.iter().filter(|file| extension(&file.path) == "data") {
            let named = text(file).and_then(names_of_data).and_then(|named| find_named(&file.path, named, &texts));
            if let Some(named) = named {
                found.data_files.push(&file.path);
                found.add_lines(folder(&file.path), named, &mut read);
            }
        }
        for file in files.iter().filter(|file| is_list_of_names(&file.path)) {
            found.add_lines(folder(&file.path), file, &mut read);
        }
        found
    }

    /// Any number of `.data` files may name one list: it is read once.
    fn add_lines(&mut self, folder: &'b str, file: &'b BundledFile<'_>, read: &mut HashMap<&'b str, Option<usize>>) {
        let number = *read.entry(&*file.path).or_insert_with(|| {
            let lines = text(file).unwrap_or_default().lines().map(str::trim).filter(|line| !line.is_empty());
            let names: BTreeMap<u32, String> = (0..).zip(lines.map(str::to_owned)).collect();
            (!names.is_empty()).then(|| self.add(&file.path, names, false))
        });
        if let Some(number) = number {
            self.in_folder.entry(folder).or_insert(number);
        }
    }

    fn add(&mut self, path: &'b str, names: BTreeMap<u32, String>, has_keypoints: bool) -> usize {
        self.all.push(Source { path, names, has_keypoints });
        self.all.len() - 1
    }

    /// The one in the file's folder or the nearest above it; else the only one that there is.
    pub(super) fn of(&self, path: &str) -> Option<&Source<'b>> {
        let mut place = folder(path);
        loop {
            if let Some(index) = self.in_folder.get(place) {
                return self.all.get(*index);
            }
            if place.is_empty() {
                break;
            }
            place = folder(place);
        }
        if self.in_folder.len() == 1 { self.all.first() } else { None }
    }
}

/// A text without its byte-order mark; `None` for what is not UTF-8.
pub(super) fn text<'f>(file: &'f BundledFile<'_>) -> Option<&'f str> {
    str::from_utf8(&file.bytes).ok().map(|text| text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Whether a file of this name lists names, one a line.
pub(super) fn is_list_of_names(path: &str) -> bool {
    let name = file_name(path).to_ascii_lowercase();
    name == "classes.txt" || name == "_darknet.labels" || extension(path) == "names"
}

/// `names = …` of a `.data` file.
fn names_of_data(text: &str) -> Option<&str> {
    let entries = text.lines().filter_map(|line| line.split_once('='));
    entries.filter(|(key, _)| key.trim() == "names").map(|(_, path)| path.trim()).next()
}

/// Darknet's paths begin with `data/`, wherever the files lie.
fn find_named<'b>(data: &str, named: &str, files: &HashMap<&str, &'b BundledFile<'_>>) -> Option<&'b BundledFile<'b>> {
    let folder = folder(data);
    let beside = |path: &str| if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") };
    let named = named.trim_start_matches("./");
    [named, named.strip_prefix("data/").unwrap_or(named), file_name(named)]
        .into_iter()
        .find_map(|path| files.get(beside(path).as_str()).copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundle(files: &[(&'static str, &'static str)]) -> Vec<BundledFile<'static>> {
        files.iter().map(|(path, text)| BundledFile::new(*path, text.as_bytes())).collect()
    }

    #[test]
    fn the_nearest_file_of_names_counts() {
        let files = bundle(&[
            ("a/classes.txt", "x\n\ny\r\n"),
            ("a/data.yaml", "names: [cat]"),
            ("a/b/_darknet.labels", "dog"),
            ("notes.yaml", "author: me"),
        ]);
        let sources = Sources::find(&files);
        let name = |path: &str| sources.of(path).map(|source| source.path);
        assert_eq!(name("a/train/labels/1.txt"), Some("a/data.yaml"));
        assert_eq!(name("a/b/1.txt"), Some("a/b/_darknet.labels"));
        assert_eq!(name("c/1.txt"), None);
    }

    #[test]
    fn a_single_file_of_names_counts_everywhere_and_a_data_file_names_it() {
        let files = bundle(&[("d/obj.data", "classes = 2\nnames = data/list.txt\n"), ("d/list.txt", "x\ny\n")]);
        let sources = Sources::find(&files);
        let names = sources.of("other/1.txt").map(|source| source.names.values().cloned().collect::<Vec<_>>());
        assert_eq!(names, Some(vec!["x".to_owned(), "y".to_owned()]));
        assert_eq!(sources.data_files, ["d/obj.data"]);
    }

    #[test]
    fn a_list_that_many_files_name_is_read_once() {
        let files = bundle(&[
            ("d/train.data", "names = obj.names"),
            ("d/valid.data", "names = data/obj.names"),
            ("d/obj.names", "x\ny\n"),
            ("e/classes.txt", ""),
        ]);
        let sources = Sources::find(&files);
        assert_eq!(sources.all.iter().map(|source| source.path).collect::<Vec<_>>(), ["d/obj.names"]);
        assert_eq!(sources.of("elsewhere/1.txt").map(|source| source.path), Some("d/obj.names"));
        assert_eq!(sources.data_files, ["d/train.data", "d/valid.data"]);
    }
}
