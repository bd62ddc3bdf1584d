//! `node` and `nodes`.

use crate::domain::ids::{
    AnnotationSetId, DatasetId, DerivativeId, GroupId, ImageId, JobId, LabelId, StudyId, UploadId, UserId,
    WebhookDeliveryId,
};
use crate::graphql::context::RequestContext;
use crate::graphql::error::{Code, ForClients, plain};
use crate::graphql::types::{
    AnnotationSet, Dataset, Derivative, Group, Image, Job, Label, Node, Study, Upload, User, WebhookDelivery,
};
use crate::services::uploads;
use async_graphql::{Context, ID, Object, Result};
use futures_util::future::try_join_all;

/// Most ids of one `nodes` call.
const MAX_NODES: usize = 500;

#[derive(Default)]
pub struct NodeQueries;

#[Object]
impl NodeQueries {
    /// Anything by its id; null when it is not there or not for the viewer.
    async fn node(&self, context: &Context<'_>, id: ID) -> Result<Option<Node>> {
        find_node(context, &id).await
    }

    /// Things by their ids, in the same order; at most 500.
    async fn nodes(&self, context: &Context<'_>, ids: Vec<ID>) -> Result<Vec<Option<Node>>> {
        if ids.len() > MAX_NODES {
            return Err(plain(Code::BadUserInput, format!("{} ids; at most {MAX_NODES} are allowed.", ids.len())));
        }
        try_join_all(ids.iter().map(|id| find_node(context, id))).await
    }
}

async fn find_node(context: &Context<'_>, id: &str) -> Result<Option<Node>> {
    let loads = context.loads()?;
    let kind = id.split('-').next().unwrap_or_default();
    macro_rules! loaded {
        ($id:ty, $node:ident) => {
            match <$id>::parse(id) {
                Some(id) => loads.load_one(id).await.for_clients(context)?.map(|row| Node::$node($node(row))),
                None => None,
            }
        };
    }
    Ok(match kind {
        DatasetId::PREFIX => loaded!(DatasetId, Dataset),
        StudyId::PREFIX => loaded!(StudyId, Study),
        ImageId::PREFIX => loaded!(ImageId, Image),
        AnnotationSetId::PREFIX => loaded!(AnnotationSetId, AnnotationSet),
        LabelId::PREFIX => loaded!(LabelId, Label),
        JobId::PREFIX => loaded!(JobId, Job),
        UserId::PREFIX => loaded!(UserId, User),
        GroupId::PREFIX => loaded!(GroupId, Group),
        DerivativeId::PREFIX => loaded!(DerivativeId, Derivative),
        WebhookDeliveryId::PREFIX => loaded!(WebhookDeliveryId, WebhookDelivery),
        UploadId::PREFIX => find_upload(context, id).await?,
        _ => None,
    })
}

async fn find_upload(context: &Context<'_>, id: &str) -> Result<Option<Node>> {
    let Some(id) = UploadId::parse(id) else { return Ok(None) };
    let upload = uploads::find(context.services()?, context.viewer()?, id).await.for_clients(context)?;
    Ok(upload.map(|upload| Node::Upload(Upload(upload))))
}
