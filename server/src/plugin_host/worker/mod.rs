//! A worker: this binary started again to run one plugin. It shuts itself in before it loads anything, does one call at
//! a time, and ends with the server. How the server sees it is in `pool`.

mod allocator;
mod last_words;
mod sandbox;
mod watchdog;

use super::circumstances::Circumstances;
use super::native::{self, Plugin, StoredFile, Workbench};
use super::task::Answer;
use super::wire::{
    self, ControlPage, Hello, INLINE_BYTES, Outcome, Place, Ready, Received, Reply, Request, TRAY_BYTES, Tray,
};
use super::{PluginError, PluginErrorKind, limits};
use bytes::Bytes;
pub(in crate::plugin_host) use sandbox::Report;
use std::fs::File;
use std::io::{Error, Result, Write};
use std::os::fd::{BorrowedFd, IntoRawFd, OwnedFd};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// Open files that a worker may have.
const OPEN_FILES: u64 = 64;

/// Does what the server asks until it goes away. Before anything else of the process: no thread may run yet.
pub fn run() -> ExitCode {
    close_inherited_files();
    ignore_calls_to_stop();
    allocator::keep_what_is_freed();
    let lines =
        tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(false).without_time().with_target(false);
    lines.init();
    match serve(rustix::stdio::stdin()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => give_up(&error),
    }
}

fn give_up(error: &Error) -> ! {
    tracing::error!("lightbox plugin-host, which only the server starts, ends: {error}");
    end()
}

/// At once, with nothing run or dropped on the way: what a plugin left behind may hang there, and the standard library
/// aborts when it finds a file closed that a plugin had no right to close.
fn end() -> ! {
    // SAFETY: ends the process and touches nothing of it.
    unsafe { libc::_exit(i32::from(wire::LOST_CONNECTION)) }
}

/// Whatever the server had open when it started this process.
fn close_inherited_files() {
    // SAFETY: nothing of this process has opened a file yet.
    unsafe { libc::syscall(libc::SYS_close_range, 3, u32::MAX, 0) };
}

/// They are the server's, which lets calls end first; a worker ends when the server does.
fn ignore_calls_to_stop() {
    for signal in [libc::SIGINT, libc::SIGTERM] {
        // SAFETY: no handler is installed, the signal is only ignored.
        unsafe { libc::signal(signal, libc::SIG_IGN) };
    }
}

fn serve(socket: BorrowedFd<'static>) -> Result<()> {
    let Some(first) = wire::receive(socket, Vec::new())? else { return Ok(()) };
    let hello: Hello = first.head()?;
    let (buffer, mut files) = take_files(first);
    if files.len() != 3 + hello.libraries.len() {
        return Err(missing_file());
    }
    let libraries: Vec<PathBuf> = files.drain(3..).map(path_of).collect();
    let [control, tray, scratch] = <[OwnedFd; 3]>::try_from(files).map_err(|_| missing_file())?;
    let (control, tray) = (Arc::new(ControlPage::open(&control)?), Tray::open(&tray)?);
    // While a file can still be opened.
    last_words::prepare(&control)?;
    let sandbox = shut_in(&hello, &libraries);
    watchdog::start(socket)?;
    let mut desk = Desk { socket, tray, scratch: Some(File::from(scratch)) };
    let bench = match open_workbench(&hello, &libraries) {
        Ok(bench) => bench,
        Err(reason) => return desk.refuse(sandbox, reason),
    };
    if let Err(reason) = sandbox::close_file_system() {
        tracing::debug!("the plugin's process may still read the system's libraries: {reason}");
    }
    desk.introduce(sandbox, &bench.plugin)?;
    native::keep_memory();
    let mut buffer = buffer;
    while let Some(request) = wire::receive(socket, buffer).unwrap_or_else(|error| give_up(&error)) {
        buffer = desk.answer(&bench, request, &control).unwrap_or_else(|error| give_up(&error));
    }
    Ok(())
}

fn shut_in(hello: &Hello, libraries: &[PathBuf]) -> Report {
    let bounds = sandbox::Bounds {
        memory_bytes: hello.memory_bytes,
        mapped_bytes: limits::STORED_FILE_BYTES,
        open_files: OPEN_FILES,
        output_bytes: limits::ANNOTATIONS_BYTES + limits::ENCODED_OVERHEAD_BYTES,
    };
    sandbox::enter(&bounds, libraries)
}

fn open_workbench(hello: &Hello, libraries: &[PathBuf]) -> std::result::Result<Workbench, String> {
    let load = |(path, found): (&PathBuf, &PathBuf)| {
        // Loaders name the file in what they say.
        let told = |reason: String| reason.replace(&path.display().to_string(), &found.display().to_string());
        native::load(path).map(Arc::new).map_err(told)
    };
    let loaded =
        libraries.iter().zip(&hello.libraries).map(load).collect::<std::result::Result<Vec<Arc<Plugin>>, _>>()?;
    let encoder = |(format, library): &(String, usize)| Some((format.clone(), loaded.get(*library)?.clone()));
    let encoders = hello.encoders.iter().filter_map(encoder).collect();
    let plugin = loaded.first().ok_or("the server sent no library")?.clone();
    Ok(Workbench { plugin, encoders, max_pixels_bytes: hello.max_pixels_bytes })
}

/// Where messages go out, and the memory that long ones go through.
struct Desk {
    socket: BorrowedFd<'static>,
    tray: Tray,
    /// Gone once it carried something; the server then sends a new one.
    scratch: Option<File>,
}

impl Desk {
    fn refuse(&mut self, sandbox: Report, reason: String) -> Result<()> {
        wire::send(self.socket, &Ready { sandbox, refusal: Some(reason), in_scratch: None }, &[], &[])
    }

    fn introduce(&mut self, sandbox: Report, plugin: &Plugin) -> Result<()> {
        let manifest = Bytes::from(serde_json::to_vec(&plugin.manifest)?);
        if manifest.len() <= INLINE_BYTES {
            return wire::send(self.socket, &Ready { sandbox, refusal: None, in_scratch: None }, &manifest, &[]);
        }
        let length = manifest.len() as u64;
        self.write_scratch(&[manifest])?;
        wire::send(self.socket, &Ready { sandbox, refusal: None, in_scratch: Some(length) }, &[], &[])
    }

    /// Does one call; gives the message's buffer back.
    fn answer(&mut self, bench: &Workbench, received: Received, control: &Arc<ControlPage>) -> Result<Vec<u8>> {
        let Request { number, task, timeout_ms, input_is_file, has_scratch } = received.head()?;
        let mut received = received;
        let mut files = std::mem::take(&mut received.files).into_iter();
        let input = if input_is_file { Some(files.next().ok_or_else(missing_file)?) } else { None };
        if has_scratch {
            self.scratch = Some(File::from(files.next().ok_or_else(missing_file)?));
        }
        let control = control.clone();
        let now = Circumstances::new(Duration::from_millis(timeout_ms), move || control.is_cancelled(number));
        let result = match input {
            None => bench.perform(&task, received.body(), &now),
            Some(file) => {
                let mapped = StoredFile::map(&file.into()).map_err(unreadable);
                mapped.and_then(|file| bench.perform(&task, file.bytes(), &now))
            }
        };
        self.reply(number, result)?;
        Ok(received.into_buffer())
    }

    fn reply(&mut self, number: u32, result: std::result::Result<Answer, PluginError>) -> Result<()> {
        let parts = match result {
            Ok(answer) => answer.parts,
            Err(PluginError { kind, plugin, message }) => {
                // After a panic nobody knows what state the plugin is in.
                let retire = kind == PluginErrorKind::Internal;
                let reply = Reply { number, outcome: Outcome::Failed { kind, plugin, message }, retire };
                return wire::send(self.socket, &reply, &[], &[]);
            }
        };
        let parts_bytes: Vec<u64> = parts.iter().map(|part| part.len() as u64).collect();
        let place = match parts_bytes.iter().sum::<u64>() {
            total if total <= INLINE_BYTES as u64 => Place::Body,
            total if total <= TRAY_BYTES as u64 => Place::Tray,
            _ => Place::Scratch,
        };
        let reply = Reply { number, outcome: Outcome::Done { parts_bytes, place }, retire: false };
        match (place, parts.as_slice()) {
            (Place::Body, [part]) => return wire::send(self.socket, &reply, part, &[]),
            (Place::Body, parts) => return wire::send(self.socket, &reply, &parts.concat(), &[]),
            (Place::Tray, parts) => self.tray.put(parts)?,
            (Place::Scratch, parts) => self.write_scratch(parts)?,
        }
        wire::send(self.socket, &reply, &[], &[])
    }

    /// The file becomes the server's: it is closed here, so that the server may seal it.
    fn write_scratch(&mut self, parts: &[Bytes]) -> Result<()> {
        let mut scratch = self.scratch.take().ok_or_else(|| Error::other("the server sent no scratch file"))?;
        parts.iter().try_for_each(|part| scratch.write_all(part))
    }
}

fn take_files(mut received: Received) -> (Vec<u8>, Vec<OwnedFd>) {
    let files = std::mem::take(&mut received.files);
    (received.into_buffer(), files)
}

/// By which the loader opens exactly this file. Stays open: a worker has few, and its library needs it no less.
fn path_of(file: OwnedFd) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", file.into_raw_fd()))
}

fn missing_file() -> Error {
    Error::other("a message came without the files that it speaks of")
}

fn unreadable(error: Error) -> PluginError {
    let message = format!("the stored file cannot be mapped: {error}");
    PluginError { kind: PluginErrorKind::Internal, plugin: String::new(), message }
}
