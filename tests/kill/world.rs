//! One user at work: asks for one thing after another until the server is killed. What he asks for is in `operations`,
//! what he finds afterwards in `reconcile`.

use crate::board::{Board, Kind};
use crate::model::{Doubt, Model};
use crate::wire::{Answer, Failed, Wire};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::sync::Arc;
use std::time::Duration;

pub struct World {
    pub name: String,
    pub token: String,
    pub random: StdRng,
    pub model: Model,
    pub board: Arc<Board>,
    pub on_fault: OnFault,
    history: Vec<String>,
    counter: u32,
}

/// What an error of the server's own means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFault {
    /// It must not be.
    Lose,
    /// The disk fails: what was asked for was not done.
    GoOn,
    /// The disk fails, and the server is to be killed: what was asked for may show afterwards.
    Stop,
}

/// The server is gone.
pub struct Gone;

impl World {
    pub fn new(name: &str, token: String, seed: u64, board: Arc<Board>) -> Self {
        let random = StdRng::seed_from_u64(seed);
        let (model, history) = (Model::default(), Vec::new());
        let on_fault = OnFault::Lose;
        Self { name: name.to_owned(), token, random, model, board, on_fault, history, counter: 0 }
    }

    pub fn wire(&self, address: &str) -> Wire {
        Wire::new(address, &self.token)
    }

    /// Goes on until the server does not answer any more, or nobody may begin anything.
    pub fn work(&mut self, wire: &Wire) {
        while !self.board.is_over() {
            if self.step(wire).is_err() {
                return;
            }
        }
    }

    fn step(&mut self, wire: &Wire) -> Result<(), Gone> {
        self.look_at_jobs(wire)?;
        if self.model.jobs.len() >= 3 {
            std::thread::sleep(Duration::from_millis(20));
            return Ok(());
        }
        let many = self.model.whole().len() >= 5;
        match self.random.random_range(0..100) {
            0..30 => self.go_on_with_an_upload(wire),
            30..36 => self.create_set(wire),
            36..52 => self.annotate(wire),
            52..55 => self.delete_set(wire),
            55..61 => self.rename(wire),
            61..67 => self.register(wire),
            67..70 => self.remove(wire),
            70..78 => self.combine(wire),
            78..85 => self.export(wire),
            85..88 => self.cancel(wire),
            88..90 => self.end_upload(wire),
            _ if many => self.delete(wire),
            _ => Ok(()),
        }
    }

    /// Makes a request that changes something. While it is under way, nobody knows whether it is done; an answer of the
    /// server settles it. `None`: it was not done.
    pub fn attempt<T>(
        &mut self,
        kind: Kind,
        doubt: Doubt,
        request: impl FnOnce() -> Answer<T>,
    ) -> Result<Option<T>, Gone> {
        self.note(format!("{kind:?}: {}", shortened(&format!("{doubt:?}"))));
        self.model.doubt = Some(doubt);
        let name = self.name.clone();
        self.board.begin(&name, kind);
        let answer = request();
        let is_open = match &answer {
            Err(Failed::Lost) => true,
            Err(Failed::Broken { .. }) => self.on_fault == OnFault::Stop,
            _ => false,
        };
        if is_open {
            self.board.lose(kind);
            self.note("  no answer, or an error before the end".to_owned());
            return Err(Gone);
        }
        self.board.end(&name);
        self.model.doubt = None;
        match answer {
            Ok(done) => Ok(Some(done)),
            Err(Failed::Refused(why)) => {
                self.note(format!("  refused: {why}"));
                Ok(None)
            }
            Err(Failed::Broken { code, message }) => {
                self.note(format!("  {code}: {message}"));
                let by_worker = code.starts_with("PLUGIN_") && self.board.worker_kills() > 0;
                if !by_worker && self.on_fault == OnFault::Lose {
                    self.lose(&format!("{kind:?} failed with {code}: {message}"));
                }
                Ok(None)
            }
            Err(Failed::Lost) => Err(Gone),
        }
    }

    pub fn expects_faults(&self) -> bool {
        self.on_fault != OnFault::Lose
    }

    /// A request that changes nothing.
    pub fn ask<T>(&self, answer: Answer<T>) -> Result<T, Gone> {
        match answer {
            Ok(value) => Ok(value),
            Err(Failed::Lost) => Err(Gone),
            // Reading goes on while nothing can be written.
            Err(failed) => self.lose(&format!("a request that only reads: {failed:?}")),
        }
    }

    pub fn fresh_name(&mut self) -> String {
        self.counter += 1;
        format!("{} {}", self.name, self.counter)
    }

    pub fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        (!from.is_empty()).then(|| from[self.random.random_range(0..from.len())].clone())
    }

    pub fn note(&mut self, what: String) {
        self.history.push(what);
    }

    /// Something that was acknowledged is not there, or something half-made is.
    pub fn lose(&self, what: &str) -> ! {
        let start = self.history.len().saturating_sub(120);
        panic!("{}: {what}\nits history:\n{}", self.name, self.history[start..].join("\n"));
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(300).collect()
}
