//! `lightbox plugins`.

use super::{logging, settings::DataDirFlags};
use crate::plugin_host::{PluginHost, PluginInfo};
use clap::{Args, Subcommand};
use comfy_table::{ContentArrangement, Table, presets};

/// See which plugins there are
#[derive(Debug, Args)]
pub struct Plugins {
    #[command(subcommand)]
    command: PluginsCommand,
}

#[derive(Debug, Subcommand)]
enum PluginsCommand {
    /// List plugins with what they offer, and what was refused with the reason
    List {
        #[command(flatten)]
        data_dir: DataDirFlags,
    },
}

impl Plugins {
    pub fn run(self) -> anyhow::Result<()> {
        let PluginsCommand::List { data_dir } = self.command;
        let config = data_dir.read()?;
        let host = crate::app::load_plugins(&config);
        logging::start_quiet(&config.log)?;
        println!("{}", loaded(&host));
        if !host.refusals().is_empty() {
            println!("\nRefused:\n{}", refused(&host));
        }
        Ok(())
    }
}

fn loaded(host: &PluginHost) -> Table {
    let mut table = new_table(["Plugin", "Version", "Image formats", "Annotation types", "Path"]);
    for PluginInfo { id, version, image_formats, annotation_types, path, .. } in host.plugins() {
        let path = path.display().to_string();
        table.add_row([id, version, &image_formats.join(", "), &annotation_types.join(", "), &path]);
    }
    table
}

fn refused(host: &PluginHost) -> Table {
    let mut table = new_table(["Name", "Reason", "Path"]);
    for refusal in host.refusals() {
        table.add_row([&refusal.name, &refusal.reason, &refusal.path.display().to_string()]);
    }
    table
}

/// A table as every command prints it.
pub fn new_table<const COLUMNS: usize>(header: [&str; COLUMNS]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_BORDERS_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(header);
    table
}
