//! What stands between the server and its clients.

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpConfig {
    /// Networks of proxies, such as `10.0.0.0/8` or `127.0.0.1/32`, that are believed when they say in
    /// `X-Forwarded-For` for whom they ask.
    pub trusted_proxies: Vec<IpNet>,
}
