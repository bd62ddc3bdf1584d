//! The operations that run at the same time on one connection: how many may. What each may cost is in `limits/`.

use super::error::{Code, with_code};
use async_graphql::{Data, ServerError};
use std::any::TypeId;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Stands in the data of a connection.
pub struct OpenOperations {
    free: Arc<Semaphore>,
    allowed: usize,
}

impl OpenOperations {
    pub fn new(allowed: usize) -> Self {
        Self { free: Arc::new(Semaphore::new(allowed.min(Semaphore::MAX_PERMITS))), allowed }
    }

    /// A place for one operation, which it holds until it ends; `None` where nobody counts, as for a request of its own.
    pub fn begin(connection: Option<&Data>) -> Result<Option<OwnedSemaphorePermit>, ServerError> {
        let open = connection.and_then(|data| data.get(&TypeId::of::<Self>())?.downcast_ref::<Self>());
        let Some(open) = open else { return Ok(None) };
        open.free.clone().try_acquire_owned().map(Some).map_err(|_| {
            let message = format!(
                "{} operations run on this connection already, the limit limits.graphql_socket_operations. End one, or \
                 open another connection.",
                open.allowed
            );
            with_code(Code::LimitExceeded, message)
        })
    }
}
