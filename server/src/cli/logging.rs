//! Log lines go to standard error, so that standard output is for people and scripts.

use crate::config::{LogConfig, LogFormat};
use anyhow::Context;
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// # Errors
/// For a filter that is not understood.
pub fn start(config: &LogConfig) -> anyhow::Result<()> {
    let understood = EnvFilter::builder().parse(&config.filter);
    let filter = understood.with_context(|| format!("log.filter {:?} is not understood", config.filter))?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let log = log.with_ansi(std::io::stderr().is_terminal());
    match config.format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
    Ok(())
}

/// For commands that are not servers: only what somebody should know.
pub fn start_quiet(config: &LogConfig) -> anyhow::Result<()> {
    start(&LogConfig { filter: "warn".to_owned(), ..config.clone() })
}

/// For commands that provoke what others would be warned of, and tell of it themselves.
pub fn start_nearly_silent(config: &LogConfig) -> anyhow::Result<()> {
    start(&LogConfig { filter: "off".to_owned(), ..config.clone() })
}
