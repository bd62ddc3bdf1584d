//! New paths: `<source dataset>/<path>`, made unique, so that no two images can fall together.

use std::collections::HashSet;

/// One folder name for each source: its dataset's name, usable as a folder, told apart by a number.
pub fn folder_names(dataset_names: &[&str]) -> Vec<String> {
    let mut taken = HashSet::new();
    dataset_names
        .iter()
        .map(|name| {
            let plain = name.replace(['/', '\\'], "_");
            let plain = if plain == "." || plain == ".." { "_".to_owned() } else { plain };
            free(&mut taken, &plain, "")
        })
        .collect()
}

/// Gives out paths; a path that was given out before gets a number before its extension.
#[derive(Default)]
pub struct UniquePaths {
    taken: HashSet<String>,
}

impl UniquePaths {
    pub fn take(&mut self, folder: &str, path: &str) -> String {
        let whole = format!("{folder}/{path}");
        let (stem, extension) = split_extension(&whole);
        free(&mut self.taken, stem, extension)
    }
}

/// The path of a frame that became PNG: `a/b.dcm` becomes `a/b.png`, or `a/b.0003.png` for the fourth of several.
pub fn png_path(path: &str, frame: u32, frame_count: i64) -> String {
    let (stem, extension) = split_extension(path);
    let stem =
        if extension.eq_ignore_ascii_case(".dcm") || extension.eq_ignore_ascii_case(".dicom") { stem } else { path };
    if frame_count > 1 { format!("{stem}.{frame:04}.png") } else { format!("{stem}.png") }
}

fn split_extension(path: &str) -> (&str, &str) {
    let name_at = path.rfind('/').map_or(0, |at| at + 1);
    match path[name_at..].rfind('.') {
        Some(at) if at > 0 => path.split_at(name_at + at),
        _ => (path, ""),
    }
}

fn free(taken: &mut HashSet<String>, stem: &str, extension: &str) -> String {
    let mut candidate = format!("{stem}{extension}");
    let mut number = 2;
    while taken.contains(&candidate) {
        candidate = format!("{stem} ({number}){extension}");
        number += 1;
    }
    taken.insert(candidate.clone());
    candidate
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_plain_and_told_apart() {
        assert_eq!(folder_names(&["a/b", "x", "x", ".."]), ["a_b", "x", "x (2)", "_"]);
    }

    #[test]
    fn a_path_is_given_out_once() {
        let mut paths = UniquePaths::default();
        let given: Vec<String> = ["p/i.png", "p/i.png", "p.d/i", "p.d/i"].iter().map(|p| paths.take("s", p)).collect();
        assert_eq!(given, ["s/p/i.png", "s/p/i (2).png", "s/p.d/i", "s/p.d/i (2)"]);
    }

    #[test]
    fn a_frame_that_became_png_keeps_its_name() {
        let table = [
            ("a/b.dcm", 0, 1, "a/b.png"),
            ("a/b.DCM", 3, 9, "a/b.0003.png"),
            ("1.2.840", 0, 1, "1.2.840.png"),
            ("IM0001", 0, 2, "IM0001.0000.png"),
        ];
        for (path, frame, count, expected) in table {
            assert_eq!(png_path(path, frame, count), expected);
        }
    }
}
