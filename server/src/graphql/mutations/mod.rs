//! The mutation root, in one part a noun.

mod combine;
mod datasets;
mod jobs;
mod plugins;
mod uploads;

pub use combine::CombineDatasetsInput;

use async_graphql::MergedObject;

#[derive(MergedObject, Default)]
pub struct Mutation(
    uploads::UploadMutations,
    datasets::DatasetMutations,
    combine::CombineMutations,
    jobs::JobMutations,
    plugins::PluginMutations,
);
