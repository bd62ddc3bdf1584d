//! The mutation root, in one part a noun.

mod combine;
mod datasets;
mod derivatives;
mod exports;
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
    derivatives::DerivativeMutations,
    exports::ExportMutations,
    jobs::JobMutations,
    plugins::PluginMutations,
);
