//! `OPTIONS`, `HEAD` and `DELETE`: what the server can, how far an upload got, and ending one.

use super::super::failure::Failure;
use super::super::signed_in::SignedIn;
use super::super::state::HttpState;
use super::checksum::ALGORITHMS;
use super::headers::{self, EXTENSIONS, UPLOAD_LENGTH, UPLOAD_METADATA, VERSION};
use super::{require_upload, writer};
use crate::services::uploads;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, web};

pub async fn describe(state: web::Data<HttpState>) -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((headers::TUS_VERSION, VERSION))
        .insert_header((headers::TUS_EXTENSION, EXTENSIONS))
        .insert_header((headers::TUS_MAX_SIZE, state.services.limits.upload_bytes))
        .insert_header((headers::TUS_CHECKSUM_ALGORITHM, ALGORITHMS))
        .finish()
}

pub async fn show_offset(
    SignedIn(viewer): SignedIn,
    state: web::Data<HttpState>,
    id: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let upload = require_upload(&state, &viewer, &id).await?;
    let offset = uploads::received_bytes(&state.services, &upload).await?;
    let mut response = HttpResponse::Ok();
    headers::describe(&mut response, &upload, offset);
    response
        .insert_header((UPLOAD_LENGTH, upload.size_bytes))
        .insert_header((UPLOAD_METADATA, headers::metadata(&upload.filename)))
        .insert_header((CACHE_CONTROL, "no-store"));
    Ok(response.finish())
}

pub async fn terminate(
    SignedIn(viewer): SignedIn,
    state: web::Data<HttpState>,
    id: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let upload = require_upload(&state, &viewer, &id).await?;
    // Nobody may write on to a file that is gone.
    let _opened = match upload.job_id {
        None => Some(uploads::open_for_append(&state.services, &viewer, &upload).await?.ok_or_else(writer::busy)?),
        Some(_) => None,
    };
    uploads::terminate(&state.services, &viewer, &upload).await?;
    Ok(HttpResponse::NoContent().finish())
}
