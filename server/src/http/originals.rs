//! `/images/{image}/original`: the stored file, byte for byte, whole or in part.

use super::byte_range::{Part, requested_part};
use super::conditional::range_holds;
use super::failure::Failure;
use super::responses::{Caching, attachment, not_modified, tagged};
use super::signed_in::SignedIn;
use super::state::HttpState;
use crate::domain::ids::ImageId;
use crate::services::bytes::{self, Original};
use actix_web::body::SizedStream;
use actix_web::http::header::{ACCEPT_RANGES, CONTENT_RANGE, EntityTag, RANGE};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};
use std::io::SeekFrom;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio_util::io::ReaderStream;

/// Bytes that are read from the disk at once.
const CHUNK_BYTES: usize = 256 * 1024;

pub async fn show(
    request: HttpRequest,
    SignedIn(viewer): SignedIn,
    state: web::Data<HttpState>,
    id: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let id = ImageId::parse(&id).ok_or_else(|| Failure::not_found("image"))?;
    let found = bytes::find_original(&state.services, &viewer, id).await?;
    let original = found.ok_or_else(|| Failure::not_found("image"))?;
    let tag = EntityTag::new_strong(original.image.sha256.to_string());
    if let Some(response) = not_modified(&request, &tag, Caching::Immutable) {
        return Ok(response);
    }
    let file = File::open(&original.path).await.map_err(|error| missing(&original, error))?;
    let size_bytes = file.metadata().await?.len();
    match part(&request, &tag, size_bytes) {
        Part::Whole => send(&original, &tag, file, (0, size_bytes), StatusCode::OK, None).await,
        Part::Range { first, last } => {
            let range = format!("bytes {first}-{last}/{size_bytes}");
            send(&original, &tag, file, (first, last - first + 1), StatusCode::PARTIAL_CONTENT, Some(range)).await
        }
        Part::Unsatisfiable => Ok(unsatisfiable(&tag, size_bytes)),
    }
}

fn missing(original: &Original, error: std::io::Error) -> Failure {
    std::io::Error::new(error.kind(), format!("the stored file {}: {error}", original.path.display())).into()
}

fn part(request: &HttpRequest, tag: &EntityTag, size_bytes: u64) -> Part {
    let header = request.headers().get(RANGE).and_then(|value| value.to_str().ok());
    let holds = request.method() == Method::GET && range_holds(request, tag);
    requested_part(header.filter(|_| holds), size_bytes)
}

async fn send(
    original: &Original,
    tag: &EntityTag,
    mut file: File,
    (first, count): (u64, u64),
    status: StatusCode,
    range: Option<String>,
) -> Result<HttpResponse, Failure> {
    if first > 0 {
        file.seek(SeekFrom::Start(first)).await?;
    }
    let mut response = tagged(status, tag, Caching::Immutable);
    response
        .content_type(original.media_type.as_str())
        .insert_header(attachment(&original.image.path))
        .insert_header((ACCEPT_RANGES, "bytes"));
    if let Some(range) = range {
        response.insert_header((CONTENT_RANGE, range));
    }
    let stream = ReaderStream::with_capacity(file.take(count), CHUNK_BYTES.min(count as usize).max(1));
    Ok(response.body(SizedStream::new(count, stream)))
}

fn unsatisfiable(tag: &EntityTag, size_bytes: u64) -> HttpResponse {
    let mut response = tagged(StatusCode::RANGE_NOT_SATISFIABLE, tag, Caching::Revalidate);
    response.insert_header((CONTENT_RANGE, format!("bytes */{size_bytes}")));
    let message = format!("The file has {size_bytes} bytes: ask for a range that begins among them.");
    response.json(serde_json::json!({"error": message}))
}
