//! One row after the other of a list in JSON: a row that cannot be read costs no other row, and only one is in memory.

use lightbox_sdk::{Call, Error, Result};
use serde::de::{Deserialize, Deserializer, Error as _, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// Rows between two questions whether to go on.
const BETWEEN_CHECKS: usize = 4096;

/// Gives `each` every row of the list `name`: its number from 0 on, and the row or why it is none. An error of `each`
/// ends it.
pub fn for_each<'a, T: Deserialize<'a>>(
    name: &str,
    list: &'a RawValue,
    call: &Call<'_>,
    mut each: impl FnMut(usize, Result<T, serde_json::Error>) -> Result<()>,
) -> Result<()> {
    let each = |index, row: &'a RawValue| each(index, serde_json::from_str(row.get()));
    let mut walk = Walk { call, each, stopped: None };
    let walked = serde_json::Deserializer::from_str(list.get()).deserialize_seq(&mut walk);
    match (walk.stopped, walked) {
        (Some(error), _) => Err(error),
        (None, Err(error)) => Err(Error::Corrupt(format!("{name} is not a list of rows: {error}"))),
        (None, Ok(())) => Ok(()),
    }
}

struct Walk<'c, F> {
    call: &'c Call<'c>,
    each: F,
    /// Serde carries no errors of ours.
    stopped: Option<Error>,
}

impl<'a, F: FnMut(usize, &'a RawValue) -> Result<()>> Visitor<'a> for &mut Walk<'_, F> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut rows: A) -> Result<(), A::Error> {
        let mut index = 0;
        while let Some(row) = rows.next_element::<&'a RawValue>()? {
            let checked = if index % BETWEEN_CHECKS == 0 { self.call.check() } else { Ok(()) };
            if let Err(error) = checked.and_then(|()| (self.each)(index, row)) {
                self.stopped = Some(error);
                return Err(A::Error::custom("stopped"));
            }
            index += 1;
        }
        Ok(())
    }
}
