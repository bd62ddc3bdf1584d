//! The mutation root, in one part a noun.

mod annotation_sets;
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
    annotation_sets::AnnotationSetMutations,
    combine::CombineMutations,
    derivatives::DerivativeMutations,
    exports::ExportMutations,
    jobs::JobMutations,
    plugins::PluginMutations,
);
