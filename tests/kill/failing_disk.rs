//! A disk that fails for one server: `faults.c`, built here, stands between it and the C library. A full disk: a small
//! file system of one's own, where one may make one.

use crate::settings::COST;
use crate::support::plugin_libraries::{cc, link_shared};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use tempfile::TempDir;

pub const EIO: u32 = 5;
pub const ENOSPC: u32 = 28;

/// Bits of `enum calls`.
pub const WRITE: u32 = 1;
pub const FLUSH: u32 = 2;
pub const RENAME: u32 = 4;
pub const REMOVE: u32 = 8;
pub const CREATE: u32 = 16;

/// What fails.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    pub error: u32,
    pub calls: u32,
    /// A part of the paths that are meant.
    pub path: &'static str,
    pub per_million: u32,
}

pub struct FailingDisk {
    _folder: TempDir,
    control: PathBuf,
}

impl FailingDisk {
    /// All is well until a fault begins.
    pub fn new() -> Self {
        let folder = TempDir::with_prefix("lightbox-test-").unwrap();
        let control = folder.path().join("control");
        std::fs::write(&control, [0; 4096]).unwrap();
        Self { _folder: folder, control }
    }

    /// Settings of the server that it is for.
    pub fn settings(&self) -> [(&str, &str); 3] {
        let (library, control) = (library().to_str().unwrap(), self.control.to_str().unwrap());
        [("LD_PRELOAD", library), ("FAULTS_CONTROL", control), COST]
    }

    pub fn begin(&self, fault: Fault, seed: u32) {
        let mut needle = fault.path.as_bytes().to_vec();
        needle.push(0);
        let numbers = [fault.per_million, fault.calls, seed];
        self.write(24, &needle);
        self.write(4, &numbers.map(u32::to_ne_bytes).concat());
        self.write(0, &fault.error.to_ne_bytes());
    }

    pub fn end(&self) {
        self.write(0, &0u32.to_ne_bytes());
    }

    /// Calls that failed so far.
    pub fn failed(&self) -> u32 {
        let bytes = std::fs::read(&self.control).unwrap();
        u32::from_ne_bytes([bytes[16], bytes[17], bytes[18], bytes[19]])
    }

    fn write(&self, at: u64, bytes: &[u8]) {
        let mut file = std::fs::OpenOptions::new().write(true).open(&self.control).unwrap();
        file.seek(SeekFrom::Start(at)).unwrap();
        file.write_all(bytes).unwrap();
    }
}

fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("faults-{}.so", std::process::id()));
        let mut cc = cc(["tests/kill/faults.c"]);
        cc.arg("-ldl");
        link_shared(cc, &library);
        library
    })
}

/// A file system of few bytes; it goes with this.
pub struct SmallDisk {
    folder: Option<TempDir>,
}

impl SmallDisk {
    /// # Errors
    /// Why there can be none.
    pub fn mount(mebibytes: u32) -> Result<Self, String> {
        let folder = TempDir::with_prefix("lightbox-test-").unwrap();
        let size = format!("size={mebibytes}m");
        let mount =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "lightbox-test"]).arg(folder.path()).output();
        match mount {
            Ok(output) if output.status.success() => Ok(Self { folder: Some(folder) }),
            Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
            Err(error) => Err(format!("mount: {error}")),
        }
    }

    pub fn path(&self) -> &Path {
        self.folder.as_ref().unwrap().path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        if let Some(folder) = self.folder.take() {
            // Lazily: a process that is being killed may still have it.
            let _ = Command::new("umount").arg("--lazy").arg(folder.path()).status();
        }
    }
}
