//! Plain types and rules, no I/O: what is here is tested as plain functions.

pub mod access;
pub mod annotation;
pub mod annotation_set;
pub mod annotation_tally;
pub mod archive_entry;
pub mod combine;
pub mod dataset;
pub mod derivative;
pub mod digest;
pub mod export;
pub mod file_extension;
pub mod findings;
pub mod ids;
pub mod image;
pub mod job;
pub mod label;
pub mod lookalike;
pub mod names;
pub mod page;
pub mod path_match;
pub mod request_id;
pub mod study;
pub mod upload;
pub mod user;
pub mod user_error;
