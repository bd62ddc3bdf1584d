//! One worker's process: a call goes out, an answer comes back or does not.

use super::death;
use crate::plugin_host::circumstances::Circumstances;
use crate::plugin_host::limits;
use crate::plugin_host::task::{Answer, Input, Task};
use crate::plugin_host::wire::{self, ControlPage, INLINE_BYTES, Outcome, Place, Received, Reply, Request, Tray};
use crate::plugin_host::{PluginError, PluginErrorKind};
use bytes::Bytes;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

/// How often a waiting call looks whether it should stop.
const LOOK: Duration = Duration::from_millis(20);
/// The most that is read at once of what a worker writes to its standard error; a pipe holds no more.
const MAX_LINES_BYTES: usize = 64 << 10;
/// How long a plugin may take to notice that it should stop, before its process is killed.
const GRACE: Duration = Duration::from_millis(100);

/// A worker, killed when it is dropped.
pub struct Process {
    child: Child,
    socket: OwnedFd,
    control: ControlPage,
    tray: Tray,
    /// What it writes to its standard error.
    lines: OwnedFd,
    /// The memory file that the worker writes its next very long answer into.
    scratch: Option<OwnedFd>,
    buffer: Vec<u8>,
    last_number: u32,
    cpu_limit: Duration,
    pub idle_since: Instant,
}

/// A call that came back.
pub struct Spent {
    pub result: Result<Answer, PluginError>,
    /// The process should not be used again.
    pub retire: bool,
}

/// A call that did not come back.
pub enum Failed {
    /// The process was gone already.
    NotSent,
    /// The call cannot be made, which is not the plugin's fault.
    Unusable(PluginError),
    /// Late or cancelled; the process must go.
    Over,
    /// The process ended, or what it sent is no answer.
    Broken(String),
}

pub enum Wait {
    /// A message is there, or the end of the connection.
    Ready,
    Over,
}

impl Process {
    pub fn new(child: Child, socket: OwnedFd, (control, tray): (ControlPage, Tray), lines: OwnedFd) -> Self {
        Self {
            child,
            socket,
            control,
            tray,
            lines,
            scratch: None,
            buffer: Vec::new(),
            last_number: 0,
            cpu_limit: Duration::ZERO,
            idle_since: Instant::now(),
        }
    }

    pub fn socket(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }

    /// As the system numbers it.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended; `None` while it runs.
    pub fn find_end(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// What it wrote to its standard error since the last look.
    pub fn read_lines(&self) -> String {
        let (mut bytes, mut some) = (Vec::new(), [0; 4096]);
        // Mostly there is nothing, which every call asks for: it costs no memory.
        while bytes.len() < MAX_LINES_BYTES {
            match rustix::io::read(&self.lines, &mut some) {
                Ok(count) if count > 0 => bytes.extend_from_slice(&some[..count]),
                _ => break,
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// How much memory it had when it died by a signal.
    pub fn last_memory_bytes(&self) -> u64 {
        let pages = self.control.last_memory_pages().load(std::sync::atomic::Ordering::Relaxed);
        u64::from(pages) * rustix::param::page_size() as u64
    }

    /// The worker has this file and did not use it yet.
    pub fn keep_scratch(&mut self, scratch: OwnedFd) {
        self.scratch = Some(scratch);
    }

    pub fn call(&mut self, task: &Task, input: &Input, now: &Circumstances) -> Result<Spent, Failed> {
        self.last_number = self.last_number.wrapping_add(1).max(1);
        let number = self.last_number;
        self.send(number, task, input, now)?;
        if matches!(self.wait(now), Wait::Over) {
            self.control.cancel(number);
            let grace = Circumstances::new(GRACE, || false);
            if matches!(self.wait(&grace), Wait::Over) {
                return Err(Failed::Over);
            }
        }
        let received = match wire::receive(&self.socket, std::mem::take(&mut self.buffer)) {
            Ok(Some(received)) => received,
            Ok(None) => return Err(Failed::Broken("it closed its connection".to_owned())),
            Err(error) => return Err(Failed::Broken(error.to_string())),
        };
        let spent = self.read(number, &received)?;
        self.buffer = received.into_buffer();
        death::log_lines(&self.read_lines());
        Ok(spent)
    }

    fn send(&mut self, number: u32, task: &Task, input: &Input, now: &Circumstances) -> Result<(), Failed> {
        let (file, body) = lay_out(input).map_err(Failed::Unusable)?;
        let new_scratch = match self.scratch {
            Some(_) => None,
            None => Some(wire::new_scratch().map_err(|error| Failed::Unusable(out_of_memory(&error)))?),
        };
        let timeout_ms = now.remaining_ms();
        death::allow_cpu_time(&self.child, &mut self.cpu_limit, Duration::from_millis(timeout_ms));
        let (input_is_file, has_scratch) = (file.is_some(), new_scratch.is_some());
        let request = Request { number, task: task.clone(), timeout_ms, input_is_file, has_scratch };
        let files: Vec<BorrowedFd<'_>> =
            file.iter().map(Shared::as_fd).chain(new_scratch.as_ref().map(AsFd::as_fd)).collect();
        wire::send(&self.socket, &request, body, &files).map_err(|error| match error.kind() {
            std::io::ErrorKind::InvalidInput => Failed::Unusable(internal(error.to_string())),
            _ => Failed::NotSent,
        })?;
        if new_scratch.is_some() {
            self.scratch = new_scratch;
        }
        Ok(())
    }

    /// Until something came, or the time is over.
    pub fn wait(&self, now: &Circumstances) -> Wait {
        loop {
            let look = LOOK.min(Duration::from_millis(now.remaining_ms().max(1)));
            let look = Timespec { tv_sec: 0, tv_nsec: i64::from(look.subsec_nanos()) };
            match poll(&mut [PollFd::new(&self.socket, PollFlags::IN)], Some(&look)) {
                Ok(0) | Err(_) if now.is_over() => return Wait::Over,
                Ok(0) | Err(_) => {}
                Ok(_) => return Wait::Ready,
            }
        }
    }

    fn read(&mut self, number: u32, received: &Received) -> Result<Spent, Failed> {
        let reply: Reply =
            received.head().map_err(|error| Failed::Broken(format!("its answer cannot be read: {error}")))?;
        if reply.number != number || !received.files.is_empty() {
            return Err(Failed::Broken("it answered something that it was not asked".to_owned()));
        }
        let result = match reply.outcome {
            Outcome::Failed { kind, plugin, message } => Err(PluginError { kind, plugin, message }),
            Outcome::Done { parts_bytes, place } => Ok(self.read_parts(&parts_bytes, place, received.body())?),
        };
        Ok(Spent { result, retire: reply.retire })
    }

    fn read_parts(&mut self, parts_bytes: &[u64], place: Place, body: &[u8]) -> Result<Answer, Failed> {
        let total = parts_bytes.iter().try_fold(0u64, |total, part| total.checked_add(*part));
        let allowed = limits::ANNOTATIONS_BYTES + limits::ENCODED_OVERHEAD_BYTES;
        let total = total.filter(|total| *total <= allowed).and_then(|total| usize::try_from(total).ok());
        let total = total.ok_or_else(|| Failed::Broken(format!("its answer is longer than {allowed} bytes")))?;
        let whole = match place {
            Place::Body if body.len() == total => Ok(Bytes::copy_from_slice(body)),
            Place::Body => return Err(Failed::Broken(format!("it announced {total} bytes and sent {}", body.len()))),
            Place::Tray => self.tray.copy(total),
            Place::Scratch => {
                wire::take(self.scratch.take().ok_or_else(|| Failed::Broken("it wrote nowhere".to_owned()))?, total)
            }
        };
        let mut whole = whole.map_err(|error| Failed::Broken(format!("its answer cannot be taken: {error}")))?;
        // The sum was checked, so that no part is longer than what is left.
        let parts = parts_bytes.iter().map(|part| whole.split_to(usize::try_from(*part).unwrap_or(0).min(whole.len())));
        Ok(Answer { parts: parts.collect() })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Gone already, or going: both are what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A file that the worker may map.
enum Shared<'a> {
    Stored(File),
    Parcel(&'a OwnedFd),
}

impl AsFd for Shared<'_> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Stored(file) => file.as_fd(),
            Self::Parcel(file) => file.as_fd(),
        }
    }
}

/// How an input travels: as a file, or inside the message when it is short.
fn lay_out(input: &Input) -> Result<(Option<Shared<'_>>, &[u8]), PluginError> {
    match input {
        Input::File(path) => Ok((Some(Shared::Stored(open(path)?)), &[])),
        Input::Parcel(parcel) if parcel.bytes.len() <= INLINE_BYTES => Ok((None, &parcel.bytes)),
        Input::Parcel(parcel) => {
            if parcel.shared.get().is_none() {
                let shared = wire::share(&parcel.bytes).map_err(|error| out_of_memory(&error))?;
                // Another thread may have been faster, and its copy is as good.
                let _ = parcel.shared.set(shared);
            }
            Ok((parcel.shared.get().map(Shared::Parcel), &[]))
        }
    }
}

fn open(path: &Path) -> Result<File, PluginError> {
    File::open(path).map_err(|error| internal(format!("the stored file {} cannot be read: {error}", path.display())))
}

fn out_of_memory(error: &std::io::Error) -> PluginError {
    internal(format!("there is no memory to share with a plugin's process: {error}"))
}

fn internal(message: String) -> PluginError {
    PluginError { kind: PluginErrorKind::Internal, plugin: String::new(), message }
}
