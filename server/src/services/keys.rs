//! The server's own secret, made on the first start: patients are known by a digest keyed with it, never by name.

use crate::domain::digest::Digest;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::io::{Read, Write};
use std::path::Path;

pub struct Keys {
    patients: [u8; 32],
}

impl Keys {
    /// Reads `secret-key` of the data directory, or makes it, readable by the owner alone.
    pub fn open(data_dir: &Path) -> std::io::Result<Self> {
        let path = data_dir.join("secret-key");
        let mut patients = [0; 32];
        match std::fs::File::open(&path) {
            Ok(mut file) => file.read_exact(&mut patients)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                patients = rand::random();
                create_private(&path)?.write_all(&patients)?;
            }
            Err(error) => return Err(error),
        }
        Ok(Self { patients })
    }

    /// Digest of a PatientID with its issuer; the same patient has the same one in every dataset of this server.
    pub fn patient_key(&self, patient_id: &str, issuer: Option<&str>) -> Option<Digest> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.patients).ok()?;
        mac.update(issuer.unwrap_or_default().trim().as_bytes());
        mac.update(&[0]);
        mac.update(patient_id.trim().as_bytes());
        Some(Digest(mac.finalize().into_bytes().into()))
    }
}

/// A new file that only its owner may read (mode 0600); fails when it exists.
pub fn create_private(path: &Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
