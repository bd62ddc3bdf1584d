//! What every handler works with.

use super::rate_limit::RateLimits;
use crate::config::Config;
use crate::graphql::LightboxSchema;
use crate::services::Services;
use ipnet::IpNet;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio_util::sync::CancellationToken;

pub struct HttpState {
    pub services: Services,
    pub schema: LightboxSchema,
    pub rate_limits: RateLimits,
    /// Networks of proxies that say for whom they ask.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether browsers reach the server by https alone, so that cookies may go nowhere else.
    pub is_https: bool,
    /// Whether the page of GraphiQL is served.
    pub has_graphiql: bool,
    pub metrics: PrometheusHandle,
    /// Cancelled when the server drains: streams and uploads end, so that they can be taken up again.
    pub draining: CancellationToken,
}

impl HttpState {
    pub fn new(services: Services, config: &Config, draining: CancellationToken) -> Self {
        let schema = crate::graphql::schema(services.clone(), &config.graphql);
        Self {
            services,
            schema,
            metrics: super::metrics::recorder(),
            rate_limits: RateLimits::new(&config.rate_limits),
            trusted_proxies: config.http.trusted_proxies.clone(),
            is_https: config.sign_in.is_https() || config.tls.files().is_some(),
            has_graphiql: config.graphql.graphiql,
            draining,
        }
    }
}
