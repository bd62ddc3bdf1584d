//! Pages and lists inside parents that the viewer was shown.

use super::{LoadError, Loads, by_page};
use crate::db::annotated_images::AnnotatedImage;
use crate::db::findings::PlacedFinding;
use crate::domain::access::DatasetRole;
use crate::domain::annotation_set::AnnotationSet;
use crate::domain::api_token::ApiToken;
use crate::domain::dataset::CombinedSource;
use crate::domain::derivative::{Derivative, Usage};
use crate::domain::group::DatasetShare;
use crate::domain::ids::{AnnotationSetId, DatasetId, GroupId, ImageId, JobId, LabelId, StudyId, UserId};
use crate::domain::image::Image;
use crate::domain::label::Label;
use crate::domain::page::{Page, PageRequest};
use crate::domain::study::Study;
use crate::domain::user::{Quota, QuotaUse, User};
use crate::services::{
    annotation_sets, dataset_shares, datasets, derivatives, groups, images, jobs, quotas, studies, tokens,
};
use async_graphql::dataloader::Loader;
use std::collections::HashMap;

macro_rules! load_pages {
    ($($(#[$doc:meta])* $key:ident($parent:ty) => $row:ty, $read:path);+ $(;)?) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, PartialEq, Eq, Hash)]
            pub struct $key(pub $parent, pub PageRequest);

            impl Loader<$key> for Loads {
                type Value = Page<$row>;
                type Error = LoadError;

                async fn load(&self, keys: &[$key]) -> Result<HashMap<$key, Page<$row>>, LoadError> {
                    let mut found = HashMap::with_capacity(keys.len());
                    for (page, parents) in by_page(keys, |key| (key.0, &key.1)) {
                        let pages = $read(&self.services, &parents, &page).await?;
                        found.extend(pages.into_iter().map(|(parent, rows)| ($key(parent, page.clone()), rows)));
                    }
                    Ok(found)
                }
            }
        )+
    };
}

load_pages! {
    /// A page of a dataset's images.
    ImagesOfDataset(DatasetId) => Image, images::pages_by_datasets;
    /// A page of a study's images.
    ImagesOfStudy(StudyId) => Image, images::pages_by_studies;
    /// A page of a dataset's studies.
    StudiesOf(DatasetId) => Study, studies::pages_by_datasets;
    /// A page of a job's findings.
    FindingsOf(JobId) => PlacedFinding, jobs::finding_pages;
    /// A page of a dataset's derivatives.
    DerivativesOf(DatasetId) => Derivative, derivatives::pages_by_datasets;
    /// A page of an annotation set's derivatives.
    DerivativesOfSet(AnnotationSetId) => Derivative, derivatives::pages_by_annotation_sets;
}

/// A page of a dataset's annotation sets, of one type if it is given.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SetsOf(pub DatasetId, pub Option<String>, pub PageRequest);

impl Loader<SetsOf> for Loads {
    type Value = Page<AnnotationSet>;
    type Error = LoadError;

    async fn load(&self, keys: &[SetsOf]) -> Result<HashMap<SetsOf, Page<AnnotationSet>>, LoadError> {
        let mut groups: HashMap<(&Option<String>, &PageRequest), Vec<DatasetId>> = HashMap::new();
        for SetsOf(dataset, of_type, page) in keys {
            groups.entry((of_type, page)).or_default().push(*dataset);
        }
        let mut found = HashMap::with_capacity(keys.len());
        for ((of_type, page), parents) in groups {
            let pages = annotation_sets::pages_by_datasets(&self.services, &parents, of_type.as_deref(), page).await?;
            found.extend(pages.into_iter().map(|(id, rows)| (SetsOf(id, of_type.clone(), page.clone()), rows)));
        }
        Ok(found)
    }
}

/// A page of a set's images with their annotations, those with one label if it is given.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ImagesOfSet(pub AnnotationSetId, pub Option<LabelId>, pub PageRequest);

impl Loader<ImagesOfSet> for Loads {
    type Value = Page<AnnotatedImage>;
    type Error = LoadError;

    async fn load(&self, keys: &[ImagesOfSet]) -> Result<HashMap<ImagesOfSet, Page<AnnotatedImage>>, LoadError> {
        let mut groups: HashMap<(Option<LabelId>, &PageRequest), Vec<AnnotationSetId>> = HashMap::new();
        for ImagesOfSet(set, label, page) in keys {
            groups.entry((*label, page)).or_default().push(*set);
        }
        let mut found = HashMap::with_capacity(keys.len());
        for ((label, page), sets) in groups {
            let pages = annotation_sets::image_pages(&self.services, &sets, label, page).await?;
            found.extend(pages.into_iter().map(|(set, rows)| (ImagesOfSet(set, label, page.clone()), rows)));
        }
        Ok(found)
    }
}

/// The annotations that a set has for an image; absent when the set does not cover it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AnnotationsOf(pub AnnotationSetId, pub ImageId);

impl Loader<AnnotationsOf> for Loads {
    type Value = AnnotatedImage;
    type Error = LoadError;

    async fn load(&self, keys: &[AnnotationsOf]) -> Result<HashMap<AnnotationsOf, AnnotatedImage>, LoadError> {
        let mut groups: HashMap<AnnotationSetId, Vec<ImageId>> = HashMap::new();
        for AnnotationsOf(set, image) in keys {
            groups.entry(*set).or_default().push(*image);
        }
        let mut found = HashMap::with_capacity(keys.len());
        for (set, images) in groups {
            let rows = annotation_sets::annotations_by_images(&self.services, set, &images).await?;
            found.extend(rows.into_iter().map(|row| (AnnotationsOf(set, row.image_id), row)));
        }
        Ok(found)
    }
}

/// The labels of a set in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LabelsOf(pub AnnotationSetId);

impl Loader<LabelsOf> for Loads {
    type Value = Vec<Label>;
    type Error = LoadError;

    async fn load(&self, keys: &[LabelsOf]) -> Result<HashMap<LabelsOf, Vec<Label>>, LoadError> {
        let sets: Vec<AnnotationSetId> = keys.iter().map(|key| key.0).collect();
        let mut found: HashMap<LabelsOf, Vec<Label>> = keys.iter().map(|key| (*key, Vec::new())).collect();
        for label in annotation_sets::labels_of(&self.services, &sets).await? {
            found.entry(LabelsOf(label.annotation_set_id)).or_default().push(label);
        }
        Ok(found)
    }
}

/// How many annotation sets of each type a dataset has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SetCountsOf(pub DatasetId);

impl Loader<SetCountsOf> for Loads {
    type Value = Vec<(String, i64)>;
    type Error = LoadError;

    async fn load(&self, keys: &[SetCountsOf]) -> Result<HashMap<SetCountsOf, Vec<(String, i64)>>, LoadError> {
        let ids: Vec<DatasetId> = keys.iter().map(|key| key.0).collect();
        let mut found: HashMap<SetCountsOf, Vec<(String, i64)>> = HashMap::new();
        for (dataset, of_type, count) in annotation_sets::count_by_type(&self.services, &ids).await? {
            found.entry(SetCountsOf(dataset)).or_default().push((of_type, count));
        }
        Ok(found)
    }
}

/// What a dataset was combined from, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SourcesOf(pub DatasetId);

impl Loader<SourcesOf> for Loads {
    type Value = Vec<CombinedSource>;
    type Error = LoadError;

    async fn load(&self, keys: &[SourcesOf]) -> Result<HashMap<SourcesOf, Vec<CombinedSource>>, LoadError> {
        let ids: Vec<DatasetId> = keys.iter().map(|key| key.0).collect();
        let mut found: HashMap<SourcesOf, Vec<CombinedSource>> = HashMap::new();
        for (dataset, source) in datasets::sources_of(&self.services, &ids).await? {
            found.entry(SourcesOf(dataset)).or_default().push(source);
        }
        Ok(found)
    }
}

/// What the viewer may do with a dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RoleOn(pub DatasetId);

impl Loader<RoleOn> for Loads {
    type Value = DatasetRole;
    type Error = LoadError;

    async fn load(&self, keys: &[RoleOn]) -> Result<HashMap<RoleOn, DatasetRole>, LoadError> {
        let ids: Vec<DatasetId> = keys.iter().map(|key| key.0).collect();
        let found = datasets::roles(&self.services, &self.viewer, &ids).await?;
        Ok(found.into_iter().map(|(id, role)| (RoleOn(id), role)).collect())
    }
}

/// Whom a dataset is shared with; absent for who may not share it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SharesOf(pub DatasetId);

impl Loader<SharesOf> for Loads {
    type Value = Vec<DatasetShare>;
    type Error = LoadError;

    async fn load(&self, keys: &[SharesOf]) -> Result<HashMap<SharesOf, Vec<DatasetShare>>, LoadError> {
        let ids: Vec<DatasetId> = keys.iter().map(|key| key.0).collect();
        let found = dataset_shares::by_datasets(&self.services, &self.viewer, &ids).await?;
        Ok(found.into_iter().map(|(id, shares)| (SharesOf(id), shares)).collect())
    }
}

/// A user's limits and what of them is used; absent for who may not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct QuotaOf(pub UserId);

impl Loader<QuotaOf> for Loads {
    type Value = (Quota, QuotaUse);
    type Error = LoadError;

    async fn load(&self, keys: &[QuotaOf]) -> Result<HashMap<QuotaOf, (Quota, QuotaUse)>, LoadError> {
        let ids: Vec<UserId> = keys.iter().map(|key| key.0).collect();
        let found = quotas::usage_by_users(&self.services, &self.viewer, &ids).await?;
        Ok(found.into_iter().map(|(id, usage)| (QuotaOf(id), usage)).collect())
    }
}

/// A user's tokens; absent for who may not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokensOf(pub UserId);

impl Loader<TokensOf> for Loads {
    type Value = Vec<ApiToken>;
    type Error = LoadError;

    async fn load(&self, keys: &[TokensOf]) -> Result<HashMap<TokensOf, Vec<ApiToken>>, LoadError> {
        let ids: Vec<UserId> = keys.iter().map(|key| key.0).collect();
        let found = tokens::by_users(&self.services, &self.viewer, &ids).await?;
        Ok(found.into_iter().map(|(id, tokens)| (TokensOf(id), tokens)).collect())
    }
}

/// Who is in a group; absent for who may not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MembersOf(pub GroupId);

impl Loader<MembersOf> for Loads {
    type Value = Vec<User>;
    type Error = LoadError;

    async fn load(&self, keys: &[MembersOf]) -> Result<HashMap<MembersOf, Vec<User>>, LoadError> {
        let ids: Vec<GroupId> = keys.iter().map(|key| key.0).collect();
        let found = groups::members_by_groups(&self.services, &self.viewer, &ids).await?;
        Ok(found.into_iter().map(|(id, members)| (MembersOf(id), members)).collect())
    }
}

macro_rules! load_usage {
    ($($(#[$doc:meta])* $key:ident($parent:ty), $read:path);+ $(;)?) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
            pub struct $key(pub $parent);

            impl Loader<$key> for Loads {
                type Value = Usage;
                type Error = LoadError;

                async fn load(&self, keys: &[$key]) -> Result<HashMap<$key, Usage>, LoadError> {
                    let ids: Vec<$parent> = keys.iter().map(|key| key.0).collect();
                    let found = $read(&self.services, &ids).await?;
                    Ok(found.into_iter().map(|(id, usage)| ($key(id), usage)).collect())
                }
            }
        )+
    };
}

load_usage! {
    /// How much of a dataset is in use.
    UsageOf(DatasetId), derivatives::usage_of_datasets;
    /// How much of an annotation set is in use.
    UsageOfSet(AnnotationSetId), derivatives::usage_of_annotation_sets;
}
