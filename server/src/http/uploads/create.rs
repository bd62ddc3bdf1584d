//! `POST /uploads`: a place for one file (tus extension creation).

use super::super::failure::Failure;
use super::super::signed_in::SignedIn;
use super::super::state::HttpState;
use super::headers::{self, TUS_MAX_SIZE, UPLOAD_LENGTH};
use crate::services::uploads;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};

/// The name of a file that the client does not name.
const UNNAMED: &str = "upload";

pub async fn create(
    request: HttpRequest,
    SignedIn(viewer): SignedIn,
    state: web::Data<HttpState>,
) -> Result<HttpResponse, Failure> {
    let size_bytes = headers::require_number(request.headers(), &UPLOAD_LENGTH)?;
    let filename = headers::filename(request.headers())?;
    let limit = state.services.limits.upload_bytes;
    if size_bytes > limit {
        let message = format!("The file has {size_bytes} bytes; the limit limits.upload_bytes is {limit}.");
        let mut response = Failure::new(StatusCode::PAYLOAD_TOO_LARGE, message).error_response();
        response.headers_mut().insert(TUS_MAX_SIZE, limit.into());
        return Ok(response);
    }
    let filename = filename.as_deref().unwrap_or(UNNAMED);
    let upload = uploads::create(&state.services, &viewer, filename, size_bytes).await?;
    let mut response = HttpResponse::Created();
    response.insert_header((LOCATION, format!("/uploads/{}", upload.id)));
    headers::describe(&mut response, &upload, 0);
    Ok(response.finish())
}
