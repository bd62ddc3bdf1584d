//! The server's certificate: read from its files, shown to clients, read again while the server runs. What is sent
//! through a connection is not known here.

use crate::config::TlsConfig;
use anyhow::{Context, ensure};
use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

/// The certificate that new connections get; those that are open keep what they began with.
#[derive(Debug)]
pub struct Certificate {
    certificate: PathBuf,
    key: PathBuf,
    provider: Arc<CryptoProvider>,
    current: RwLock<Arc<CertifiedKey>>,
}

impl Certificate {
    /// What the configuration names; `None` for plain HTTP.
    ///
    /// # Errors
    /// When a file cannot be read, or the key is not the certificate's.
    pub fn open(config: &TlsConfig) -> anyhow::Result<Option<Arc<Self>>> {
        let Some((certificate, key)) = config.files() else { return Ok(None) };
        let provider = Arc::new(ring::default_provider());
        let (certificate, key) = (certificate.to_owned(), key.to_owned());
        let current = RwLock::new(read(&certificate, &key, &provider)?);
        Ok(Some(Arc::new(Self { certificate, key, provider, current })))
    }

    /// Reads the files again.
    ///
    /// # Errors
    /// As [`Certificate::open`]; then clients get what they got before.
    pub fn reload(&self) -> anyhow::Result<()> {
        let read = read(&self.certificate, &self.key, &self.provider)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = read;
        Ok(())
    }

    /// TLS 1.2 and 1.3 with this certificate.
    ///
    /// # Errors
    /// When the cryptography knows neither.
    pub fn server_config(self: Arc<Self>) -> anyhow::Result<ServerConfig> {
        let builder =
            ServerConfig::builder_with_provider(self.provider.clone()).with_safe_default_protocol_versions()?;
        Ok(builder.with_no_client_auth().with_cert_resolver(self))
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

fn read(certificate: &PathBuf, key: &PathBuf, provider: &CryptoProvider) -> anyhow::Result<Arc<CertifiedKey>> {
    let cannot_read = |key: &str, file: &PathBuf| format!("cannot read {key}, {}", file.display());
    let chain = CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let chain = chain.with_context(|| cannot_read("tls.certificate", certificate))?;
    ensure!(!chain.is_empty(), "tls.certificate, {}, holds no certificate in PEM", certificate.display());
    let private = PrivateKeyDer::from_pem_file(key).with_context(|| cannot_read("tls.key", key))?;
    let certified = CertifiedKey::from_der(chain, private, provider);
    let certified = certified.context("tls.certificate and tls.key cannot be used together")?;
    Ok(Arc::new(certified))
}
