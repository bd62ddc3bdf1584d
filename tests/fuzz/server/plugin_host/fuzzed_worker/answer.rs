//! A worker's answer to a call, as the server takes it: the server's side of a process is real, the process is not.

use super::fill;
use super::message::{self, frame};
use crate::plugin_host::answers;
use crate::plugin_host::circumstances::Circumstances;
use crate::plugin_host::pool::process::{Failed, Process};
use crate::plugin_host::task::{Answer, RenderOutput, Task};
use crate::plugin_host::wire::{self, ControlPage, INLINE_BYTES, Request, Tray};
use crate::script::Script;
use bytes::Bytes;
use lightbox_sdk::Batch;
use rustix::fs::{fcntl_get_seals, ftruncate};
use rustix::pipe::{PipeFlags, pipe_with};
use std::cell::RefCell;
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Command, Stdio};
use std::time::Duration;

/// A process that the server thinks is a worker, and the worker's end of what they share.
struct Stand {
    process: Process,
    tray: Tray,
    socket: OwnedFd,
    lines: OwnedFd,
    /// As the server gave it with a call; `None` when it took it back.
    scratch: Option<OwnedFd>,
    number: u32,
}

thread_local! {
    static STAND: RefCell<Stand> = RefCell::new(Stand::new());
}

impl Stand {
    fn new() -> Self {
        // Ends with this process, whose pipe it reads.
        let mut idle = Command::new("cat");
        let child = idle.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("cat");
        let (server, socket) = message::pair();
        let (reading, lines) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK).expect("a pipe");
        let (control, _) = ControlPage::create().expect("a control page");
        let (tray, tray_file) = Tray::create().expect("a tray");
        // The same memory, as the worker sees it.
        let (process, tray) =
            (Process::new(child, server, (control, tray), reading), Tray::open(&tray_file).expect("the tray of both"));
        Self { process, tray, socket, lines, scratch: None, number: 0 }
    }

    /// Makes a call whose answer is there already.
    fn call(&mut self, answer: &[u8], file_count: usize, task: &Task, input: Bytes) -> Result<Answer, String> {
        self.number += 1;
        message::send(&self.socket, answer, file_count);
        let now = Circumstances::new(Duration::from_secs(20), || false);
        let result = self.process.call(task, &input.into(), &now);
        self.read_request();
        match result {
            Ok(spent) => spent.result.map_err(|error| error.message),
            Err(Failed::Broken(what)) => Err(what),
            Err(Failed::Unusable(error)) => panic!("the call was not made: {error}"),
            Err(Failed::NotSent | Failed::Over) => panic!("the answer was not seen"),
        }
    }

    /// The call as a worker gets it.
    fn read_request(&mut self) {
        let received = wire::receive(&self.socket, Vec::new()).expect("a message").expect("a call");
        let request: Request = received.head().expect("a request");
        assert_eq!(request.number, self.number);
        assert_eq!(received.files.len(), usize::from(request.input_is_file) + usize::from(request.has_scratch));
        let mut received = received;
        if request.has_scratch {
            self.scratch = received.files.pop();
        }
    }

    /// A call without oddities, after which both sides know the same memory file.
    fn share_scratch(&mut self) {
        let number = self.number + 1;
        let head =
            format!(r#"{{"number":{number},"outcome":{{"Done":{{"parts_bytes":[],"place":"Body"}}}},"retire":false}}"#);
        let task = Task::Elements { format: String::new() };
        let answer = self.call(&frame(head.len() as u32, head.as_bytes(), b""), 0, &task, Bytes::new());
        assert!(answer.expect("no oddity").parts.is_empty());
    }

    /// A file that the server sealed is its own from now on; any other is empty for the next answer.
    fn settle(&mut self) {
        self.process.read_lines();
        let Some(scratch) = &self.scratch else { return };
        if fcntl_get_seals(scratch).expect("a memory file").is_empty() {
            ftruncate(scratch, 0).expect("a file without seals");
        } else {
            self.scratch = None;
        }
    }
}

pub fn run(script: &mut Script) {
    STAND.with_borrow_mut(|stand| {
        if stand.scratch.is_none() {
            stand.share_scratch();
        }
        rustix::io::write(&stand.lines, &script.bytes(64)).expect("room in the pipe");
        let task = choose(script);
        let input = Bytes::from(vec![0; if script.oddity(1) > 0 { INLINE_BYTES + 1 } else { 8 }]);
        let scratch = stand.scratch.as_ref().expect("both know one").as_fd().try_clone_to_owned().expect("a file");
        let (answer, held) = write(script, stand.number + 1, (&stand.tray, &scratch));
        drop(scratch);
        let file_count = usize::from(script.oddity(2));
        let answer = stand.call(&answer, file_count, &task, input);
        drop(held);
        if let Ok(answer) = answer {
            assert_eq!(file_count, 0, "an answer comes without files");
            check(&task, answer);
        }
        stand.settle();
    });
}

fn choose(script: &mut Script) -> Task {
    let (format, annotation_type) = ("png".to_owned(), "boxes".to_owned());
    match script.byte() % 6 {
        0 => Task::Inspect { format, thumbnail_size: 256 },
        1 => Task::Elements { format },
        2 => Task::Recognise { annotation_type, name: String::new(), format },
        3 => Task::Import { annotation_type, name: String::new(), format },
        4 => Task::Validate { annotation_type },
        _ => Task::Render { format, frame: 0, window: None, max_size: None, output: RenderOutput::Png },
    }
}

/// The message of an answer, with whatever stands in the memory file. What comes back keeps that file mapped.
fn write(script: &mut Script, number: u32, (tray, scratch): (&Tray, &OwnedFd)) -> (Vec<u8>, Option<memmap2::MmapMut>) {
    let number = if script.oddity(1) > 0 { script.number() as u32 } else { number };
    let odd = script.oddity(3);
    if odd == 1 {
        // The rest of the head is the fuzzer's.
        let body = script.bytes(256);
        let head = [format!(r#"{{"number":{number},"#).as_bytes(), &script.rest()].concat();
        return (frame(head.len() as u32, &head, &body), None);
    }
    if odd == 2 {
        return (script.rest(), None);
    }
    let place = script.one_of(&["Body", "Body", "Tray", "Scratch"]);
    let parts: Vec<u64> = (0..script.byte() % 5).map(|_| script.number()).collect();
    let total = parts.iter().fold(0u64, |total, part| total.saturating_add(*part));
    let kind = script.one_of(&["Unsupported", "Crashed", "Suspended", "Nothing"]);
    let outcome = if odd == 3 {
        format!(r#"{{"Failed":{{"kind":"{kind}","plugin":"p","message":"m"}}}}"#)
    } else {
        format!(r#"{{"Done":{{"parts_bytes":{parts:?},"place":"{place}"}}}}"#)
    };
    let head = format!(r#"{{"number":{number},"outcome":{outcome},"retire":false}}"#);
    // As long as announced, as far as that is possible, or as the fuzzer likes.
    let lies = script.oddity(1) > 0;
    let size = if lies { script.number() } else { total }.min(8 << 20);
    let mut body = script.bytes(4096);
    if place == "Tray" {
        // Too much for it is left out, and announced all the same.
        let _ = tray.put(&[Bytes::from(body)]);
        return (frame(head.len() as u32, head.as_bytes(), b""), None);
    }
    if place == "Scratch" {
        let held = fill(script, scratch, &body, size);
        return (frame(head.len() as u32, head.as_bytes(), b""), held);
    }
    if !lies {
        body.resize(size.min(INLINE_BYTES as u64) as usize, 0);
    }
    (frame(head.len() as u32, head.as_bytes(), &body), None)
}

/// Reads an answer as the server does that asked.
fn check(task: &Task, answer: Answer) {
    match task {
        Task::Inspect { .. } => {
            if let Ok([digest, metadata, thumbnail]) = answer.into_parts() {
                let _ = <[u8; 32]>::try_from(digest.as_ref());
                let _ = (answers::read_metadata(&metadata), answers::check_picture(&thumbnail, "jpeg"));
            }
        }
        Task::Elements { .. } => drop(answer.into_parts().map(|[part]| answers::read_elements(&part))),
        Task::Recognise { .. } => drop(answer.into_parts().map(|[part]| answers::read_recognition(&part))),
        Task::Import { .. } => drop(answer.into_parts().map(|[part]| answers::read_import(&part))),
        Task::Validate { .. } => {
            drop(answer.into_parts().map(|[part]| answers::read_transformed(&part, &Batch::default())));
        }
        _ => drop(answer.into_parts().map(|[part]| answers::check_picture(&part, "png"))),
    }
}
