//! Which image of an archive a row means: by the whole path, below the row's folder, in the folder `images` beside it (as
//! COCO's `annotations` and `images` lie), or by an unambiguous tail; then the same without file extension; then all of
//! it without regard to case.

use super::file_extension::find_stem;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

/// What a written path fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathMatch {
    /// Index of the image.
    One(usize),
    /// The same, but only without regard to case.
    OneWithoutCase(usize),
    /// It fits several images: no guess is made.
    Several,
    Nothing,
}

/// The image paths of one archive, in their order, wherever they are kept.
pub trait Paths {
    fn each(&self) -> impl Iterator<Item = &str>;
}

/// Paths ready to be looked up. Each kind of look-up is built when it is first needed.
pub struct PathIndex<P> {
    paths: P,
    extensions: Vec<String>,
    hasher: RandomState,
    stages: [Option<Stage>; 4],
}

/// Hash of a whole path or of a tail, to the one image that has it.
#[derive(Default)]
struct Stage {
    whole: HashMap<u64, Candidate>,
    tails: HashMap<u64, Candidate>,
}

#[derive(Clone, Copy)]
enum Candidate {
    One(u32),
    Several,
}

/// `./`, `\` and doubled slashes made plain.
pub fn plain_path(written: &str) -> String {
    let forward = written.trim().replace('\\', "/");
    let parts: Vec<&str> = forward.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    parts.join("/")
}

/// `written` as seen from the document's folder; `..` steps out of it, but never out of the archive.
pub fn beside(folder: &str, written: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    let plain = plain_path(written);
    for part in plain.split('/') {
        match part {
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// For a document in a folder `annotations`: the path below the folder `images` beside that.
fn images_beside(folder: &str, written: &str) -> Option<String> {
    let name = folder.rsplit('/').next().unwrap_or_default();
    name.eq_ignore_ascii_case("annotations").then(|| beside(folder, &format!("../images/{written}")))
}

impl<P: Paths> PathIndex<P> {
    /// `extensions`: those of images, lower case, without the dot.
    pub fn new(paths: P, extensions: Vec<String>) -> Self {
        Self { paths, extensions, hasher: RandomState::new(), stages: Default::default() }
    }

    /// `folder`: that of the document which writes the path, "" at the top of the archive.
    pub fn find(&mut self, written: &str, folder: &str) -> PathMatch {
        let path = plain_path(written);
        if path.is_empty() {
            return PathMatch::Nothing;
        }
        for (number, (without_extension, without_case)) in
            [(false, false), (true, false), (false, true), (true, true)].into_iter().enumerate()
        {
            let wanted = self.reduced(&path, without_extension, without_case);
            let below = self.reduced(&beside(folder, &path), without_extension, without_case);
            let in_images =
                images_beside(folder, &path).map(|path| self.reduced(&path, without_extension, without_case));
            match self.find_in_stage(number, [&wanted, &below, in_images.as_deref().unwrap_or(&wanted)]) {
                Some(Candidate::Several) => return PathMatch::Several,
                Some(Candidate::One(index)) if without_case => return PathMatch::OneWithoutCase(index as usize),
                Some(Candidate::One(index)) => return PathMatch::One(index as usize),
                None => {}
            }
        }
        PathMatch::Nothing
    }

    /// `wholes`: whole paths by precedence; the first is looked for as a tail too, when there is none of them.
    fn find_in_stage(&mut self, number: usize, wholes: [&str; 3]) -> Option<Candidate> {
        let stage = match self.stages[number].take() {
            Some(stage) => stage,
            None => self.build_stage(number % 2 == 1, number >= 2),
        };
        let look_up = |map: &HashMap<u64, Candidate>, text: &str| map.get(&self.hasher.hash_one(text)).copied();
        let whole = wholes.iter().find_map(|path| look_up(&stage.whole, path));
        let found = whole.or_else(|| look_up(&stage.tails, wholes[0]));
        self.stages[number] = Some(stage);
        found
    }

    fn build_stage(&self, without_extension: bool, without_case: bool) -> Stage {
        let mut stage = Stage::default();
        for (index, path) in self.paths.each().enumerate() {
            let path = self.reduced(path, without_extension, without_case);
            insert(&mut stage.whole, self.hasher.hash_one(path.as_str()), index);
            for (at, _) in path.match_indices('/') {
                insert(&mut stage.tails, self.hasher.hash_one(&path[at + 1..]), index);
            }
        }
        stage
    }

    fn reduced(&self, path: &str, without_extension: bool, without_case: bool) -> String {
        let path = if without_extension { self.without_extension(path) } else { path };
        if without_case { path.to_lowercase() } else { path.to_owned() }
    }

    fn without_extension<'p>(&self, path: &'p str) -> &'p str {
        find_stem(path, &self.extensions).unwrap_or(path)
    }
}

fn insert(map: &mut HashMap<u64, Candidate>, hash: u64, index: usize) {
    map.entry(hash).and_modify(|candidate| *candidate = Candidate::Several).or_insert(Candidate::One(index as u32));
}

#[cfg(test)]
mod tests {
    use super::*;
    use PathMatch::*;

    impl<const COUNT: usize> Paths for [&str; COUNT] {
        fn each(&self) -> impl Iterator<Item = &str> {
            self.iter().copied()
        }
    }

    #[test]
    fn a_written_path_finds_its_image_or_says_why_not() {
        let paths =
            ["ds/image/a.png", "ds/image/b.png", "other/b.png", "ds/C.dcm", "1.2.840", "d.jpg", "e/d.png", "f.nii.gz"];
        let mut index = PathIndex::new(paths, ["png", "jpg", "dcm", "nii", "nii.gz"].map(str::to_owned).to_vec());
        let table = [
            ("ds/image/a.png", "", One(0)),
            ("./ds\\image\\a.png", "", One(0)),
            ("image/a.png", "ds", One(0)),
            ("a.png", "", One(0)),
            ("b.png", "", Several),
            ("b.png", "other", One(2)),
            ("image/b", "", One(1)),
            ("ds/c.DCM", "", OneWithoutCase(3)),
            ("1.2.840.dcm", "", One(4)),
            ("d.jpg", "", One(5)),
            ("d", "", One(5)),
            ("f.nii.gz", "", One(7)),
            ("f", "", One(7)),
            ("f.nii", "", One(7)),
            ("missing.png", "", Nothing),
            ("../image/a.png", "ds/labels", One(0)),
            ("", "", Nothing),
            ("ng", "", Nothing),
        ];
        for (written, folder, expected) in table {
            assert_eq!(index.find(written, folder), expected, "{written:?} in {folder:?}");
        }
    }

    #[test]
    fn the_folder_of_images_beside_the_documents_one_comes_before_tails() {
        let mut index = PathIndex::new(["ds/images/a.png", "ds/images/x/a.png"], vec!["png".to_owned()]);
        assert_eq!(index.find("a.png", "ds/annotations"), One(0));
        assert_eq!(index.find("x/a.png", "ds/annotations"), One(1));
        assert_eq!(index.find("a.png", "ds/other"), Several);
        assert_eq!(index.find("a.png", "ds"), Several);
    }

    #[test]
    fn a_written_path_is_seen_from_the_documents_folder() {
        let table = [
            ("", "a.jpg", "a.jpg"),
            ("x/y", "../a.jpg", "x/a.jpg"),
            ("", "../../a.jpg", "a.jpg"),
            ("x", ".\\a.jpg", "x/a.jpg"),
        ];
        for (folder, written, expected) in table {
            assert_eq!(beside(folder, written), expected);
        }
    }
}
