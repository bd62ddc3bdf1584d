//! How fast Lightbox is, measured against its peers in one run: DICOM to PNG, and combining. README.md says how.

// In a bench, as in a test, a panic is the report.
#![allow(clippy::unwrap_used)]

mod batches;
mod boundary;
mod boxes;
mod clock;
mod combine;
mod dcmtk;
mod difference;
mod files;
mod lightbox;
mod pictures;
mod record;
#[path = "../support/mod.rs"]
mod support;

use clap::Parser;
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

/// How fast Lightbox is, against its peers.
#[derive(Debug, Parser)]
struct Arguments {
    /// Rounds of each measurement; the median counts
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Only the measurements whose name contains this, such as RLE or combine
    #[arg(long, value_name = "NAME", default_value = "")]
    only: String,
    /// Where one line of JSON with all results is added [default: target/bench.jsonl]
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// What `cargo bench` says to every bench
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if cfg!(debug_assertions) {
        eprintln!("error: this is a debug build, whose times mean nothing: run it with cargo bench");
        return ExitCode::FAILURE;
    }
    let pictures = pictures::measure(arguments.rounds, &arguments.only);
    let combine = combine::NAME.contains(&arguments.only).then(|| combine::measure(arguments.rounds));
    let boundary = boundary::NAME.contains(&arguments.only).then(|| boundary::measure(arguments.rounds));
    let batches = batches::NAME.contains(&arguments.only).then(batches::measure);
    let boxes = boxes::NAME.contains(&arguments.only).then(boxes::measure);
    let results = json!({
        "rounds": arguments.rounds,
        "pictures": pictures,
        "combine": combine,
        "boundary": boundary,
        "batches": batches,
        "boxes": boxes,
    });
    let path = arguments.record.unwrap_or_else(record::default_path);
    match record::append(&path, results) {
        Ok(()) => println!("\nRecorded in {}", path.display()),
        Err(error) => {
            eprintln!("error: the results cannot be added to {}: {error}", path.display());
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
