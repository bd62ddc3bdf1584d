//! `lightbox import`: sends archives, folders or images to a server through its public API, and tells how it went.

mod answers;
mod api;
mod packing;
mod report;
mod sources;
mod transfer;
mod watch;

use super::logging;
use crate::config::{Config, ConfigFlags, read_config};
use anyhow::{Context, bail};
use api::Api;
use clap::{Args, CommandFactory, error::ErrorKind};
use reqwest::Url;
use sources::Source;
use std::path::PathBuf;
use std::process::ExitCode;

/// Upload a zip archive, a folder or images, wait for the import, and print what came of it
///
/// Each archive and each folder becomes a dataset of its own; images that are named one by one become one together.
/// Ends with 0 when everything was imported, images or rows that were refused one by one included, and with 1 when an
/// import failed.
#[derive(Debug, Args)]
pub struct Import {
    /// Zip archives, folders, or images with their annotation files
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Name of the dataset [default: that of the file or folder]
    #[arg(long)]
    name: Option<String>,
    /// Address of the server
    #[arg(long, value_name = "URL", env = "LIGHTBOX_SERVER", default_value = "http://127.0.0.1:8080")]
    server: Url,
    /// Access token [default: for a server on this machine, what is in `admin-token` of the data directory]
    #[arg(long, env = "LIGHTBOX_TOKEN", hide_env_values = true)]
    token: Option<String>,
}

impl Import {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        logging::start_quiet(&Config::default().log)?;
        let sources = sources::read(&self.paths)?;
        if self.name.is_some() && sources.len() > 1 {
            let message =
                format!("--name names one dataset, but the paths make {}: import them one by one", sources.len());
            super::CommandLine::command().error(ErrorKind::ArgumentConflict, message).exit();
        }
        // Fails only when a provider is there already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let token = self.token.clone().map_or_else(|| token_of_this_machine(&self.server), Ok)?;
        let api = Api::new(self.server.clone(), &token)?;
        let mut all_succeeded = true;
        for source in &sources {
            all_succeeded &= import(&api, source, self.name.as_deref()).await?;
        }
        Ok(if all_succeeded { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// True when the import succeeded.
async fn import(api: &Api, source: &Source, name: Option<&str>) -> anyhow::Result<bool> {
    let packed = packing::pack(source).await?;
    let upload = transfer::send(api, &packed).await?;
    drop(packed);
    let job = api.import_dataset(&upload, name).await?;
    watch::until_it_ends(api, &job).await?;
    let job = api.job_report(&job).await?;
    Ok(report::print(&job))
}

/// The administrator's token of the default data directory; for a server on this machine alone, so that it goes to
/// nobody else.
fn token_of_this_machine(server: &Url) -> anyhow::Result<String> {
    if !is_this_machine(server) {
        bail!("{server} is another machine: give its access token with --token or LIGHTBOX_TOKEN");
    }
    let path = read_config(&ConfigFlags::default())?.data_dir.join("admin-token");
    let text = std::fs::read_to_string(&path);
    let text = text.with_context(|| format!("no --token, no LIGHTBOX_TOKEN, and {} cannot be read", path.display()))?;
    Ok(text.trim().to_owned())
}

fn is_this_machine(server: &Url) -> bool {
    match server.host_str() {
        Some("localhost") => true,
        Some(host) => {
            host.trim_matches(['[', ']']).parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_has_several_names() {
        let table = [("http://127.0.0.1:8080", true), ("http://localhost", true), ("http://[::1]:1", true)];
        let others = [("http://[::2]", false), ("http://localhost.example.org", false), ("file:///x", false)];
        for (server, expected) in table.into_iter().chain(others) {
            assert_eq!(is_this_machine(&Url::parse(server).unwrap()), expected, "{server}");
        }
    }

    #[test]
    fn the_token_of_this_machine_goes_to_no_other() {
        for server in ["http://10.0.0.1:8080", "https://example.org", "http://127.0.0.1.example.org"] {
            let error = token_of_this_machine(&Url::parse(server).unwrap()).unwrap_err().to_string();
            assert!(error.contains("--token"), "{server}: {error}");
        }
    }
}
