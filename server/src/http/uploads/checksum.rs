//! The checksum of one chunk: the header's two parts, and whether what arrived agrees.

use super::super::failure::Failure;
use super::headers::UPLOAD_CHECKSUM;
use actix_web::http::header::HeaderMap;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// What the header Tus-Checksum-Algorithm lists.
pub const ALGORITHMS: &str = "sha1,sha256";

/// Counts the bytes of a chunk and compares them with the digest that the client sent.
pub struct Checksum {
    state: State,
    expected: Vec<u8>,
}

enum State {
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Checksum {
    /// `None` without the header.
    ///
    /// # Errors
    /// 400 for an algorithm that is not among [`ALGORITHMS`], or a digest that is none of it.
    pub fn read(headers: &HeaderMap) -> Result<Option<Self>, Failure> {
        let Some(value) = headers.get(UPLOAD_CHECKSUM) else { return Ok(None) };
        let text = value.to_str().unwrap_or_default().trim();
        let (algorithm, digest) = text.split_once(' ').unwrap_or((text, ""));
        let (state, size) = match algorithm {
            "sha1" => (State::Sha1(Sha1::new()), 20),
            "sha256" => (State::Sha256(Sha256::new()), 32),
            other => {
                let message = format!("The checksum algorithm {other:?} is not known here; {ALGORITHMS} are.");
                return Err(Failure::bad_request(message));
            }
        };
        match BASE64_STANDARD.decode(digest.trim()) {
            Ok(expected) if expected.len() == size => Ok(Some(Self { state, expected })),
            _ => {
                let message = format!("The checksum {digest:?} is no base64 of the {size} bytes of {algorithm}.");
                Err(Failure::bad_request(message))
            }
        }
    }

    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.state {
            State::Sha1(hasher) => hasher.update(bytes),
            State::Sha256(hasher) => hasher.update(bytes),
        }
    }

    pub fn agrees(self) -> bool {
        let actual = match self.state {
            State::Sha1(hasher) => hasher.finalize().to_vec(),
            State::Sha256(hasher) => hasher.finalize().to_vec(),
        };
        actual.ct_eq(&self.expected).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn read(text: &str) -> Result<Option<Checksum>, Failure> {
        let mut headers = HeaderMap::new();
        headers.insert(UPLOAD_CHECKSUM, HeaderValue::from_str(text).unwrap());
        Checksum::read(&headers)
    }

    #[test]
    fn a_chunk_agrees_with_its_own_checksum_alone() {
        // Of the bytes "hello world": FIPS 180-4 digests as coreutils' sha1sum and sha256sum give them.
        let table = ["sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", "sha256 uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek="];
        for text in table {
            let mut checksum = read(text).unwrap().unwrap();
            checksum.update(b"hello ");
            checksum.update(b"world");
            assert!(checksum.agrees(), "{text}");
            let mut other = read(text).unwrap().unwrap();
            other.update(b"hello worlt");
            assert!(!other.agrees(), "{text}");
        }
    }

    #[test]
    fn what_is_no_checksum_is_refused() {
        for text in
            ["md5 XrY7u+Ae7tCTyyK7j1rNww==", "sha1", "sha1 !", "sha1 YQ==", "", "sha256 Kq5sNclPz7QV2+lfQIuc6R7oRu0="]
        {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(Checksum::read(&HeaderMap::new()).unwrap().is_none());
    }
}
