//! The annotation type of detection: boxes with a label.

mod bounds;
mod detection;
mod rules;

pub use detection::Detection;
