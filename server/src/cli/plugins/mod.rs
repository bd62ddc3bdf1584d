//! `lightbox plugins`.

mod check;
mod list;
mod reload;

use clap::{Args, Subcommand};
use comfy_table::{ContentArrangement, Table, presets};
use std::process::ExitCode;

/// See, reload and check plugins
#[derive(Debug, Args)]
pub struct Plugins {
    #[command(subcommand)]
    command: PluginsCommand,
}

#[derive(Debug, Subcommand)]
enum PluginsCommand {
    List(list::List),
    Check(check::Check),
    Reload(reload::Reload),
}

impl Plugins {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        match self.command {
            PluginsCommand::List(list) => list.run().map(|()| ExitCode::SUCCESS),
            PluginsCommand::Check(check) => check.run().await,
            PluginsCommand::Reload(reload) => reload.run().await.map(|()| ExitCode::SUCCESS),
        }
    }
}

/// A table as every command prints it.
pub fn new_table<const COLUMNS: usize>(header: [&str; COLUMNS]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_BORDERS_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(header);
    table
}
