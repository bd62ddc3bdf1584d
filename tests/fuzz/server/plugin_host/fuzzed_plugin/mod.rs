//! A plugin whose description, answers and calls back are the fuzzer's, and the host in front of it. What no host can
//! notice is left out: memory that is not there, tables that are not what they are said to be.

mod annotation_type;
mod description;
mod image_format;
mod memory;
mod stage;

use crate::plugin_host::circumstances::Circumstances;
use crate::plugin_host::manifest::Manifest;
use crate::plugin_host::native::plugin::Plugin;
use crate::plugin_host::native::{self, Workbench};
use crate::plugin_host::task::{Answer, RenderOutput, Task};
use crate::plugin_host::{PluginError, answers};
use crate::script::Script;
use bytes::Bytes;
use lightbox_sdk::Batch;
use memory::Memory;
use rustix::fs::{MemfdFlags, Mode, fchmod, memfd_create};
use stage::Stage;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

/// How often a piece of work is asked to go on before it is cancelled.
const PATIENCE: u32 = 200;
const TASKS: u32 = 8;

/// Loads the plugin that the bytes describe and gives it work. Bytes that start as a library does are one.
pub fn run(bytes: &[u8]) {
    if bytes.starts_with(b"\x7fELF") {
        return check_file(bytes);
    }
    let (mut memory, stage) = (Memory::default(), Stage::new(Script::new(bytes)));
    let plugin = {
        let mut script = stage.script();
        let flags = if script.oddity(1) > 0 { lightbox_abi::LBX_FLAG_SERIAL } else { 0 };
        let plugin = description::write(&mut memory, &mut script, &stage);
        // SAFETY: whatever is wrong with the plugin, its pointers are its own or NULL.
        unsafe { native::plugin::read(plugin, flags) }
    };
    match plugin {
        Ok(plugin) => work(plugin, &stage),
        Err(reason) => assert!(!reason.is_empty()),
    }
    assert_eq!(stage.opened.load(Relaxed), stage.closed.load(Relaxed), "every reader is closed once");
}

/// A library's file: checked before the system's loader gets it.
fn check_file(bytes: &[u8]) {
    let file = memfd_create("library", MemfdFlags::CLOEXEC).expect("a memory file");
    fchmod(&file, Mode::RUSR).expect("rights");
    rustix::io::pwrite(&file, bytes, 0).expect("memory");
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    let allow = ["00".repeat(32)];
    assert!(native::check_file(Path::new(&path), Some(&allow)).is_err());
    if let Err(reason) = native::check_file(Path::new(&path), None) {
        assert!(!reason.is_empty());
    }
}

fn work(plugin: Plugin, stage: &Stage) {
    let manifest = serde_json::to_vec(&plugin.manifest).expect("manifests cross processes");
    let manifest: Manifest = serde_json::from_slice(&manifest).expect("manifests cross processes");
    manifest.check().expect("what was accepted once is accepted again");
    let plugin = Arc::new(plugin);
    let encoders = plugin.manifest.image_formats.iter().filter(|offer| offer.descriptor.encodes);
    let encoders = encoders.map(|offer| (offer.descriptor.id.clone(), plugin.clone())).collect();
    let max_pixels_bytes = stage.script().one_of(&[1 << 20, 1 << 16, 4096, 1, 0]);
    let bench = Workbench { plugin, encoders, max_pixels_bytes };
    for _ in 0..TASKS {
        let (task, input) = choose(&mut stage.script());
        let asked = AtomicU32::new(0);
        let now = Circumstances::new(Duration::from_secs(20), move || asked.fetch_add(1, Relaxed) > PATIENCE);
        check(&task, &input, bench.perform(&task, &input, &now));
        if stage.script().is_over() {
            break;
        }
    }
}

fn choose(script: &mut Script) -> (Task, Vec<u8>) {
    let image = script.one_of(&["png", "jpeg", "none"]).to_owned();
    let annotation_type = script.one_of(&["boxes", "boxes", "boxes", "none"]).to_owned();
    let (name, format) = ("a/b.json".to_owned(), "f".to_owned());
    let output = script.one_of(&[RenderOutput::Png, RenderOutput::Jpeg]);
    let kind = script.byte() % 12;
    let task = match kind {
        0 => Task::Inspect { format: image, thumbnail_size: script.number() as u32 },
        1 => Task::Probe { name, total_bytes: script.number() },
        2 => Task::Elements { format: image },
        3 => {
            let window = (script.oddity(1) > 0).then(|| (f64::from_bits(script.number()), 1.0));
            let max_size = (script.oddity(1) > 0).then(|| script.number() as u32);
            Task::Render { format: image, frame: script.oddity(4).into(), window, max_size, output }
        }
        4 => Task::Convert { format: image, frame: script.oddity(4).into(), bits: script.one_of(&[8, 16]) },
        5 => {
            let (width, height) = (u32::from(script.byte()), u32::from(script.byte()));
            let size = if script.oddity(1) > 0 { script.number().min(1 << 16) } else { u64::from(width * height) };
            return (Task::Encode { format: image, width, height }, vec![7; size as usize]);
        }
        6 => Task::Recognise { annotation_type, name, format },
        7 => Task::Import { annotation_type, name, format },
        11 => {
            let threads = script.oddity(3);
            let task = Box::new(Task::Import { annotation_type, name, format });
            Task::InThreads { task, threads }
        }
        _ => {
            let mut batch = annotation_type::made_up(script).batch;
            if batch.check().is_err() {
                batch = Batch::default();
            }
            let task = match kind {
                8 => Task::Validate { annotation_type },
                9 => Task::Merge { annotation_type },
                _ => Task::Export { annotation_type, format },
            };
            return (task, batch.encode());
        }
    };
    (task, script.bytes(8192))
}

/// Reads an answer as the server does that asked.
fn check(task: &Task, input: &[u8], result: Result<Answer, PluginError>) {
    let answer = match result {
        Ok(answer) => answer,
        Err(error) => return assert!(!error.message.is_empty()),
    };
    let one = |answer: Answer| -> Bytes {
        let [part] = answer.into_parts().expect("one part");
        part
    };
    match task {
        Task::Inspect { .. } => {
            let [digest, metadata, thumbnail] = answer.into_parts().expect("three parts");
            answers::read_metadata(&metadata).expect("metadata that was read once is read again");
            assert_eq!(digest.len(), 32);
            let _ = answers::check_picture(&thumbnail, RenderOutput::Jpeg.format());
        }
        Task::Probe { .. } => assert!(one(answer).iter().all(|sure| *sure <= 100)),
        Task::Elements { .. } => drop(answers::read_elements(&one(answer))),
        Task::Render { output, .. } => drop(answers::check_picture(&one(answer), output.format())),
        Task::Convert { .. } | Task::Encode { .. } => drop(answers::check_picture(&one(answer), "png")),
        Task::Recognise { .. } => {
            if let Ok(recognition) = answers::read_recognition(&one(answer)) {
                assert!(recognition.confidence <= 100);
            }
        }
        Task::Import { .. } | Task::InThreads { .. } => {
            if let Ok(imported) = answers::read_import(&one(answer)) {
                imported.batch.check().expect("columns fit");
            }
        }
        Task::Validate { .. } | Task::Merge { .. } => {
            let asked = Batch::decode(input).expect("the batch that was sent");
            if let Ok(validated) = answers::read_transformed(&one(answer), &asked) {
                validated.batch.check().expect("columns fit");
                assert_eq!(validated.batch.images.len(), asked.images.len());
            }
        }
        Task::Export { .. } => {
            if let Ok(exported) = answers::read_export(&one(answer)) {
                assert!(!exported.files.is_empty());
            }
        }
    }
}
