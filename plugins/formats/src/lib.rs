//! Annotation documents that several plugins read, and what their rules share. No annotation type is defined here.

pub mod class_counts;
pub mod class_folders;
pub mod code;
pub mod findings;
mod interner;
pub mod label_csv;
pub mod labelme;
pub mod labels;
pub mod mask;
pub mod place;
pub mod repeats;
pub mod retain;
mod table;
