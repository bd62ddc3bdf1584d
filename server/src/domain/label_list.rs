//! A list of labels beside `label.csv`, one a line: those that no row names are labels too, and the order is the list's.
//! Its reading from an archive is not here.

use lightbox_sdk::Batch;
use std::collections::HashMap;

const NAME: &str = "labels.txt";

/// Where the list of a table's labels would be.
pub fn path_beside(table: &str) -> String {
    let folder = table.rfind('/').map_or("", |at| &table[..=at]);
    format!("{folder}{NAME}")
}

/// Brings the labels into the order of the list; labels that it does not name come behind.
pub fn order(batch: &mut Batch, list: &str) {
    let named = list.trim_start_matches('\u{feff}').lines().map(str::trim).filter(|label| !label.is_empty());
    let found = std::mem::take(&mut batch.labels);
    let mut positions: HashMap<&str, u32> = HashMap::new();
    for label in named.chain(found.iter().map(String::as_str)) {
        let next = batch.labels.len() as u32;
        if *positions.entry(label).or_insert(next) == next {
            batch.labels.push(label.to_owned());
        }
    }
    let moved: Vec<u32> = found.iter().map(|label| positions[label.as_str()]).collect();
    batch.label.iter_mut().for_each(|label| *label = moved[*label as usize]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_gives_the_order_and_labels_without_annotations() {
        let labels = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let mut batch = Batch { labels: labels(&["b", "x", "a"]), label: vec![0, 1, 2, 0], ..Batch::default() };
        order(&mut batch, "\u{feff}a\r\n\nb\nunused\na\n");
        assert_eq!((batch.labels, batch.label), (labels(&["a", "b", "unused", "x"]), vec![1, 3, 0, 1]));
    }

    #[test]
    fn it_lies_in_the_folder_of_its_table() {
        assert_eq!(path_beside("a/b/label.csv"), "a/b/labels.txt");
        assert_eq!(path_beside("label.csv"), "labels.txt");
    }
}
