//! `lightbox token`.

use super::{logging, settings::DataDirFlags};
use crate::app::App;
use crate::domain::access::{Access, Viewer};
use crate::services::tokens::{self, TokenRequest};
use crate::services::users;
use chrono::{TimeDelta, Utc};
use clap::{Args, Subcommand, ValueEnum};
use comfy_table::{Table, presets::UTF8_HORIZONTAL_ONLY};

/// Manage access tokens
///
/// Works while a server runs in the data directory.
#[derive(Debug, Args)]
pub struct Token {
    #[command(subcommand)]
    command: TokenCommand,
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Make a token for a user and print it, which is done this once
    Create {
        /// Name of the user
        user: String,
        /// What the token is for
        name: String,
        /// What it may be used for
        #[arg(long, value_enum, default_value_t = TokenScope::Write)]
        scope: TokenScope,
        /// Days until it is not taken any more; left out: it is taken until it is revoked
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=36_500))]
        expires_in_days: Option<u32>,
        #[command(flatten)]
        data_dir: DataDirFlags,
    },
    /// Show the tokens of a user, without their secrets
    List {
        /// Name of the user
        user: String,
        #[command(flatten)]
        data_dir: DataDirFlags,
    },
    /// Revoke a token: what is signed with it is refused from then on
    Revoke {
        /// Id of the token, as `list` shows it
        token: String,
        #[command(flatten)]
        data_dir: DataDirFlags,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum TokenScope {
    /// See what the user may see
    Read,
    /// Change what the user may change, but as no administrator, and no tokens, passwords or shares
    Write,
    /// Everything that the user may do
    Admin,
}

impl From<TokenScope> for Access {
    fn from(scope: TokenScope) -> Self {
        match scope {
            TokenScope::Read => Self::Read,
            TokenScope::Write => Self::Write,
            TokenScope::Admin => Self::Admin,
        }
    }
}

impl Token {
    pub async fn run(self) -> anyhow::Result<()> {
        match self.command {
            TokenCommand::Create { user, name, scope, expires_in_days, data_dir } => {
                let app = open(&data_dir).await?;
                let user = users::require_by_name(&app.services, &user).await?;
                let expires_at = expires_in_days.map(|days| Utc::now() + TimeDelta::days(i64::from(days)));
                let request = TokenRequest { name: &name, access: scope.into(), expires_at };
                let (token, secret) = tokens::create_for(&app.services, &Viewer::operator(), user.id, &request).await?;
                println!("Created {} for {:?}. It is shown this once:\n{}", token.id, user.name, secret.0);
            }
            TokenCommand::List { user, data_dir } => list(&user, &data_dir).await?,
            TokenCommand::Revoke { token, data_dir } => {
                let app = open(&data_dir).await?;
                let id = tokens::revoke(&app.services, &Viewer::operator(), &token).await?;
                println!("Revoked {id}.");
            }
        }
        Ok(())
    }
}

async fn open(data_dir: &DataDirFlags) -> anyhow::Result<App> {
    let config = data_dir.read()?;
    logging::start_quiet(&config.log)?;
    App::open_beside_server(config).await
}

async fn list(user: &str, data_dir: &DataDirFlags) -> anyhow::Result<()> {
    let app = open(data_dir).await?;
    let user = users::require_by_name(&app.services, user).await?;
    let tokens =
        tokens::by_users(&app.services, &Viewer::operator(), &[user.id]).await?.remove(&user.id).unwrap_or_default();
    let mut table = Table::new();
    table.load_preset(UTF8_HORIZONTAL_ONLY).set_header(["id", "name", "scope", "created", "expires", "last used"]);
    let day = |time: chrono::DateTime<Utc>| time.format("%Y-%m-%d %H:%M UTC").to_string();
    for token in tokens {
        let expires = token.expires_at.map_or_else(|| "never".to_owned(), day);
        let used = token.last_used_at.map_or_else(|| "never".to_owned(), day);
        let (id, scope) = (token.id.to_string(), token.access.as_str().to_lowercase());
        table.add_row([id, token.name, scope, day(token.created_at), expires, used]);
    }
    println!("{table}");
    Ok(())
}
