//! Configuration: defaults < file < environment < flags. Unknown keys are refused, wherever they stand.

mod graphql;
mod http;
mod rate_limits;
mod sign_in;
mod tls;
mod webhooks;

pub use graphql::GraphqlConfig;
pub use http::HttpConfig;
pub use rate_limits::RateLimitsConfig;
pub use sign_in::{OidcNameClaim, SignInConfig};
pub use tls::TlsConfig;
pub use webhooks::{Secret, WebhookEndpoint, WebhooksConfig};

use crate::plugin_host::Isolation;
use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Everything that an operator can set. In the file: TOML tables; in the environment: `LIGHTBOX_` and the path with
/// two underscores between its parts, such as `LIGHTBOX_LIMITS__UPLOAD_BYTES`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Address and port to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where database, files and keys are.
    pub data_dir: PathBuf,
    pub log: LogConfig,
    pub limits: Limits,
    pub graphql: GraphqlConfig,
    pub http: HttpConfig,
    pub tls: TlsConfig,
    pub rate_limits: RateLimitsConfig,
    pub plugins: PluginsConfig,
    pub jobs: JobsConfig,
    pub exports: ExportsConfig,
    pub webhooks: WebhooksConfig,
    pub sign_in: SignInConfig,
    pub quotas: QuotasConfig,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogConfig {
    /// Directives of tracing's filter, such as `info` or `lightbox=debug`.
    pub filter: String,
    /// `text` or `json`.
    pub format: LogFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}

/// What the server accepts; each is checked by our own counters.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Bytes of one upload.
    pub upload_bytes: u64,
    /// Seconds until an upload that no job has taken is removed.
    pub upload_lifetime_seconds: u64,
    /// Entries of one archive.
    pub archive_entries: u64,
    /// Bytes of all entries of one archive, unpacked.
    pub archive_unpacked_bytes: u64,
    /// Bytes of one image file.
    pub image_bytes: u64,
    /// Bytes of one decoded frame.
    pub frame_bytes: u64,
    /// Bytes of one annotation document.
    pub document_bytes: u64,
    /// Seconds for which an import waits for plugins of its images that are switched off because they kept failing.
    pub plugin_wait_seconds: u64,
    /// Bytes of the body of a GraphQL request.
    pub graphql_body_bytes: usize,
    /// Bytes of the text of a GraphQL query; what is long goes into its variables.
    pub graphql_document_bytes: usize,
    /// Tokens of that text.
    pub graphql_tokens: usize,
    /// How deep brackets of any kind may stand inside one another in it; 63 is the most that is parsed.
    pub graphql_nesting: usize,
    /// Operations in one document, those among them that are not asked for.
    pub graphql_operations: usize,
    /// Fields at the root of one operation.
    pub graphql_root_fields: usize,
    /// Aliases in one document.
    pub graphql_aliases: usize,
    /// Directives in one document.
    pub graphql_directives: usize,
    /// Directives at one place of it.
    pub graphql_field_directives: usize,
    /// How often one field may stand in one selection.
    pub graphql_repeats: usize,
    /// How deep a GraphQL query may nest.
    pub graphql_depth: usize,
    /// Fields and fragments that a GraphQL query may ask for, before its lists are multiplied out.
    pub graphql_fields: usize,
    /// Values that the answer to a GraphQL query may have by the sizes of the pages that it asks for.
    pub graphql_cost: u64,
    /// Operations that run at the same time on one WebSocket.
    pub graphql_socket_operations: usize,
    /// Derivatives of one dataset, those of its annotation sets among them.
    pub dataset_derivatives: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PluginsConfig {
    /// Folders to look for plugins in, instead of beside the binary and in `plugins/` of the data directory.
    pub directories: Option<Vec<PathBuf>>,
    /// Longest time of one plugin call.
    pub call_timeout_ms: u64,
    /// Where plugins run: `workers` or `in-process`.
    pub isolation: Isolation,
    /// The most memory that one plugin process may take, stored files not counted.
    pub memory_limit_bytes: u64,
    /// SHA-256, in hexadecimal, of the only libraries that may be loaded; all when it is left out.
    pub allow: Option<Vec<String>>,
    /// Ids of plugins that are not used.
    pub disable: Vec<String>,
    /// Ids of plugins that go before others that can do the same, the most wanted first.
    pub prefer: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobsConfig {
    /// Jobs that run at the same time.
    pub parallel: usize,
    /// Starts of a job, the first among them, before a job that a crash keeps interrupting is given up.
    pub max_attempts: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportsConfig {
    /// Seconds for which a finished export can be downloaded.
    pub lifetime_seconds: u64,
}

/// What users may keep who have no limits of their own; without a limit where it is left out.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuotasConfig {
    /// Bytes of one user's datasets and uploads.
    pub user_bytes: Option<u64>,
    /// Images of one user's datasets.
    pub user_images: Option<u64>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            data_dir: PathBuf::from("lightbox-data"),
            log: LogConfig { filter: "info".to_owned(), format: LogFormat::Text },
            limits: Limits {
                upload_bytes: 1 << 40,
                upload_lifetime_seconds: 7 * 24 * 3600,
                archive_entries: 5_000_000,
                archive_unpacked_bytes: 4 << 40,
                image_bytes: 8 << 30,
                frame_bytes: 1 << 30,
                document_bytes: 2 << 30,
                plugin_wait_seconds: 300,
                graphql_body_bytes: 16 << 20,
                graphql_document_bytes: 128 << 10,
                graphql_tokens: 10_000,
                graphql_nesting: 60,
                graphql_operations: 20,
                graphql_root_fields: 20,
                graphql_aliases: 60,
                graphql_directives: 60,
                graphql_field_directives: 4,
                graphql_repeats: 10,
                graphql_depth: 20,
                graphql_fields: 2_000,
                graphql_cost: 1_000_000,
                graphql_socket_operations: 100,
                dataset_derivatives: 10_000,
            },
            graphql: GraphqlConfig::default(),
            http: HttpConfig::default(),
            tls: TlsConfig::default(),
            rate_limits: RateLimitsConfig::default(),
            plugins: PluginsConfig {
                directories: None,
                call_timeout_ms: 120_000,
                isolation: Isolation::Workers,
                memory_limit_bytes: 4 << 30,
                allow: None,
                disable: Vec::new(),
                prefer: Vec::new(),
            },
            jobs: JobsConfig { parallel: 2, max_attempts: 3 },
            exports: ExportsConfig { lifetime_seconds: 24 * 3600 },
            webhooks: WebhooksConfig::default(),
            sign_in: SignInConfig::default(),
            quotas: QuotasConfig::default(),
        }
    }
}

/// What is given on the command line; goes before everything else.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ConfigFlags {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<SocketAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_dir: Option<PathBuf>,
    /// The configuration file itself; `LIGHTBOX_CONFIG` when it is not given.
    #[serde(skip)]
    pub config: Option<PathBuf>,
}

/// Reads all layers.
///
/// # Errors
/// With the key, what was found, what was expected and in which layer; a file that is named but not there is one too.
pub fn read_config(flags: &ConfigFlags) -> anyhow::Result<Config> {
    let mut figment = Figment::from(Serialized::defaults(Config::default()));
    let file = flags.config.clone().or_else(|| std::env::var_os("LIGHTBOX_CONFIG").map(PathBuf::from));
    if let Some(file) = file {
        anyhow::ensure!(file.is_file(), "the configuration file {} is not there", file.display());
        figment = figment.merge(Toml::file_exact(file));
    }
    let environment = Env::prefixed("LIGHTBOX_").ignore(&IGNORED_VARIABLES).split("__");
    let config: Config = figment.merge(environment).merge(Serialized::defaults(flags)).extract()?;
    anyhow::ensure!(config.jobs.parallel > 0, "jobs.parallel is 0: no job would ever run; give 1 or more");
    config.rate_limits.check()?;
    config.tls.check()?;
    config.webhooks.check()?;
    config.sign_in.check()?;
    Ok(config)
}

/// Variables that begin like ours but are no configuration of the server: the file's place, the command line client's
/// settings, and what the project's tests read.
const IGNORED_VARIABLES: [&str; 11] = [
    "config",
    "server",
    "token",
    "test_data",
    "require_test_data",
    "python",
    "dicom_files",
    "cross_check",
    "kills",
    "kill_seed",
    "require_http_audits",
];

#[cfg(test)]
mod tests {
    use super::*;
    use figment::Jail;

    #[test]
    #[allow(clippy::result_large_err)] // the type of figment's own test jail
    fn later_layers_go_before_earlier_ones() {
        Jail::expect_with(|jail| {
            jail.create_file(
                "lightbox.toml",
                "listen = '127.0.0.1:1'\ndata_dir = 'from-file'\n[jobs]\nparallel = 7\n",
            )?;
            jail.set_env("LIGHTBOX_DATA_DIR", "from-environment");
            jail.set_env("LIGHTBOX_LIMITS__UPLOAD_BYTES", "5");
            let flags = ConfigFlags {
                listen: Some(SocketAddr::from(([127, 0, 0, 1], 2))),
                config: Some("lightbox.toml".into()),
                ..ConfigFlags::default()
            };
            let config = read_config(&flags).unwrap();
            assert_eq!(config.listen.port(), 2);
            assert_eq!(config.data_dir, PathBuf::from("from-environment"));
            assert_eq!((config.jobs.parallel, config.limits.upload_bytes), (7, 5));
            Ok(())
        });
    }

    #[test]
    #[allow(clippy::result_large_err)] // the type of figment's own test jail
    fn unknown_keys_are_refused_in_the_file_and_in_the_environment() {
        Jail::expect_with(|jail| {
            jail.create_file("lightbox.toml", "[limits]\nuplaod_bytes = 5\n")?;
            let flags = ConfigFlags { config: Some("lightbox.toml".into()), ..ConfigFlags::default() };
            assert!(read_config(&flags).unwrap_err().to_string().contains("uplaod_bytes"));
            jail.set_env("LIGHTBOX_LISTNE", "127.0.0.1:1");
            assert!(read_config(&ConfigFlags::default()).unwrap_err().to_string().contains("listne"));
            Ok(())
        });
    }
}
