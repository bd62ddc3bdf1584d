//! `lightbox user`.

use super::{logging, settings::DataDirFlags};
use crate::app::App;
use crate::services::users;
use clap::{Args, Subcommand};

/// Manage people who may sign requests
#[derive(Debug, Args)]
pub struct User {
    #[command(subcommand)]
    command: UserCommand,
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Add a user and print his access token, which is shown this once
    ///
    /// Works while a server runs in the data directory.
    Create {
        /// Name of the user, unlike all others
        name: String,
        /// See and change what everybody owns
        #[arg(long)]
        admin: bool,
        #[command(flatten)]
        data_dir: DataDirFlags,
    },
}

impl User {
    pub async fn run(self) -> anyhow::Result<()> {
        let UserCommand::Create { name, admin, data_dir } = self.command;
        let config = data_dir.read()?;
        logging::start_quiet(&config.log)?;
        let app = App::open_beside_server(config).await?;
        let (user, token) = users::create(&app.services, &name, admin).await?;
        let kind = if user.is_admin { "administrator" } else { "user" };
        println!("Created the {kind} {:?}. The access token is shown this once:\n{}", user.name, token.0);
        Ok(())
    }
}
