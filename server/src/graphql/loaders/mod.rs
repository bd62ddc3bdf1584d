//! Batched reads: however many objects ask for the same kind of thing, one statement brings it.

mod by_id;
mod pages;

pub use pages::{
    AnnotationsOf, DerivativesOf, DerivativesOfSet, FindingsOf, ImagesOfDataset, ImagesOfSet, ImagesOfStudy, LabelsOf,
    MembersOf, QuotaOf, RoleOn, SetCountsOf, SetsOf, SharesOf, SourcesOf, StudiesOf, TokensOf, UsageOf, UsageOfSet,
};

use crate::domain::access::Viewer;
use crate::domain::page::PageRequest;
use crate::services::{ServiceError, Services};
use async_graphql::dataloader::DataLoader;
use futures_util::future::BoxFuture;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;

/// What loaders read with: the services, as one viewer.
pub struct Loads {
    services: Services,
    viewer: Viewer,
}

/// Shared by all who wait for the same batch.
type LoadError = Arc<ServiceError>;

/// For one request; its batches are begun by whoever runs it.
pub fn loader(
    services: Services,
    viewer: Viewer,
    batches: UnboundedSender<BoxFuture<'static, ()>>,
) -> DataLoader<Loads> {
    let begin = move |batch| {
        // Nobody runs the request any more, so that nobody waits for its batches.
        let _ = batches.send(batch);
    };
    DataLoader::new(Loads { services, viewer }, begin).delay(Duration::ZERO)
}

/// For requests that nobody runs batches for: they begin after a short while of their own.
pub fn loader_by_itself(services: Services, viewer: Viewer) -> DataLoader<Loads> {
    DataLoader::new(Loads { services, viewer }, tokio::spawn)
}

/// Keys that ask for the same page of different parents, together.
fn by_page<K, P: Copy>(keys: &[K], read: impl Fn(&K) -> (P, &PageRequest)) -> HashMap<PageRequest, Vec<P>> {
    let mut groups: HashMap<PageRequest, Vec<P>> = HashMap::new();
    for key in keys {
        let (parent, page) = read(key);
        groups.entry(page.clone()).or_default().push(parent);
    }
    groups
}

fn keyed<K: Hash + Eq, V>(rows: Vec<V>, key: impl Fn(&V) -> K) -> HashMap<K, V> {
    rows.into_iter().map(|row| (key(&row), row)).collect()
}
