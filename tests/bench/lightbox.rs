//! Lightbox's side of the comparison: the server's own way from a stored file to a PNG, plugins and all.

use crate::clock;
use crate::files::File;
use crate::support::plugin_libraries::built_in_plugin_dir;
use lightbox::plugin_host::{Isolation, PluginHost, PluginHostSettings, RenderOutput, RenderRequest};
use std::path::Path;
use std::time::Duration;
use tokio::runtime::Runtime;

/// The built-in plugins, loaded as the server loads them.
pub struct Lightbox {
    host: PluginHost,
    runtime: Runtime,
}

/// The built-in plugins, run in that way.
pub fn host(isolation: Isolation) -> PluginHost {
    let host = PluginHost::load(PluginHostSettings {
        directories: Some(vec![built_in_plugin_dir().to_owned()]),
        worker_executable: Some(env!("CARGO_BIN_EXE_lightbox").into()),
        isolation,
        ..PluginHostSettings::default()
    });
    assert_eq!(host.catalog().refusals(), []);
    host
}

/// The first frame as an 8-bit PNG.
pub fn request() -> RenderRequest {
    RenderRequest { frame: 0, window: None, max_size: None, output: RenderOutput::Png }
}

impl Lightbox {
    pub fn load() -> Self {
        Self { host: host(Isolation::Workers), runtime: Runtime::new().unwrap() }
    }

    /// CPU time from a file's path to its PNG on disk, the worker's among it.
    ///
    /// # Errors
    /// Why the file cannot be rendered.
    pub fn convert(&self, file: &File, png: &Path) -> Result<Duration, String> {
        let before = clock::of_this_process_and_its_children();
        let rendered = self.runtime.block_on(self.host.render("dicom", file.path.clone(), request()));
        std::fs::write(png, rendered.map_err(|error| error.to_string())?).unwrap();
        Ok(clock::of_this_process_and_its_children() - before)
    }
}
