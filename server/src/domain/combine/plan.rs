//! Which images come out of a combination, under which paths, made from which.

use super::paths::{UniquePaths, folder_names, png_path};
use super::{DICOM, DuplicatePolicy, PNG};
use crate::domain::digest::Digest;
use crate::domain::image::Image;
use std::collections::{BTreeSet, HashMap};

/// A source as far as its images go.
#[derive(Debug, Clone, Copy)]
pub struct PlannedSource<'a> {
    pub dataset_name: &'a str,
    pub images: &'a [Image],
}

/// Place of an image: index of the source, index in its images.
pub type Place = (usize, usize);

/// One image of the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedImage {
    pub from: Place,
    /// Equal pictures of later sources that fell together with it.
    pub merged: Vec<Place>,
    /// The frame that becomes a PNG; `None`: the file is taken over as it is.
    pub converted_frame: Option<u32>,
    pub path: String,
}

/// The result's images in order, with what happened to every source image.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    pub images: Vec<PlannedImage>,
    /// Sorted ids.
    pub output_formats: Vec<String>,
    /// Source images that become PNG.
    pub images_to_convert: usize,
    /// Source images that fell together with another.
    pub merged_count: usize,
    /// Images that come out more because frames of one file became pictures of their own.
    pub extra_frame_count: usize,
}

pub fn plan_images(sources: &[PlannedSource<'_>], policy: DuplicatePolicy) -> Plan {
    let formats: BTreeSet<&str> = each_image(sources).map(|(_, image)| image.format.as_str()).collect();
    let converts = formats.len() > 1 && formats.contains(DICOM);
    let folders = folder_names(&sources.iter().map(|source| source.dataset_name).collect::<Vec<_>>());
    let kept = keep(sources, policy);
    let mut plan = Plan { merged_count: kept.iter().map(|(_, merged)| merged.len()).sum(), ..Plan::default() };
    let (mut paths, mut output_formats) = (UniquePaths::default(), BTreeSet::new());
    for (from, merged) in kept {
        let image = &sources[from.0].images[from.1];
        if !(converts && image.format == DICOM) {
            output_formats.insert(image.format.clone());
            let path = paths.take(&folders[from.0], &image.path);
            plan.images.push(PlannedImage { from, merged, converted_frame: None, path });
            continue;
        }
        output_formats.insert(PNG.to_owned());
        plan.images_to_convert += 1;
        plan.extra_frame_count += (image.frame_count.max(1) - 1) as usize;
        for frame in 0..image.frame_count.max(1) as u32 {
            let path = paths.take(&folders[from.0], &png_path(&image.path, frame, image.frame_count));
            plan.images.push(PlannedImage { from, merged: merged.clone(), converted_frame: Some(frame), path });
        }
    }
    plan.output_formats = output_formats.into_iter().collect();
    plan
}

fn each_image<'a>(sources: &[PlannedSource<'a>]) -> impl Iterator<Item = (Place, &'a Image)> {
    let places = |(source, each): (usize, &PlannedSource<'a>)| {
        each.images.iter().enumerate().map(move |(index, image)| ((source, index), image))
    };
    sources.iter().enumerate().flat_map(places).collect::<Vec<_>>().into_iter()
}

/// Every image that stays, with those that fall together with it. Only images of different sources do.
fn keep(sources: &[PlannedSource<'_>], policy: DuplicatePolicy) -> Vec<(Place, Vec<Place>)> {
    if policy != DuplicatePolicy::Merge {
        return each_image(sources).map(|(place, _)| (place, Vec::new())).collect();
    }
    let mut kept: Vec<(Place, Vec<Place>)> = Vec::new();
    let mut by_file: HashMap<Digest, usize> = HashMap::new();
    let mut by_uid: HashMap<(&str, Digest), usize> = HashMap::new();
    for (place, image) in each_image(sources) {
        let uid = image.sop_instance_uid.as_deref().map(|uid| (uid, image.pixel_digest));
        let same = by_file.get(&image.sha256).or_else(|| uid.and_then(|uid| by_uid.get(&uid))).copied();
        match same {
            Some(index) if kept[index].0.0 != place.0 => kept[index].1.push(place),
            Some(_) => kept.push((place, Vec::new())),
            None => {
                by_file.insert(image.sha256, kept.len());
                uid.map(|uid| by_uid.insert(uid, kept.len()));
                kept.push((place, Vec::new()));
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::super::samples::image;
    use super::*;
    use proptest::prelude::*;

    fn source<'a>(name: &'a str, images: &'a [Image]) -> PlannedSource<'a> {
        PlannedSource { dataset_name: name, images }
    }

    #[test]
    fn dicom_becomes_png_only_when_formats_are_mixed() {
        let dicom = [image(1, "a.dcm", "dicom", 1, 1, None)];
        let (png, jpeg) = ([image(2, "b.png", "png", 2, 2, None)], [image(3, "c.jpg", "jpeg", 3, 3, None)]);
        let alone = plan_images(&[source("d", &dicom), source("e", &dicom)], DuplicatePolicy::Keep);
        assert_eq!((alone.images_to_convert, alone.output_formats), (0, vec!["dicom".to_owned()]));
        let mixed = plan_images(&[source("d", &dicom), source("p", &png)], DuplicatePolicy::Keep);
        assert_eq!((mixed.images_to_convert, mixed.output_formats), (1, vec!["png".to_owned()]));
        let pictures = plan_images(&[source("p", &png), source("j", &jpeg)], DuplicatePolicy::Keep);
        assert_eq!(pictures.images_to_convert, 0);
    }

    #[test]
    fn a_multi_frame_image_becomes_one_png_per_frame() {
        let mut frames = image(1, "a.dcm", "dicom", 1, 1, None);
        frames.frame_count = 3;
        let png = [image(2, "b.png", "png", 2, 2, None)];
        let frames = [frames];
        let plan = plan_images(&[source("d", &frames), source("p", &png)], DuplicatePolicy::Keep);
        let paths: Vec<&str> = plan.images.iter().map(|image| image.path.as_str()).collect();
        assert_eq!(paths, ["d/a.0000.png", "d/a.0001.png", "d/a.0002.png", "p/b.png"]);
        assert_eq!(plan.extra_frame_count, 2);
    }

    #[test]
    fn merging_brings_equal_files_and_equal_uids_together_but_never_other_pixels() {
        let first = [image(1, "a", "dicom", 1, 1, Some("1")), image(2, "b", "dicom", 2, 2, Some("2"))];
        let second = [image(3, "a", "dicom", 9, 1, Some("1")), image(4, "b", "dicom", 8, 8, Some("2"))];
        let plan = plan_images(&[source("x", &first), source("y", &second)], DuplicatePolicy::Merge);
        assert_eq!(plan.images.len(), 3);
        assert_eq!(plan.images[0].merged, [(1, 0)]);
        assert_eq!(plan.merged_count, 1);
    }

    proptest! {
        #[test]
        fn every_source_image_comes_out_once_or_is_merged_once(
            files in prop::collection::vec(prop::collection::vec((0u8..6, 1i64..3, any::<bool>()), 0..8), 2..4),
            merge in any::<bool>(),
        ) {
            let images: Vec<Vec<Image>> = files.iter().enumerate().map(|(source, files)| {
                files.iter().enumerate().map(|(index, (file, frames, dicom))| {
                    let format = if *dicom { "dicom" } else { "png" };
                    let mut one = image((source * 100 + index) as i64, "same/path", format, *file, *file, None);
                    one.frame_count = if *dicom { *frames } else { 1 };
                    one
                }).collect()
            }).collect();
            let sources: Vec<PlannedSource> = images.iter().map(|images| source("same name", images)).collect();
            let policy = if merge { DuplicatePolicy::Merge } else { DuplicatePolicy::Keep };
            let plan = plan_images(&sources, policy);
            let mut places: Vec<Place> = Vec::new();
            for image in plan.images.iter().filter(|image| image.converted_frame.unwrap_or(0) == 0) {
                places.push(image.from);
                places.extend(&image.merged);
            }
            places.sort_unstable();
            let mut expected: Vec<Place> = each_image(&sources).map(|(place, _)| place).collect();
            expected.sort_unstable();
            prop_assert_eq!(places, expected);
            let paths: std::collections::HashSet<&str> = plan.images.iter().map(|image| image.path.as_str()).collect();
            prop_assert_eq!(paths.len(), plan.images.len());
            let in_count: usize = images.iter().map(Vec::len).sum();
            prop_assert_eq!(in_count + plan.extra_frame_count, plan.images.len() + plan.merged_count);
        }
    }
}
