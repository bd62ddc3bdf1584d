//! `PATCH /uploads/{upload}`: bytes from an offset on. They go to the disk as they come; a connection that breaks
//! loses nothing that arrived.

use super::super::body_head::{announced_bytes, require_unpacked};
use super::super::failure::Failure;
use super::super::metrics;
use super::super::signed_in::SignedIn;
use super::super::state::HttpState;
use super::checksum::Checksum;
use super::headers::{self, CONTENT_TYPE, UPLOAD_OFFSET};
use super::require_upload;
use super::writer::{Outcome, Piece, Writer, busy};
use crate::domain::upload::Upload;
use crate::services::uploads;
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderMap;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use bytes::Bytes;
use futures_util::StreamExt;
use std::time::Duration;

/// A connection that brings nothing for so long is given up, so that the client's next one may write.
const SILENCE: Duration = Duration::from_secs(15);
/// No constant of the library: the tus protocol's own status.
const CHECKSUM_MISMATCH: u16 = 460;

pub async fn receive(
    request: HttpRequest,
    SignedIn(viewer): SignedIn,
    state: web::Data<HttpState>,
    id: web::Path<String>,
    body: web::Payload,
) -> Result<HttpResponse, Failure> {
    if !request.content_type().eq_ignore_ascii_case(CONTENT_TYPE) {
        let message = format!("The bytes of an upload come with `Content-Type: {CONTENT_TYPE}`.");
        return Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
    }
    require_unpacked(request.headers())?;
    let offset = headers::require_number(request.headers(), &UPLOAD_OFFSET)?;
    let checksum = Checksum::read(request.headers())?;
    let upload = require_upload(&state, &viewer, &id).await?;
    let room = require_room(&upload, offset, request.headers())?;
    if upload.job_id.is_some() {
        require_offset(upload.size_bytes, offset)?;
        return Ok(written(&upload, offset));
    }
    let (file, lease) = uploads::open_for_append(&state.services, &viewer, &upload).await?.ok_or_else(busy)?;
    let file = file.into_std().await;
    require_offset(file.metadata()?.len(), offset)?;
    let writer = Writer::start(file, lease, offset, checksum);
    let ending = forward(body, &writer, room, &state).await;
    let outcome = writer.finish().await?;
    answer(&upload, ending, outcome)
}

/// # Errors
/// 413 when the request announces more bytes than the file has room for behind the offset.
fn require_room(upload: &Upload, offset: u64, headers: &HeaderMap) -> Result<u64, Failure> {
    let room = upload.size_bytes.saturating_sub(offset);
    if announced_bytes(headers).is_some_and(|announced| announced > room && offset <= upload.size_bytes) {
        return Err(too_large(upload));
    }
    Ok(room)
}

fn too_large(upload: &Upload) -> Failure {
    let message = format!("The file was announced with {} bytes: more do not fit.", upload.size_bytes);
    Failure::new(StatusCode::PAYLOAD_TOO_LARGE, message)
}

fn require_offset(received: u64, offset: u64) -> Result<(), Failure> {
    if received == offset {
        return Ok(());
    }
    let message =
        format!("{received} bytes have arrived, but the header upload-offset says {offset}: go on from there.");
    Err(Failure::new(StatusCode::CONFLICT, message))
}

/// How the request's body ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Complete,
    TooLarge,
    Broken,
    Silent,
    Stopping,
}

async fn forward(mut body: web::Payload, writer: &Writer, room: u64, state: &HttpState) -> Ending {
    let mut left = room;
    loop {
        let next = tokio::select! {
            next = tokio::time::timeout(SILENCE, body.next()) => next,
            () = state.draining.cancelled() => return Ending::Stopping,
        };
        let bytes: Bytes = match next {
            Err(_) => return Ending::Silent,
            Ok(Some(Err(_))) => return Ending::Broken,
            Ok(None) => {
                writer.send(Piece::End).await;
                return Ending::Complete;
            }
            Ok(Some(Ok(bytes))) => bytes,
        };
        let Some(after) = left.checked_sub(bytes.len() as u64) else {
            writer.send(Piece::Discard).await;
            return Ending::TooLarge;
        };
        left = after;
        metrics::count_upload_bytes(bytes.len() as u64);
        if !writer.send(Piece::Bytes(bytes)).await {
            return Ending::Broken;
        }
    }
}

fn answer(upload: &Upload, ending: Ending, outcome: Outcome) -> Result<HttpResponse, Failure> {
    match (ending, outcome) {
        (Ending::TooLarge, _) => Err(too_large(upload)),
        (_, Outcome::ChecksumDiffers) => {
            let status = StatusCode::from_u16(CHECKSUM_MISMATCH).unwrap_or(StatusCode::BAD_REQUEST);
            let message =
                "The bytes that arrived do not have the checksum of the header: they are forgotten, send them again.";
            Err(Failure::new(status, message))
        }
        (Ending::Complete, Outcome::Written(offset)) => Ok(written(upload, offset)),
        (Ending::Silent, _) => {
            let message = format!("Nothing came for {} s: ask for the offset and go on there.", SILENCE.as_secs());
            Err(Failure::new(StatusCode::REQUEST_TIMEOUT, message))
        }
        (Ending::Stopping, _) => {
            let message = "The server stops: ask for the offset when it is back, and go on there.";
            Err(Failure::new(StatusCode::SERVICE_UNAVAILABLE, message))
        }
        _ => Err(Failure::bad_request("The body broke off: ask for the offset and go on there.")),
    }
}

fn written(upload: &Upload, offset: u64) -> HttpResponse {
    let mut response = HttpResponse::NoContent();
    headers::describe(&mut response, upload, offset);
    response.finish()
}
