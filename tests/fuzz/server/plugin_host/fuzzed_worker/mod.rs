//! What comes over the socket between server and worker, made of the fuzzer's bytes: messages, answers to calls,
//! introductions, shared memory.

mod answer;
mod introduction;
mod message;

use crate::plugin_host::answers;
use crate::plugin_host::wire::{self, TRAY_BYTES, Tray};
use crate::script::Script;
use bytes::Bytes;
use lightbox_sdk::Batch;
use rustix::fs::ftruncate;
use std::os::fd::OwnedFd;

/// The first byte says which part of the protocol the others are.
pub fn run(bytes: &[u8]) {
    let mut script = Script::new(bytes);
    match script.byte() % 6 {
        0 => answer::run(&mut script),
        1 => message::run(&mut script),
        2 => introduction::run(&mut script),
        3 => read_answers(&mut script),
        4 => share_memory(&mut script),
        _ => open_control_page(&mut script),
    }
}

/// The bytes of answers, whatever they answer.
fn read_answers(script: &mut Script) {
    let kind = script.byte() % 7;
    let bytes = script.rest();
    match kind {
        0 => {
            if let Ok(metadata) = answers::read_metadata(&bytes) {
                assert!(metadata.width > 0 && metadata.height > 0 && metadata.frame_count > 0);
            }
        }
        1 => {
            if let Ok(Some(elements)) = answers::read_elements(&bytes) {
                assert_eq!(elements.as_bytes(), bytes);
            }
        }
        2 => drop(answers::read_recognition(&bytes).map(|recognition| assert!(recognition.confidence <= 100))),
        3 => drop(answers::read_import(&bytes).map(|imported| imported.batch.check().expect("columns fit"))),
        4 => {
            let transformed = answers::read_transformed(&bytes, &Batch::default());
            drop(transformed.map(|validated| assert!(validated.batch.images.is_empty())));
        }
        5 => drop(answers::check_picture(&bytes, "png")),
        _ => drop(answers::read_export(&bytes).map(|exported| assert!(!exported.files.is_empty()))),
    }
}

/// An answer's memory file that is shorter or longer than announced, or that its writer still holds.
fn share_memory(script: &mut Script) {
    let scratch = wire::new_scratch().expect("a memory file");
    let (announced, size) = (script.number().min(1 << 20) as usize, script.number().min(8 << 20));
    let written = script.bytes(4096);
    let _held = fill(script, &scratch, &written, size);
    let expected = |bytes: &[u8]| {
        assert_eq!(bytes.len(), announced);
        let both = bytes.len().min(written.len());
        assert_eq!(bytes[..both], written[..both]);
        assert!(bytes[both..].iter().all(|byte| *byte == 0));
    };
    match wire::take(scratch, announced) {
        Ok(bytes) => expected(&bytes),
        Err(_) => assert!(announced as u64 > size || _held.is_some(), "{announced} of {size} bytes"),
    }
    lay_on_a_tray(script, &written, announced);
}

/// What lies there, as much of it as is announced, and nothing beyond the tray.
fn lay_on_a_tray(script: &mut Script, written: &[u8], announced: usize) {
    let (here, file) = Tray::create().expect("a tray");
    let there = Tray::open(&file).expect("the tray that was made");
    let parts = [Bytes::copy_from_slice(written), Bytes::from(script.bytes(64))];
    there.put(&parts).expect("room for two short parts");
    let (held, whole) = (here.copy(announced), parts.concat());
    match &held {
        Ok(bytes) => {
            assert_eq!(bytes.len(), announced);
            let both = bytes.len().min(whole.len());
            assert_eq!(bytes[..both], whole[..both]);
        }
        Err(_) => assert!(announced > TRAY_BYTES, "{announced} bytes"),
    }
    drop((held, here.copy(whole.len()).map(|bytes| assert_eq!(bytes, whole))));
}

/// Writes, then gives the file this size; what is given back maps it for writing.
fn fill(script: &mut Script, scratch: &OwnedFd, bytes: &[u8], size: u64) -> Option<memmap2::MmapMut> {
    rustix::io::pwrite(scratch, bytes, 0).expect("memory");
    ftruncate(scratch, size).expect("a file of this process");
    // SAFETY: nothing reads or writes the map.
    (script.oddity(1) > 0 && size > 0).then(|| unsafe { memmap2::MmapMut::map_mut(scratch) }.expect("a map"))
}

/// A page that is too small must not be touched.
fn open_control_page(script: &mut Script) {
    let (page, file) = wire::ControlPage::create().expect("a control page");
    let other = wire::ControlPage::open(&file).expect("the page that was made");
    let number = script.number() as u32;
    page.cancel(number);
    assert!(other.is_cancelled(number));
    let small = wire::new_scratch().expect("a memory file");
    ftruncate(&small, script.number().min(1 << 20)).expect("a file of this process");
    if let Ok(page) = wire::ControlPage::open(&small) {
        page.cancel(1);
        assert!(page.is_cancelled(1));
    }
}
