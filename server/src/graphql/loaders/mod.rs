//! Batched reads: however many objects ask for the same kind of thing, one statement brings it.

mod by_id;
mod pages;

pub use pages::{
    AnnotationsOf, FindingsOf, ImagesOfDataset, ImagesOfSet, ImagesOfStudy, LabelsOf, SetCountsOf, SetsOf, SourcesOf,
    StudiesOf,
};

use crate::domain::access::Viewer;
use crate::domain::page::PageRequest;
use crate::services::{ServiceError, Services};
use async_graphql::dataloader::DataLoader;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

/// What loaders read with: the services, as one viewer.
pub struct Loads {
    services: Services,
    viewer: Viewer,
}

/// Shared by all who wait for the same batch.
type LoadError = Arc<ServiceError>;

/// For one request.
pub fn loader(services: Services, viewer: Viewer) -> DataLoader<Loads> {
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
