//! The plugin in processes of its own, and what comes of a call.

use super::contract;
use crate::plugin_host::circumstances::Circumstances;
use crate::plugin_host::generation::Generation;
use crate::plugin_host::task::{Answer, Input, Parcel, Task};
use crate::plugin_host::{PluginError, PluginErrorKind, PluginHostSettings};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How long a call on a small file may take before it counts as hanging: generous, for machines that are busy.
pub const CALL: Duration = Duration::from_secs(20);

/// The plugin in processes that nothing else uses.
pub struct Bench {
    generation: Generation,
    plugin: usize,
}

/// What came of a call.
pub enum Outcome {
    /// The answer keeps the contract.
    Answered(Answer),
    /// An error of a kind that a file or a request may meet.
    Refused(PluginError),
    /// The plugin is at fault, in one sentence.
    Broke(String),
}

impl Bench {
    /// `files`: the plugin's own first. `id`: the plugin's.
    ///
    /// # Errors
    /// Why it cannot be loaded.
    pub fn new(settings: &PluginHostSettings, files: &[PathBuf], id: &str) -> Result<Self, String> {
        let generation = Generation::load_files(settings, files.to_vec());
        let plugin = generation.catalog.plugins().iter().position(|plugin| plugin.id == id);
        let plugin = plugin.ok_or_else(|| format!("{id} was loaded once, and then not again"))?;
        Ok(Self { generation, plugin })
    }

    pub fn ask(&self, task: &Task, input: &Arc<Parcel>) -> Outcome {
        self.ask_within(task, input, &Circumstances::new(CALL, || false))
    }

    pub fn ask_within(&self, task: &Task, input: &Arc<Parcel>, now: &Circumstances) -> Outcome {
        match self.call(task, input, now) {
            Ok(answer) => match contract::check(task, &input.bytes, &answer) {
                Ok(()) => Outcome::Answered(answer),
                Err(reason) => Outcome::Broke(reason),
            },
            Err(error) if is_fault(error.kind) => Outcome::Broke(error.message),
            Err(error) => Outcome::Refused(error),
        }
    }

    /// Without judging what comes of it.
    pub fn call(&self, task: &Task, input: &Arc<Parcel>, now: &Circumstances) -> Result<Answer, PluginError> {
        self.generation.call(self.plugin, task, Input::Parcel(input.clone()), now)
    }

    /// Process ids of the workers that wait for work.
    pub fn idle_workers(&self) -> Vec<u32> {
        self.generation.idle_workers(self.plugin)
    }
}

/// What no file and no request may lead to.
fn is_fault(kind: PluginErrorKind) -> bool {
    kind.is_death() || matches!(kind, PluginErrorKind::Internal | PluginErrorKind::Suspended)
}
