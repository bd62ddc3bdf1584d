//! The query root, in one part a noun.

mod annotation_sets;
mod audit;
mod combine;
mod datasets;
mod deletion;
mod groups;
mod images;
mod jobs;
mod nodes;
mod plugins;
mod users;
mod webhooks;

use async_graphql::MergedObject;

#[derive(MergedObject, Default)]
pub struct Query(
    nodes::NodeQueries,
    users::UserQueries,
    groups::GroupQueries,
    audit::AuditQueries,
    datasets::DatasetQueries,
    annotation_sets::AnnotationSetQueries,
    images::ImageQueries,
    jobs::JobQueries,
    combine::CombineQueries,
    deletion::DeletionQueries,
    plugins::PluginQueries,
    webhooks::WebhookQueries,
);
