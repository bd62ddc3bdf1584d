//! `lightbox plugins reload`: asks a running server to look for plugins again.

use super::new_table;
use crate::cli::logging;
use crate::cli::server::{Message, ServerFlags, sentences};
use crate::config::Config;
use clap::Args;
use serde::Deserialize;
use serde_json::json;

const RELOAD: &str = "mutation {
  reloadPlugins { plugins { name version path } refusedPlugins { name reason path } userErrors { message } }
}";

/// Let a running server look for plugins again: new ones are used, changed ones replaced, no request is dropped
#[derive(Debug, Args)]
pub struct Reload {
    #[command(flatten)]
    server: ServerFlags,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    reload_plugins: Payload,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    plugins: Vec<Loaded>,
    refused_plugins: Vec<Refused>,
    user_errors: Vec<Message>,
}

#[derive(Debug, Deserialize)]
struct Loaded {
    name: String,
    version: String,
    path: String,
}

#[derive(Debug, Deserialize)]
struct Refused {
    name: String,
    reason: String,
    path: String,
}

impl Reload {
    pub async fn run(self) -> anyhow::Result<()> {
        logging::start_quiet(&Config::default().log)?;
        let answer: Answer = self.server.connect()?.ask(RELOAD, json!({})).await?;
        let Payload { plugins, refused_plugins, user_errors } = answer.reload_plugins;
        anyhow::ensure!(user_errors.is_empty(), "the server refused: {}", sentences(&user_errors));
        let mut table = new_table(["Plugin", "Version", "Path"]);
        for Loaded { name, version, path } in plugins {
            table.add_row([name, version, path]);
        }
        println!("{table}");
        if !refused_plugins.is_empty() {
            let mut table = new_table(["Name", "Reason", "Path"]);
            for Refused { name, reason, path } in refused_plugins {
                table.add_row([name, reason, path]);
            }
            println!("\nRefused:\n{table}");
        }
        Ok(())
    }
}
