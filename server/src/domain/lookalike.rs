//! Label names that a reader would take for the same one.

use std::collections::{BTreeSet, HashMap};
use unicode_normalization::UnicodeNormalization;

/// Two names with equal keys differ in case, spacing or Unicode form only.
fn key(name: &str) -> String {
    name.nfkc().filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-')).flat_map(char::to_lowercase).collect()
}

/// Most names that are listed as looking like one.
const MAX_LISTED: usize = 20;

/// For each name, the other names that look like it, in order, at most 20.
pub fn lookalikes(names: &[&str]) -> Vec<Vec<String>> {
    let mut groups: HashMap<String, BTreeSet<&str>> = HashMap::new();
    for name in names {
        groups.entry(key(name)).or_default().insert(name);
    }
    let others = |name: &str| {
        groups
            .get(&key(name))
            .into_iter()
            .flatten()
            .filter(|other| **other != name)
            .take(MAX_LISTED)
            .map(|o| (*o).to_owned())
            .collect()
    };
    names.iter().map(|name| others(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_differ_in_case_spacing_or_unicode_form_look_alike() {
        let names = ["RBC", "rbc", "R BC", "WBC", "caf\u{e9}", "cafe\u{301}"];
        let found = lookalikes(&names);
        assert_eq!(found[0], ["R BC", "rbc"]);
        assert!(found[3].is_empty());
        assert_eq!(found[4], ["cafe\u{301}"]);
    }
}
