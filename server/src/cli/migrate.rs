//! `lightbox migrate`.

use super::{logging, settings::DataDirFlags};
use clap::Args;

/// Bring the database to the shape that this version needs
///
/// `lightbox serve` does the same when it starts. No server may run in the data directory meanwhile.
#[derive(Debug, Args)]
pub struct Migrate {
    #[command(flatten)]
    data_dir: DataDirFlags,
}

impl Migrate {
    pub async fn run(self) -> anyhow::Result<()> {
        let config = self.data_dir.read()?;
        logging::start_quiet(&config.log)?;
        let db = crate::app::migrate(&config).await?;
        let applied = db.new_migrations();
        for name in applied {
            println!("applied {name}");
        }
        if applied.is_empty() {
            println!("Nothing to do: all {} migrations are applied.", db.migrations().await?.0.len());
        }
        Ok(())
    }
}
