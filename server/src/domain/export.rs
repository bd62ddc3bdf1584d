//! What an export looks like from outside: where its images lie and what it is called. What a format's files say is
//! the annotation type's.

use super::image::Image;
use serde::{Deserialize, Serialize};

/// The format of images alone.
pub const IMAGES: &str = "images";

/// The folder of the images, by what the readers of a format expect; empty: they lie where the dataset has them.
pub fn image_folder(format: &str) -> &'static str {
    match format {
        IMAGES | "deepq" | "labelme" => "",
        "pascal-voc" => "JPEGImages/",
        _ => "images/",
    }
}

/// The file that tells who reads an export where its images were before a format's folder was put before their paths.
pub const LAYOUT_FILE: &str = "lightbox.json";

/// What stands in it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Layout {
    /// Ends in `/`.
    pub image_folder: String,
}

/// `None`: the images lie where the dataset has them.
pub fn layout(format: &str) -> Option<Layout> {
    let folder = image_folder(format);
    (!folder.is_empty()).then(|| Layout { image_folder: folder.to_owned() })
}

/// Folders that exports put images into; what else a file says of itself is not believed.
pub fn is_image_folder(folder: &str) -> bool {
    ["images/", "JPEGImages/"].contains(&folder)
}

/// Where the image lies in an export of this format.
pub fn image_path(format: &str, image: &Image) -> String {
    format!("{}{}", image_folder(format), image.path)
}

/// The name to save an export under.
pub fn file_name(dataset_name: &str, format: &str) -> String {
    let safe = |c: char| if c.is_control() || "/\\:*?\"<>|".contains(c) { '_' } else { c };
    format!("{}-{format}.zip", dataset_name.chars().map(safe).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_exports_say_of_their_folder_is_believed() {
        for format in ["coco", "pascal-voc", "yolo", "png-masks", "of-a-plugin"] {
            assert!(layout(format).is_some_and(|layout| is_image_folder(&layout.image_folder)), "{format}");
        }
        assert!(layout("deepq").is_none() && !is_image_folder("") && !is_image_folder("../"));
    }

    #[test]
    fn an_export_is_called_after_dataset_and_format() {
        let table = [("Chest", "coco", "Chest-coco.zip"), ("a/b: c", "images", "a_b_ c-images.zip")];
        for (dataset, format, expected) in table {
            assert_eq!(file_name(dataset, format), expected);
        }
    }
}
