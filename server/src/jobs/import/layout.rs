//! Archives that Lightbox wrote: which folder it put before the paths of the images, so that they get their own back.

use super::Import;
use super::candidates::{Candidates, read_document};
use super::images::ReadImage;
use crate::domain::export::{LAYOUT_FILE, Layout, is_image_folder};
use crate::jobs::failure::JobResult;

/// The file has one short path in it.
const MAX_LAYOUT_BYTES: u64 = 4096;

/// The folder that the archive says of itself, which is not looked for among the documents any more; empty when it says
/// none. A file of that name that says something else stays a document.
pub async fn take_image_folder(import: &Import, candidates: &mut Candidates) -> JobResult<String> {
    let Some(at) = candidates.documents.iter().position(|document| document.path == LAYOUT_FILE) else {
        return Ok(String::new());
    };
    let (archive, index) = (import.archive.clone(), candidates.documents[at].index);
    let read = tokio::task::spawn_blocking(move || read_document(&archive, index, MAX_LAYOUT_BYTES)).await?;
    let layout = read.ok().and_then(|bytes| serde_json::from_slice::<Layout>(&bytes).ok());
    let Some(Layout { image_folder }) = layout.filter(|layout| is_image_folder(&layout.image_folder)) else {
        return Ok(String::new());
    };
    candidates.documents.remove(at);
    Ok(image_folder)
}

/// Takes the folder off every path, or off none: paths that differ stay different.
pub fn leave_out_folder(images: &mut [ReadImage], folder: &str) {
    let is_below = |image: &ReadImage| image.new.path.len() > folder.len() && image.new.path.starts_with(folder);
    if !folder.is_empty() && images.iter().all(is_below) {
        images.iter_mut().for_each(|image| drop(image.new.path.drain(..folder.len())));
    }
}
