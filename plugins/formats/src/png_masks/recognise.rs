//! How sure segmentation may be that a bundle holds pictures of masks.

use super::layout::{Group, find};
use lightbox_sdk::{Call, Document, Recognition, Result, bundle};
use std::collections::HashSet;

/// Whether a bundle lists pictures that are masks of others.
///
/// # Errors
/// `Invalid` for a document that is no bundle, `Cancelled`.
pub fn recognise(document: Document<'_>, call: &Call<'_>) -> Result<Recognition> {
    let files = bundle::decode(document.bytes)?;
    call.check()?;
    let layout = find(&files);
    let own: Vec<&Group<'_>> = layout.groups.iter().filter(|group| group.confidence > 0).collect();
    let Some(confidence) = own.iter().map(|group| group.confidence).max() else {
        let reason = "no folder `masks` or `SegmentationClass` of pictures that have the names of images elsewhere";
        return Ok(Recognition::none(reason));
    };
    let masks = own.iter().flat_map(|group| &group.masks);
    let pictures = masks.clone().map(|mask| &*mask.file.path);
    let objects = masks.filter_map(|mask| mask.objects).map(|file| &*file.path);
    let indices = own.iter().filter_map(|group| group.index).filter_map(|index| layout.indices.get(index));
    let mut seen = HashSet::new();
    let all = pictures.chain(objects).chain(indices.map(|index| index.path));
    let files: Vec<String> = all.filter(|path| seen.insert(*path)).map(str::to_owned).collect();
    let count = own.iter().map(|group| group.masks.len()).sum::<usize>();
    let reason = format!("{count} PNG pictures of masks, by their folders' names and those of the images");
    Ok(Recognition { confidence, format: super::FORMAT.to_owned(), reason, shares: true, files })
}
