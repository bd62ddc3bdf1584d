//! What responses with bytes have in common: tags, caching, names of files.

use super::conditional::is_known;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, Charset, ContentDisposition, DispositionParam,
    DispositionType, ETAG, EntityTag, ExtendedValue, VARY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};

/// How long a client may use what it has without asking again. Never shared between users: permission is per user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caching {
    /// The address stands for these bytes for ever.
    Immutable,
    /// The bytes change only when the server's rendering does.
    OneHour,
    /// The bytes may change at any time: ask with the tag.
    Revalidate,
}

impl Caching {
    fn as_str(self) -> &'static str {
        match self {
            Self::Immutable => "private, max-age=31536000, immutable",
            Self::OneHour => "private, max-age=3600",
            Self::Revalidate => "private, no-cache",
        }
    }
}

/// A response under a tag; what comes from files that strangers made must not run as a page.
pub fn tagged(status: StatusCode, tag: &EntityTag, caching: Caching) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response
        .insert_header((ETAG, tag.to_string()))
        .insert_header((CACHE_CONTROL, caching.as_str()))
        .insert_header((VARY, "Authorization"))
        .insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'; sandbox"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"));
    response
}

/// 304 if the client has the bytes under this tag.
pub fn not_modified(request: &HttpRequest, tag: &EntityTag, caching: Caching) -> Option<HttpResponse> {
    is_known(request, tag).then(|| tagged(StatusCode::NOT_MODIFIED, tag, caching).finish())
}

/// The header that makes a browser save the bytes under the last part of `path` (RFC 6266).
pub fn attachment(path: &str) -> (actix_web::http::header::HeaderName, ContentDisposition) {
    let name: String = path.rsplit('/').next().unwrap_or(path).chars().filter(|c| !c.is_control()).collect();
    let plain: String = name.chars().map(|c| if c.is_ascii() && c != '%' { c } else { '_' }).collect();
    let mut parameters = vec![DispositionParam::Filename(plain.clone())];
    if plain != name {
        let value = name.into_bytes();
        let extended = ExtendedValue { charset: Charset::Ext("UTF-8".to_owned()), language_tag: None, value };
        parameters.push(DispositionParam::FilenameExt(extended));
    }
    (CONTENT_DISPOSITION, ContentDisposition { disposition: DispositionType::Attachment, parameters })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_download_is_named_like_the_last_part_of_its_path() {
        let table = [
            ("a/b.dcm", "attachment; filename=\"b.dcm\""),
            ("1.2.840", "attachment; filename=\"1.2.840\""),
            ("a/\u{e9}.png", "attachment; filename=\"_.png\"; filename*=UTF-8''%C3%A9.png"),
            ("a/x\"\\y\r\n.png", "attachment; filename=\"x\\\"\\\\y.png\""),
        ];
        for (path, expected) in table {
            assert_eq!(attachment(path).1.to_string(), expected, "{path:?}");
        }
    }
}
