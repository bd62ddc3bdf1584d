//! `lightbox plugins list`: what a server of this configuration would load.

use super::new_table;
use crate::cli::{logging, settings::DataDirFlags};
use crate::plugin_host::{Catalog, PluginInfo};
use clap::Args;
use comfy_table::Table;

/// List plugins with what they offer, and what was refused with the reason
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    data_dir: DataDirFlags,
}

impl List {
    pub fn run(self) -> anyhow::Result<()> {
        let config = self.data_dir.read()?;
        logging::start_quiet(&config.log)?;
        let catalog = crate::app::load_plugins(&config).catalog();
        println!("{}", loaded(&catalog));
        if !catalog.refusals().is_empty() {
            println!("\nRefused:\n{}", refused(&catalog));
        }
        Ok(())
    }
}

fn loaded(catalog: &Catalog) -> Table {
    let mut table = new_table(["Plugin", "Version", "Image formats", "Annotation types", "Runs in", "Path"]);
    for PluginInfo { id, version, image_formats, annotation_types, isolation, path, .. } in catalog.plugins() {
        let path = path.display().to_string();
        table.add_row([id, version, &image_formats.join(", "), &annotation_types.join(", "), isolation, &path]);
    }
    table
}

fn refused(catalog: &Catalog) -> Table {
    let mut table = new_table(["Name", "Reason", "Path"]);
    for refusal in catalog.refusals() {
        table.add_row([&refusal.name, &refusal.reason, &refusal.path.display().to_string()]);
    }
    table
}
