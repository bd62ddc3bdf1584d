//! The headers of tus, read and written.

use super::super::failure::Failure;
use crate::domain::upload::Upload;
use actix_web::HttpResponseBuilder;
use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, HttpDate};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::time::SystemTime;

pub const VERSION: &str = "1.0.0";
pub const EXTENSIONS: &str = "creation,termination,expiration,checksum";
pub const CONTENT_TYPE: &str = "application/offset+octet-stream";

pub const TUS_RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
pub const TUS_VERSION: HeaderName = HeaderName::from_static("tus-version");
pub const TUS_EXTENSION: HeaderName = HeaderName::from_static("tus-extension");
pub const TUS_MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
pub const TUS_CHECKSUM_ALGORITHM: HeaderName = HeaderName::from_static("tus-checksum-algorithm");
pub const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
pub const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
pub const UPLOAD_METADATA: HeaderName = HeaderName::from_static("upload-metadata");
pub const UPLOAD_EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
pub const UPLOAD_CHECKSUM: HeaderName = HeaderName::from_static("upload-checksum");
const METHOD_OVERRIDE: HeaderName = HeaderName::from_static("x-http-method-override");

pub fn value(text: &'static str) -> HeaderValue {
    HeaderValue::from_static(text)
}

pub fn speaks_our_version(headers: &HeaderMap) -> bool {
    headers.get(TUS_RESUMABLE).is_some_and(|version| version == VERSION)
}

pub fn overridden_method(headers: &HeaderMap) -> Option<Method> {
    let name = headers.get(METHOD_OVERRIDE)?.to_str().ok()?.trim();
    [Method::PATCH, Method::DELETE, Method::HEAD, Method::POST].into_iter().find(|method| method.as_str() == name)
}

/// A whole number of bytes.
///
/// # Errors
/// 400 when it is missing or no number.
pub fn require_number(headers: &HeaderMap, name: &HeaderName) -> Result<u64, Failure> {
    let text = headers.get(name).and_then(|value| value.to_str().ok());
    let text = text.ok_or_else(|| Failure::bad_request(format!("The header {name} is missing: a number of bytes.")))?;
    let digits = Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let number = digits.and_then(|digits| digits.parse().ok());
    number.ok_or_else(|| Failure::bad_request(format!("The header {name} is {text:?}, which is no number of bytes.")))
}

/// `filename` of an Upload-Metadata header: pairs of a key and base64, separated by commas.
///
/// # Errors
/// 400 for a header that is not built like that.
pub fn filename(headers: &HeaderMap) -> Result<Option<String>, Failure> {
    let Some(value) = headers.get(UPLOAD_METADATA) else { return Ok(None) };
    let text = value.to_str().map_err(|_| bad_metadata("it is not ASCII"))?;
    let mut keys = Vec::new();
    let mut filename = None;
    for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once(' ').unwrap_or((pair, ""));
        if keys.contains(&key) {
            return Err(bad_metadata(&format!("the key {key:?} stands there twice")));
        }
        keys.push(key);
        let bytes = BASE64_STANDARD.decode(value.trim()).map_err(|error| bad_metadata(&format!("{key}: {error}")))?;
        if key == "filename" {
            filename = Some(String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    Ok(filename.filter(|name| !name.is_empty()))
}

fn bad_metadata(why: &str) -> Failure {
    let form = "`key base64`, several separated by commas";
    Failure::bad_request(format!("The header upload-metadata must be {form}: {why}."))
}

pub fn metadata(filename: &str) -> String {
    format!("filename {}", BASE64_STANDARD.encode(filename))
}

/// How far an upload got, and until when it is kept.
pub fn describe(response: &mut HttpResponseBuilder, upload: &Upload, offset: u64) {
    response.insert_header((UPLOAD_OFFSET, offset));
    describe_expiry(response, upload);
}

/// An upload that a job has taken does not expire.
pub fn describe_expiry(response: &mut HttpResponseBuilder, upload: &Upload) {
    if upload.job_id.is_none() {
        let expires = HttpDate::from(SystemTime::from(upload.expires_at));
        response.insert_header((UPLOAD_EXPIRES, expires.to_string()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn headers(name: HeaderName, text: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_str(text).unwrap());
        headers
    }

    #[test]
    fn metadata_may_name_the_file() {
        let table = [
            ("filename Y2hlc3Quemlw", Some("chest.zip")),
            ("filetype YQ==,filename w6kuemlw", Some("\u{e9}.zip")),
            (" filename  Y2hlc3Quemlw , is_confidential", Some("chest.zip")),
            ("filename", None),
            ("name Y2hlc3Quemlw", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(filename(&headers(UPLOAD_METADATA, text)).unwrap().as_deref(), expected, "{text}");
        }
        assert_eq!(filename(&HeaderMap::new()).unwrap(), None);
    }

    #[test]
    fn metadata_that_is_built_otherwise_is_refused() {
        for text in ["filename chest.zip", "filename YQ==,filename YQ==", "filename Y Q=="] {
            assert!(filename(&headers(UPLOAD_METADATA, text)).is_err(), "{text}");
        }
    }

    #[test]
    fn numbers_are_plain_digits() {
        assert_eq!(require_number(&headers(UPLOAD_OFFSET, "12"), &UPLOAD_OFFSET).unwrap(), 12);
        for text in ["", "-1", "+1", "1.0", "0x1", "18446744073709551616"] {
            assert!(require_number(&headers(UPLOAD_OFFSET, text), &UPLOAD_OFFSET).is_err(), "{text}");
        }
        assert!(require_number(&HeaderMap::new(), &UPLOAD_OFFSET).is_err());
    }

    #[test]
    fn only_methods_of_tus_can_be_overridden() {
        assert_eq!(overridden_method(&headers(METHOD_OVERRIDE, "PATCH")), Some(Method::PATCH));
        for text in ["GET", "patch", "CONNECT", ""] {
            assert_eq!(overridden_method(&headers(METHOD_OVERRIDE, text)), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_name_reads_back_from_its_metadata(name in "[^\\p{C}]{1,80}") {
            prop_assert_eq!(filename(&headers(UPLOAD_METADATA, &metadata(&name))).unwrap(), Some(name));
        }
    }
}
