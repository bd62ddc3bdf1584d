//! Which pictures of a bundle are masks, of which images, and where their classes are named.
//!
//! A dataset of ordinary PNG images must never be taken for masks: pictures are, if they lie in a folder with a name for
//! masks, and either a file beside them names the classes or every picture has an image of its name elsewhere.

use super::pairing::{Found, Pairing};
use crate::label_map::{self, Class, LABEL_MAP};
use crate::stem::{extension, file_name, folder, without_extension};
use lightbox_sdk::bundle::BundledFile;
use std::collections::{BTreeMap, HashMap, HashSet};

/// LabelMe's list of names; the number of a class is its line, from 0, which is `_background_`.
const CLASS_NAMES: &str = "class_names.txt";
const IGNORE: &str = "__ignore__";
const BACKGROUND: &str = "_background_";
const OBJECTS: &str = "SegmentationObject";

/// Names of folders of masks, in lower case, and whether the name alone says so.
const FOLDERS: [(&str, bool); 3] = [("segmentationclass", true), ("segmentationclasspng", true), ("masks", false)];

/// A bundle looked through.
pub(super) struct Layout<'b> {
    pub(super) groups: Vec<Group<'b>>,
    pub(super) indices: Vec<Index<'b>>,
}

/// A file that names classes.
pub(super) struct Index<'b> {
    pub(super) path: &'b str,
    /// By number.
    pub(super) classes: Vec<Class>,
}

/// The masks of one folder.
pub(super) struct Group<'b> {
    pub(super) masks: Vec<Mask<'b>>,
    /// Into [`Layout::indices`].
    pub(super) index: Option<usize>,
    /// The folder below that of the masks is the class, and the picture is that class's.
    pub(super) is_by_class: bool,
    /// Whether this is certainly a folder of masks.
    pub(super) confidence: u8,
}

pub(super) struct Mask<'b> {
    pub(super) file: &'b BundledFile<'b>,
    pub(super) class: Option<&'b str>,
    pub(super) image: Found<'b>,
    /// The picture of the same name that numbers objects.
    pub(super) objects: Option<&'b BundledFile<'b>>,
}

const CERTAIN: u8 = 90;
const BY_CLASS: u8 = 70;
const UNNAMED: u8 = 60;

/// Looks through a bundle.
pub(super) fn find<'b>(files: &'b [BundledFile<'b>]) -> Layout<'b> {
    let indices = indices(files);
    let of_indices: HashSet<&str> = indices.iter().map(|index| index.path).collect();
    let mut in_folder: BTreeMap<&str, Vec<Candidate<'b>>> = BTreeMap::new();
    let (mut images, mut objects) = (Vec::new(), HashMap::new());
    for file in files.iter().filter(|file| !of_indices.contains(&*file.path)) {
        match candidate(file) {
            Some(candidate) => in_folder.entry(candidate.root).or_default().push(candidate),
            None if is_object_picture(file) => {
                objects.insert(&*file.path, file);
            }
            None if file.is_image() || file.bytes.is_empty() => images.push(file),
            None => {}
        }
    }
    let pairing = Pairing::of(&images);
    let mut index_of: HashMap<&str, usize> = HashMap::new();
    for (number, index) in indices.iter().enumerate() {
        index_of.entry(folder(index.path)).or_insert(number);
    }
    let group = |(root, candidates): (&'b str, Vec<Candidate<'b>>)| {
        let near = index_of.get(root).or_else(|| index_of.get(folder(root)));
        group(root, candidates, near.copied(), &pairing, &objects)
    };
    let groups = in_folder.into_iter().map(group).collect();
    Layout { groups, indices }
}

/// A picture in a folder with a name for masks.
struct Candidate<'b> {
    file: &'b BundledFile<'b>,
    /// The folder of masks.
    root: &'b str,
    /// Path below it, without extension.
    name: &'b str,
    says_masks: bool,
}

fn candidate<'b>(file: &'b BundledFile<'b>) -> Option<Candidate<'b>> {
    if file.is_image() || extension(&file.path) != "png" {
        return None;
    }
    let mut start = 0;
    for part in folder(&file.path).split('/') {
        let end = start + part.len();
        if let Some((_, says_masks)) = FOLDERS.iter().find(|(name, _)| part.eq_ignore_ascii_case(name)) {
            let (root, below) = file.path.split_at_checked(end)?;
            let name = without_extension(below.strip_prefix('/')?);
            return Some(Candidate { file, root, name, says_masks: *says_masks });
        }
        start = end + 1;
    }
    None
}

fn is_object_picture(file: &BundledFile<'_>) -> bool {
    !file.is_image() && extension(&file.path) == "png" && folder(&file.path).split('/').any(|part| part == OBJECTS)
}

fn group<'b>(
    root: &'b str,
    candidates: Vec<Candidate<'b>>,
    index: Option<usize>,
    pairing: &Pairing<'b>,
    objects: &HashMap<&str, &'b BundledFile<'b>>,
) -> Group<'b> {
    let parent = folder(root);
    let is_image = |found: Found<'_>| matches!(found, Found::Image(_));
    let whole = candidates.iter().filter(|each| is_image(each.image(each.name, parent, pairing))).count();
    let below = |each: &Candidate<'b>| each.name.split_once('/');
    let by_class = |each: &Candidate<'b>| below(each).is_some_and(|(_, name)| is_image(pairing.beside(parent, name)));
    let is_by_class = whole == 0 && candidates.iter().any(by_class);
    let confidence = match () {
        () if is_by_class && candidates.iter().all(by_class) => BY_CLASS,
        () if is_by_class => 0,
        () if index.is_some() && whole > 0 => CERTAIN,
        () if is_one_to_one(&candidates, parent, pairing) => UNNAMED,
        () => 0,
    };
    let mask = |each: &Candidate<'b>| {
        let (class, name) = match below(each) {
            Some((class, name)) if is_by_class => (Some(class), name),
            _ => (None, each.name),
        };
        let own = format!("{parent}{}{OBJECTS}/{}.png", if parent.is_empty() { "" } else { "/" }, each.name);
        let image = each.image(name, parent, pairing);
        Mask { file: each.file, class, image, objects: objects.get(own.as_str()).copied() }
    };
    Group { masks: candidates.iter().map(mask).collect(), index, is_by_class, confidence }
}

impl Candidate<'_> {
    /// A folder that is merely called `masks` may be one of people with masks: there, the images must lie in a folder
    /// called so.
    fn image<'b>(&self, name: &str, parent: &str, pairing: &Pairing<'b>) -> Found<'b> {
        if self.says_masks { pairing.anywhere(parent, name) } else { pairing.beside(parent, name) }
    }
}

/// Whether every picture has an image, and each another.
fn is_one_to_one(candidates: &[Candidate<'_>], parent: &str, pairing: &Pairing<'_>) -> bool {
    let mut seen = HashSet::new();
    let is_new = |found| matches!(found, Found::Image(image) if seen.insert(&*image.path));
    candidates.iter().map(|each| each.image(each.name, parent, pairing)).all(is_new)
}

/// Files that name classes.
fn indices<'b>(files: &'b [BundledFile<'b>]) -> Vec<Index<'b>> {
    let read = |file: &'b BundledFile<'b>| {
        let read = match file_name(&file.path).to_ascii_lowercase().as_str() {
            LABEL_MAP => label_map::read,
            CLASS_NAMES => class_names,
            _ => return None,
        };
        let text = str::from_utf8(&file.bytes).ok()?;
        Some(Index { path: &file.path, classes: read(text.strip_prefix('\u{feff}').unwrap_or(text))? })
    };
    files.iter().filter_map(read).collect()
}

/// LabelMe begins its list with `__ignore__`, which has the number -1.
fn class_names(text: &str) -> Option<Vec<Class>> {
    let names = text.lines().map(str::trim_end).filter(|name| !name.is_empty());
    let mut names: Vec<&str> = names.collect();
    if names.first() == Some(&IGNORE) {
        names.remove(0);
    }
    let color = |name: &str| (name == BACKGROUND).then_some([0; 3]);
    let classes = names.into_iter().map(|name| Class { name: name.to_owned(), color: color(name) });
    let classes: Vec<Class> = classes.collect();
    (!classes.is_empty()).then_some(classes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For each folder of masks: how sure, by class or not, and the masks with their images.
    fn describe(paths: &[&'static str]) -> Vec<(u8, bool, Vec<String>)> {
        let text = |path: &&str| if path.ends_with("labelmap.txt") { "cat:1,2,3::" } else { "" };
        let files: Vec<BundledFile<'_>> =
            paths.iter().map(|path| BundledFile::new(*path, text(path).as_bytes())).collect();
        let mask = |mask: &Mask<'_>| match mask.image {
            Found::Image(image) => format!("{} {}", mask.file.path, image.path),
            _ => mask.file.path.to_string(),
        };
        let group = |group: &Group<'_>| (group.confidence, group.is_by_class, group.masks.iter().map(mask).collect());
        find(&files).groups.iter().map(group).collect()
    }

    #[test]
    fn folders_of_masks_are_known_with_an_index() {
        let found = describe(&[
            "d/labelmap.txt",
            "d/SegmentationClass/1.png",
            "d/SegmentationClass/2.png",
            "d/JPEGImages/1.jpg",
        ]);
        let masks = ["d/SegmentationClass/1.png d/JPEGImages/1.jpg", "d/SegmentationClass/2.png"].map(str::to_owned);
        assert_eq!(found, [(CERTAIN, false, masks.to_vec())]);
        assert_eq!(describe(&["e/labelmap.txt", "d/masks/1.png", "d/images/1.png", "d/masks/2.png"])[0].0, 0);
        assert_eq!(describe(&["labelmap.txt", "JPEGImages/masks/1.png", "JPEGImages/x/1.png"])[0].0, 0);
    }

    #[test]
    fn without_an_index_every_mask_must_have_its_image() {
        assert_eq!(describe(&["masks/1.png", "images/1.png"])[0].0, UNNAMED);
        assert_eq!(describe(&["masks/1.png", "masks/2.png", "images/1.png"])[0].0, 0);
        assert_eq!(describe(&["SegmentationClass/1.png", "photos/1.jpg"])[0].0, UNNAMED);
        assert_eq!(describe(&["masks/1.png", "faces/1.png"])[0].0, 0);
        assert_eq!(describe(&["masks/1.png"])[0].0, 0);
        assert!(describe(&["a/1.png", "b/1.png", "labelmap.txt"]).is_empty());
    }

    #[test]
    fn a_folder_a_class_is_known_by_its_images() {
        let found = describe(&["masks/cat/1.png", "masks/dog/1.png", "images/1.png"]);
        assert_eq!((found[0].0, found[0].1, found[0].2[0].as_str()), (BY_CLASS, true, "masks/cat/1.png images/1.png"));
        let split = describe(&["masks/train/1.png", "images/train/1.png"]);
        assert_eq!((split[0].0, split[0].1), (UNNAMED, false));
    }

    #[test]
    fn the_nearest_list_of_classes_counts_whatever_mark_it_begins_with() {
        let list = |path: &'static str, text: &'static str| BundledFile::new(path, text.as_bytes());
        let files = [
            list("class_names.txt", "far"),
            list("d/class_names.txt", "\u{feff}__ignore__\n_background_\nabove"),
            list("d/masks/class_names.txt", "beside"),
            list("d/masks/1.png", ""),
            list("d/SegmentationClass/1.png", ""),
        ];
        let layout = find(&files);
        let first = |group: &Group<'_>| group.index.map(|index| layout.indices[index].classes[0].name.as_str());
        assert_eq!(layout.groups.iter().map(first).collect::<Vec<_>>(), [Some("_background_"), Some("beside")]);
    }

    #[test]
    fn labelmes_list_begins_with_the_background() {
        let names =
            |text| class_names(text).map(|classes| classes.iter().map(|class| class.name.clone()).collect::<Vec<_>>());
        assert_eq!(names("__ignore__\n_background_\ncat\n"), Some(vec!["_background_".to_owned(), "cat".to_owned()]));
        assert_eq!(names("\n"), None);
    }
}
