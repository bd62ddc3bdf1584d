//! Labels that have become equal by renaming are made one.

use lightbox_sdk::Batch;
use std::collections::HashMap;

/// Keeps the first of equal labels and points every annotation to it.
pub fn unite(batch: &mut Batch) {
    let mut numbers: HashMap<&str, u32> = HashMap::new();
    let mut kept = Vec::new();
    let renumbered: Vec<u32> = (batch.labels.iter())
        .map(|label| {
            *numbers.entry(label).or_insert_with(|| {
                kept.push(label.clone());
                kept.len() as u32 - 1
            })
        })
        .collect();
    if kept.len() == batch.labels.len() {
        return;
    }
    for label in &mut batch.label {
        *label = renumbered.get(*label as usize).copied().unwrap_or(0);
    }
    batch.labels = kept;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_labels_become_one_and_keep_the_order_of_the_first() {
        let labels = ["a", "b", "a", "c", "b"].map(String::from).to_vec();
        let mut batch = Batch { labels, label: vec![4, 3, 2, 1, 0], ..Batch::default() };
        unite(&mut batch);
        assert_eq!(batch.labels, ["a", "b", "c"]);
        assert_eq!(batch.label, [1, 2, 0, 1, 0]);
    }
}
