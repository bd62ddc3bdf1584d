//! Work that computes for long, on a thread where that holds up no request.

use super::{ServiceError, ServiceResult};

/// Runs `work` on one of the runtime's blocking threads, which also drops what it takes. It must not wait for another
/// such work: the threads are limited.
///
/// # Errors
/// `Broken` when it panicked, or the server stops.
pub async fn compute<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> ServiceResult<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| ServiceError::Broken(error.to_string()))
}
