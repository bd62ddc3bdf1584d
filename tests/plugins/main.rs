//! Real plugins, third parties' and broken ones, loaded as the server loads them: in worker processes.

// In a test a panic is the report.
#![allow(clippy::unwrap_used)]

mod annotations;
mod c_example;
mod calls;
#[cfg(target_os = "linux")]
mod conformance;
#[cfg(target_os = "linux")]
mod hostile;
mod images;
mod libraries;
mod loading;
#[path = "../support/plugin_libraries.rs"]
mod plugin_libraries;
mod registry;
#[cfg(target_os = "linux")]
// Other programs of tests read its manifest.
#[allow(dead_code)]
#[path = "../support/test_data.rs"]
mod test_data;

const ISOLATION: lightbox::plugin_host::Isolation = lightbox::plugin_host::Isolation::Workers;
