//! COCO's document: `images`, `annotations` and `categories` (the "Data format" page of cocodataset.org). Fields that
//! this type does not need are passed over.

use crate::rows;
use lightbox_sdk::{Call, Error, Result};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The three lists, found but not yet read: they may come in any order, and rows refer to each other.
#[derive(Debug, Deserialize)]
#[serde(expecting = "an object with images, annotations and categories")]
pub struct Coco<'a> {
    #[serde(borrow)]
    pub images: &'a RawValue,
    #[serde(borrow)]
    pub annotations: &'a RawValue,
    #[serde(borrow)]
    pub categories: &'a RawValue,
}

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object with id and file_name")]
pub struct ImageRow<'a> {
    pub id: i64,
    #[serde(borrow)]
    pub file_name: Cow<'a, str>,
}

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object with id and name")]
pub struct CategoryRow<'a> {
    pub id: i64,
    #[serde(borrow)]
    pub name: Cow<'a, str>,
    /// Left out by categories that are drawn in another way.
    pub keypoints: Option<Vec<String>>,
    /// Pairs of points to draw a line between, counted from 1.
    #[serde(default)]
    pub skeleton: Option<Vec<[u32; 2]>>,
}

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object with image_id, category_id and keypoints")]
pub struct AnnotationRow {
    pub image_id: i64,
    pub category_id: i64,
    /// x, y and visibility of one point after the other, in the order of the category's names.
    pub keypoints: Option<Vec<f64>>,
    /// Points that are labelled.
    pub num_keypoints: Option<u64>,
}

impl<'a> Coco<'a> {
    /// Finds the lists.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for what is not JSON or lacks one of them.
    pub fn read(document: &'a [u8]) -> Result<Self> {
        let document = document.strip_prefix(b"\xef\xbb\xbf").unwrap_or(document);
        serde_json::from_slice(document).map_err(|error| Error::Corrupt(error.to_string()))
    }

    /// Whether any category names a point.
    pub fn names_points(&self, call: &Call<'_>) -> Result<bool> {
        let mut found = false;
        let looked = rows::for_each("categories", self.categories, call, |_, row: Result<CategoryRow<'_>, _>| {
            found |= row.is_ok_and(|row| row.keypoints.is_some_and(|names| !names.is_empty()));
            Ok(())
        });
        match looked {
            Err(Error::Corrupt(_)) => Ok(false),
            other => other.map(|()| found),
        }
    }
}
