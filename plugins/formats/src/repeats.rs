//! Finds annotations that are equal to an earlier one, by a key that the type chooses.

use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::{BuildHasher, Hash};

/// Keeps indices only; the keys stay where they are.
#[derive(Default)]
pub struct Repeats {
    indices: HashTable<usize>,
    hasher: DefaultHashBuilder,
}

impl Repeats {
    /// The index that was added with an equal key; if there is none, `index` is added.
    /// `key` gives the key of any index that was added, and always the same one.
    pub fn find_or_add<K: Hash + Eq>(&mut self, index: usize, key: impl Fn(usize) -> K) -> Option<usize> {
        let own = key(index);
        let hash = self.hasher.hash_one(&own);
        let first = self.indices.find(hash, |each| key(*each) == own).copied();
        if first.is_none() {
            self.indices.insert_unique(hash, index, |each| self.hasher.hash_one(key(*each)));
        }
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_equals_is_named_however_many_there_are() {
        let keys = [7, 8, 7, 9, 8, 7];
        let mut repeats = Repeats::default();
        let firsts: Vec<_> = (0..keys.len()).map(|index| repeats.find_or_add(index, |each| keys[each])).collect();
        assert_eq!(firsts, [None, None, Some(0), None, Some(1), Some(0)]);
    }
}
