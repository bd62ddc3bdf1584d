//! The plugins as they were found at one time, and where each runs. A reload makes a new generation; calls that run
//! keep the old one until they are done.

use super::catalog::{Catalog, Found, keep_first};
use super::circumstances::Circumstances;
use super::native::{self, Plugin, StoredFile, Workbench};
use super::task::{Answer, Input, Task};
use super::{Isolation, PluginError, PluginErrorKind, PluginHostSettings, PluginInfo, PluginState, Refusal, discovery};
use crate::domain::digest::Digest;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is loaded, and how it is called.
pub(super) struct Generation {
    pub(super) catalog: Catalog,
    /// In the order of the catalog's plugins.
    places: Vec<Place>,
}

/// Where one plugin runs.
enum Place {
    Here(Workbench),
    #[cfg(target_os = "linux")]
    Workers(super::pool::Pool),
}

impl Generation {
    /// Loads what it finds. Never fails: what is broken, foreign or double is refused by name and reason, and logged.
    pub(super) fn load(settings: &PluginHostSettings) -> Self {
        let generation = Self::load_candidates(settings, discovery::find_candidates(settings));
        log(&generation.catalog);
        generation
    }

    /// As [`Self::load`], from these files alone and without a word in the log.
    pub(super) fn load_files(settings: &PluginHostSettings, files: Vec<PathBuf>) -> Self {
        Self::load_candidates(settings, (files, Vec::new()))
    }

    fn load_candidates(settings: &PluginHostSettings, candidates: Candidates) -> Self {
        match settings.isolation {
            #[cfg(target_os = "linux")]
            Isolation::Workers => workers::load(settings, candidates),
            #[cfg(not(target_os = "linux"))]
            Isolation::Workers => {
                tracing::warn!("plugins run inside the server: worker processes need Linux");
                load_here(settings, candidates)
            }
            Isolation::InProcess => load_here(settings, candidates),
        }
    }

    pub(super) fn call(
        &self,
        plugin: usize,
        task: &Task,
        input: Input,
        now: &Circumstances,
    ) -> Result<Answer, PluginError> {
        match self.places.get(plugin) {
            Some(Place::Here(bench)) => call_here(bench, task, &input, now),
            #[cfg(target_os = "linux")]
            Some(Place::Workers(pool)) => pool.call(task, &input, now),
            None => Err(self.blame(plugin, "it has no place".to_owned())),
        }
    }

    /// Process ids of the workers of a plugin that wait for work, the one used last at the end.
    pub(super) fn idle_workers(&self, plugin: usize) -> Vec<u32> {
        match self.places.get(plugin) {
            #[cfg(target_os = "linux")]
            Some(Place::Workers(pool)) => pool.idle_workers(),
            _ => Vec::new(),
        }
    }

    pub(super) fn state(&self, id: &str) -> PluginState {
        let at = self.catalog.plugins().iter().position(|plugin| plugin.id == id);
        match at.and_then(|at| self.places.get(at)) {
            #[cfg(target_os = "linux")]
            Some(Place::Workers(pool)) => pool.state(),
            _ => PluginState::Ready,
        }
    }

    /// The plugin broke the contract.
    pub(super) fn blame(&self, plugin: usize, message: String) -> PluginError {
        self.error(plugin, PluginErrorKind::Internal, message)
    }

    pub(super) fn error(&self, plugin: usize, kind: PluginErrorKind, message: String) -> PluginError {
        let plugin = self.catalog.plugins().get(plugin).map(|plugin| plugin.id.clone()).unwrap_or_default();
        PluginError { kind, plugin, message }
    }
}

fn call_here(bench: &Workbench, task: &Task, input: &Input, now: &Circumstances) -> Result<Answer, PluginError> {
    let unreadable = |path: &Path, error: std::io::Error| PluginError {
        kind: PluginErrorKind::Internal,
        plugin: String::new(),
        message: format!("the stored file {} cannot be read: {error}", path.display()),
    };
    match input {
        Input::Parcel(parcel) => bench.perform(task, &parcel.bytes, now),
        Input::File(path) => {
            let file = std::fs::File::open(path).and_then(|file| StoredFile::map(&file));
            bench.perform(task, file.map_err(|error| unreadable(path, error))?.bytes(), now)
        }
    }
}

/// A library that may be loaded: the file that was checked, and where it was found.
struct Library {
    path: PathBuf,
    sha256: Digest,
    /// Workers load what was checked, whatever stands by the name later.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code))]
    file: Arc<File>,
}

/// Files that might be plugins, and what was refused while looking for them.
type Candidates = (Vec<PathBuf>, Vec<Refusal>);

/// Libraries that may be loaded, and what was refused before that.
fn find_libraries(settings: &PluginHostSettings, candidates: Candidates) -> (Vec<Library>, Vec<Refusal>) {
    let (paths, mut refusals) = candidates;
    let mut libraries = Vec::new();
    for path in paths {
        match native::check_file(&path, settings.allow.as_deref()) {
            Ok((file, sha256)) => libraries.push(Library { path, sha256, file: Arc::new(file) }),
            Err(reason) => refusals.push(refuse(path, reason)),
        }
    }
    (libraries, refusals)
}

/// What stays of what was found, by id.
fn sort_out(found: Vec<Found>, refusals: &mut Vec<Refusal>, settings: &PluginHostSettings) -> Vec<Found> {
    let (disabled, found) =
        found.into_iter().partition(|plugin: &Found| settings.disable.contains(&plugin.manifest.id));
    for Found { path, manifest, .. } in disabled {
        let reason = "plugins.disable of the configuration names it".to_owned();
        refusals.push(Refusal { path, name: manifest.id, reason });
    }
    keep_first(found, refusals)
}

fn load_here(settings: &PluginHostSettings, candidates: Candidates) -> Generation {
    let (libraries, mut refusals) = find_libraries(settings, candidates);
    let (mut found, mut loaded): (Vec<Found>, Vec<(PathBuf, Arc<Plugin>)>) = Default::default();
    for Library { path, sha256, .. } in libraries {
        match native::load(&path) {
            Ok(plugin) => {
                let (manifest, isolation) = (plugin.manifest.clone(), "none: inside the server".to_owned());
                found.push(Found { path: path.clone(), sha256, manifest, isolation });
                loaded.push((path, Arc::new(plugin)));
            }
            Err(reason) => refusals.push(refuse(path, reason)),
        }
    }
    let found = sort_out(found, &mut refusals, settings);
    let catalog = Catalog::new(&found, refusals, &settings.prefer);
    let by_path = |path: &Path| loaded.iter().find(|(known, _)| known == path).map(|(_, plugin)| plugin.clone());
    let plugins: Vec<Arc<Plugin>> = found.iter().filter_map(|found| by_path(&found.path)).collect();
    let encoders: Vec<_> = catalog.encoders().map(|(id, plugin)| (id.to_owned(), plugins[plugin].clone())).collect();
    let place = |plugin: &Arc<Plugin>| {
        let max_pixels_bytes = settings.max_pixels_bytes;
        Place::Here(Workbench { plugin: plugin.clone(), encoders: encoders.clone(), max_pixels_bytes })
    };
    Generation { places: plugins.iter().map(place).collect(), catalog }
}

#[cfg(target_os = "linux")]
mod workers {
    //! Plugins that run in worker processes; not even their names are read in this process.

    use super::*;
    use crate::plugin_host::pool::{Introduced, Launch, Pool, introduce};
    use crate::plugin_host::wire::Hello;
    use std::time::Duration;

    /// How long a plugin may take to introduce itself, unless calls have less time.
    const START: Duration = Duration::from_secs(20);

    pub(super) fn load(settings: &PluginHostSettings, candidates: Candidates) -> Generation {
        let (libraries, mut refusals) = find_libraries(settings, candidates);
        let mut found = Vec::new();
        for (library, introduced) in libraries.iter().zip(introduce_all(&libraries, settings)) {
            let (path, sha256) = (library.path.clone(), library.sha256);
            match introduced {
                Ok(Introduced { manifest, sandbox }) => {
                    let isolation = format!("worker process: {sandbox}");
                    found.push(Found { path, sha256, manifest, isolation });
                }
                Err(reason) => refusals.push(refuse(path, reason)),
            }
        }
        let found = sort_out(found, &mut refusals, settings);
        let catalog = Catalog::new(&found, refusals, &settings.prefer);
        let library_of = |found: &Found| libraries.iter().find(|library| library.path == found.path);
        let encoders: Vec<(&str, &Library)> =
            catalog.encoders().filter_map(|(id, plugin)| Some((id, library_of(found.get(plugin)?)?))).collect();
        let place = |found: &Found| {
            let launch = launch(settings, library_of(found)?, &encoders);
            Some(Place::Workers(Pool::new(found.manifest.id.clone(), launch)))
        };
        Generation { places: found.iter().filter_map(place).collect(), catalog }
    }

    /// All at the same time: one that hangs costs its own time and nobody else's.
    fn introduce_all(libraries: &[Library], settings: &PluginHostSettings) -> Vec<Result<Introduced, String>> {
        std::thread::scope(|scope| {
            let ask = |library| scope.spawn(move || introduce(&launch(settings, library, &[])));
            let asked: Vec<_> = libraries.iter().map(ask).collect();
            let broken = |_| Err("nobody could ask it who it is".to_owned());
            asked.into_iter().map(|asked| asked.join().unwrap_or_else(broken)).collect()
        })
    }

    /// How workers of a plugin start: with its library, and with those that it writes pictures by.
    fn launch(settings: &PluginHostSettings, library: &Library, encoders: &[(&str, &Library)]) -> Launch {
        let mut libraries = vec![library];
        let mut numbered = Vec::new();
        for (format, library) in encoders {
            let known = libraries.iter().position(|known| known.path == library.path);
            numbered.push((format.to_string(), known.unwrap_or(libraries.len())));
            if known.is_none() {
                libraries.push(library);
            }
        }
        let hello = Hello {
            libraries: libraries.iter().map(|library| library.path.clone()).collect(),
            encoders: numbered,
            max_pixels_bytes: settings.max_pixels_bytes,
            memory_bytes: settings.memory_limit_bytes,
        };
        Launch {
            // The file that runs, whatever stands by its name now.
            executable: settings.worker_executable.clone().unwrap_or_else(|| PathBuf::from("/proc/self/exe")),
            hello,
            libraries: libraries.iter().map(|library| library.file.clone()).collect(),
            timeout: START.min(Duration::from_millis(settings.call_timeout_ms)),
        }
    }
}

fn refuse(path: PathBuf, reason: String) -> Refusal {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    Refusal { name, path, reason }
}

fn log(catalog: &Catalog) {
    for plugin in catalog.plugins() {
        let PluginInfo { id, version, image_formats, annotation_types, path, isolation, .. } = plugin;
        tracing::info!(%id, %version, ?image_formats, ?annotation_types, path = %path.display(), %isolation, "plugin loaded");
    }
    for Refusal { path, name, reason } in catalog.refusals() {
        tracing::warn!(%name, path = %path.display(), "plugin refused: {reason}");
    }
}
