//! Starting a worker, and learning from it who its plugin is.

use super::death;
use super::process::{Process, Wait};
use crate::plugin_host::circumstances::Circumstances;
use crate::plugin_host::manifest::Manifest;
use crate::plugin_host::wire::{self, ControlPage, Hello, Ready, Received, Tray};
use crate::plugin_host::worker::Report;
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
use rustix::pipe::{PipeFlags, pipe_with};
use std::fs::File;
use std::io::Result;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

/// The longest manifest: as many descriptors as the ABI allows would be more than anyone reads.
const MANIFEST_BYTES: u64 = 64 << 20;

/// How the workers of one plugin are started.
pub struct Launch {
    /// This server's own binary.
    pub executable: PathBuf,
    pub hello: Hello,
    /// As many as the hello names.
    pub libraries: Vec<Arc<File>>,
    /// How long a plugin may take to load and introduce itself.
    pub timeout: Duration,
}

impl Launch {
    pub fn memory_bytes(&self) -> u64 {
        self.hello.memory_bytes
    }
}

/// What a worker says before its first call.
pub struct Introduced {
    pub manifest: Manifest,
    pub sandbox: Report,
}

/// Asks a plugin who it is, in a process of its own that ends then.
///
/// # Errors
/// Why the plugin is refused, in one sentence.
pub fn introduce(launch: &Launch) -> std::result::Result<Introduced, String> {
    start(launch).map(|(_, introduced)| introduced)
}

/// # Errors
/// Why there is no worker, in one sentence.
pub fn start(launch: &Launch) -> std::result::Result<(Process, Introduced), String> {
    let (mut process, scratch) = spawn(launch).map_err(|error| format!("its process cannot be started: {error}"))?;
    let now = Circumstances::new(launch.timeout, || false);
    let broken = |process: Process, what: String| {
        let (_, reason) = death::reason(process, what, launch.memory_bytes());
        format!("while it was being loaded, {reason}")
    };
    match process.wait(&now) {
        Wait::Ready => {}
        Wait::Over => {
            return Err(format!("it took longer than the {} ms to start that it may", launch.timeout.as_millis()));
        }
    }
    let received = match wire::receive(process.socket(), Vec::new()) {
        Ok(Some(received)) => received,
        Ok(None) => return Err(broken(process, "it closed its connection".to_owned())),
        Err(error) => return Err(broken(process, error.to_string())),
    };
    let (introduced, unused) = read_introduction(&received, scratch)?;
    if let Some(scratch) = unused {
        process.keep_scratch(scratch);
    }
    Ok((process, introduced))
}

/// Reads the first message of a worker. Gives the scratch file back when no part of the message stood in it.
///
/// # Errors
/// Why the plugin is refused, in one sentence.
pub fn read_introduction(
    received: &Received,
    scratch: OwnedFd,
) -> std::result::Result<(Introduced, Option<OwnedFd>), String> {
    let ready: Ready = received.head().map_err(|error| format!("it introduced itself in a way unknown: {error}"))?;
    if let Some(reason) = ready.refusal {
        return Err(reason);
    }
    let mut unused = None;
    let manifest = match ready.in_scratch {
        None => {
            unused = Some(scratch);
            serde_json::from_slice(received.body())
        }
        Some(length) if length <= MANIFEST_BYTES => {
            let bytes = wire::take(scratch, usize::try_from(length).unwrap_or(usize::MAX));
            serde_json::from_slice(&bytes.map_err(|error| format!("its description cannot be read: {error}"))?)
        }
        Some(length) => return Err(format!("its description has {length} bytes, {MANIFEST_BYTES} are allowed")),
    };
    let manifest: Manifest = manifest.map_err(|error| format!("its description is not the JSON expected: {error}"))?;
    manifest.check()?;
    Ok((Introduced { manifest, sandbox: ready.sandbox }, unused))
}

fn spawn(launch: &Launch) -> Result<(Process, OwnedFd)> {
    let (here, there) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
    // A plugin that floods its standard error loses lines and waits for nobody.
    let (lines, stderr) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)?;
    let (control, control_file) = ControlPage::create()?;
    let (tray, tray_file) = Tray::create()?;
    let scratch = wire::new_scratch()?;
    let mut command = Command::new(&launch.executable);
    command.arg("plugin-host").env_clear().current_dir("/");
    command.stdin(Stdio::from(there)).stdout(Stdio::null()).stderr(Stdio::from(stderr));
    let child = command.spawn()?;
    // The command keeps its copy of the other end, and while that is open a dead worker is not noticed.
    drop(command);
    let process = Process::new(child, here, (control, tray), lines);
    let mut files = vec![control_file.as_fd(), tray_file.as_fd(), scratch.as_fd()];
    files.extend(launch.libraries.iter().map(AsFd::as_fd));
    wire::send(process.socket(), &launch.hello, &[], &files)?;
    Ok((process, scratch))
}
