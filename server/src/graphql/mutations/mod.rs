//! The mutation root, in one part a noun.

mod annotation_sets;
mod combine;
mod dataset_shares;
mod datasets;
mod derivatives;
mod exports;
mod groups;
mod jobs;
mod plugins;
mod tokens;
mod uploads;
mod users;

pub use combine::CombineDatasetsInput;

use async_graphql::MergedObject;

#[derive(MergedObject, Default)]
pub struct Mutation(
    uploads::UploadMutations,
    datasets::DatasetMutations,
    annotation_sets::AnnotationSetMutations,
    combine::CombineMutations,
    derivatives::DerivativeMutations,
    exports::ExportMutations,
    jobs::JobMutations,
    plugins::PluginMutations,
    dataset_shares::DatasetShareMutations,
    tokens::TokenMutations,
    users::UserMutations,
    groups::GroupMutations,
);
