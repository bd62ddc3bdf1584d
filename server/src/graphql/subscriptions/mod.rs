//! The subscription root, in one part a noun.

mod datasets;
mod jobs;

use async_graphql::MergedSubscription;

#[derive(MergedSubscription, Default)]
pub struct Subscription(jobs::JobSubscriptions, datasets::DatasetSubscriptions);
