//! The workers of one plugin as the server sees them: kept warm, replaced when they die, switched off when they keep
//! dying. What goes on inside a worker is in `worker`.

mod death;
mod process;
mod start;

use super::breaker::Breaker;
use super::circumstances::Circumstances;
use super::task::{Answer, Input, Task};
use super::{PluginError, PluginErrorKind, PluginState};
use process::{Process, Spent};
pub use start::{Introduced, Launch, introduce};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a worker without work is kept.
const IDLE: Duration = Duration::from_secs(60);

/// Workers of one plugin. As many run as calls do.
pub struct Pool {
    plugin: String,
    launch: Launch,
    /// The one used last at the end.
    idle: Mutex<Vec<Process>>,
    breaker: Mutex<Breaker>,
}

impl Pool {
    pub fn new(plugin: String, launch: Launch) -> Self {
        Self { plugin, launch, idle: Mutex::default(), breaker: Mutex::default() }
    }

    pub fn state(&self) -> PluginState {
        let rest = lock(&self.breaker).find_rest(Instant::now());
        rest.map_or(PluginState::Ready, |rest| PluginState::Suspended { rest })
    }

    /// Process ids of the workers that wait for work, the one used last at the end.
    pub fn idle_workers(&self) -> Vec<u32> {
        lock(&self.idle).iter().map(Process::id).collect()
    }

    /// Makes one call. Blocks until the answer is there, the call is over or the worker dead.
    pub fn call(&self, task: &Task, input: &Input, now: &Circumstances) -> Result<Answer, PluginError> {
        if let PluginState::Suspended { rest } = self.state() {
            let message = format!(
                "the plugin kept failing and is switched off for another {} s; its failures are in the server's log",
                rest.as_secs() + 1
            );
            return Err(self.error(PluginErrorKind::Suspended, message));
        }
        if now.is_over() {
            let (kind, message) = now.end();
            return Err(self.error(kind, message));
        }
        loop {
            let (mut worker, is_fresh) = self.take_worker()?;
            match worker.call(task, input, now) {
                Ok(Spent { result, retire }) => {
                    lock(&self.breaker).note_success();
                    if !retire {
                        self.put_back(worker);
                    }
                    return result.map_err(|error| self.name(timed(error, now)));
                }
                // It died while it had nothing to do, so that this call was not the reason.
                Err(process::Failed::NotSent) if !is_fresh => {}
                Err(process::Failed::NotSent) => {
                    let message = "its process took no call".to_owned();
                    return Err(self.note_death(PluginErrorKind::Crashed, message));
                }
                Err(process::Failed::Unusable(error)) => return Err(self.name(error)),
                Err(process::Failed::Over) => {
                    let (kind, message) = now.end();
                    drop(worker);
                    if kind.is_death() {
                        return Err(self.note_death(kind, message));
                    }
                    return Err(self.error(kind, message));
                }
                Err(process::Failed::Broken(what)) => {
                    let (kind, message) = death::reason(worker, what, self.launch.memory_bytes());
                    return Err(self.note_death(kind, message));
                }
            }
        }
    }

    fn take_worker(&self) -> Result<(Process, bool), PluginError> {
        if let Some(worker) = lock(&self.idle).pop() {
            return Ok((worker, false));
        }
        let (worker, _) = start::start(&self.launch).map_err(|reason| {
            let message = format!("no process could be started for it: {reason}");
            self.note_death(PluginErrorKind::Crashed, message)
        })?;
        Ok((worker, true))
    }

    fn put_back(&self, mut worker: Process) {
        worker.idle_since = Instant::now();
        let mut idle = lock(&self.idle);
        idle.push(worker);
        let stale = idle.iter().take_while(|worker| worker.idle_since.elapsed() > IDLE).count();
        let stale: Vec<Process> = idle.drain(..stale).collect();
        drop(idle);
        drop(stale);
    }

    fn note_death(&self, kind: PluginErrorKind, message: String) -> PluginError {
        let plugin = &self.plugin;
        tracing::warn!(%plugin, code = kind.code(), "a plugin's process was given up: {message}");
        metrics::counter!("lightbox_plugin_deaths_total", "plugin" => plugin.clone(), "code" => kind.code().unwrap_or(""))
            .increment(1);
        if lock(&self.breaker).note_death(Instant::now()) {
            tracing::error!(%plugin, "the plugin kept failing and is switched off for a while");
        }
        self.error(kind, message)
    }

    fn name(&self, error: PluginError) -> PluginError {
        if error.plugin.is_empty() { PluginError { plugin: self.plugin.clone(), ..error } } else { error }
    }

    fn error(&self, kind: PluginErrorKind, message: String) -> PluginError {
        PluginError { kind, plugin: self.plugin.clone(), message }
    }
}

/// The worker knows of what was left of the time, or only that it should stop; people want to read how much time there
/// was.
fn timed(error: PluginError, now: &Circumstances) -> PluginError {
    match error.kind {
        PluginErrorKind::TimedOut | PluginErrorKind::Cancelled if now.is_over() => {
            let (kind, message) = now.end();
            PluginError { kind, message, ..error }
        }
        PluginErrorKind::TimedOut => PluginError { message: now.late(), ..error },
        _ => error,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
