//! `AnnotatedImageConnection`: images of a set, their annotations on the edges.

use super::annotation::annotations_of;
use super::{Annotation, Image};
use crate::db::annotated_images::AnnotatedImage;
use crate::domain::annotation_set::AnnotationSet;
use crate::domain::page::Page;
use crate::graphql::connection::{TotalCount, connect};
use crate::graphql::context::RequestContext;
use crate::graphql::error::ForClients;
use async_graphql::connection::{Connection, ConnectionNameType, EdgeNameType};
use async_graphql::{Context, Object, OutputType, Result};

pub struct ConnectionName;
pub struct EdgeName;

impl ConnectionNameType for ConnectionName {
    fn type_name<T: OutputType>() -> String {
        "AnnotatedImageConnection".to_owned()
    }
}

impl EdgeNameType for EdgeName {
    fn type_name<T: OutputType>() -> String {
        "AnnotatedImageEdge".to_owned()
    }
}

pub type AnnotatedImages = Connection<String, Image, TotalCount, EdgeAnnotations, ConnectionName, EdgeName>;

/// What a set says of the image at an edge.
pub struct EdgeAnnotations {
    annotation_type: String,
    image: Image,
    annotated: AnnotatedImage,
}

#[Object]
impl EdgeAnnotations {
    /// Of this set; empty when the image has nothing to label.
    async fn annotations(&self, context: &Context<'_>) -> Result<Vec<Annotation>> {
        annotations_of(context, &self.annotation_type, &self.image.0, self.annotated.clone()).await
    }
}

/// Reads the images of a page of a set and connects them.
pub async fn connect_annotated(
    context: &Context<'_>,
    set: &AnnotationSet,
    page: Page<AnnotatedImage>,
    total: TotalCount,
) -> Result<AnnotatedImages> {
    let ids = page.rows.iter().map(|row| row.image_id);
    let mut images = context.loads()?.load_many(ids).await.for_clients(context)?;
    let Page { rows, has_next, has_previous } = page;
    let rows = rows.into_iter().filter_map(|annotated| {
        let image = Image(images.remove(&annotated.image_id)?);
        let annotation_type = set.annotation_type.clone();
        let cursor = annotated.position.to_string();
        Some((cursor, image.clone(), EdgeAnnotations { annotation_type, image, annotated }))
    });
    Ok(connect(Page { rows: rows.collect(), has_next, has_previous }, total))
}
