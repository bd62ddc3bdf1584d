//! The same task from several threads at once, for checks of plugins: by contract any thread may call, several at a time.

use super::Workbench;
use crate::plugin_host::circumstances::Circumstances;
use crate::plugin_host::task::{Answer, Task};
use crate::plugin_host::{PluginError, PluginErrorKind};

impl Workbench {
    /// Answers that are not all the same are the plugin's fault.
    pub(super) fn perform_in_threads(
        &self,
        task: &Task,
        threads: u8,
        input: &[u8],
        now: &Circumstances,
    ) -> Result<Answer, PluginError> {
        let internal =
            |message: String| PluginError { kind: PluginErrorKind::Internal, plugin: String::new(), message };
        let answers: Vec<_> = std::thread::scope(|scope| {
            let start = |_| std::thread::Builder::new().spawn_scoped(scope, || self.perform(task, input, now));
            // All are started before the first is waited for.
            let started: Vec<_> = (0..threads).map(start).collect();
            let wait = |started: std::io::Result<std::thread::ScopedJoinHandle<'_, _>>| match started {
                Ok(thread) => thread.join().unwrap_or_else(|_| Err(internal("a thread of the call ended".to_owned()))),
                Err(error) => Err(internal(format!("no thread could be started: {error}"))),
            };
            started.into_iter().map(wait).collect()
        });
        let mut answers = answers.into_iter();
        let first = answers.next().unwrap_or_else(|| Err(internal("no thread was asked for".to_owned())));
        for answer in answers {
            let agree = match (&first, &answer) {
                (Ok(first), Ok(answer)) => first.parts == answer.parts,
                (Err(first), Err(answer)) => first == answer,
                _ => false,
            };
            if !agree {
                return Err(internal(format!("{threads} threads that asked the same at once got different answers")));
            }
        }
        first
    }
}
