//! What every answer tells browsers, unless its handler says something stricter or, for GraphiQL, what a page needs.

use actix_web::http::header::{
    CONTENT_SECURITY_POLICY, CROSS_ORIGIN_OPENER_POLICY, CROSS_ORIGIN_RESOURCE_POLICY, PERMISSIONS_POLICY,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::middleware::DefaultHeaders;

/// Nothing here is a page but GraphiQL and signing in, nothing is to stand in another site's frame, and no address is to be told on.
pub fn security_headers() -> DefaultHeaders {
    DefaultHeaders::new()
        .add((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .add((CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"))
        .add((X_FRAME_OPTIONS, "DENY"))
        .add((REFERRER_POLICY, "no-referrer"))
        .add((CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"))
        .add((CROSS_ORIGIN_OPENER_POLICY, "same-origin"))
        .add((PERMISSIONS_POLICY, "camera=(), geolocation=(), microphone=()"))
}
