//! TLS by the server itself; without it, something in front of the server has to bring it.

use anyhow::ensure;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// PEM file with the server's certificate and those that it was issued by, its own first.
    pub certificate: Option<PathBuf>,
    /// PEM file with its private key.
    pub key: Option<PathBuf>,
}

impl TlsConfig {
    /// Certificate and key, when TLS is wanted.
    pub fn files(&self) -> Option<(&Path, &Path)> {
        self.certificate.as_deref().zip(self.key.as_deref())
    }

    /// # Errors
    /// When one is there without the other.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        ensure!(
            self.certificate.is_some() == self.key.is_some(),
            "tls.certificate and tls.key belong together: give both, or none for plain HTTP"
        );
        Ok(())
    }
}
