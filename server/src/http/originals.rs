//! `/images/{image}/original`: the stored file, byte for byte, whole or in part.

use super::failure::Failure;
use super::responses::Caching;
use super::signed_in::SignedIn;
use super::state::HttpState;
use super::stored_file::StoredFile;
use crate::domain::ids::ImageId;
use crate::services::bytes;
use actix_web::http::header::EntityTag;
use actix_web::{HttpRequest, HttpResponse, web};

pub async fn show(
    request: HttpRequest,
    SignedIn(viewer): SignedIn,
    state: web::Data<HttpState>,
    id: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let id = ImageId::parse(&id).ok_or_else(|| Failure::not_found("image"))?;
    let found = bytes::find_original(&state.services, &viewer, id).await?;
    let original = found.ok_or_else(|| Failure::not_found("image"))?;
    let file = StoredFile {
        path: original.path,
        tag: EntityTag::new_strong(original.image.sha256.to_string()),
        caching: Caching::Immutable,
        media_type: original.media_type,
        name: original.image.path,
    };
    file.answer(&request).await
}
