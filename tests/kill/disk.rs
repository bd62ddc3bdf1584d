//! What stands in the data directory of a server whose jobs have all ended: what its datasets need, and nothing more.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Stored files, thumbnails and uploads that nothing needs may last this long after the jobs ended.
const PATIENCE: Duration = Duration::from_secs(20);

/// What may be there.
pub struct Needed {
    /// Digests.
    pub files: BTreeSet<String>,
    /// Ids of uploads.
    pub uploads: BTreeSet<String>,
    /// Uploads whose ids nobody knows, at most so many.
    pub lost_uploads: usize,
    /// Ids of jobs.
    pub exports: BTreeSet<String>,
}

/// Exports that nobody can download any more are looked for when the server starts and every ten minutes: what is not
/// needed now is given back, and must be gone when it was given to this function as `left_before`.
pub fn check(data_dir: &Path, needed: &Needed, left_before: &BTreeSet<String>) -> BTreeSet<String> {
    let given_up = Instant::now() + PATIENCE;
    loop {
        let wrong = what_is_wrong(data_dir, needed);
        let exports: BTreeSet<String> = names(&data_dir.join("exports"))
            .into_iter()
            .filter(|name| {
                name.split_once('.').is_none_or(|(job, kind)| kind != "zip" || !needed.exports.contains(job))
            })
            .collect();
        let stays: Vec<&String> = exports.intersection(left_before).collect();
        if wrong.is_empty() && stays.is_empty() {
            return exports;
        }
        assert!(Instant::now() < given_up, "on the disk: {wrong:?}, exports that nobody needs: {stays:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn what_is_wrong(data_dir: &Path, needed: &Needed) -> Vec<String> {
    let mut wrong = Vec::new();
    let stored = stems_below(&data_dir.join("blobs/files"));
    wrong.extend(needed.files.difference(&stored).map(|file| format!("the file {file} is lost")));
    wrong.extend(stored.difference(&needed.files).map(|file| format!("nobody needs the file {file}")));
    let thumbnails = stems_below(&data_dir.join("blobs/thumbnails"));
    wrong.extend(thumbnails.difference(&needed.files).map(|file| format!("nobody needs the thumbnail {file}")));
    wrong.extend(names(&data_dir.join("blobs/staging")).into_iter().map(|name| format!("{name} is still staged")));
    let uploads = names(&data_dir.join("uploads"));
    wrong.extend(needed.uploads.difference(&uploads).map(|upload| format!("the file of {upload} is lost")));
    let unknown: Vec<&String> = uploads.difference(&needed.uploads).collect();
    if unknown.len() > needed.lost_uploads {
        wrong.push(format!("{unknown:?} are files of no upload ({} were lost)", needed.lost_uploads));
    }
    wrong
}

fn names(folder: &Path) -> BTreeSet<String> {
    entries(folder).iter().filter_map(|path| Some(path.file_name()?.to_str()?.to_owned())).collect()
}

/// Names of the files in the folders of this one, without what stands behind a dot.
fn stems_below(folder: &Path) -> BTreeSet<String> {
    let files = entries(folder).into_iter().flat_map(|shard| entries(&shard));
    files.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries.flatten().map(|entry| entry.path()).collect()
}
