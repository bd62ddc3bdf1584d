//! Files that the tests write themselves, so that a clone without test data covers every layout too.

#![allow(clippy::unwrap_used, reason = "a fixture that cannot be written has to fail the test")]

#[path = "../support/mod.rs"]
mod support;

mod colour;
mod elements;
mod encapsulated;
mod fixture;
mod grey;
mod jpeg;
mod jpeg2000;
mod jpeg2000_streams;
mod jpeg_encoder;
mod jpeg_xl;
mod jpeg_xl_streams;
mod modes;
mod mutated;
mod native;
mod refusals;
