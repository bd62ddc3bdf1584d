//! The annotation type of segmentation: masks with a label.

mod canonical;
mod rules;
mod segmentation;

pub use segmentation::Segmentation;
