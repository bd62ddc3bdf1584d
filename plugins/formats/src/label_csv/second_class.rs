//! Finds the first row that gives an image a second class.
//!
//! A million images are told apart by their hash alone, which is a third of the time and of the memory that their paths
//! would take. Equal hashes of different paths are as good as impossible, and a row found is looked up again by path.

use super::layout::Layout;
use super::rows::Row;
use crate::interner::Interner;
use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;

#[derive(Default)]
pub(super) struct SecondClass {
    /// Hash of a path and number of its first class.
    first_classes: HashTable<(u64, u32)>,
    hasher: DefaultHashBuilder,
    classes: Interner,
}

impl SecondClass {
    /// Whether the image of this row seems to have had another class; `rows` starts over.
    pub(super) fn is_found<'a, R: Iterator<Item = Row<'a>>>(
        &mut self,
        row: &Row<'_>,
        rows: impl FnOnce() -> R,
    ) -> bool {
        gives_class(row) && self.seems_second(row) && has_other_class(row, rows())
    }

    fn seems_second(&mut self, row: &Row<'_>) -> bool {
        let hash = self.hasher.hash_one(row.path());
        let (class, _) = self.classes.intern(row.class());
        let entry = self.first_classes.entry(hash, |(other, _)| *other == hash, |(other, _)| *other);
        entry.or_insert((hash, class)).get().1 != class
    }
}

fn gives_class(row: &Row<'_>) -> bool {
    row.columns == Layout::Class.columns() && !row.class().trim().is_empty() && !row.path().trim().is_empty()
}

fn has_other_class<'a>(row: &Row<'_>, rows: impl Iterator<Item = Row<'a>>) -> bool {
    let mut earlier = rows.take_while(|other| other.line < row.line).filter(gives_class);
    earlier.any(|other| other.path() == row.path() && other.class() != row.class())
}
