//! `/exports/{job}`: a finished export, whole or in part, until it expires.

use super::failure::Failure;
use super::responses::Caching;
use super::signed_in::SignedIn;
use super::state::HttpState;
use super::stored_file::StoredFile;
use crate::domain::ids::JobId;
use crate::services::exports;
use actix_web::http::Method;
use actix_web::http::header::{EntityTag, RANGE};
use actix_web::{HttpRequest, HttpResponse, web};

pub async fn show(
    request: HttpRequest,
    SignedIn(viewer): SignedIn,
    state: web::Data<HttpState>,
    id: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let missing = || Failure::not_found("export");
    let id = JobId::parse(&id).ok_or_else(missing)?;
    let export = exports::find(&state.services, &viewer, id).await?.ok_or_else(missing)?;
    // Each part too: who fetches all but the first byte has fetched it.
    if request.method() == Method::GET {
        let range = request.headers().get(RANGE).and_then(|range| range.to_str().ok());
        exports::record_download(&state.services, &viewer, &export, id, range);
    }
    let file = StoredFile {
        path: export.path,
        // A job writes its archive once.
        tag: EntityTag::new_strong(id.to_string()),
        caching: Caching::Revalidate,
        media_type: "application/zip".to_owned(),
        name: export.file_name,
    };
    file.answer(&request).await
}
