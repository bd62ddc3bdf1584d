//! What the paths of a command line are: archives, folders, images; each becomes a dataset, images one together.

use anyhow::{Context, bail};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Sent as it is.
    Archive(PathBuf),
    Folder(PathBuf),
    /// Images and annotation files, by their names alone.
    Files(Vec<PathBuf>),
}

impl Source {
    /// What the server sees as the file's name.
    pub fn filename(&self) -> String {
        match self {
            Self::Archive(path) => name_of(path).unwrap_or("archive.zip").to_owned(),
            _ => format!("{}.zip", self.folder_name().unwrap_or("images")),
        }
    }

    fn folder_name(&self) -> Option<&str> {
        match self {
            Self::Archive(_) => None,
            Self::Folder(path) => name_of(path),
            Self::Files(paths) => name_of(paths.first()?.parent()?),
        }
    }
}

fn name_of(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()
}

/// # Errors
/// For a path that is not there or cannot be read, and for two images of one name.
pub fn read(paths: &[PathBuf]) -> anyhow::Result<Vec<Source>> {
    let mut sources = Vec::new();
    let mut files = Vec::new();
    for path in paths {
        let path = std::fs::canonicalize(path).with_context(|| format!("cannot read {}", path.display()))?;
        if path.is_dir() {
            sources.push(Source::Folder(path));
        } else if is_archive(&path)? {
            sources.push(Source::Archive(path));
        } else {
            files.push(path);
        }
    }
    if !files.is_empty() {
        require_different_names(&files)?;
        sources.push(Source::Files(files));
    }
    Ok(sources)
}

/// By its first bytes: an entry, or the end of an archive without any.
fn is_archive(path: &Path) -> anyhow::Result<bool> {
    let cannot = || format!("cannot read {}", path.display());
    let mut head = Vec::with_capacity(4);
    File::open(path).with_context(cannot)?.take(4).read_to_end(&mut head).with_context(cannot)?;
    Ok(matches!(head.as_slice(), b"PK\x03\x04" | b"PK\x05\x06"))
}

fn require_different_names(files: &[PathBuf]) -> anyhow::Result<()> {
    let mut seen = std::collections::HashMap::new();
    for path in files {
        if let Some(other) = seen.insert(path.file_name(), path) {
            let (path, other) = (path.display(), other.display());
            bail!("{path} and {other} have one name: put them into a folder and import that");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives_and_folders_are_datasets_of_their_own_and_images_one_together() {
        let folder = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(folder.path()).unwrap();
        std::fs::create_dir(root.join("chest")).unwrap();
        std::fs::write(root.join("whole.zip"), b"PK\x03\x04...").unwrap();
        std::fs::write(root.join("no-zip.zip"), b"\x89PNG").unwrap();
        std::fs::write(root.join("a.png"), b"\x89PNG").unwrap();
        let paths = ["a.png", "chest", "whole.zip", "no-zip.zip"].map(|name| root.join(name));
        let sources = read(&paths).unwrap();
        let expected = [
            Source::Folder(root.join("chest")),
            Source::Archive(root.join("whole.zip")),
            Source::Files(vec![root.join("a.png"), root.join("no-zip.zip")]),
        ];
        assert_eq!(sources, expected);
        let names: Vec<_> = sources[..2].iter().map(Source::filename).collect();
        assert_eq!(names, ["chest.zip", "whole.zip"]);
    }

    #[test]
    fn two_images_of_one_name_are_refused_with_both_places() {
        let files = ["/a/x.png", "/b/x.png"].map(PathBuf::from);
        let error = require_different_names(&files).unwrap_err().to_string();
        assert!(error.contains("/a/x.png") && error.contains("/b/x.png"), "{error}");
    }

    #[test]
    fn a_path_that_is_not_there_is_named() {
        let error = read(&["nothing/here".into()]).unwrap_err();
        assert!(format!("{error:#}").contains("nothing/here"), "{error:#}");
    }
}
