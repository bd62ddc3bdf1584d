//! The same plugins and the same sentences about them, with the plugins inside the server's process.

// In a test a panic is the report.
#![allow(clippy::unwrap_used)]

mod annotations;
mod c_example;
mod calls;
mod images;
mod libraries;
mod loading;
#[path = "../support/plugin_libraries.rs"]
mod plugin_libraries;
mod registry;

const ISOLATION: lightbox::plugin_host::Isolation = lightbox::plugin_host::Isolation::InProcess;
