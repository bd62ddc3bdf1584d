//! What stands between the server and its clients.

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpConfig {
    /// Networks of proxies, such as `10.0.0.0/8` or `127.0.0.1/32`, that are believed when they say in
    /// `X-Forwarded-For` for whom they ask.
    pub trusted_proxies: Vec<IpNet>,
    /// Time for which a client may take nothing of what it is sent, before its connection is given up; 0: for ever.
    pub write_timeout_ms: u32,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self { trusted_proxies: Vec::new(), write_timeout_ms: 60_000 }
    }
}
