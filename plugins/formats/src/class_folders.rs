//! Class folders: an image below `classes/<class>/` has that class. The document is made by the host: the archive's
//! image paths, one a line.

use crate::table::Table;
use crate::{class_counts, code};
use lightbox_sdk::{Call, Finding, Imported, Result};

/// Id of the document format.
pub const FORMAT: &str = "class-folders";
const FOLDER: &str = "classes";

/// What a path says of its image's class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place<'a> {
    /// In no folder `classes`.
    Elsewhere,
    /// In `classes` itself.
    NoClass,
    Class(&'a str),
}

/// Whether any path lies below a class folder.
pub fn has_class_folders(bytes: &[u8]) -> bool {
    paths(bytes).any(|path| matches!(str::from_utf8(path).map(place), Ok(Place::Class(_))))
}

/// One annotation for every image below a class folder; images elsewhere do not belong to the set.
///
/// # Errors
/// `Cancelled`, and `Limit` when the annotations take more than the call may return.
pub fn import(bytes: &[u8], call: &Call<'_>) -> Result<Imported> {
    let mut table = Table::default();
    for path in paths(bytes) {
        table.check(call)?;
        if let Some(finding) = read_path(path, &mut table) {
            table.findings.push(finding);
        }
    }
    let mut imported = table.into_imported(call)?;
    imported.findings.extend(class_counts::below_minimum(&imported.batch));
    Ok(imported)
}

fn read_path(path: &[u8], table: &mut Table) -> Option<Finding> {
    let Ok(path) = str::from_utf8(path) else {
        let message = "the path is not UTF-8, so its class is unknown";
        return Some(Finding::error(code::BAD_ENCODING, message).in_file(String::from_utf8_lossy(path)));
    };
    match place(path) {
        Place::Elsewhere => None,
        Place::Class(class) if class.trim().is_empty() => {
            Some(Finding::error(code::EMPTY_CLASS, "the name of the class folder is blank").in_file(path))
        }
        Place::Class(class) => {
            table.push(path, class, 0, 1);
            None
        }
        Place::NoClass => {
            let message =
                "the image lies in the folder of classes itself, not in the folder of one class: it gets none";
            Some(Finding::warning(code::NO_CLASS_FOLDER, message).in_file(path))
        }
    }
}

/// The class is the folder below the first folder named `classes` in any case.
fn place(path: &str) -> Place<'_> {
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    if !parts.any(|part| part.eq_ignore_ascii_case(FOLDER)) {
        return Place::Elsewhere;
    }
    match (parts.next(), parts.next()) {
        (Some(class), Some(_)) => Place::Class(class),
        (Some(_), None) => Place::NoClass,
        // A file that is itself named `classes`.
        (None, _) => Place::Elsewhere,
    }
}

fn paths(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes
        .split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .filter(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_below_classes_is_the_class() {
        let table = [
            ("Classes/RBC/a.png", Place::Class("RBC")),
            ("data/CLASSES/001/deep/a.png", Place::Class("001")),
            ("classes/classes/a.png", Place::Class("classes")),
            ("classes/a.png", Place::NoClass),
            ("image/a.png", Place::Elsewhere),
            ("image/classes", Place::Elsewhere),
            ("myclasses/RBC/a.png", Place::Elsewhere),
        ];
        for (path, expected) in table {
            assert_eq!(place(path), expected, "{path}");
        }
    }

    #[test]
    fn images_beside_the_class_folders_are_reported_and_others_left_alone() {
        let bytes = "Classes/白血球/a.png\nClasses/b.png\nimage/c.png\nClasses/ /d.png\r\n";
        let imported = import(bytes.as_bytes(), &Call::unlimited()).unwrap();
        assert_eq!(imported.batch.labels, ["白血球"]);
        assert_eq!((imported.batch.images.len(), imported.batch.line), (1, vec![0]));
        let places: Vec<_> = imported.findings.iter().map(|each| (each.code.as_str(), each.path.as_deref())).collect();
        assert_eq!(
            places[..2],
            [(code::NO_CLASS_FOLDER, Some("Classes/b.png")), (code::EMPTY_CLASS, Some("Classes/ /d.png")),]
        );
        assert!(has_class_folders(bytes.as_bytes()) && !has_class_folders(b"classes/b.png\nimage/c.png"));
    }
}
