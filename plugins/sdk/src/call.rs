//! The circumstances of one call: how long it may take, how much it may return, whether it should stop.

use crate::{Error, Result};
use std::time::Instant;

/// Handed to every call that may take long. Loops over frames, rows or shapes ask [`Call::check`] now and then.
pub struct Call<'a> {
    deadline: Option<Instant>,
    max_output_bytes: u64,
    is_cancelled: &'a dyn Fn() -> bool,
}

impl<'a> Call<'a> {
    pub fn new(deadline: Option<Instant>, max_output_bytes: u64, is_cancelled: &'a dyn Fn() -> bool) -> Self {
        Self { deadline, max_output_bytes, is_cancelled }
    }

    /// The most bytes that this call may return or decode to. A call that would need more fails with [`Error::Limit`].
    pub fn max_output_bytes(&self) -> u64 {
        self.max_output_bytes
    }

    /// `Err(Cancelled)` once the host wants the call to end.
    pub fn check(&self) -> Result<()> {
        let late = self.deadline.is_some_and(|deadline| Instant::now() >= deadline);
        if late || (self.is_cancelled)() { Err(Error::Cancelled) } else { Ok(()) }
    }
}

impl Call<'static> {
    /// Without deadline and with 1 GiB of output: for an author's own tests.
    pub fn unlimited() -> Self {
        Self::new(None, 1 << 30, &|| false)
    }
}
