//! The harness of the tests that boot the real server: starting and stopping it, talking to it like a client, and
//! archives made in memory. What is expected of the server is the tests' matter.

// Each program of tests uses some of it, and in a test a panic is the report.
#![allow(dead_code, unused_imports, clippy::unwrap_used, clippy::expect_used)]

pub mod archives;
pub mod client;
pub mod dicom;
pub mod dicom_elements;
pub mod plugin_folder;
#[path = "plugin_libraries.rs"]
pub mod plugin_libraries;
pub mod server;
pub mod test_data;

pub use client::{Client, Reply};
pub use plugin_folder::PluginFolder;
pub use server::{Server, shared};
