//! What an annotation carries, as JSON: `{"points": [{"name", "x", "y", "v"}], "skeleton": [[0, 1]]}`.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// All points of the category, in its order, those that are not labelled among them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Payload<'a> {
    #[serde(borrow)]
    pub points: Vec<Point<'a>>,
    /// Pairs of points to draw a line between, counted from 0.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub skeleton: Cow<'a, [[u32; 2]]>,
}

/// One named point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Point<'a> {
    #[serde(borrow)]
    pub name: Cow<'a, str>,
    /// Pixels from the left edge of the image; left out when the point is not labelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x: Option<f64>,
    /// Pixels from the top edge of the image; left out when the point is not labelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub y: Option<f64>,
    /// As COCO has it: 0 not labelled, 1 labelled but hidden, 2 labelled and visible.
    pub v: u8,
}

impl<'a> Payload<'a> {
    /// `None` for what this type did not write.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    pub fn write(&self) -> Vec<u8> {
        // Texts and numbers have no way to fail.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// How many points are labelled.
    pub fn labelled(&self) -> usize {
        self.points.iter().filter(|point| point.v > 0).count()
    }
}

impl Point<'_> {
    /// x and y of a labelled point.
    pub fn place(&self) -> Option<(f64, f64)> {
        self.x.zip(self.y).filter(|_| self.v > 0)
    }

    /// As if it had never been labelled.
    pub fn clear(&mut self) {
        (self.x, self.y, self.v) = (None, None, 0);
    }
}
