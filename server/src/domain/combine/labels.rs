//! Labels unite by exact name after the label map; their order is that of the sources, then of each set.

use crate::domain::ids::AnnotationSetId;
use crate::domain::label::Label;
use std::collections::{BTreeSet, HashMap, HashSet};

/// A label that gets another name.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LabelRename {
    /// Only that source's label; `None`: every source's label of that name.
    pub annotation_set: Option<AnnotationSetId>,
    pub from: String,
    pub to: String,
}

/// The labels of the new set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnitedLabels {
    pub names: Vec<String>,
    /// For each new label, the labels that it was made from, as indexes of source and label.
    pub made_from: Vec<Vec<(usize, usize)>>,
    /// For each source, the new position of each of its labels.
    pub positions: Vec<Vec<u32>>,
    /// For each source, the new labels that several of its own labels became.
    pub collapsed: Vec<BTreeSet<u32>>,
}

/// `sources`: the labels of each source's set in order; empty for a source that gives none.
pub fn unite_labels(sources: &[&[Label]], renames: &[LabelRename]) -> UnitedLabels {
    let mut united = UnitedLabels::default();
    let mut position_of: HashMap<String, u32> = HashMap::new();
    for (source, labels) in sources.iter().enumerate() {
        let mut positions = Vec::with_capacity(labels.len());
        let (mut taken, mut collapsed) = (HashSet::new(), BTreeSet::new());
        for (index, label) in labels.iter().enumerate() {
            let name = new_name(label, renames);
            let next = united.names.len() as u32;
            let position = *position_of.entry(name.to_owned()).or_insert(next);
            if position == next {
                united.names.push(name.to_owned());
                united.made_from.push(Vec::new());
            }
            united.made_from[position as usize].push((source, index));
            if !taken.insert(position) {
                collapsed.insert(position);
            }
            positions.push(position);
        }
        united.positions.push(positions);
        united.collapsed.push(collapsed);
    }
    united
}

/// A rename for this very set goes before one for all.
fn new_name<'a>(label: &'a Label, renames: &'a [LabelRename]) -> &'a str {
    let of = |set: Option<AnnotationSetId>| {
        renames.iter().find(|rename| rename.annotation_set == set && rename.from == label.name)
    };
    of(Some(label.annotation_set_id)).or_else(|| of(None)).map_or(&label.name, |rename| &rename.to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::LabelId;

    fn labels(set: i64, names: &[&str]) -> Vec<Label> {
        let label = |(position, name): (usize, &&str)| Label {
            id: LabelId(position as i64),
            annotation_set_id: AnnotationSetId(set),
            position: position as i64,
            name: (*name).to_owned(),
            image_count: 0,
            study_count: 0,
            annotation_count: 0,
        };
        names.iter().enumerate().map(label).collect()
    }

    fn rename(set: Option<i64>, from: &str, to: &str) -> LabelRename {
        LabelRename { annotation_set: set.map(AnnotationSetId), from: from.to_owned(), to: to.to_owned() }
    }

    #[test]
    fn equal_names_unite_and_others_stay() {
        let (first, second) = (labels(1, &["RBC", "WBC"]), labels(2, &["WBC", "rbc"]));
        let united = unite_labels(&[&first, &second], &[]);
        assert_eq!(united.names, ["RBC", "WBC", "rbc"]);
        assert_eq!(united.positions, [vec![0, 1], vec![1, 2]]);
        assert_eq!(united.made_from[1], [(0, 1), (1, 0)]);
    }

    #[test]
    fn a_rename_for_one_set_goes_before_one_for_all() {
        let (first, second) = (labels(1, &["a", "b"]), labels(2, &["a"]));
        let united = unite_labels(&[&first, &second], &[rename(None, "a", "x"), rename(Some(2), "a", "y")]);
        assert_eq!(united.names, ["x", "b", "y"]);
    }

    #[test]
    fn two_labels_of_one_set_that_become_one_are_marked() {
        let first = labels(1, &["a", "b"]);
        let united = unite_labels(&[&first, &[]], &[rename(None, "b", "a")]);
        assert_eq!(united.names, ["a"]);
        assert!(united.collapsed[0].contains(&0));
    }
}
