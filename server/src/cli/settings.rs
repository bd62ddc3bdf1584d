//! Flags that choose the configuration, and the list of all settings for the help texts.

use crate::config::{Config, ConfigFlags, read_config};
use clap::Args;
use serde_json::Value;
use std::fmt::Write;
use std::path::PathBuf;

/// For every command that opens a data directory.
#[derive(Debug, Clone, Default, Args)]
pub struct DataDirFlags {
    /// Where the database, the stored files and the keys are [default: lightbox-data]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// A TOML file with settings; `lightbox serve --help` lists them [env: LIGHTBOX_CONFIG]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl DataDirFlags {
    pub fn flags(&self) -> ConfigFlags {
        ConfigFlags { listen: None, data_dir: self.data_dir.clone(), config: self.config.clone() }
    }

    pub fn read(&self) -> anyhow::Result<Config> {
        read_config(&self.flags())
    }
}

/// Every key of the configuration with what it is for.
const SETTINGS: &[(&str, &str)] = &[
    ("listen", "address and port to listen on; port 0 takes a free one"),
    ("data_dir", "where the database, the stored files and the keys are"),
    (
        "log.filter",
        "which log lines are written: error, warn, info, debug, trace, or a list such as info,lightbox=debug",
    ),
    ("log.format", "text or json"),
    ("limits.upload_bytes", "bytes of one upload"),
    ("limits.upload_lifetime_seconds", "seconds until an upload that no import has read is removed"),
    ("limits.archive_entries", "entries of one archive"),
    ("limits.archive_unpacked_bytes", "bytes of all entries of one archive, unpacked"),
    ("limits.image_bytes", "bytes of one image file"),
    ("limits.frame_bytes", "bytes of one decoded frame"),
    ("limits.document_bytes", "bytes of one annotation document"),
    (
        "limits.plugin_wait_seconds",
        "seconds for which an import waits for image plugins that are switched off for failing",
    ),
    ("limits.graphql_body_bytes", "bytes of the body of a GraphQL request"),
    ("limits.graphql_document_bytes", "bytes of the text of a GraphQL query, its variables not counted"),
    ("limits.graphql_tokens", "tokens of that text"),
    ("limits.graphql_nesting", "how deep brackets may stand inside one another in it; at most 63 are parsed"),
    ("limits.graphql_operations", "operations in one GraphQL document"),
    ("limits.graphql_root_fields", "fields at the root of one operation"),
    ("limits.graphql_aliases", "aliases in one GraphQL document"),
    ("limits.graphql_directives", "directives in one GraphQL document"),
    ("limits.graphql_field_directives", "directives at one place of it"),
    ("limits.graphql_repeats", "how often one field may stand in one selection"),
    ("limits.graphql_depth", "how deep a GraphQL query may nest"),
    ("limits.graphql_fields", "fields and fragments that a GraphQL query may ask for, before lists are multiplied out"),
    (
        "limits.graphql_cost",
        "values that the answer to a GraphQL query may have, by the sizes of the pages that it asks for",
    ),
    ("limits.graphql_socket_operations", "operations that run at the same time on one WebSocket"),
    ("limits.dataset_derivatives", "derivatives of one dataset, those of its annotation sets among them"),
    ("graphql.introspection", "whether clients may ask for the schema, and errors suggest names"),
    ("graphql.graphiql", "whether GraphiQL is at /graphiql"),
    (
        "http.trusted_proxies",
        "networks, such as 10.0.0.0/8 or 127.0.0.1/32, of proxies that are believed in X-Forwarded-For",
    ),
    (
        "http.write_timeout_ms",
        "milliseconds for which a client may take nothing of its answer before it is given up (Linux); 0: for ever",
    ),
    ("tls.certificate", "PEM file with the server's certificate and its issuers', for HTTPS; SIGHUP reads it again"),
    ("tls.key", "PEM file with the certificate's private key"),
    ("rate_limits.address_requests_per_second", "requests a second from one address; 0: no limit"),
    ("rate_limits.address_burst_requests", "requests that may come at once from an address that was quiet"),
    ("rate_limits.token_requests_per_second", "requests a second with one token; 0: no limit"),
    ("rate_limits.token_burst_requests", "requests that may come at once with a token that was quiet"),
    (
        "plugins.directories",
        "folders with plugins, instead of beside the program and in plugins/ of the data directory",
    ),
    ("plugins.call_timeout_ms", "milliseconds of one call into a plugin"),
    ("plugins.isolation", "where plugins run: workers (processes of their own, confined) or in-process"),
    ("plugins.memory_limit_bytes", "bytes of memory that one plugin process may take, stored files not counted"),
    ("plugins.allow", "SHA-256, in hexadecimal, of the only plugin libraries that may be loaded; not set: all"),
    ("plugins.disable", "ids of plugins that are not used"),
    ("plugins.prefer", "ids of plugins that go before others that can do the same, the most wanted first"),
    ("jobs.parallel", "jobs that run at the same time"),
    (
        "jobs.max_attempts",
        "starts of a job, the first among them, before one that crashes keep interrupting is given up",
    ),
    ("exports.lifetime_seconds", "seconds for which a finished export can be downloaded"),
    ("webhooks.endpoints", "who is told of what happens: a list of {url, secret}; secrets have 16 bytes or more"),
    ("webhooks.timeout_ms", "milliseconds of one attempt to tell a webhook"),
    (
        "webhooks.first_retry_ms",
        "milliseconds until the second attempt; they double with each further one, up to an hour",
    ),
    ("webhooks.give_up_after_seconds", "seconds since an event after which a webhook is not told again"),
    ("webhooks.log_lifetime_seconds", "seconds for which deliveries that ended stay in the log"),
    ("quotas.user_bytes", "bytes of the datasets and uploads of a user who has no limit of his own"),
    ("quotas.user_images", "images of the datasets of a user who has no limit of his own"),
    ("sign_in.session_lifetime_seconds", "seconds from signing in with a browser until it has to be done again"),
    (
        "sign_in.credential_check_seconds",
        "seconds between two looks whether the token or session of an open WebSocket or event stream is still taken",
    ),
    (
        "sign_in.public_url",
        "address by which browsers reach the server; needed for OpenID Connect, with https cookies go over https alone",
    ),
    ("sign_in.oidc_issuer", "address of the OpenID provider, as it calls itself; not set: nobody signs in by one"),
    ("sign_in.oidc_client_id", "as which the OpenID provider knows this server"),
    ("sign_in.oidc_client_secret", "what the OpenID provider knows this server by; not set: a public client"),
    ("sign_in.oidc_name", "what the sign-in page calls the OpenID provider"),
    ("sign_in.oidc_name_claim", "which claim new users are named by: preferred_username, email or sub"),
    ("sign_in.oidc_creates_users", "whether everybody whom the OpenID provider knows becomes a user"),
];

/// The settings as text: key, variable, default, meaning.
pub fn list() -> String {
    let mut text = String::from(
        "Settings: each is a key of the configuration file (TOML; `a.b` is the key `b` of the table `[a]`) and an \
         environment variable. A flag goes before the variable, the variable before the file, the file before the \
         default. An unknown key is an error.\n",
    );
    for &(key, meaning) in SETTINGS {
        let default = default_of(key).map_or_else(|| "not set".to_owned(), |value| value.to_string());
        // Writing to a string cannot fail.
        let _ = write!(text, "\n  {key}\n      {meaning}\n      [env: {}] [default: {default}]\n", variable(key));
    }
    text
}

fn variable(key: &str) -> String {
    format!("LIGHTBOX_{}", key.replace('.', "__").to_uppercase())
}

fn default_of(key: &str) -> Option<Value> {
    let defaults = serde_json::to_value(Config::default()).ok()?;
    let value = key.split('.').try_fold(&defaults, |value, part| value.get(part))?;
    (!value.is_null()).then(|| value.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(prefix: &str, value: &Value) -> Vec<String> {
        match value {
            Value::Object(fields) => {
                fields.iter().flat_map(|(key, value)| keys(&format!("{prefix}.{key}"), value)).collect()
            }
            _ => vec![prefix.trim_start_matches('.').to_owned()],
        }
    }

    #[test]
    fn every_setting_is_listed_and_nothing_else() {
        let mut actual = keys("", &serde_json::to_value(Config::default()).unwrap());
        let mut listed: Vec<String> = SETTINGS.iter().map(|(key, _)| (*key).to_owned()).collect();
        actual.sort();
        listed.sort();
        assert_eq!(listed, actual);
    }

    #[test]
    fn a_setting_is_listed_with_its_variable_and_its_default() {
        let text = list();
        assert!(text.contains("[env: LIGHTBOX_JOBS__PARALLEL] [default: 2]"), "{text}");
        assert!(text.contains("[env: LIGHTBOX_PLUGINS__DIRECTORIES] [default: not set]"), "{text}");
    }
}
