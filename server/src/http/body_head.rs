//! What a request's head says of its body, looked at before any of it is read.

use super::failure::Failure;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap};

/// Bodies come as they are: none is unpacked, so that none can unpack to more than its length.
///
/// # Errors
/// 415 for every content coding but `identity`; taken for plain, its bytes would be wrong ones.
pub fn require_unpacked(headers: &HeaderMap) -> Result<(), Failure> {
    let codings = headers.get_all(CONTENT_ENCODING).map(|value| String::from_utf8_lossy(value.as_bytes()));
    for coding in codings {
        if coding.split(',').any(|each| !each.trim().eq_ignore_ascii_case("identity")) {
            let message =
                format!("The body comes with `Content-Encoding: {coding}`: send it unpacked, without that header.");
            return Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
        }
    }
    Ok(())
}

/// Bytes that the body is said to have; `None` when it comes in chunks.
pub fn announced_bytes(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
