//! Which image a mask picture belongs to, by its name.

use crate::stem::without_extension;
use lightbox_sdk::bundle::BundledFile;
use std::collections::HashMap;

/// Folders beside the one of the masks in which images lie.
const IMAGE_FOLDERS: [&str; 6] = ["images", "JPEGImages", "image", "imgs", "img", "Images"];

#[derive(Debug, Clone, Copy)]
pub(super) enum Found<'b> {
    Image(&'b BundledFile<'b>),
    Several,
    Nothing,
}

/// Images by whole paths and by their tails, with extension and without.
pub(super) struct Pairing<'b> {
    whole: HashMap<&'b str, Found<'b>>,
    tails: HashMap<&'b str, Found<'b>>,
}

impl<'b> Pairing<'b> {
    pub(super) fn of(images: &[&'b BundledFile<'b>]) -> Self {
        let (mut whole, mut tails) = (HashMap::new(), HashMap::new());
        for image in images {
            let stem = without_extension(&image.path);
            for path in [&*image.path, stem] {
                once(&mut whole, path, image);
                once(&mut tails, path, image);
                for (at, _) in path.match_indices('/') {
                    once(&mut tails, path.get(at + 1..).unwrap_or_default(), image);
                }
                if stem.len() == image.path.len() {
                    break;
                }
            }
        }
        Self { whole, tails }
    }

    /// In a folder of images beside that of the masks.
    pub(super) fn beside(&self, parent: &str, name: &str) -> Found<'b> {
        let folders = IMAGE_FOLDERS.iter().map(|folder| joined(parent, &format!("{folder}/{name}")));
        folders.filter_map(|path| self.whole.get(path.as_str()).copied()).next().unwrap_or(Found::Nothing)
    }

    /// In a folder of images beside that of the masks, in the folder above it, or the only one with this tail.
    pub(super) fn anywhere(&self, parent: &str, name: &str) -> Found<'b> {
        match self.beside(parent, name) {
            Found::Nothing => {}
            found => return found,
        }
        let above = self.whole.get(joined(parent, name).as_str());
        above.or_else(|| self.tails.get(name)).copied().unwrap_or(Found::Nothing)
    }
}

fn once<'b>(map: &mut HashMap<&'b str, Found<'b>>, key: &'b str, image: &'b BundledFile<'b>) {
    let same = |found: &Found<'_>| matches!(found, Found::Image(other) if other.path == image.path);
    map.entry(key)
        .and_modify(|found| {
            if !same(found) {
                *found = Found::Several;
            }
        })
        .or_insert(Found::Image(image));
}

fn joined(folder: &str, path: &str) -> String {
    if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_finds_its_image_or_none() {
        let paths = ["a/images/1.jpg", "b/2.jpg", "c/2.png", "d/x/3.png", "e/4.jpg", "e/4.png"];
        let files = paths.map(|path| BundledFile::image(path, 1, 1));
        let pairing = Pairing::of(&files.iter().collect::<Vec<_>>());
        let find = |parent, name| match pairing.anywhere(parent, name) {
            Found::Image(image) => image.path.to_string(),
            Found::Several => "several".to_owned(),
            Found::Nothing => "nothing".to_owned(),
        };
        let table = [
            ("a", "1", "a/images/1.jpg"),
            ("b", "2", "b/2.jpg"),
            ("z", "2", "several"),
            ("z", "x/3", "d/x/3.png"),
            ("z", "3", "d/x/3.png"),
            ("e", "4", "several"),
            ("e", "4.png", "e/4.png"),
            ("e", "5", "nothing"),
        ];
        for (parent, name, expected) in table {
            assert_eq!(find(parent, name), expected, "{name} from {parent}");
        }
        assert!(matches!(pairing.beside("b", "2"), Found::Nothing));
    }
}
