//! What every handler works with.

use crate::graphql::LightboxSchema;
use crate::services::Services;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio_util::sync::CancellationToken;

pub struct HttpState {
    pub services: Services,
    pub schema: LightboxSchema,
    pub metrics: PrometheusHandle,
    /// Cancelled when the server drains: streams and uploads end, so that they can be taken up again.
    pub draining: CancellationToken,
}

impl HttpState {
    pub fn new(services: Services, draining: CancellationToken) -> Self {
        let schema = crate::graphql::schema(services.clone());
        Self { services, schema, metrics: super::metrics::recorder(), draining }
    }
}
