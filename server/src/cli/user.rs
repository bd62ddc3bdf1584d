//! `lightbox user`.

use super::{logging, settings::DataDirFlags};
use crate::app::App;
use crate::domain::access::Viewer;
use crate::domain::user::User as Person;
use crate::services::users::{self, NewPerson, UserChange};
use anyhow::Context;
use clap::{Args, Subcommand};
use comfy_table::{Table, presets::UTF8_HORIZONTAL_ONLY};
use std::io::{BufRead, IsTerminal};

/// Manage people who may sign requests
///
/// Works while a server runs in the data directory.
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
        /// Read a password for /sign-in, one line of standard input
        #[arg(long)]
        password: bool,
        #[command(flatten)]
        data_dir: DataDirFlags,
    },
    /// Show everybody
    List {
        #[command(flatten)]
        data_dir: DataDirFlags,
    },
    /// Give a user another password, one line of standard input; he is signed out everywhere
    Password {
        /// Name of the user
        name: String,
        #[command(flatten)]
        data_dir: DataDirFlags,
    },
    /// Change what a user may do and keep
    Update {
        /// Name of the user
        name: String,
        /// Whether he sees and changes what everybody owns
        #[arg(long, value_name = "true|false")]
        admin: Option<bool>,
        /// Whether nothing that he signs is taken
        #[arg(long, value_name = "true|false")]
        disabled: Option<bool>,
        /// Most bytes of his datasets and uploads; `none`: the server's own limit
        #[arg(long, value_name = "BYTES|none", value_parser = limit)]
        quota_bytes: Option<Limit>,
        /// Most images of his datasets; `none`: the server's own limit
        #[arg(long, value_name = "IMAGES|none", value_parser = limit)]
        quota_images: Option<Limit>,
        /// What the OpenID provider calls him (the claim `sub`): he is signed in by it from then on
        #[arg(long, value_name = "SUBJECT")]
        oidc_subject: Option<String>,
        #[command(flatten)]
        data_dir: DataDirFlags,
    },
}

/// A number, or none at all.
#[derive(Debug, Clone, Copy)]
struct Limit(Option<u64>);

fn limit(text: &str) -> Result<Limit, String> {
    if text == "none" {
        return Ok(Limit(None));
    }
    // As far as the database counts.
    let count = text.parse().ok().filter(|count| *count <= i64::MAX as u64);
    count.map(|count| Limit(Some(count))).ok_or_else(|| format!("{text:?} is neither a whole number nor `none`"))
}

impl User {
    pub async fn run(self) -> anyhow::Result<()> {
        match self.command {
            UserCommand::Create { name, admin, password, data_dir } => create(&name, admin, password, &data_dir).await,
            UserCommand::List { data_dir } => list(&data_dir).await,
            UserCommand::Password { name, data_dir } => {
                let change = UserChange { password: Some(read_password()?), ..UserChange::default() };
                update(&name, change, &data_dir).await
            }
            UserCommand::Update { name, admin, disabled, quota_bytes, quota_images, oidc_subject, data_dir } => {
                let change = UserChange {
                    is_admin: admin,
                    is_disabled: disabled,
                    quota_bytes: quota_bytes.map(|limit| limit.0),
                    quota_images: quota_images.map(|limit| limit.0),
                    password: None,
                    oidc_subject,
                };
                update(&name, change, &data_dir).await
            }
        }
    }
}

async fn open(data_dir: &DataDirFlags) -> anyhow::Result<App> {
    let config = data_dir.read()?;
    logging::start_quiet(&config.log)?;
    App::open_beside_server(config).await
}

async fn create(name: &str, is_admin: bool, has_password: bool, data_dir: &DataDirFlags) -> anyhow::Result<()> {
    let password = if has_password { Some(read_password()?) } else { None };
    let app = open(data_dir).await?;
    let new = NewPerson { name, is_admin, password: password.as_deref() };
    let (user, token) = users::create_with_token(&app.services, &Viewer::operator(), &new).await?;
    let kind = if user.is_admin { "administrator" } else { "user" };
    println!("Created the {kind} {:?}. The access token is shown this once:\n{}", user.name, token.0);
    Ok(())
}

async fn list(data_dir: &DataDirFlags) -> anyhow::Result<()> {
    let app = open(data_dir).await?;
    let mut table = Table::new();
    table.load_preset(UTF8_HORIZONTAL_ONLY).set_header(["name", "id", "administrator", "password", "state"]);
    let yes = |is: bool| if is { "yes" } else { "" };
    for Person { id, name, is_admin, is_disabled, has_password, .. } in users::list_all(&app.services).await? {
        let state = if is_disabled { "disabled" } else { "" };
        table.add_row([name, id.to_string(), yes(is_admin).into(), yes(has_password).into(), state.into()]);
    }
    println!("{table}");
    Ok(())
}

async fn update(name: &str, change: UserChange, data_dir: &DataDirFlags) -> anyhow::Result<()> {
    let app = open(data_dir).await?;
    let user = users::require_by_name(&app.services, name).await?;
    let user = users::update(&app.services, &Viewer::operator(), &user.id.to_string(), change).await?;
    println!("Updated the user {:?}.", user.name);
    Ok(())
}

/// From a file or another program as well as typed; whoever types it sees it, so that a terminal is told.
fn read_password() -> anyhow::Result<String> {
    let input = std::io::stdin();
    if input.is_terminal() {
        eprintln!("Password, which is shown as you type (12 characters or more):");
    }
    let mut line = String::new();
    input.lock().read_line(&mut line).context("cannot read a password from standard input")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
