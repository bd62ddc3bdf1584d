//! What runs at the moment, seen by who decides when to kill; how long it usually takes; and the figures of a run.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A request, or the job that it started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    CreateUpload,
    Chunk,
    EndUpload,
    ImportDataset,
    ImportJob,
    ImportAnnotationSet,
    AnnotationSetJob,
    CombineDatasets,
    CombineJob,
    ExportDataset,
    ExportJob,
    DeleteDataset,
    DeleteJob,
    CreateAnnotationSet,
    AnnotateImages,
    DeleteAnnotationSet,
    RenameDataset,
    RegisterDerivative,
    RemoveDerivative,
    CancelJob,
}

/// All that a kill is aimed at; jobs take longest, so that they stand here more than once.
pub const AIMS: [Kind; 26] = [
    Kind::CreateUpload,
    Kind::Chunk,
    Kind::Chunk,
    Kind::EndUpload,
    Kind::ImportDataset,
    Kind::ImportJob,
    Kind::ImportJob,
    Kind::ImportJob,
    Kind::ImportAnnotationSet,
    Kind::AnnotationSetJob,
    Kind::AnnotationSetJob,
    Kind::CombineDatasets,
    Kind::CombineJob,
    Kind::CombineJob,
    Kind::ExportDataset,
    Kind::ExportJob,
    Kind::DeleteDataset,
    Kind::DeleteJob,
    Kind::DeleteJob,
    Kind::CreateAnnotationSet,
    Kind::AnnotateImages,
    Kind::DeleteAnnotationSet,
    Kind::RenameDataset,
    Kind::RegisterDerivative,
    Kind::RemoveDerivative,
    Kind::CancelJob,
];

#[derive(Default)]
struct State {
    is_over: bool,
    running: BTreeMap<String, (Kind, Instant)>,
    begun: BTreeMap<Kind, u64>,
    usual: BTreeMap<Kind, Duration>,
    answered: BTreeMap<Kind, u64>,
    lost: BTreeMap<Kind, u64>,
    kills: BTreeMap<String, u64>,
    worker_kills: u64,
}

#[derive(Default)]
pub struct Board {
    state: Mutex<State>,
    changed: Condvar,
}

impl Board {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `name`: of this one, unlike that of everything else that runs.
    pub fn begin(&self, name: &str, kind: Kind) {
        let mut state = self.state();
        state.running.insert(name.to_owned(), (kind, Instant::now()));
        *state.begun.entry(kind).or_default() += 1;
        self.changed.notify_all();
    }

    /// It was answered, or it ended.
    pub fn end(&self, name: &str) {
        let mut state = self.state();
        let Some((kind, since)) = state.running.remove(name) else { return };
        let took = since.elapsed();
        let usual = state.usual.entry(kind).or_insert(took);
        *usual = (*usual * 3 + took) / 4;
        *state.answered.entry(kind).or_default() += 1;
    }

    /// The same for a job, which may have begun under a server before this one.
    pub fn end_job(&self, name: &str, kind: Kind) {
        if self.state().running.contains_key(name) {
            return self.end(name);
        }
        *self.state().answered.entry(kind).or_default() += 1;
    }

    /// No answer came.
    pub fn lose(&self, kind: Kind) {
        *self.state().lost.entry(kind).or_default() += 1;
    }

    /// Waits until one more of this kind begins, at most so long; then says how long it usually takes.
    pub fn wait_for(&self, kind: Kind, at_most: Duration) -> Duration {
        let state = self.state();
        let before = state.begun.get(&kind).copied();
        let waits = |state: &mut State| state.begun.get(&kind).copied() == before;
        let (state, _) = self.changed.wait_timeout_while(state, at_most, waits).unwrap_or_else(PoisonError::into_inner);
        state.usual.get(&kind).copied().unwrap_or(Duration::from_millis(100))
    }

    /// Nobody begins anything from now on.
    pub fn stop(&self) {
        self.state().is_over = true;
    }

    pub fn is_over(&self) -> bool {
        self.state().is_over
    }

    /// For the next server: nothing runs.
    pub fn clear(&self) {
        let mut state = self.state();
        state.is_over = false;
        state.running.clear();
    }

    /// Counts a kill under everything that runs.
    pub fn count_kill(&self) {
        let mut state = self.state();
        let kinds: std::collections::BTreeSet<Kind> = state.running.values().map(|(kind, _)| *kind).collect();
        if kinds.is_empty() {
            *state.kills.entry("(idle)".to_owned()).or_default() += 1;
        }
        for kind in kinds {
            *state.kills.entry(format!("{kind:?}")).or_default() += 1;
        }
    }

    pub fn count_kill_of(&self, phase: &str) {
        *self.state().kills.entry(phase.to_owned()).or_default() += 1;
    }

    pub fn count_worker_kill(&self) {
        self.state().worker_kills += 1;
    }

    pub fn worker_kills(&self) -> u64 {
        self.state().worker_kills
    }

    /// The figures, a line each.
    pub fn figures(&self) -> String {
        let state = self.state();
        let mut lines = vec!["kills by what ran (several may have):".to_owned()];
        lines.extend(state.kills.iter().map(|(phase, count)| format!("  {phase}: {count}")));
        lines.push(format!("kills of plugin workers: {}", state.worker_kills));
        lines.push("operations by kind: begun, answered or ended, without an answer".to_owned());
        for (kind, begun) in &state.begun {
            let of = |counts: &BTreeMap<Kind, u64>| counts.get(kind).copied().unwrap_or(0);
            lines.push(format!("  {kind:?}: {begun}, {}, {}", of(&state.answered), of(&state.lost)));
        }
        lines.join("\n")
    }
}
