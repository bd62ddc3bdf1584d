//! The public API, through the real binary: each file has one subject. What the harness can is in `support`.

// In a test a panic is the report.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod combine;
mod combine_pixels;
mod dicom;
mod images;
mod imports;
mod malformed;
mod pictures;
#[path = "../support/mod.rs"]
mod support;
