//! `lightbox plugins check`: whether a plugin file keeps the contract, told to a person or a program.

use super::new_table;
use crate::cli::{logging, settings::DataDirFlags};
use crate::plugin_host::{CheckOutcome, CheckRequest, CheckStatus, ConformanceReport, check, check_names};
use clap::Args;
use clap::builder::PossibleValuesParser;
use comfy_table::Table;
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

/// Columns of the table where nobody says how wide the terminal is.
const WIDTH: u16 = 120;

/// Check that a plugin file keeps the contract: junk, damaged files, limits, threads, leaks
///
/// The plugin runs in processes that are shut in, as in the server. Takes about a minute. Ends with 1 when a check
/// fails. plugins/README.md says what each check wants.
#[derive(Debug, Args)]
pub struct Check {
    /// The plugin's library, such as libmy_plugin.so
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// A folder of files that the plugin reads; others in it are passed over
    #[arg(long, value_name = "DIR")]
    samples: Option<PathBuf>,
    /// Run only this check; may be given several times
    #[arg(long, value_name = "CHECK", value_parser = PossibleValuesParser::new(check_names()))]
    only: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    data_dir: DataDirFlags,
}

impl Check {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let Self { file, samples, only, json, data_dir } = self;
        let config = data_dir.read()?;
        logging::start_nearly_silent(&config.log)?;
        let settings = crate::app::plugin_settings(&config);
        let request = CheckRequest { file, samples, only: (!only.is_empty()).then_some(only) };
        let report = tokio::task::spawn_blocking(move || check(&settings, &request)).await?;
        if json {
            println!("{:#}", to_json(&report));
        } else {
            println!("{}\n{}", table(&report), summary(&report));
        }
        Ok(if report.passes() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn table(report: &ConformanceReport) -> Table {
    let mut table = new_table(["Check", "Of", "Result", "What was seen"]);
    let width = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    table.set_width(width.unwrap_or(WIDTH).max(60));
    for CheckOutcome { check, subject, status, sentence, .. } in &report.checks {
        table.add_row([check, subject.as_str(), status.text(), sentence]);
    }
    table
}

fn summary(report: &ConformanceReport) -> String {
    let counts: Vec<String> = STATUSES
        .into_iter()
        .map(|status| (status, report.count(status)))
        .filter(|(_, count)| *count > 0)
        .map(|(status, count)| format!("{count} {}", status.text()))
        .collect();
    let verdict = if report.passes() { "keeps the contract as far as was checked" } else { "breaks the contract" };
    format!("{}: {}. The plugin {verdict}.", report.path.display(), counts.join(", "))
}

const STATUSES: [CheckStatus; 4] = [CheckStatus::Pass, CheckStatus::Warn, CheckStatus::Fail, CheckStatus::Skipped];

fn to_json(report: &ConformanceReport) -> serde_json::Value {
    let plugin = report.plugin.as_ref().map(|plugin| {
        json!({
            "id": plugin.id,
            "name": plugin.name,
            "version": plugin.version,
            "vendor": plugin.vendor,
            "isolation": plugin.isolation,
            "image_formats": plugin.image_formats,
            "annotation_types": plugin.annotation_types,
        })
    });
    json!({ "path": report.path, "passes": report.passes(), "plugin": plugin, "checks": report.checks })
}
