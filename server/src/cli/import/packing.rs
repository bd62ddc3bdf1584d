//! From a source to one zip file: an archive is sent as it is, everything else is packed into a temporary file, stored
//! without compression, because images hardly shrink and the server unpacks them at once.

use super::sources::Source;
use anyhow::{Context, bail, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// A zip file that is ready to be sent; a temporary one goes with this.
pub struct Packed {
    pub path: PathBuf,
    pub filename: String,
    _temporary: Option<NamedTempFile>,
}

/// # Errors
/// For a file that cannot be read, or a name that is no Unicode text.
pub async fn pack(source: &Source) -> anyhow::Result<Packed> {
    let filename = source.filename();
    let entries = match source {
        Source::Archive(path) => return Ok(Packed { path: path.clone(), filename, _temporary: None }),
        Source::Folder(path) => list(path)?,
        Source::Files(paths) => paths.iter().map(|path| entry(path, path.parent())).collect::<anyhow::Result<_>>()?,
    };
    ensure!(!entries.is_empty(), "{filename} would be empty: no file is there");
    let temporary = tokio::task::spawn_blocking(move || write(&entries)).await??;
    Ok(Packed { path: temporary.path().to_owned(), filename, _temporary: Some(temporary) })
}

/// A file and its path in the archive.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    name: String,
    path: PathBuf,
}

fn entry(path: &Path, root: Option<&Path>) -> anyhow::Result<Entry> {
    let below = root.and_then(|root| path.strip_prefix(root).ok()).unwrap_or(path);
    let parts: Option<Vec<&str>> = below.iter().map(std::ffi::OsStr::to_str).collect();
    let Some(parts) = parts else { bail!("the name of {} is no Unicode text: rename it", path.display()) };
    Ok(Entry { name: parts.join("/"), path: path.to_owned() })
}

/// Every file below a folder, by name; folders that are links are not entered, so that none is entered for ever.
fn list(root: &Path) -> anyhow::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let cannot = || format!("cannot read {}", folder.display());
        for found in std::fs::read_dir(&folder).with_context(cannot)? {
            let found = found.with_context(cannot)?;
            let path = found.path();
            if found.file_type().with_context(cannot)?.is_dir() {
                folders.push(path);
            } else if path.is_file() {
                entries.push(entry(&path, Some(root))?);
            }
        }
    }
    entries.sort();
    Ok(entries)
}

fn write(entries: &[Entry]) -> anyhow::Result<NamedTempFile> {
    let temporary = tempfile::Builder::new().prefix("lightbox-").suffix(".zip").tempfile();
    let temporary = temporary.context("cannot make a temporary file")?;
    let style = ProgressStyle::with_template("Packing   {bar:40} {pos}/{len} files  {eta}")?;
    let progress = ProgressBar::new(entries.len() as u64).with_style(style);
    let mut zip = ZipWriter::new(BufWriter::with_capacity(1 << 20, temporary.as_file()));
    for entry in entries {
        let add = add(&mut zip, entry);
        add.with_context(|| format!("cannot pack {} into {}", entry.path.display(), temporary.path().display()))?;
        progress.inc(1);
    }
    zip.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
    progress.finish_and_clear();
    Ok(temporary)
}

fn add(zip: &mut ZipWriter<impl io::Write + io::Seek>, entry: &Entry) -> anyhow::Result<()> {
    let mut file = File::open(&entry.path)?;
    let is_large = file.metadata()?.len() >= u64::from(u32::MAX);
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored).large_file(is_large);
    zip.start_file(entry.name.as_str(), options)?;
    io::copy(&mut file, zip)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[tokio::test]
    async fn a_folder_is_packed_with_everything_below_it_and_nothing_above() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("chest");
        std::fs::create_dir_all(root.join("a/b")).unwrap();
        for (name, text) in [("label.csv", "x"), ("a/b/1.png", "one"), ("a/\u{e9}.png", "two")] {
            std::fs::write(root.join(name), text).unwrap();
        }
        let packed = pack(&Source::Folder(root)).await.unwrap();
        assert_eq!(packed.filename, "chest.zip");
        let mut zip = zip::ZipArchive::new(File::open(&packed.path).unwrap()).unwrap();
        let names: Vec<String> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
        assert_eq!(names, ["a/b/1.png", "a/\u{e9}.png", "label.csv"]);
        let mut text = String::new();
        zip.by_name("a/b/1.png").unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "one");
        let path = packed.path.clone();
        drop(packed);
        assert!(!path.exists(), "the temporary file goes with what held it");
    }

    #[tokio::test]
    async fn an_empty_folder_is_no_dataset() {
        let folder = tempfile::tempdir().unwrap();
        let error = pack(&Source::Folder(folder.path().to_owned())).await.err().unwrap();
        assert!(error.to_string().contains("no file is there"), "{error}");
    }
}
