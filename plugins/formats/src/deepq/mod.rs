//! The archive that a deepq upload is: `label.csv`, header-less, in the columns that `label_csv` reads, and `labels.txt`,
//! which keeps the labels' order and those that are not used.

mod columns;
mod export;
mod line;
mod mask_column;

pub use export::export;

/// Id of the format as it is written; it is read as [`crate::label_csv::FORMAT`].
pub const FORMAT: &str = "deepq";
