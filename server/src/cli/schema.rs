//! `lightbox schema`.

use anyhow::Result;
use clap::Args;
use std::io::Write;

/// Print the GraphQL schema
#[derive(Debug, Args)]
pub struct Schema {}

impl Schema {
    pub fn run(self) -> Result<()> {
        let text = crate::graphql::sdl();
        let mut out = std::io::stdout().lock();
        writeln!(out, "{}", text.trim_end())?;
        Ok(())
    }
}
