//! Rows by their ids, those that the viewer may see.

use super::{LoadError, Loads, keyed};
use crate::domain::annotation_set::AnnotationSet;
use crate::domain::dataset::Dataset;
use crate::domain::derivative::Derivative;
use crate::domain::group::Group;
use crate::domain::ids::{
    AnnotationSetId, DatasetId, DerivativeId, GroupId, ImageId, JobId, LabelId, StudyId, UserId, WebhookDeliveryId,
};
use crate::domain::image::Image;
use crate::domain::job::Job;
use crate::domain::label::Label;
use crate::domain::study::Study;
use crate::domain::user::User;
use crate::domain::webhook_delivery::WebhookDelivery;
use crate::services::{annotation_sets, datasets, derivatives, groups, images, jobs, studies, users, webhooks};
use async_graphql::dataloader::Loader;
use std::collections::HashMap;

macro_rules! load_by_id {
    ($($id:ty => $row:ty, $read:path);+ $(;)?) => {
        $(impl Loader<$id> for Loads {
            type Value = $row;
            type Error = LoadError;

            async fn load(&self, keys: &[$id]) -> Result<HashMap<$id, $row>, LoadError> {
                let rows = $read(&self.services, &self.viewer, keys).await?;
                Ok(keyed(rows, |row| row.id))
            }
        })+
    };
}

load_by_id! {
    DatasetId => Dataset, datasets::by_ids;
    StudyId => Study, studies::by_ids;
    ImageId => Image, images::by_ids;
    AnnotationSetId => AnnotationSet, annotation_sets::by_ids;
    LabelId => Label, annotation_sets::labels_by_ids;
    JobId => Job, jobs::by_ids;
    UserId => User, users::by_ids;
    GroupId => Group, groups::by_ids;
    DerivativeId => Derivative, derivatives::by_ids;
    WebhookDeliveryId => WebhookDelivery, webhooks::by_ids;
}
