//! DCMTK's converters, run as their users run them: one process a file.

use crate::clock;
use crate::files::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// What `dcmj2pnm` and `dcml2pnm` share. Lightbox writes no interlaced PNG, so that the peer is asked for none either,
/// which is less work for it than what it does by default; neither are overlays drawn.
const PNG: [&str; 4] = ["--quiet", "--write-png", "--nointerlace", "--no-overlays"];

/// The first line of `--version`; why there is none, if there is none.
pub fn version(program: &str) -> Result<String, String> {
    let output = Command::new(program).arg("--version").output();
    let output = output.map_err(|error| format!("{program} does not run ({error}): install Debian's dcmtk"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(text.lines().next().unwrap_or(program).trim_matches(|letter| "$ ".contains(letter)).to_owned())
}

/// CPU time of one conversion, from the start of the process to its end.
///
/// # Errors
/// What the program said.
pub fn convert(program: &str, file: &File, png: &Path) -> Result<Duration, String> {
    let before = clock::of_ended_children();
    let mut command = Command::new(program);
    command.args(PNG).args(file.voi).arg(&file.path).arg(png);
    let output = command.stdin(Stdio::null()).output().map_err(|error| error.to_string())?;
    let spent = clock::of_ended_children() - before;
    if output.status.success() {
        return Ok(spent);
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(said.lines().last().map_or_else(|| output.status.to_string(), str::to_owned))
}
