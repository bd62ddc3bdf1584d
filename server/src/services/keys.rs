//! The server's own secret, made on the first start: patients are known by a digest keyed with it, never by name.

use crate::domain::digest::Digest;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest as _, Sha256};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;
use subtle::ConstantTimeEq;

pub struct Keys {
    patients: [u8; 32],
}

impl Keys {
    /// Reads `secret-key` of the data directory, or makes it, readable by the owner alone.
    ///
    /// # Errors
    /// When the file cannot be read or written, or is too short to be a key.
    pub fn open(data_dir: &Path) -> std::io::Result<Self> {
        let path = data_dir.join("secret-key");
        match read_key(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            result => return result.map(|patients| Self { patients }),
        }
        match write_key(data_dir, &path, rand::random()) {
            // Another process made it in the meantime: that one counts.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            result => result?,
        }
        read_key(&path).map(|patients| Self { patients })
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

/// Bytes of the code that seals.
const SEAL_BYTES: usize = 32;

impl Keys {
    /// The bytes as text that comes back unchanged or not at all; not hidden from who holds it.
    pub fn seal(&self, bytes: &[u8]) -> String {
        let sealed = [self.seal_of(bytes).as_slice(), bytes].concat();
        BASE64_URL_SAFE_NO_PAD.encode(sealed)
    }

    /// `None` for what this server did not seal.
    pub fn open_sealed(&self, text: &str) -> Option<Vec<u8>> {
        let sealed = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let (seal, bytes) = sealed.split_at_checked(SEAL_BYTES)?;
        bool::from(self.seal_of(bytes).ct_eq(seal)).then(|| bytes.to_vec())
    }

    fn seal_of(&self, bytes: &[u8]) -> Vec<u8> {
        // Not the key that patients' digests are made with: one must not be taken for the other.
        let key = Sha256::digest([b"lightbox seal".as_slice(), &self.patients].concat());
        // A key of any length is taken, so that nothing can fail here; an empty seal opens nothing.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&key) else { return Vec::new() };
        mac.update(bytes);
        mac.finalize().into_bytes().to_vec()
    }
}

fn read_key(path: &Path) -> std::io::Result<[u8; 32]> {
    let mut key = [0; 32];
    std::fs::File::open(path)?.read_exact(&mut key)?;
    Ok(key)
}

/// The file is there whole or not at all, whenever the machine stops: a key that is lost makes every patient another.
/// Its mode is 0600, that of every temporary file.
fn write_key(data_dir: &Path, path: &Path, key: [u8; 32]) -> std::io::Result<()> {
    let mut file = tempfile::Builder::new().prefix("secret-key.").tempfile_in(data_dir)?;
    file.write_all(&key)?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path).map_err(|error| error.error)?;
    #[cfg(unix)]
    std::fs::File::open(data_dir)?.sync_all()?;
    Ok(())
}

/// A new file that only its owner may read (mode 0600); fails when it exists.
pub fn create_private(path: &Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_whole_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let first = Keys::open(folder.path()).unwrap();
        assert_eq!(Keys::open(folder.path()).unwrap().patients, first.patients);
        let path = folder.path().join("secret-key");
        assert_eq!(std::fs::read(&path).unwrap(), first.patients);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn what_is_sealed_comes_back_unchanged_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::open(folder.path()).unwrap();
        let sealed = keys.seal(b"attempt");
        assert_eq!(keys.open_sealed(&sealed).as_deref(), Some(b"attempt".as_slice()));
        let mut changed = BASE64_URL_SAFE_NO_PAD.decode(&sealed).unwrap();
        *changed.last_mut().unwrap() ^= 1;
        for wrong in ["", "x", &BASE64_URL_SAFE_NO_PAD.encode(&changed), &BASE64_URL_SAFE_NO_PAD.encode(b"attempt")] {
            assert_eq!(keys.open_sealed(wrong), None, "{wrong}");
        }
        let other = tempfile::tempdir().unwrap();
        assert_eq!(Keys::open(other.path()).unwrap().open_sealed(&sealed), None);
    }

    #[test]
    fn a_key_that_another_process_made_first_counts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret-key");
        write_key(folder.path(), &path, [1; 32]).unwrap();
        assert_eq!(write_key(folder.path(), &path, [2; 32]).unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(Keys::open(folder.path()).unwrap().patients, [1; 32]);
    }

    #[test]
    fn a_key_that_is_cut_short_is_an_error_and_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("secret-key"), [1; 5]).unwrap();
        assert!(Keys::open(folder.path()).is_err());
        assert_eq!(std::fs::read(folder.path().join("secret-key")).unwrap(), [1; 5]);
    }
}
