//! `/annotations/{annotation}/mask.png` and `/annotation-sets/{set}/label-distribution.csv`. Annotations may change
//! under the same id, so clients ask again with the tag.

use super::conditional::tag_of;
use super::failure::Failure;
use super::responses::{Caching, attachment, not_modified, tagged};
use super::signed_in::SignedIn;
use super::state::HttpState;
use crate::domain::ids::{AnnotationId, AnnotationSetId};
use crate::services::bytes;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

pub async fn mask(
    request: HttpRequest,
    SignedIn(viewer): SignedIn,
    state: web::Data<HttpState>,
    id: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let missing = || Failure::not_found("annotation with a mask");
    let id = AnnotationId::parse(&id).ok_or_else(missing)?;
    let mask = bytes::find_mask(&state.services, &viewer, id).await?.ok_or_else(missing)?;
    let renderer = bytes::renderer(&state.services, "png");
    let (width, height) = (mask.width.to_le_bytes(), mask.height.to_le_bytes());
    let tag = tag_of(&[b"mask", &mask.counts, &width, &height, renderer.as_bytes()]);
    if let Some(response) = not_modified(&request, &tag, Caching::Revalidate) {
        return Ok(response);
    }
    let picture = bytes::mask_png(&state.services, mask).await?;
    Ok(tagged(StatusCode::OK, &tag, Caching::Revalidate).content_type("image/png").body(picture))
}

pub async fn label_distribution(
    request: HttpRequest,
    SignedIn(viewer): SignedIn,
    state: web::Data<HttpState>,
    id: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let missing = || Failure::not_found("annotation set");
    let id = AnnotationSetId::parse(&id).ok_or_else(missing)?;
    let csv = bytes::find_label_distribution_csv(&state.services, &viewer, id).await?.ok_or_else(missing)?;
    let tag = tag_of(&[b"label distribution", &csv]);
    if let Some(response) = not_modified(&request, &tag, Caching::Revalidate) {
        return Ok(response);
    }
    let mut response = tagged(StatusCode::OK, &tag, Caching::Revalidate);
    response.content_type("text/csv; charset=utf-8").insert_header(attachment("label-distribution.csv"));
    Ok(response.body(csv))
}
