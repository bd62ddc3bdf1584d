//! The host as a whole: the plugins of now, and how work gets to them.

use super::generation::Generation;
use super::runner::Runner;
use super::{Catalog, PluginHostSettings, PluginState};
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// Every plugin of this server. Cheap to clone; all clones share the plugins and the bound on parallel calls.
#[derive(Clone)]
pub struct PluginHost {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    settings: PluginHostSettings,
    now: RwLock<Arc<Generation>>,
    /// Held by who loads: one at a time.
    loading: Mutex<()>,
    pub(super) runner: Runner,
}

/// What is loaded at the time it was asked for; stays true for who holds it.
#[derive(Clone)]
pub struct CurrentCatalog(Arc<Generation>);

impl Deref for CurrentCatalog {
    type Target = Catalog;

    fn deref(&self) -> &Catalog {
        &self.0.catalog
    }
}

impl PluginHost {
    /// Loads what it finds. Never fails: what is broken, foreign or double is refused by name and reason, and logged.
    /// Blocks; not for async threads.
    pub fn load(settings: PluginHostSettings) -> Self {
        let runner = Runner::new(settings.parallel_calls, settings.call_timeout_ms);
        let now = RwLock::new(Arc::new(Generation::load(&settings)));
        Self { inner: Arc::new(Inner { settings, now, loading: Mutex::default(), runner }) }
    }

    /// Looks for plugins again. Calls that run end where they are; later ones reach what was found now. Blocks; not for
    /// async threads.
    pub fn reload(&self) {
        let _turn = self.inner.loading.lock().unwrap_or_else(PoisonError::into_inner);
        let next = Arc::new(Generation::load(&self.inner.settings));
        let last = std::mem::replace(&mut *self.inner.now.write().unwrap_or_else(PoisonError::into_inner), next);
        drop(last);
    }

    /// What is loaded now.
    pub fn catalog(&self) -> CurrentCatalog {
        CurrentCatalog(self.generation())
    }

    /// Whether calls reach a plugin now; [`PluginState::Ready`] for one that is not there.
    pub fn state(&self, plugin: &str) -> PluginState {
        self.generation().state(plugin)
    }

    pub(super) fn generation(&self) -> Arc<Generation> {
        self.inner.now.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
