//! `lightbox serve`.

use super::{logging, settings};
use crate::app::App;
use crate::config::{Config, ConfigFlags, read_config};
use crate::http::{self, Certificate, HttpState, RateLimits};
use crate::jobs::Runner;
use crate::plugin_host::PluginHost;
use crate::services::Services;
use crate::services::keys::create_private;
use crate::services::tokens::NewToken;
use crate::services::users;
use crate::webhooks::Deliverer;
use actix_web::web;
use anyhow::Context;
use clap::Args;
use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Time for requests that are under way when the server is told to stop.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(30);

/// Run the server
///
/// Prints where it listens and where the data is and, on the very first start, the administrator's access token, which
/// is also written to `admin-token` in the data directory. SIGTERM or Ctrl-C ends it: requests that are under way are
/// finished, jobs are taken up again at the next start.
#[derive(Debug, Args)]
#[command(after_long_help = settings::list())]
pub struct Serve {
    /// Address and port to listen on; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Where the database, the stored files and the keys are [default: lightbox-data]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// A TOML file with settings; the list is below [env: LIGHTBOX_CONFIG]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Serve {
    pub async fn run(self) -> anyhow::Result<()> {
        let config = read_config(&ConfigFlags { listen: self.listen, data_dir: self.data_dir, config: self.config })?;
        logging::start(&config.log)?;
        // Whoever asks for an end while the server starts gets it when it has started.
        let stop = stop_signal()?;
        // The same for a hangup, which would otherwise end a server that is not yet ready for it.
        let hangup = Hangup::listen()?;
        let certificate = Certificate::open(&config.tls)?;
        let app = App::open(config).await?;
        app.tidy().await?;
        // Before the token is made, which is printed this once: a port that is taken must not cost it.
        let listener = listen(&app.config)?;
        let token = first_token(&app.services, &app.config.data_dir).await?;
        let deliverer = Deliverer::start(&app.services, &app.config.webhooks).await?;
        let runner = Runner::start(app.services.clone(), &app.config.jobs).await?;
        let address = listener.local_addr()?;
        introduce(address, &app.config, token.as_deref())?;
        serve(&app, listener, certificate, stop, hangup).await?;
        runner.stop().await;
        deliverer.stop().await;
        tracing::info!("stopped");
        Ok(())
    }
}

fn listen(config: &Config) -> anyhow::Result<TcpListener> {
    let address = config.listen;
    let listener = TcpListener::bind(address);
    let listener =
        listener.with_context(|| format!("cannot listen on {address}: choose another address with --listen"))?;
    // Connections have it from their listener. The system counts, so that it holds whatever is being sent.
    #[cfg(target_os = "linux")]
    rustix::net::sockopt::set_tcp_user_timeout(&listener, config.http.write_timeout_ms)
        .context("cannot set http.write_timeout_ms")?;
    Ok(listener)
}

async fn serve(
    app: &App,
    listener: TcpListener,
    certificate: Option<Arc<Certificate>>,
    stop: impl Future<Output = ()> + Send + 'static,
    hangup: Hangup,
) -> anyhow::Result<()> {
    let draining = CancellationToken::new();
    let state = web::Data::new(HttpState::new(app.services.clone(), &app.config, draining.clone()));
    let background = [
        tokio::spawn(App::keep_house(app.services.clone())),
        tokio::spawn(reload_on(hangup, app.services.plugins.clone(), certificate.clone())),
        tokio::spawn(http::metrics::upkeep(state.metrics.clone())),
        tokio::spawn(RateLimits::upkeep(state.clone())),
    ];
    let tls = certificate.map(Certificate::server_config).transpose()?;
    let server = http::server(listener, tls, state, DRAIN_TIMEOUT)?;
    let handle = server.handle();
    tokio::spawn(async move {
        stop.await;
        tracing::info!("stopping: requests under way are finished first");
        draining.cancel();
        handle.stop(true).await;
    });
    let result = server.await;
    background.iter().for_each(tokio::task::JoinHandle::abort);
    Ok(result?)
}

/// On the very first start: the administrator's token, written where he finds it again.
async fn first_token(services: &Services, data_dir: &Path) -> anyhow::Result<Option<String>> {
    let path = data_dir.join("admin-token");
    let write = |token: &NewToken| -> std::io::Result<()> {
        // Left by another database, of which nothing is there any more, or by a start that was cut off here.
        if path.exists() {
            std::fs::remove_file(&path)?;
        }
        let mut file = create_private(&path)?;
        writeln!(file, "{}", token.0)?;
        file.sync_all()
    };
    let token = users::create_first_administrator(services, write).await;
    Ok(token.with_context(|| format!("cannot make the first token, which goes to {}", path.display()))?.map(|it| it.0))
}

/// For people on standard output; the first line is also for scripts that asked for port 0.
fn introduce(address: SocketAddr, config: &Config, token: Option<&str>) -> std::io::Result<()> {
    let data_dir = std::path::absolute(&config.data_dir)?;
    let mut out = std::io::stdout().lock();
    let scheme = if config.tls.files().is_some() { "https" } else { "http" };
    writeln!(out, "Listening on {scheme}://{address}")?;
    writeln!(out, "Data is in {}", data_dir.display())?;
    match config.graphql.graphiql {
        true => writeln!(out, "GraphiQL is at {scheme}://{address}/graphiql")?,
        false => writeln!(out, "GraphiQL is switched off (graphql.graphiql)")?,
    }
    if let Some(token) = token {
        let path = data_dir.join("admin-token");
        writeln!(out, "The administrator's access token, also in {}:\n{token}", path.display())?;
    }
    out.flush()
}

/// SIGHUP, from when it is listened to on; never comes where there is no such signal.
struct Hangup {
    #[cfg(unix)]
    signal: tokio::signal::unix::Signal,
}

impl Hangup {
    #[cfg(unix)]
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { signal: signal(SignalKind::hangup())? })
    }

    #[cfg(not(unix))]
    fn listen() -> std::io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(unix)]
    async fn next(&mut self) -> Option<()> {
        self.signal.recv().await
    }

    #[cfg(not(unix))]
    async fn next(&mut self) -> Option<()> {
        std::future::pending().await
    }
}

/// Reads the certificate and looks for plugins again at each hangup. Never returns.
async fn reload_on(mut hangup: Hangup, plugins: PluginHost, certificate: Option<Arc<Certificate>>) {
    while hangup.next().await.is_some() {
        if let Some(certificate) = certificate.clone() {
            reload_certificate(certificate).await;
        }
        tracing::info!("looking for plugins again");
        let plugins = plugins.clone();
        if let Err(error) = tokio::task::spawn_blocking(move || plugins.reload()).await {
            tracing::error!(%error, "plugins could not be reloaded");
        }
    }
}

async fn reload_certificate(certificate: Arc<Certificate>) {
    match tokio::task::spawn_blocking(move || certificate.reload()).await {
        Ok(Ok(())) => tracing::info!("new connections get the certificate that is there now"),
        Ok(Err(error)) => tracing::error!(error = format!("{error:#}"), "the certificate stays as it was"),
        Err(error) => tracing::error!(%error, "the certificate stays as it was"),
    }
}

#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()> + Send> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn stop_signal() -> std::io::Result<impl Future<Output = ()> + Send> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
