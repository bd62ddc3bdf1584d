//! Annotation documents that several plugins read, and what their rules share. No annotation type is defined here.

mod by_image;
pub mod class_counts;
pub mod class_folders;
pub mod coco;
pub mod code;
pub mod deepq;
mod far_edge;
pub mod findings;
mod interner;
mod json_document;
pub mod label_csv;
mod label_map;
pub mod labelme;
pub mod labels;
pub mod mask;
pub mod place;
pub mod repeats;
pub mod retain;
mod rounding;
mod shortened;
mod stem;
mod table;
pub mod voc;
mod written;
mod xml;
pub mod yolo;
