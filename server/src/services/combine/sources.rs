//! Reading the sources of a combination.

use super::request::InputSource;
use crate::services::{DatasetContent, ServiceResult, Services, load_content};

/// `None` when a source is not available any more.
pub async fn load_sources(services: &Services, sources: &[InputSource]) -> ServiceResult<Option<Vec<DatasetContent>>> {
    let mut loaded = Vec::with_capacity(sources.len());
    for source in sources {
        match load_content(services, source.dataset, source.annotation_set).await? {
            Some(source) => loaded.push(source),
            None => return Ok(None),
        }
    }
    Ok(Some(loaded))
}
