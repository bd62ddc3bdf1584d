//! `/images/{image}/rendition` and `/images/{image}/thumbnail`: one frame as shown on screen, as PNG or JPEG.

use super::conditional::tag_of;
use super::failure::Failure;
use super::responses::{Caching, not_modified, tagged};
use super::signed_in::SignedIn;
use super::state::HttpState;
use crate::domain::access::Viewer;
use crate::domain::ids::ImageId;
use crate::domain::image::Image;
use crate::plugin_host::{RenderOutput, RenderRequest};
use crate::services::bytes::{self, THUMBNAIL_SIZE};
use crate::services::images;
use actix_web::http::StatusCode;
use actix_web::http::header::EntityTag;
use actix_web::{HttpRequest, HttpResponse, web};
use lightbox_sdk::Window;
use serde::Deserialize;
use serde::de::DeserializeOwned;

const THUMBNAIL_SIZES: std::ops::RangeInclusive<u32> = 8..=1024;

/// `v` is the renderer's revision, for addresses that stand for the same bytes as long as they are given out.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RenditionQuery {
    #[serde(default)]
    frame: u32,
    window_center: Option<f64>,
    window_width: Option<f64>,
    max_size: Option<u32>,
    #[serde(default)]
    format: Format,
    v: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Format {
    #[default]
    Png,
    Jpeg,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ThumbnailQuery {
    size: Option<u32>,
    v: Option<String>,
}

pub async fn rendition(
    request: HttpRequest,
    SignedIn(viewer): SignedIn,
    state: web::Data<HttpState>,
    id: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let query: RenditionQuery = read_query(&request)?;
    let wanted = render_request(&query)?;
    let image = require_image(&state, &viewer, &id).await?;
    if i64::from(wanted.frame) >= image.frame_count {
        let message = format!("There is no frame {}: the image has {}, from 0.", wanted.frame, image.frame_count);
        return Err(Failure::new(StatusCode::NOT_FOUND, message));
    }
    let tag = rendition_tag(&state, &image, &wanted);
    let caching = caching(&state, &image, query.v.as_deref());
    if let Some(response) = not_modified(&request, &tag, caching) {
        return Ok(response);
    }
    let picture = bytes::render(&state.services, &image, wanted).await?;
    Ok(tagged(StatusCode::OK, &tag, caching).content_type(media_type(wanted.output)).body(picture))
}

pub async fn thumbnail(
    request: HttpRequest,
    SignedIn(viewer): SignedIn,
    state: web::Data<HttpState>,
    id: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let query: ThumbnailQuery = read_query(&request)?;
    let size = query.size.unwrap_or(THUMBNAIL_SIZE);
    if !THUMBNAIL_SIZES.contains(&size) {
        let (least, most) = THUMBNAIL_SIZES.into_inner();
        return Err(Failure::bad_request(format!("`size` is {size}; {least} to {most} pixels are possible.")));
    }
    let image = require_image(&state, &viewer, &id).await?;
    let renderer = bytes::renderer(&state.services, &image.format);
    let tag = tag_of(&[b"thumbnail", &image.sha256.0, renderer.as_bytes(), &size.to_le_bytes()]);
    let caching = caching(&state, &image, query.v.as_deref());
    if let Some(response) = not_modified(&request, &tag, caching) {
        return Ok(response);
    }
    let picture = bytes::thumbnail(&state.services, &image, size).await?;
    Ok(tagged(StatusCode::OK, &tag, caching).content_type("image/jpeg").body(picture))
}

async fn require_image(state: &HttpState, viewer: &Viewer, id: &str) -> Result<Image, Failure> {
    let id = ImageId::parse(id).ok_or_else(|| Failure::not_found("image"))?;
    images::find(&state.services, viewer, id).await?.ok_or_else(|| Failure::not_found("image"))
}

fn read_query<T: DeserializeOwned>(request: &HttpRequest) -> Result<T, Failure> {
    let read = web::Query::<T>::from_query(request.query_string());
    let read = read.map_err(|error| Failure::bad_request(format!("The query string is not understood: {error}.")))?;
    Ok(read.into_inner())
}

fn render_request(query: &RenditionQuery) -> Result<RenderRequest, Failure> {
    let window = match (query.window_center, query.window_width) {
        (None, None) => None,
        (Some(center), Some(width)) if center.is_finite() && width.is_finite() && width > 0.0 => {
            Some(Window { center, width })
        }
        (Some(_), Some(_)) => {
            return Err(Failure::bad_request("`windowCenter` must be a number, `windowWidth` one above 0."));
        }
        _ => return Err(Failure::bad_request("Give `windowCenter` and `windowWidth` together, or neither.")),
    };
    if query.max_size == Some(0) {
        return Err(Failure::bad_request("`maxSize` is 0; 1 pixel or more is possible."));
    }
    let output = match query.format {
        Format::Png => RenderOutput::Png,
        Format::Jpeg => RenderOutput::Jpeg,
    };
    Ok(RenderRequest { frame: query.frame, window, max_size: query.max_size, output })
}

/// Made of what the picture depends on, before any of it is read.
fn rendition_tag(state: &HttpState, image: &Image, wanted: &RenderRequest) -> EntityTag {
    let renderer = bytes::renderer(&state.services, &image.format);
    tag_of(&[b"rendition", &image.sha256.0, renderer.as_bytes(), format!("{wanted:?}").as_bytes()])
}

/// An address that names the present revision is given up with it.
fn caching(state: &HttpState, image: &Image, revision: Option<&str>) -> Caching {
    let is_present = revision.is_some_and(|it| it == bytes::renderer_revision(&state.services, &image.format));
    if is_present { Caching::Immutable } else { Caching::OneHour }
}

fn media_type(output: RenderOutput) -> &'static str {
    match output {
        RenderOutput::Png => "image/png",
        RenderOutput::Jpeg => "image/jpeg",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<RenderRequest, Failure> {
        let query = web::Query::<RenditionQuery>::from_query(text);
        render_request(&query.map_err(|error| Failure::bad_request(error.to_string()))?.into_inner())
    }

    #[test]
    fn the_query_string_says_what_to_render() {
        let plain = RenderRequest { frame: 0, window: None, max_size: None, output: RenderOutput::Png };
        let window = Some(Window { center: -40.5, width: 400.0 });
        let table = [
            ("", plain),
            ("frame=3&format=jpeg", RenderRequest { frame: 3, output: RenderOutput::Jpeg, ..plain }),
            ("windowCenter=-40.5&windowWidth=400", RenderRequest { window, ..plain }),
            ("maxSize=64&v=1", RenderRequest { max_size: Some(64), ..plain }),
        ];
        for (text, expected) in table {
            assert_eq!(read(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_rendered_is_refused_before_anything_is_read() {
        for text in [
            "frame=-1",
            "frame=x",
            "windowCenter=1",
            "windowWidth=1",
            "windowCenter=1&windowWidth=0",
            "windowCenter=NaN&windowWidth=1",
            "windowCenter=1&windowWidth=inf",
            "maxSize=0",
            "format=bmp",
            "frames=1",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
