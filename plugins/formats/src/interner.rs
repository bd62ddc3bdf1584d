//! Texts that occur again and again (paths, labels), each kept once and known by its number.

use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;

#[derive(Default)]
pub(crate) struct Interner {
    texts: Vec<String>,
    /// Hash and number of every text; the hash spares a look at the text when the table grows.
    numbers: HashTable<(u64, u32)>,
    hasher: DefaultHashBuilder,
    /// Rows of one image or class mostly follow each other.
    last: u32,
}

impl Interner {
    /// The text's number, and whether it is new. Numbers count up from 0.
    pub(crate) fn intern(&mut self, text: &str) -> (u32, bool) {
        if self.text(self.last) == Some(text) {
            return (self.last, false);
        }
        let hash = self.hasher.hash_one(text);
        let same = |(other, number): &(u64, u32)| *other == hash && self.text(*number) == Some(text);
        let found = self.numbers.find(hash, same).map(|(_, number)| *number);
        self.last = found.unwrap_or_else(|| self.add(text, hash));
        (self.last, found.is_none())
    }

    /// The texts in the order of their numbers.
    pub(crate) fn into_texts(self) -> Vec<String> {
        self.texts
    }

    fn text(&self, number: u32) -> Option<&str> {
        self.texts.get(number as usize).map(String::as_str)
    }

    fn add(&mut self, text: &str, hash: u64) -> u32 {
        let number = self.texts.len() as u32;
        self.texts.push(text.to_owned());
        self.numbers.insert_unique(hash, (hash, number), |(hash, _)| *hash);
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_get_equal_numbers_in_order_of_first_appearance() {
        let mut interner = Interner::default();
        let given = ["b", "a", "b", "", "a", ""].map(|text| interner.intern(text));
        assert_eq!(given, [(0, true), (1, true), (0, false), (2, true), (1, false), (2, false)]);
        assert_eq!(interner.into_texts(), ["b", "a", ""]);
    }
}
