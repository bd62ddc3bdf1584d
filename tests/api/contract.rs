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
fn the_schema_breaks_no_promise_but_those_on_the_list() {
    let tool = project().join("../shared/tools/check-contract");
    let Ok(list) = std::fs::read_to_string(project().join(".ci/contract-open.txt")) else {
        panic!(".ci/contract-open.txt is not there");
    };
    if !tool.is_file() {
        eprintln!("SKIPPED: the_schema_breaks_no_promise_but_those_on_the_list: {} is not there", tool.display());
        return;
    }
    let checked = Command::new("python3").arg(&tool).arg(project().join("schema.graphql")).output();
    let Ok(checked) = checked else {
        eprintln!("SKIPPED: the_schema_breaks_no_promise_but_those_on_the_list: python3 is not there");
        return;
    };
    assert!(matches!(checked.status.code(), Some(0 | 1)), "{}", text(&checked.stderr));
    let breaches = text(&checked.stdout);
    let new: Vec<&str> = breaches
        .lines()
        .filter(|line| !line.ends_with("promises kept") && !list.lines().any(|open| open == *line))
        .collect();
    assert!(new.is_empty(), "{new:?}");
}
