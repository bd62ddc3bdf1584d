//! How long an import waits for plugins that are switched off for a while because they kept failing.

use crate::jobs::run::JobRun;
use crate::plugin_host::PluginState;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// How often a waiting import looks: an operator may have put the plugin right meanwhile.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Of one import. Its time runs from when it first has to wait, whatever it does between: an archive full of files that
/// kill their plugin ends in a bounded time.
#[derive(Default)]
pub struct Patience {
    end: OnceLock<Instant>,
}

impl Patience {
    /// Waits until the plugin can be called again. False once the import's time for that is over, or it has to stop.
    pub async fn wait(&self, run: &JobRun, plugin: &str) -> bool {
        let most = Duration::from_secs(run.services.limits.plugin_wait_seconds);
        let end = *self.end.get_or_init(|| Instant::now() + most);
        loop {
            match run.services.plugins.state(plugin) {
                PluginState::Ready => return Instant::now() < end,
                PluginState::Suspended { rest } if Instant::now() + rest > end => return false,
                PluginState::Suspended { rest } => {
                    let look = tokio::time::sleep(LOOK_EVERY.min(rest));
                    if run.stop.run_until_cancelled(look).await.is_none() {
                        return false;
                    }
                }
            }
        }
    }
}
