//! The schema as text: what the binary prints, what the project keeps, and what the public contract promises.

use crate::support::server::{lightbox, text};
use std::path::{Path, PathBuf};
use std::process::Command;

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn the_schema_that_the_binary_prints_is_the_one_in_the_project() {
    let output = lightbox().arg("schema").output().unwrap();
    assert!(output.status.success());
    let kept = std::fs::read_to_string(project().join("schema.graphql")).unwrap();
    assert!(text(&output.stdout) == kept, "schema.graphql is behind: cargo run -- schema > schema.graphql");
}

#[test]
fn the_schema_breaks_no_promise() {
    let tool = project().join("../shared/tools/check-contract");
    if !tool.is_file() {
        eprintln!("SKIPPED: the_schema_breaks_no_promise: {} is not there", tool.display());
        return;
    }
    let checked = Command::new("python3").arg(&tool).arg(project().join("schema.graphql")).output();
    let Ok(checked) = checked else {
        eprintln!("SKIPPED: the_schema_breaks_no_promise: python3 is not there");
        return;
    };
    assert!(checked.status.success(), "{}{}", text(&checked.stdout), text(&checked.stderr));
}
