//! The example in C by itself: its own tests, under what finds reads outside of memory and undefined behaviour.

use crate::libraries::cc_of_example;
use std::process::Command;

#[test]
fn it_passes_its_own_tests_under_the_sanitizers() {
    let folder = tempfile::TempDir::new().unwrap();
    let program = folder.path().join("check");
    let mut cc = cc_of_example(&["check.c"]);
    cc.args(["-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-o"]).arg(&program);
    if !has_sanitizers(folder.path()) {
        eprintln!("SKIPPED: the C compiler links no sanitizers here");
        return;
    }
    assert!(cc.status().unwrap().success(), "{cc:?}");
    let output = Command::new(program).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Whether an empty program can be built and run with them.
fn has_sanitizers(folder: &std::path::Path) -> bool {
    let (source, program) = (folder.join("empty.c"), folder.join("empty"));
    std::fs::write(&source, "int main(void) { return 0; }").unwrap();
    let mut cc = crate::libraries::cc([]);
    let built = cc.arg(source).args(["-fsanitize=address,undefined", "-o"]).arg(&program).output().unwrap();
    built.status.success() && Command::new(program).output().is_ok_and(|output| output.status.success())
}
