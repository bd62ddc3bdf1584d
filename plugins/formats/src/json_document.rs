//! Which documents are looked into as JSON.

use lightbox_sdk::Document;

/// By its name; a document without one by its first character.
pub(crate) fn is_json(document: Document<'_>) -> bool {
    let extension = document.name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let starts_like_json = || matches!(document.bytes.trim_ascii_start().first(), Some(b'{' | b'['));
    extension.eq_ignore_ascii_case("json") || (document.name.is_empty() && starts_like_json())
}
