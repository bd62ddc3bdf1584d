//! GraphiQL at `/graphiql`, out of the binary: its page and the files that page loads, as build.rs bundled them.
//! Holds no data and asks for no token; the page asks its user for one and sends it to `/graphql`.

use std::io::{Read, Write};
use std::sync::{LazyLock, OnceLock};

use actix_web::http::header::{
    AcceptEncoding, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, ETAG, Encoding, EntityTag, Header as _,
    IfNoneMatch, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use sha2::{Digest as _, Sha256};

use super::routes::Route;

mod bundle {
    include!(concat!(env!("OUT_DIR"), "/graphiql.rs"));
}

/// Everything from this server and nothing from anywhere else. The editor writes style attributes, so style alone
/// may stand inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     font-src 'self' data:; connect-src 'self'; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; \
     form-action 'none'";

const PAGE: &str = "index.html";

/// Mounts `GET /graphiql` and `GET /graphiql/assets/{name}`.
pub fn configure(config: &mut web::ServiceConfig) {
    for route in [Route::Graphiql, Route::GraphiqlFolder] {
        config.service(route.resource().get(page).route(web::head().to(page)));
    }
    config.service(Route::GraphiqlAsset.resource().get(asset).route(web::head().to(asset)));
}

async fn page(request: HttpRequest) -> HttpResponse {
    respond(&request, PAGE)
}

async fn asset(request: HttpRequest, name: web::Path<String>) -> HttpResponse {
    respond(&request, &name)
}

/// One file of the bundle, kept as the gzip bytes that nearly every client takes.
struct Asset {
    name: &'static str,
    gzip: Bytes,
    /// Inflated for the first client that takes no gzip.
    plain: OnceLock<Bytes>,
    /// Hex SHA-256 of the gzip bytes.
    digest: String,
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| match bundle::LEFT_OUT {
    Some(reason) => vec![Asset::new(PAGE, deflated(&page_without_graphiql(reason)))],
    None => bundle::FILES.iter().map(|&(name, gzip)| Asset::new(name, Bytes::from_static(gzip))).collect(),
});

impl Asset {
    fn new(name: &'static str, gzip: Bytes) -> Self {
        let digest = Sha256::digest(&gzip).iter().map(|byte| format!("{byte:02x}")).collect();
        Self { name, gzip, plain: OnceLock::new(), digest }
    }

    /// The bytes in that encoding; the bundle is our own, so its inflated size needs no bound.
    fn bytes(&self, is_gzip: bool) -> Bytes {
        if is_gzip { self.gzip.clone() } else { self.plain.get_or_init(|| inflated(&self.gzip)).clone() }
    }

    /// Two encodings of a file are two different sequences of bytes: a strong tag tells them apart.
    fn tag(&self, is_gzip: bool) -> EntityTag {
        EntityTag::new_strong(format!("{}{}", self.digest, if is_gzip { "-gzip" } else { "" }))
    }

    fn media_type(&self) -> &'static str {
        match self.name.rsplit('.').next() {
            Some("html") => "text/html; charset=utf-8",
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some("txt") => "text/plain; charset=utf-8",
            Some("ttf") => "font/ttf",
            Some("woff") => "font/woff",
            Some("woff2") => "font/woff2",
            _ => "application/octet-stream",
        }
    }

    /// A name with a content hash in it stands for the same bytes for ever; the two plain names do not.
    fn caching(&self) -> &'static str {
        match self.name {
            PAGE | "licences.txt" => "no-cache",
            _ => "public, max-age=31536000, immutable",
        }
    }
}

fn respond(request: &HttpRequest, name: &str) -> HttpResponse {
    let Some(asset) = ASSETS.iter().find(|asset| asset.name == name) else {
        return HttpResponse::NotFound().insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff")).finish();
    };
    let is_gzip = takes_gzip(request);
    let tag = asset.tag(is_gzip);
    let mut response = if is_known(request, &tag) { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((ETAG, tag.to_string()))
        .insert_header((CACHE_CONTROL, asset.caching()))
        .insert_header((VARY, "Accept-Encoding"))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"));
    if is_known(request, &tag) {
        return response.finish();
    }
    if is_gzip {
        response.insert_header((CONTENT_ENCODING, "gzip"));
    }
    response.content_type(asset.media_type()).body(asset.bytes(is_gzip))
}

/// Whether the client asked for gzip, at least as much as for plain bytes.
fn takes_gzip(request: &HttpRequest) -> bool {
    let supported = [Encoding::gzip(), Encoding::identity()];
    AcceptEncoding::parse(request).is_ok_and(|accepted| accepted.negotiate(supported.iter()) == Some(Encoding::gzip()))
}

/// Whether the client already holds these bytes (RFC 9110, section 13.1.2: weak comparison).
fn is_known(request: &HttpRequest, tag: &EntityTag) -> bool {
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(known)) => known.iter().any(|one| one.weak_eq(tag)),
        Err(_) => false,
    }
}

fn page_without_graphiql(reason: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Lightbox</title></head>\n<body>\n\
         <h1>GraphiQL is not in this build</h1>\n\
         <p>When this server was built, {reason}. Everything else works: the API is at <code>/graphql</code>, for any \
         GraphQL client.</p>\n\
         <p>To have GraphiQL here, install Node.js with npm and build the server again.</p>\n</body>\n</html>\n"
    )
}

fn deflated(text: &str) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // Writing into memory cannot fail; if it ever did, the page would be empty.
    let _ = encoder.write_all(text.as_bytes());
    Bytes::from(encoder.finish().unwrap_or_default())
}

fn inflated(gzip: &[u8]) -> Bytes {
    let mut plain = Vec::new();
    // Bytes that build.rs wrote are whole; were they not, what could be read is still the most that there is.
    let _ = GzDecoder::new(gzip).read_to_end(&mut plain);
    Bytes::from(plain)
}

#[cfg(test)]
#[path = "graphiql_tests.rs"]
mod tests;
