//! `Annotation` and its four kinds.

use super::Label;
use crate::db::annotated_images::AnnotatedImage;
use crate::domain::ids::AnnotationId;
use crate::domain::image;
use crate::graphql::context::RequestContext;
use crate::graphql::error::{ForClients, broken};
use crate::graphql::ids::global;
use crate::graphql::loaders::LabelsOf;
use crate::graphql::scalars::Long;
use async_graphql::{Context, ID, Interface, Json, Object, Result, SimpleObject};
use lightbox_sdk::AnnotationShape;
use lightbox_sdk::mask::Mask;
use serde_json::{Value, json};

/// One classification, box or mask.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "&ID"), field(name = "label", ty = "&Label"))]
pub enum Annotation {
    Classification(Classification),
    Detection(Detection),
    Segmentation(Segmentation),
    CustomAnnotation(CustomAnnotation),
}

/// A label that an image has, or was marked as not having.
#[derive(SimpleObject)]
pub struct Classification {
    id: ID,
    label: Label,
    /// false: the image was marked as not having the label.
    value: bool,
}

/// A box: top-left corner and size in pixels of the image.
#[derive(SimpleObject)]
pub struct Detection {
    id: ID,
    label: Label,
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

/// A mask of the image's size.
pub struct Segmentation {
    id: ID,
    label: Label,
    bounding_box: [f64; 4],
    mask: Mask,
}

#[Object]
impl Segmentation {
    pub async fn id(&self) -> &ID {
        &self.id
    }

    pub async fn label(&self) -> &Label {
        &self.label
    }

    /// Pixels set in the mask.
    async fn area(&self) -> Long {
        Long(self.mask.area() as i64)
    }

    /// Left edge of the mask's bounding box, in pixels.
    async fn x(&self) -> f64 {
        self.bounding_box[0]
    }

    /// Top edge of the mask's bounding box, in pixels.
    async fn y(&self) -> f64 {
        self.bounding_box[1]
    }

    /// Width of the mask's bounding box, in pixels.
    async fn width(&self) -> f64 {
        self.bounding_box[2]
    }

    /// Height of the mask's bounding box, in pixels.
    async fn height(&self) -> f64 {
        self.bounding_box[3]
    }

    /// COCO compressed RLE: column-major, 'counts' string, size [height, width].
    async fn rle(&self) -> Json<Value> {
        Json(json!({ "size": [self.mask.height, self.mask.width], "counts": self.mask.to_coco() }))
    }

    /// PNG of the image's size: 255 where the mask is, 0 elsewhere.
    async fn mask_url(&self) -> String {
        format!("/annotations/{}/mask.png", self.id.as_str())
    }
}

/// An annotation of a type that a third-party plugin brought.
#[derive(SimpleObject)]
pub struct CustomAnnotation {
    id: ID,
    label: Label,
    payload: Json<Value>,
}

/// What a set has for one image, each annotation as its type's shape.
pub async fn annotations_of(
    context: &Context<'_>,
    annotation_type: &str,
    image: &image::Image,
    annotated: AnnotatedImage,
) -> Result<Vec<Annotation>> {
    let catalog = context.services()?.plugins.catalog();
    let shape = catalog.find_annotation_type(annotation_type).map_or(AnnotationShape::Custom, |(each, _)| each.shape);
    let labels = context.loads()?.load_one(LabelsOf(annotated.annotation_set_id)).await.for_clients(context)?;
    let labels = labels.unwrap_or_default();
    let one = |index: usize| {
        let position = *annotated.annotations.labels.get(index)? as usize;
        let label = Label(labels.get(position)?.clone());
        annotation(shape, image, &annotated, index, label)
    };
    let unreadable = || {
        let (set, image) = (annotated.annotation_set_id, image.id);
        broken(context, format!("the annotations that {set} has for {image} do not read back"))
    };
    (0..annotated.annotations.len()).map(|index| one(index).ok_or_else(unreadable)).collect()
}

/// `None` when what is stored does not fit the shape.
fn annotation(
    shape: AnnotationShape,
    image: &image::Image,
    annotated: &AnnotatedImage,
    index: usize,
    label: Label,
) -> Option<Annotation> {
    let id = AnnotationId {
        annotation_set: annotated.annotation_set_id,
        position: annotated.position,
        index: u32::try_from(index).ok()?,
    };
    let stored = &annotated.annotations;
    Some(match shape {
        AnnotationShape::Classification => {
            let value = *stored.values.get(index)? != 0;
            Annotation::Classification(Classification { id: global(id), label, value })
        }
        AnnotationShape::Box => {
            let [x, y, width, height] = *stored.boxes.get(index)?;
            Annotation::Detection(Detection { id: global(id), label, x, y, width, height })
        }
        AnnotationShape::Mask => {
            let payload = stored.payloads.get(index)?;
            let mask = Mask::from_coco(image.width as u32, image.height as u32, payload).ok()?;
            let bounding_box = *stored.boxes.get(index)?;
            Annotation::Segmentation(Segmentation { id: global(id), label, bounding_box, mask })
        }
        AnnotationShape::Custom => {
            let payload = stored.payloads.get(index).map_or(Value::Null, |bytes| custom_payload(bytes));
            Annotation::CustomAnnotation(CustomAnnotation { id: global(id), label, payload: Json(payload) })
        }
    })
}

/// What is no JSON shows as the text that it is: the payloads of a type whose plugin is not loaded any more are in a form
/// of its own.
fn custom_payload(bytes: &[u8]) -> Value {
    if bytes.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(bytes).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(bytes).into_owned()))
}
