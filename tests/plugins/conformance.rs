//! `lightbox plugins check`: the plugins of this project pass, and each that breaks the contract in one way fails by the
//! check that is for it.

use crate::libraries::{Plugins, rust_library};
use crate::plugin_libraries::built_in_plugin_dir;
use crate::test_data;
use lightbox::plugin_host::{CheckRequest, CheckStatus, ConformanceReport, PluginHostSettings, check};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

const CARELESS: &str = "tests/fixtures/plugins/careless.c";

fn run(file: &Path, samples: Option<&Path>, only: &[&str]) -> ConformanceReport {
    let encoders = Some(vec![built_in_plugin_dir().to_owned()]);
    let settings = PluginHostSettings { directories: encoders, ..crate::libraries::settings() };
    let only = (!only.is_empty()).then(|| only.iter().map(|name| name.to_string()).collect());
    check(&settings, &CheckRequest { file: file.to_owned(), samples: samples.map(Path::to_owned), only })
}

/// Nothing fails, and these checks were made.
fn assert_passes(report: &ConformanceReport, made: &[(&str, &str)]) {
    assert!(report.passes(), "{report:#?}");
    for (check, subject) in made {
        let found = report.checks.iter().find(|each| (each.check, each.subject.as_str()) == (*check, *subject));
        assert_eq!(found.map(|each| each.status), Some(CheckStatus::Pass), "{check} of {subject}: {found:?}");
    }
}

/// A folder with a plugin that is careless as asked, and samples of what it reads.
struct Careless {
    plugins: Plugins,
}

impl Careless {
    fn with(definitions: &[&str]) -> Self {
        let careless = Self { plugins: Plugins::none().with_source(CARELESS, "careless", definitions) };
        std::fs::create_dir(careless.samples()).unwrap();
        for (width, height) in [(1, 1), (5, 3), (40, 40), (200, 200)] {
            let mut bytes = b"CARE".to_vec();
            bytes.extend([width, height]);
            bytes.extend((0..usize::from(width) * usize::from(height)).map(|pixel| pixel as u8));
            std::fs::write(careless.samples().join(format!("{width}.care")), bytes).unwrap();
        }
        careless
    }

    fn library(&self) -> PathBuf {
        self.plugins.library("careless")
    }

    fn samples(&self) -> PathBuf {
        self.plugins.path().join("samples")
    }

    fn run(&self, only: &[&str]) -> ConformanceReport {
        run(&self.library(), Some(&self.samples()), only)
    }
}

#[test]
fn a_careful_plugin_passes_every_check() {
    let report = Careless::with(&[]).run(&[]);
    let made = ["samples", "frames", "junk", "damage", "limits", "determinism", "growth", "descriptor"];
    assert_passes(&report, &made.map(|check| (check, "care")));
    assert_passes(&report, &[("load", "test.careless"), ("probe", "test.careless")]);
}

#[test]
fn a_plugin_that_breaks_the_contract_in_one_way_fails_by_the_check_for_it() {
    let cases: &[(&[&str], &str, &str)] = &[
        (&["EXTENSION=\".CARE\""], "descriptor", ".CARE"),
        (&["PROBE_COUNTS"], "probe", "at time 2"),
        (&["PROBE_CRASHES"], "probe", "crashed"),
        (&["WRITES_NONSENSE"], "encoding", "does not know"),
        (&["READS_ANYTHING"], "junk", "an error was expected"),
        (&["CRASHES_WHEN_CUT"], "damage", "crashed"),
        (&["PROMISES_TWO_FRAMES"], "samples", "no such frame"),
        (&["WRONG_LIMIT"], "limits", "Limit expected"),
        (&["VARIES"], "determinism", "is another"),
        (&["SHARES_A_BUFFER"], "determinism", "threads"),
        (&["LEAKS_FILES"], "growth", "open files grew"),
        (&["LEAKS_MEMORY"], "growth", "memory grew"),
        (&["TAKES_MILLISECONDS=5000", "IS_DEAF"], "cancellation", "was killed"),
    ];
    for (definitions, check, sentence) in cases {
        let report = Careless::with(definitions).run(&[check]);
        let found = report.checks.iter().find(|each| each.check == *check).unwrap();
        assert_eq!(found.status, CheckStatus::Fail, "{definitions:?}: {report:#?}");
        assert!(found.sentence.contains(sentence), "{definitions:?}: {found:?}");
    }
}

#[test]
fn long_work_that_stops_when_told_passes() {
    let report = Careless::with(&["TAKES_MILLISECONDS=1500"]).run(&["cancellation"]);
    assert_passes(&report, &[("cancellation", "care")]);
}

#[test]
fn refusals_without_a_sentence_are_warned_of() {
    let report = Careless::with(&["SAYS_NOTHING"]).run(&["junk"]);
    assert_eq!(report.count(CheckStatus::Warn), 1, "{report:#?}");
}

#[test]
fn what_cannot_be_seen_without_samples_or_without_an_encoder_is_skipped_and_says_so() {
    let careless = Careless::with(&[]);
    let report = run(&careless.library(), None, &["damage"]);
    assert!(report.checks[1].sentence.contains("--samples DIR"), "{report:#?}");
    let nowhere = Some(vec![careless.samples()]);
    let settings = PluginHostSettings { directories: nowhere, ..crate::libraries::settings() };
    let only = Some(vec!["frames".to_owned()]);
    let report = check(&settings, &CheckRequest { file: careless.library(), samples: Some(careless.samples()), only });
    assert_eq!(report.checks[1].status, CheckStatus::Skipped);
    assert!(report.checks[1].sentence.contains("raster"), "{report:#?}");
}

#[test]
fn a_file_that_is_no_plugin_fails_with_the_reason() {
    let plugins = Plugins::none().with_bytes("text", b"#!/bin/sh\n");
    let report = run(&plugins.library("text"), None, &[]);
    assert_eq!((report.passes(), report.plugin.is_none(), report.checks.len()), (false, true, 1));
    assert!(report.checks[0].sentence.contains("not a shared library"), "{report:#?}");
}

/// `folder`: of the real test files; without them the plugin is checked with what it writes itself, and with batches.
fn assert_built_in_passes(name: &str, folder: &str, made: &[(&str, &str)]) {
    let samples = test_data::find(&format!("samples for the plugin {name}")).map(|root| root.join(folder));
    let file = built_in_plugin_dir().join(format!("liblightbox_plugin_{name}.so"));
    assert_passes(&run(&file, samples.as_deref(), &[]), made);
}

#[test]
fn the_built_in_raster_plugin_passes() {
    let made = [("encoding", "png"), ("damage", "jpeg"), ("growth", "png"), ("determinism", "jpeg")];
    assert_built_in_passes("raster", "images", &made);
}

#[test]
fn the_built_in_dicom_plugin_passes() {
    assert_built_in_passes("dicom", "dicom", &[("probe", "lightbox.dicom"), ("junk", "dicom"), ("growth", "dicom")]);
}

#[test]
fn the_built_in_annotation_types_pass() {
    let (single, multi) = ("single-label-classification", "multi-label-classification");
    assert_built_in_passes("classification", "annotations", &[("batches", multi), ("growth", single)]);
    assert_built_in_passes("detection", "annotations", &[("batches", "detection"), ("determinism", "detection")]);
    let segmentation = "segmentation";
    assert_built_in_passes(segmentation, "annotations", &[("batches", segmentation), ("determinism", segmentation)]);
}

#[test]
fn the_examples_pass() {
    let keypoints = TempDir::new().unwrap();
    let document = include_str!("../../plugins/examples/keypoints/tests/cases/person/document.json");
    std::fs::write(keypoints.path().join("person.json"), document).unwrap();
    let report = run(rust_library("example-plugin-keypoints"), Some(keypoints.path()), &[]);
    assert_passes(
        &report,
        &["samples", "batches", "damage", "determinism", "growth"].map(|check| (check, "keypoints")),
    );

    let nifti = TempDir::new().unwrap();
    std::fs::write(nifti.path().join("small.nii"), small_nifti()).unwrap();
    let report = run(rust_library("example-plugin-nifti"), Some(nifti.path()), &[]);
    assert_passes(&report, &["samples", "frames", "junk", "damage", "limits", "growth"].map(|check| (check, "nifti")));

    let report = run(&Plugins::none().with_c_example().library("pgm"), None, &[]);
    assert_passes(&report, &["encoding", "frames", "junk", "damage", "limits", "growth"].map(|check| (check, "pgm")));
}

/// NIfTI-1, 6 x 5 x 3 voxels of 16 bits (nifti1.h).
fn small_nifti() -> Vec<u8> {
    let mut bytes = vec![0; 352];
    bytes[..4].copy_from_slice(&348u32.to_le_bytes());
    for (index, number) in [3i16, 6, 5, 3, 1, 1, 1, 1].into_iter().enumerate() {
        bytes[40 + index * 2..42 + index * 2].copy_from_slice(&number.to_le_bytes());
    }
    bytes[70..72].copy_from_slice(&4i16.to_le_bytes());
    bytes[72..74].copy_from_slice(&16i16.to_le_bytes());
    for index in 0..8 {
        bytes[76 + index * 4..80 + index * 4].copy_from_slice(&1f32.to_le_bytes());
    }
    bytes[108..112].copy_from_slice(&352f32.to_le_bytes());
    bytes[344..348].copy_from_slice(b"n+1\0");
    bytes.extend((0..6 * 5 * 3).flat_map(|voxel: i16| (voxel * 100).to_le_bytes()));
    bytes
}

fn lightbox_check(careless: &Careless, more: &[&str]) -> Output {
    let mut lightbox = Command::new(env!("CARGO_BIN_EXE_lightbox"));
    lightbox.args(["plugins", "check"]).arg(careless.library()).arg("--samples").arg(careless.samples()).args(more);
    let directories = format!("[{:?}]", built_in_plugin_dir().display().to_string());
    lightbox.env("LIGHTBOX_PLUGINS__DIRECTORIES", directories).output().unwrap()
}

#[test]
fn the_command_tells_people_in_a_table_and_programs_in_json_and_ends_with_1_when_a_check_fails() {
    let careful = lightbox_check(&Careless::with(&[]), &["--only", "frames", "--json"]);
    assert_eq!(careful.status.code(), Some(0), "{careful:?}");
    let json: serde_json::Value = serde_json::from_slice(&careful.stdout).unwrap();
    assert_eq!(
        (&json["passes"], &json["plugin"]["id"], &json["checks"][1]["status"], &json["checks"][1]["figures"]["frames"]),
        (&true.into(), &"test.careless".into(), &"PASS".into(), &4.into()),
        "{json:#}"
    );
    let careless = lightbox_check(&Careless::with(&["VARIES"]), &["--only", "determinism"]);
    let text = String::from_utf8(careless.stdout).unwrap();
    assert_eq!(careless.status.code(), Some(1), "{text}");
    for expected in ["determinism", "FAIL", "breaks the contract"] {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
}
