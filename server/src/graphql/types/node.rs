//! Everything that has an id.

use super::{AnnotationSet, Dataset, Derivative, Group, Image, Job, Label, Study, Upload, User, WebhookDelivery};
use async_graphql::{ID, Interface};

/// Anything with an id, readable again by `node(id:)`.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Opaque and stable."))]
#[allow(clippy::large_enum_variant)] // lives for one field of one request
pub enum Node {
    Dataset(Dataset),
    Study(Study),
    Image(Image),
    AnnotationSet(AnnotationSet),
    Label(Label),
    Job(Job),
    Upload(Upload),
    User(User),
    Group(Group),
    Derivative(Derivative),
    WebhookDelivery(WebhookDelivery),
}
