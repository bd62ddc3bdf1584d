//! Keyset pages: what a client asks for, how far from which row, and what he gets.

use super::user_error::{UserError, UserErrorCode};

/// Rows of a page when the client does not say, and the most that he may ask for.
pub const DEFAULT_PAGE_SIZE: usize = 50;
pub const MAX_PAGE_SIZE: usize = 500;

/// A page of rows ordered by a key, counted from its first or its last row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PageRequest {
    pub limit: usize,
    /// Rows are taken from the end, but returned in the same order.
    pub backward: bool,
    /// Rows after this cursor only.
    pub after: Option<String>,
    /// Rows before this cursor only.
    pub before: Option<String>,
}

impl PageRequest {
    /// Reads the four arguments of a connection.
    ///
    /// # Errors
    /// `INVALID` for a negative or too large number, or when both `first` and `last` are given.
    pub fn new(
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Self, UserError> {
        let (count, name, backward) = match (first, last) {
            (Some(_), Some(_)) => {
                return Err(invalid("first", "Give either `first` or `last`, not both."));
            }
            (first, None) => (first, "first", false),
            (None, last) => (last, "last", true),
        };
        let count = count.unwrap_or(DEFAULT_PAGE_SIZE as i32);
        match usize::try_from(count) {
            Ok(limit) if limit <= MAX_PAGE_SIZE => Ok(Self { limit, backward, after, before }),
            _ => Err(invalid(name, &format!("`{name}` is {count}; 0 to {MAX_PAGE_SIZE} are allowed."))),
        }
    }

    /// The first rows.
    pub fn first(limit: usize) -> Self {
        Self { limit, backward: false, after: None, before: None }
    }

    /// Cursors of whole numbers: after and before.
    ///
    /// # Errors
    /// `INVALID` for a cursor that this server did not make.
    pub fn positions(&self) -> Result<(Option<i64>, Option<i64>), UserError> {
        let read = |cursor: &Option<String>, name| match cursor {
            None => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|_| invalid_cursor(name)),
        };
        Ok((read(&self.after, "after")?, read(&self.before, "before")?))
    }

    /// Makes a page of rows that were read in page direction, one more than `limit` if there are more.
    pub fn page<T>(&self, mut rows: Vec<T>) -> Page<T> {
        let more = rows.len() > self.limit;
        rows.truncate(self.limit);
        if self.backward {
            rows.reverse();
        }
        let (has_next, has_previous) =
            if self.backward { (self.before.is_some(), more) } else { (more, self.after.is_some()) };
        Page { rows, has_next, has_previous }
    }
}

fn invalid(name: &str, message: &str) -> UserError {
    UserError::new(UserErrorCode::Invalid, &[name], message)
}

pub fn invalid_cursor(name: &str) -> UserError {
    invalid(name, &format!("`{name}` is not a cursor of this list: pass one that the server gave."))
}

#[derive(Debug, Clone)]
pub struct Page<T> {
    pub rows: Vec<T>,
    pub has_next: bool,
    pub has_previous: bool,
}

impl<T> Page<T> {
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { rows: self.rows.into_iter().map(f).collect(), has_next: self.has_next, has_previous: self.has_previous }
    }

    pub fn empty() -> Self {
        Self { rows: Vec::new(), has_next: false, has_previous: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_tells_what_lies_before_and_after_it() {
        let forward = PageRequest::new(Some(2), Some("7".into()), None, None).unwrap();
        let page = forward.page(vec![8, 9, 10]);
        assert_eq!((page.rows, page.has_next, page.has_previous), (vec![8, 9], true, true));
        let backward = PageRequest::new(None, None, Some(2), Some("7".into())).unwrap();
        let page = backward.page(vec![6, 5]);
        assert_eq!((page.rows, page.has_next, page.has_previous), (vec![5, 6], true, false));
    }

    #[test]
    fn odd_arguments_are_refused() {
        assert!(PageRequest::new(Some(1), None, Some(1), None).is_err());
        assert!(PageRequest::new(Some(-1), None, None, None).is_err());
        assert!(PageRequest::new(Some(501), None, None, None).is_err());
        assert!(PageRequest::new(None, Some("x".into()), None, None).unwrap().positions().is_err());
    }
}
