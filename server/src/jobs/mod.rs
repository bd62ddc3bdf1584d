//! Jobs: claimed, run, recorded; one file or folder a kind. A job writes beside and publishes in one transaction.

mod combine;
mod content;
mod delete;
mod export;
mod failure;
mod import;
mod publish;
mod run;
mod runner;

pub use runner::Runner;
