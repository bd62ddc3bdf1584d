//! Writing arriving bytes to an upload's file, in a task of its own: when the client's connection breaks and with it
//! the request, what has arrived is still written, and only then may the next request write.

use super::super::failure::Failure;
use super::checksum::Checksum;
use crate::services::uploads::WriteLease;
use actix_web::http::StatusCode;
use bytes::Bytes;
use std::fs::File;
use std::io::{self, Write};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, spawn_blocking};

/// Pieces that wait for the disk; the network gives some 10 to 100 kB each.
const MAX_WAITING: usize = 32;

/// What a request sends to its writer. Without `End` the connection broke off.
pub enum Piece {
    Bytes(Bytes),
    End,
    /// Nothing of this request counts.
    Discard,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The file's new length; the disk has it.
    Written(u64),
    ChecksumDiffers,
    Discarded,
}

pub struct Writer {
    pieces: mpsc::Sender<Piece>,
    task: JoinHandle<io::Result<Outcome>>,
}

impl Writer {
    /// `offset`: the file's length now.
    pub fn start(file: File, lease: WriteLease, offset: u64, checksum: Option<Checksum>) -> Self {
        let (pieces, receiver) = mpsc::channel(MAX_WAITING);
        let job = Job { file, start: offset, end: offset, checksum };
        let task = tokio::spawn(async move {
            let outcome = job.run(receiver).await;
            drop(lease);
            outcome
        });
        Self { pieces, task }
    }

    /// Waits while the disk is behind; false when writing has failed, which `finish` explains.
    pub async fn send(&self, piece: Piece) -> bool {
        self.pieces.send(piece).await.is_ok()
    }

    pub async fn finish(self) -> io::Result<Outcome> {
        drop(self.pieces);
        self.task.await.map_err(io::Error::other)?
    }
}

struct Job {
    file: File,
    start: u64,
    end: u64,
    checksum: Option<Checksum>,
}

/// How the pieces of a request ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Complete,
    Broken,
    Discarded,
}

impl Job {
    async fn run(mut self, mut receiver: mpsc::Receiver<Piece>) -> io::Result<Outcome> {
        let mut batch = Vec::with_capacity(MAX_WAITING);
        let mut ending = Ending::Broken;
        // One trip to the blocking threads for all that waits, not one a piece.
        while receiver.recv_many(&mut batch, MAX_WAITING).await > 0 {
            let pieces = std::mem::replace(&mut batch, Vec::with_capacity(MAX_WAITING));
            let (job, reached) = spawn_blocking(move || self.write(pieces)).await.map_err(io::Error::other)?;
            (self, ending) = (job, reached?.unwrap_or(ending));
        }
        spawn_blocking(move || self.finish(ending)).await.map_err(io::Error::other)?
    }

    fn write(mut self, pieces: Vec<Piece>) -> (Self, io::Result<Option<Ending>>) {
        let written = self.append(pieces);
        if written.is_err() {
            self.forget();
        }
        (self, written)
    }

    fn append(&mut self, pieces: Vec<Piece>) -> io::Result<Option<Ending>> {
        let mut ending = None;
        for piece in pieces {
            match piece {
                Piece::Bytes(bytes) => {
                    self.file.write_all(&bytes)?;
                    self.end += bytes.len() as u64;
                    if let Some(checksum) = &mut self.checksum {
                        checksum.update(&bytes);
                    }
                }
                Piece::End => ending = Some(Ending::Complete),
                Piece::Discard => ending = Some(Ending::Discarded),
            }
        }
        Ok(ending)
    }

    /// The disk failed or is full: the bytes of this request do not count. They would be taken for bytes that have
    /// arrived, for the file's length is all that says so, and on a full disk they would leave no room for anything else.
    fn forget(&self) {
        if let Err(error) = self.file.set_len(self.start) {
            tracing::error!(%error, "bytes of an upload could not be taken back");
        }
    }

    /// Bytes with a checksum count only when all of them came and agree: the protocol has the others forgotten.
    fn finish(mut self, ending: Ending) -> io::Result<Outcome> {
        let agrees = self.checksum.take().map(|checksum| ending == Ending::Complete && checksum.agrees());
        let outcome = match (ending, agrees) {
            (Ending::Discarded, _) => Outcome::Discarded,
            (Ending::Broken, Some(_)) => Outcome::Discarded,
            (_, Some(false)) => Outcome::ChecksumDiffers,
            _ => Outcome::Written(self.end),
        };
        if !matches!(outcome, Outcome::Written(_)) {
            self.file.set_len(self.start)?;
        }
        // A disk that failed once may say that all is well the next time, and have lost the bytes.
        self.file.sync_data().inspect_err(|_| self.forget())?;
        Ok(outcome)
    }
}

pub fn busy() -> Failure {
    Failure::new(StatusCode::LOCKED, "Another request writes to this upload: wait for it, then ask for the offset.")
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;
