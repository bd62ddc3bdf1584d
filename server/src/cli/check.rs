//! `lightbox check`.

use super::{logging, settings::DataDirFlags};
use crate::app::App;
use crate::services::check;
use clap::Args;
use std::process::ExitCode;

/// Recount what is counted, verify every stored file, and find what is lost or left over
///
/// Ends with 1 when something is wrong that is not repaired. No server may run in the data directory meanwhile.
#[derive(Debug, Args)]
pub struct Check {
    /// Put right what can be put right: counts, and files that nothing needs
    #[arg(long)]
    repair: bool,
    #[command(flatten)]
    data_dir: DataDirFlags,
}

impl Check {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let config = self.data_dir.read()?;
        logging::start_quiet(&config.log)?;
        let app = App::open(config).await?;
        let report = check::run(&app.services, self.repair).await?;
        for problem in &report.problems {
            println!("{problem}");
        }
        println!(
            "Checked {} images in {} files and {} annotation sets: {} problems, {} repaired.",
            report.images,
            report.files,
            report.annotation_sets,
            report.problems.len(),
            report.repaired
        );
        let is_whole = report.problems.len() <= report.repaired;
        Ok(if is_whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
