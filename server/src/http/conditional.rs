//! Conditional requests (RFC 9110, section 13): whether the client has the bytes already.

use actix_web::HttpRequest;
use actix_web::http::header::{EntityTag, Header as _, IF_RANGE, IfNoneMatch};
use sha2::{Digest as _, Sha256};

/// Whether `If-None-Match` names this tag: then the answer is 304.
pub fn is_known(request: &HttpRequest, tag: &EntityTag) -> bool {
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(known)) => known.iter().any(|one| one.weak_eq(tag)),
        Err(_) => false,
    }
}

/// Whether a range may be answered as one: `If-Range` is not there, or names this tag. No date ever does, for no
/// response of ours carries one.
pub fn range_holds(request: &HttpRequest, tag: &EntityTag) -> bool {
    let Some(value) = request.headers().get(IF_RANGE) else { return true };
    let named = value.to_str().ok().and_then(|text| text.parse::<EntityTag>().ok());
    named.is_some_and(|named| named.strong_eq(tag))
}

/// A strong tag of everything that the bytes depend on.
pub fn tag_of(parts: &[&[u8]]) -> EntityTag {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let digest = crate::domain::digest::Digest(hasher.finalize().into());
    EntityTag::new_strong(digest.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::IF_NONE_MATCH;
    use actix_web::test::TestRequest;

    fn tag() -> EntityTag {
        EntityTag::new_strong("a".to_owned())
    }

    #[test]
    fn a_client_that_names_the_tag_has_the_bytes() {
        let table = [("\"a\"", true), ("W/\"a\"", true), ("\"b\", \"a\"", true), ("*", true), ("\"b\"", false)];
        for (header, expected) in table {
            let request = TestRequest::default().insert_header((IF_NONE_MATCH, header)).to_http_request();
            assert_eq!(is_known(&request, &tag()), expected, "{header}");
        }
        assert!(!is_known(&TestRequest::default().to_http_request(), &tag()));
    }

    #[test]
    fn a_range_of_other_bytes_does_not_hold() {
        let table = [("\"a\"", true), ("W/\"a\"", false), ("\"b\"", false), ("Wed, 21 Oct 2015 07:28:00 GMT", false)];
        for (header, expected) in table {
            let request = TestRequest::default().insert_header((IF_RANGE, header)).to_http_request();
            assert_eq!(range_holds(&request, &tag()), expected, "{header}");
        }
        assert!(range_holds(&TestRequest::default().to_http_request(), &tag()));
    }

    #[test]
    fn tags_of_other_parts_differ_even_when_their_bytes_run_together() {
        assert_ne!(tag_of(&[b"ab", b"c"]), tag_of(&[b"a", b"bc"]));
        assert_eq!(tag_of(&[b"ab", b"c"]), tag_of(&[b"ab", b"c"]));
    }
}
