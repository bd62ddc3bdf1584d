//! Uploads by tus 1.0.0 (tus.io/protocols/resumable-upload): core, creation, termination, expiration, checksum.
//! Which uploads there are is the services' matter; here are the protocol's headers and statuses.

mod checksum;
mod create;
mod headers;
mod inspect;
mod receive;
mod writer;

use super::failure::Failure;
use super::routes::Route;
use super::state::HttpState;
use crate::domain::access::Viewer;
use crate::domain::ids::UploadId;
use crate::domain::upload::Upload;
use crate::services::uploads;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::{Next, from_fn};
use actix_web::{Error, HttpResponse, ResponseError, web};

/// Mounts everything below `/uploads`.
pub fn configure(config: &mut web::ServiceConfig) {
    let collection = Route::Uploads
        .resource()
        .route(web::post().to(create::create))
        .route(web::method(Method::OPTIONS).to(inspect::describe))
        .default_service(web::to(method_not_allowed));
    let upload = Route::Upload
        .resource()
        .route(web::head().to(inspect::show_offset))
        .route(web::patch().to(receive::receive))
        .route(web::delete().to(inspect::terminate))
        .route(web::method(Method::OPTIONS).to(inspect::describe))
        .default_service(web::to(method_not_allowed));
    config.service(collection.wrap(from_fn(speak_tus))).service(upload.wrap(from_fn(speak_tus)));
}

/// Clients that can send no PATCH name their method in a header; both sides name the protocol's version, the server
/// even when it refuses.
async fn speak_tus(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, Error> {
    if let Some(method) = headers::overridden_method(request.headers()) {
        request.head_mut().method = method;
    }
    let is_spoken = request.method() == Method::OPTIONS || headers::speaks_our_version(request.headers());
    let mut response = if is_spoken {
        next.call(request).await?.map_into_left_body()
    } else {
        let message = "This place speaks tus 1.0.0: send the header `Tus-Resumable: 1.0.0`.";
        let mut refusal = Failure::new(StatusCode::PRECONDITION_FAILED, message).error_response();
        refusal.headers_mut().insert(headers::TUS_VERSION, headers::value(headers::VERSION));
        request.into_response(refusal).map_into_right_body()
    };
    response.headers_mut().insert(headers::TUS_RESUMABLE, headers::value(headers::VERSION));
    Ok(response)
}

async fn method_not_allowed() -> Result<HttpResponse, Failure> {
    let message = "An upload takes HEAD, PATCH and DELETE, the place for new ones POST, and both take OPTIONS.";
    Err(Failure::new(StatusCode::METHOD_NOT_ALLOWED, message))
}

/// The upload, unless it is another's, unknown or expired: to the viewer these are one.
async fn require_upload(state: &HttpState, viewer: &Viewer, id: &str) -> Result<Upload, Failure> {
    let id = UploadId::parse(id).ok_or_else(|| Failure::not_found("upload"))?;
    uploads::find(&state.services, viewer, id).await?.ok_or_else(|| Failure::not_found("upload"))
}
