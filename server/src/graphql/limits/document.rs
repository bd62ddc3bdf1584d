//! What stands in a document as it was written, each thing once: operations, aliases, directives, repeated fields.
//! What its fragments come to where they are spread is in `cost.rs`.

use super::within;
use crate::config::Limits;
use async_graphql::parser::types::{Directive, ExecutableDocument, Selection, SelectionSet};
use async_graphql::{Positioned, ServerError};
use std::collections::HashMap;

pub fn check(document: &ExecutableDocument, allowed: &Limits) -> Result<(), ServerError> {
    let mut counts = Counts::default();
    for (_, operation) in document.operations.iter() {
        counts.operations += 1;
        counts.add_directives(&operation.node.directives);
        operation.node.variable_definitions.iter().for_each(|each| counts.add_directives(&each.node.directives));
        counts.add(&operation.node.selection_set.node);
    }
    for fragment in document.fragments.values() {
        counts.add_directives(&fragment.node.directives);
        counts.add(&fragment.node.selection_set.node);
    }
    let advice = "Send operations that are not needed in requests of their own.";
    within(
        "graphql_operations",
        "The document's operations are",
        counts.operations,
        allowed.graphql_operations,
        advice,
    )?;
    let advice = "Ask for many things of one kind by a list, such as `nodes(ids:)`, or in several requests.";
    within("graphql_aliases", "The query's aliases are", counts.aliases, allowed.graphql_aliases, advice)?;
    let advice = "Leave out those that change nothing.";
    within("graphql_directives", "The query's directives are", counts.directives, allowed.graphql_directives, advice)?;
    let what = "The directives at one place are";
    within("graphql_field_directives", what, counts.most_directives, allowed.graphql_field_directives, advice)?;
    let what = "The repetitions of one field in one selection are";
    within("graphql_repeats", what, counts.most_repeats, allowed.graphql_repeats, "Ask for each field once.")
}

#[derive(Default)]
struct Counts {
    operations: usize,
    aliases: usize,
    directives: usize,
    /// At the place that has most of them.
    most_directives: usize,
    /// Of one response key in one selection set, the first of them among them.
    most_repeats: usize,
}

impl Counts {
    fn add(&mut self, selections: &SelectionSet) {
        let mut keys = HashMap::new();
        for selection in &selections.items {
            self.add_directives(selection.node.directives());
            match &selection.node {
                Selection::Field(field) => {
                    self.aliases += usize::from(field.node.alias.is_some());
                    let repeats: &mut usize = keys.entry(field.node.response_key().node.as_str()).or_default();
                    *repeats += 1;
                    self.most_repeats = self.most_repeats.max(*repeats);
                    self.add(&field.node.selection_set.node);
                }
                Selection::InlineFragment(inline) => self.add(&inline.node.selection_set.node),
                Selection::FragmentSpread(_) => {}
            }
        }
    }

    fn add_directives(&mut self, directives: &[Positioned<Directive>]) {
        self.directives += directives.len();
        self.most_directives = self.most_directives.max(directives.len());
    }
}
