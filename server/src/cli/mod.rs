//! The command line: one file a subcommand. It opens the application or talks to a server, and prints for people.

mod backup;
mod check;
mod import;
mod logging;
mod migrate;
mod plugins;
mod schema;
mod serve;
mod server;
mod settings;
mod token;
mod user;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// A self-hosted GraphQL server for medical-image datasets.
#[derive(Debug, Parser)]
#[command(name = "lightbox", version, propagate_version = true, arg_required_else_help = true)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Serve),
    Import(import::Import),
    Schema(schema::Schema),
    Migrate(migrate::Migrate),
    Plugins(plugins::Plugins),
    Check(check::Check),
    Backup(backup::Backup),
    Restore(backup::Restore),
    User(user::User),
    Token(token::Token),
}

/// Runs what the command line asks for. 0: done; 1: failed, the reason on standard error; 2: wrong usage.
pub fn run() -> ExitCode {
    let command = CommandLine::parse().command;
    let result = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(execute(command)));
    match result {
        Ok(code) => code,
        // Whoever read our output has seen enough, such as `head`.
        Err(error) if is_broken_pipe(&error) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let cause = error.downcast_ref::<std::io::Error>();
    cause.is_some_and(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}

async fn execute(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve(serve) => serve.run().await.map(|()| ExitCode::SUCCESS),
        Command::Import(import) => import.run().await,
        Command::Schema(schema) => schema.run().map(|()| ExitCode::SUCCESS),
        Command::Migrate(migrate) => migrate.run().await.map(|()| ExitCode::SUCCESS),
        Command::Plugins(plugins) => plugins.run().await,
        Command::Check(check) => check.run().await,
        Command::Backup(backup) => backup.run().await.map(|()| ExitCode::SUCCESS),
        Command::Restore(restore) => restore.run().await.map(|()| ExitCode::SUCCESS),
        Command::User(user) => user.run().await.map(|()| ExitCode::SUCCESS),
        Command::Token(token) => token.run().await.map(|()| ExitCode::SUCCESS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound_and_every_argument_is_explained() {
        let mut command = CommandLine::command();
        command.build();
        command.clone().debug_assert();
        assert_explained(&command);
    }

    fn assert_explained(command: &clap::Command) {
        assert!(command.get_about().is_some() || command.get_name() == "help", "{}", command.get_name());
        for argument in command.get_arguments() {
            assert!(argument.get_help().is_some(), "{} {}", command.get_name(), argument.get_id());
        }
        command.get_subcommands().filter(|each| each.get_name() != "help").for_each(assert_explained);
    }
}
