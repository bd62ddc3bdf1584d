//! `lightbox import`: sends archives, folders or images to a server through its public API, and tells how it went.

mod answers;
mod api;
mod packing;
mod report;
mod sources;
mod transfer;
mod watch;

use super::logging;
use crate::cli::server::ServerFlags;
use crate::config::Config;
use api::Api;
use clap::{Args, CommandFactory, error::ErrorKind};
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
    #[command(flatten)]
    server: ServerFlags,
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
        let api = Api(self.server.connect()?);
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
