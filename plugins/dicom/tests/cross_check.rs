//! Every public DICOM file at hand, frame by frame: the stored samples against pydicom (with pylibjpeg) and GDCM, the
//! picture that is shown against what the standard's formulas make of pydicom's samples.
//!
//! The files are those that Python packages bring and those of the shared test data. Needs a Python with pydicom,
//! pylibjpeg[all] and python-gdcm: `python3`, or the one that `LIGHTBOX_PYTHON` names. pydicom-data, nibabel,
//! pynetdicom and deid-data bring more files, `LIGHTBOX_DICOM_FILES` names a folder of others.
//! `LIGHTBOX_CROSS_CHECK=all` prints every verdict.

#![allow(clippy::unwrap_used, reason = "a test whose files cannot be read has to fail")]

mod support;

use lightbox_plugin_dicom::Dicom;
use lightbox_sdk::pixels::OwnedPixels;
use lightbox_sdk::{Call, DecodeMode, DecodeRequest, ImageFormat, ImageReader, PixelFormat, PixelOut, Result};
use serde_json::{Value, json};
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, HashSet};
use std::hash::{Hash, Hasher};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Files whose verdict is known and explained: the end of a path, `: `, and why.
const KNOWN: &str = include_str!("cross_check_known.txt");
/// Frames of a file that are compared, the last one among them, as long as they are no larger than this together.
const MAX_FRAMES: u32 = 4;
const MAX_STORED_BYTES: usize = 4 << 20;
const WORKERS: usize = 2;

fn python() -> String {
    std::env::var("LIGHTBOX_PYTHON").unwrap_or_else(|_| "python3".to_owned())
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/decoders.py")
}

/// Whether Python has the decoders; says on stderr what is skipped and why if it has not.
fn has_decoders() -> bool {
    let modules = "pydicom, libjpeg, openjpeg, rle, gdcm";
    let output = Command::new(python()).args(["-c", &format!("import {modules}")]).output();
    let why = match output {
        Ok(output) if output.status.success() => return true,
        Ok(output) => String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or_default().to_owned(),
        Err(error) => error.to_string(),
    };
    eprintln!("SKIPPED: {} has not all of {modules} ({why}); set LIGHTBOX_PYTHON to one that has", python());
    false
}

/// Paths of all files, those of the packages first.
fn paths() -> Vec<PathBuf> {
    let output = Command::new(python()).arg(script()).arg("files").output().unwrap();
    let mut paths: Vec<PathBuf> = serde_json::from_slice(&output.stdout).unwrap();
    if let Some(folder) = std::env::var_os("LIGHTBOX_DICOM_FILES") {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        paths.extend(entries.filter(|path| path.is_file()));
    }
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let root = std::env::var_os("LIGHTBOX_TEST_DATA").map_or_else(beside, PathBuf::from);
    match std::fs::read(root.join("manifest.json")) {
        Err(_) => eprintln!("without {}: set LIGHTBOX_TEST_DATA to the folder of test data", root.display()),
        Ok(manifest) => {
            let manifest: Value = serde_json::from_slice(&manifest).unwrap();
            let of_dicom = manifest["entries"].as_array().unwrap().iter().filter(|entry| entry["kind"] == "dicom");
            paths.extend(of_dicom.map(|entry| root.join(entry["path"].as_str().unwrap())));
        }
    }
    paths
}

fn read(path: &Path) -> Vec<u8> {
    let bytes = std::fs::read(path).unwrap();
    if path.extension().is_none_or(|extension| extension != "gz") {
        return bytes;
    }
    let mut inflated = Vec::new();
    flate2::read::GzDecoder::new(bytes.as_slice()).read_to_end(&mut inflated).unwrap();
    inflated
}

/// What this plugin makes of a file.
struct Reading {
    frames: Vec<u32>,
    first: OwnedPixels,
    is_signed: bool,
    stored: Vec<u8>,
    shown: Vec<u8>,
}

fn decode(reader: &mut dyn ImageReader, frame: u32, mode: DecodeMode) -> Result<OwnedPixels> {
    let mut pixels = OwnedPixels::default();
    reader.decode(&DecodeRequest { frame, mode, window: None }, PixelOut::new(&mut pixels), &Call::unlimited())?;
    Ok(pixels)
}

fn read_all(bytes: &[u8]) -> Result<Reading> {
    let call = Call::unlimited();
    let mut reader = Dicom.open(bytes, &call)?;
    let metadata = reader.metadata(&call)?;
    let first = decode(reader.as_mut(), 0, DecodeMode::Stored)?;
    let room = (MAX_STORED_BYTES / first.samples.len()).clamp(1, MAX_FRAMES as usize) as u32;
    let last = metadata.frame_count - 1;
    let frames: Vec<u32> = (0..room.min(last)).chain([last]).collect();
    let (mut stored, mut shown) = (Vec::new(), Vec::new());
    for frame in &frames {
        stored.extend_from_slice(&decode(reader.as_mut(), *frame, DecodeMode::Stored)?.samples);
        shown.extend_from_slice(&decode(reader.as_mut(), *frame, DecodeMode::Display)?.samples);
    }
    Ok(Reading { frames, first, is_signed: metadata.signed, stored, shown })
}

/// NumPy's name of a sample.
fn sample_name(format: PixelFormat, is_signed: bool) -> String {
    let kind = match format {
        PixelFormat::GrayF32 | PixelFormat::GrayF64 => 'f',
        _ if is_signed => 'i',
        _ => 'u',
    };
    format!("{kind}{}", format.bytes_per_sample())
}

/// A Python that answers.
struct Decoders {
    child: Child,
    jobs: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Decoders {
    fn start() -> Self {
        let mut command = Command::new(python());
        command.arg(script()).arg("compare").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let (jobs, answers) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, jobs, answers }
    }

    fn ask(&mut self, path: &Path, reading: &Result<Reading>) -> Value {
        let mut job = json!({ "path": path.to_str().unwrap() });
        match reading {
            Err(error) => job["error"] = json!(error.to_string()),
            Ok(reading) => {
                let format = reading.first.format.unwrap();
                job["frames"] = json!(reading.frames);
                job["width"] = json!(reading.first.width);
                job["height"] = json!(reading.first.height);
                job["channels"] = json!(format.channels());
                job["sample"] = json!(sample_name(format, reading.is_signed));
                let pixels = reading.first.width as usize * reading.first.height as usize * reading.frames.len();
                job["shown_channels"] = json!(reading.shown.len() / pixels);
                job["stored_bytes"] = json!(reading.stored.len());
                job["shown_bytes"] = json!(reading.shown.len());
            }
        }
        writeln!(self.jobs, "{job}").unwrap();
        if let Ok(reading) = reading {
            self.jobs.write_all(&reading.stored).unwrap();
            self.jobs.write_all(&reading.shown).unwrap();
        }
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        if answer.is_empty() {
            // Some decoders end their process at damaged streams.
            *self = Self::start();
            return json!({ "path": path.to_str().unwrap(), "pydicom": "refused: crashes", "gdcm": "refused: not asked" });
        }
        serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{}: {error}: {answer:?}", path.display()))
    }
}

impl Drop for Decoders {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What becomes of one file: a class that is counted, and whether it is a fault of ours.
fn judge(reading: &Result<Reading>, answer: &Value) -> (&'static str, bool) {
    if answer["failure"].is_string() {
        return ("the comparison failed", true);
    }
    let starts = |key: &str, with: &str| answer[key].as_str().is_some_and(|word| word.starts_with(with));
    let both = |with: &str| ["pydicom", "gdcm"].into_iter().filter(|key| starts(key, with)).count();
    if reading.is_err() {
        return match both("read") {
            0 => ("refused by all three", false),
            1 => ("refused here, read by one", false),
            _ => ("refused here, read by both", true),
        };
    }
    if starts("shown", "different") && !starts("pydicom", "different") {
        return ("shown otherwise", true);
    }
    match (both("same") + both("near"), both("different")) {
        (2, _) => ("the same as both", false),
        (1, 0) => ("the same as the one that reads it", false),
        (1, _) => ("the two disagree, the same as one", false),
        (_, 0) => ("read here alone", false),
        (_, 1) => ("other than the one that reads it", true),
        _ if starts("among", "different") => ("the three disagree", true),
        _ => ("other than both", true),
    }
}

fn is_known(path: &Path) -> bool {
    let ends: Vec<&str> = KNOWN.lines().filter_map(|line| line.split_once(": ")).map(|(end, _)| end).collect();
    ends.into_iter().any(|end| path.ends_with(end))
}

#[test]
fn every_public_file_has_the_samples_that_other_decoders_give_it() {
    if !has_decoders() {
        return;
    }
    let is_talkative = std::env::var_os("LIGHTBOX_CROSS_CHECK").is_some();
    let (paths, next) = (paths(), AtomicUsize::new(0));
    let (seen, counts, faults) = (Mutex::new(HashSet::new()), Mutex::new(BTreeMap::new()), Mutex::new(Vec::new()));
    let work = || {
        let mut decoders = Decoders::start();
        while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
            let bytes = read(path);
            let mut hasher = DefaultHasher::new();
            bytes.hash(&mut hasher);
            if !seen.lock().unwrap().insert(hasher.finish()) {
                continue;
            }
            let reading = read_all(&bytes);
            let answer = decoders.ask(path, &reading);
            let (class, is_fault) = judge(&reading, &answer);
            let own = reading.as_ref().map_or_else(ToString::to_string, |_| "decoded".to_owned());
            let line = format!("{class}: {}\n    here: {own}\n    {answer}", path.display());
            let is_known = is_known(path);
            if is_talkative || (is_fault && !is_known) || class.contains("disagree") || class.contains("by one") {
                eprintln!("{line}");
            }
            *counts.lock().unwrap().entry((class, if is_fault && is_known { "known" } else { "" })).or_insert(0) += 1;
            if is_fault && !is_known {
                faults.lock().unwrap().push(line);
            }
        }
    };
    std::thread::scope(|scope| (0..WORKERS).for_each(|_| drop(scope.spawn(work))));
    eprintln!("{:#?}", counts.into_inner().unwrap());
    let faults = faults.into_inner().unwrap();
    assert!(faults.is_empty(), "{} files:\n{}", faults.len(), faults.join("\n"));
}
