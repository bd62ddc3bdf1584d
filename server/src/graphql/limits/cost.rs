//! What an operation comes to with its fragments where they are spread: its depth, its fields, and its cost, which is
//! how many values its answer may have. Each fragment is measured once, however often it is spread.

use super::field_sizes::{FieldSizes, Items, count};
use super::within;
use crate::config::Limits;
use crate::domain::page::MAX_PAGE_SIZE;
use crate::graphql::error::{Code, with_code};
use async_graphql::parser::types::{
    ExecutableDocument, Field, FragmentDefinition, OperationDefinition, OperationType, Selection, SelectionSet,
    VariableDefinition,
};
use async_graphql::{Name, Positioned, ServerError, Value, Variables};
use std::collections::HashMap;
use std::convert::Infallible;

/// Lists of the schema's own description that lead from type to type, and may stand inside one another only this
/// deep; every further level would multiply the answer by the fields of a type.
const TYPE_LISTS: [&str; 4] = ["fields", "interfaces", "possibleTypes", "inputFields"];
const MAX_NESTED_TYPE_LISTS: usize = 2;

/// Of one selection set. Sums saturate, as what they hold is compared alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Measure {
    /// Fields of this very set.
    width: usize,
    /// Fields and fragments of it and below it: what it takes to walk through it.
    selections: usize,
    depth: usize,
    /// Values, without those of the rows of a connection.
    cost: u64,
    /// Of a connection's type: values of one row.
    row_cost: u64,
    /// Of the schema's description: lists of [`TYPE_LISTS`] inside one another.
    type_lists: usize,
    introspects: bool,
}

impl Measure {
    fn add(&mut self, other: Self) {
        self.width = self.width.saturating_add(other.width);
        self.selections = self.selections.saturating_add(other.selections);
        self.depth = self.depth.max(other.depth);
        self.cost = self.cost.saturating_add(other.cost);
        self.row_cost = self.row_cost.saturating_add(other.row_cost);
        self.type_lists = self.type_lists.max(other.type_lists);
        self.introspects |= other.introspects;
    }

    fn check_selections(&self, allowed: &Limits) -> Result<(), ServerError> {
        let what = "The query's fields and fragments, counted wherever they are spread, are";
        let advice = "Ask for less, or in several requests.";
        within("graphql_fields", what, self.selections, allowed.graphql_fields, advice)
    }
}

/// The measures of one request's document.
pub struct Measures<'a> {
    document: &'a ExecutableDocument,
    sizes: &'a FieldSizes,
    variables: &'a Variables,
    /// `None` while it is being measured: who meets that goes round in a circle.
    fragments: HashMap<&'a str, Option<Measure>>,
    /// Selection sets that are being measured, one inside the other.
    level: usize,
    max_level: usize,
}

impl<'a> Measures<'a> {
    pub fn new(
        document: &'a ExecutableDocument,
        sizes: &'a FieldSizes,
        variables: &'a Variables,
        allowed: &Limits,
    ) -> Self {
        Self { document, sizes, variables, fragments: HashMap::new(), level: 0, max_level: allowed.graphql_nesting }
    }

    /// Checks what is counted of every operation of the document, also of those that are not asked for: the library
    /// walks through all of them.
    pub fn check(
        &mut self,
        operation: &'a OperationDefinition,
        allowed: &Limits,
        introspection: bool,
    ) -> Result<(), ServerError> {
        let measure = self.of_operation(operation)?;
        if measure.introspects && !introspection {
            let message = "Introspection is switched off at this server (graphql.introspection): its schema is in its \
                           documentation, and `__typename` works.";
            return Err(with_code(Code::BadUserInput, message));
        }
        let advice = "Ask for what lies deeper by its id, in a request of its own.";
        within("graphql_depth", "The query's depth is", measure.depth, allowed.graphql_depth, advice)?;
        let advice = "Ask for less, or in several requests.";
        let what = "The query's root fields are";
        within("graphql_root_fields", what, measure.width, allowed.graphql_root_fields, advice)?;
        measure.check_selections(allowed)?;
        if measure.type_lists > MAX_NESTED_TYPE_LISTS {
            let message = format!(
                "The query asks for lists of fields or types inside one another {} deep in the schema's description; \
                 at most {MAX_NESTED_TYPE_LISTS} are allowed. Ask for each type by its name.",
                measure.type_lists
            );
            return Err(with_code(Code::LimitExceeded, message));
        }
        Ok(())
    }

    /// The same for fragments that no operation spreads: the validation walks through them before it refuses them.
    pub fn check_fragments(&mut self, allowed: &Limits) -> Result<(), ServerError> {
        for fragment in self.document.fragments.values() {
            let on = &fragment.node.type_condition.node.on.node;
            let mut scope = Scope { measures: self, definitions: &[] };
            scope.selections(&fragment.node.selection_set.node, on)?.check_selections(allowed)?;
        }
        Ok(())
    }

    pub fn cost_of(&mut self, operation: &'a OperationDefinition) -> Result<u64, ServerError> {
        Ok(self.of_operation(operation)?.cost)
    }

    fn of_operation(&mut self, operation: &'a OperationDefinition) -> Result<Measure, ServerError> {
        let root = match operation.ty {
            OperationType::Query => "Query",
            OperationType::Mutation => "Mutation",
            OperationType::Subscription => "Subscription",
        };
        let definitions = &operation.variable_definitions;
        // What a fragment costs depends on the defaults of the operation's variables.
        self.fragments.clear();
        Scope { measures: self, definitions }.selections(&operation.selection_set.node, root)
    }
}

/// One operation's variables, over what is known of the document.
struct Scope<'m, 'a> {
    measures: &'m mut Measures<'a>,
    definitions: &'a [Positioned<VariableDefinition>],
}

impl<'a> Scope<'_, 'a> {
    fn selections(&mut self, selections: &'a SelectionSet, type_name: &str) -> Result<Measure, ServerError> {
        let mut measure = Measure::default();
        self.measures.level += 1;
        let (level, advice) = (self.measures.level, "Nest selections and fragments less deep.");
        within(
            "graphql_nesting",
            "The query's selections inside selections are",
            level,
            self.measures.max_level,
            advice,
        )?;
        for selection in &selections.items {
            measure.add(match &selection.node {
                Selection::Field(field) => self.field(&field.node, type_name)?,
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref().map(|condition| condition.node.on.node.as_str());
                    spread(self.selections(&inline.node.selection_set.node, on.unwrap_or(type_name))?)
                }
                Selection::FragmentSpread(each) => spread(self.fragment(&each.node.fragment_name)?),
            });
        }
        self.measures.level -= 1;
        Ok(measure)
    }

    fn fragment(&mut self, name: &'a Positioned<Name>) -> Result<Measure, ServerError> {
        match self.measures.fragments.get(name.node.as_str()) {
            Some(Some(measure)) => return Ok(*measure),
            Some(None) => {
                let message =
                    format!("The fragment \"{}\" leads back to itself: spread it nowhere inside itself.", name.node);
                return Err(with_code(Code::BadUserInput, message));
            }
            None => {}
        }
        // One that is not there is for the validation to name.
        let Some(fragment) = self.measures.document.fragments.get(&name.node) else { return Ok(Measure::default()) };
        let fragment: &'a FragmentDefinition = &fragment.node;
        self.measures.fragments.insert(&name.node, None);
        let measure = self.selections(&fragment.selection_set.node, &fragment.type_condition.node.on.node)?;
        self.measures.fragments.insert(&name.node, Some(measure));
        Ok(measure)
    }

    fn field(&mut self, field: &'a Field, type_name: &str) -> Result<Measure, ServerError> {
        let sizes = self.measures.sizes;
        let size = sizes.find(type_name, &field.name.node);
        let below = self.selections(&field.selection_set.node, size.map_or("", |size| &size.type_name))?;
        let (weight, items) = size.map_or((1, Items::One), |size| (size.weight, size.items));
        let items_count = match items {
            Items::One | Items::OfPage => 1,
            Items::Assumed(items) => items,
            Items::Asked { default } => self.asked(field, default),
            Items::Ids => self.ids(field),
        };
        let values = if below.row_cost > 0 || size.is_some_and(|size| size.type_name.ends_with("Connection")) {
            below.cost.saturating_add(items_count.saturating_mul(below.row_cost))
        } else {
            items_count.saturating_mul(below.cost)
        };
        let cost = weight.saturating_add(values);
        let is_row = items == Items::OfPage;
        let is_type_list = size.is_none() && TYPE_LISTS.contains(&field.name.node.as_str());
        Ok(Measure {
            width: 1,
            selections: below.selections.saturating_add(1),
            depth: below.depth + 1,
            cost: if is_row { 0 } else { cost },
            row_cost: if is_row { cost } else { 0 },
            type_lists: below.type_lists + usize::from(is_type_list),
            introspects: below.introspects || matches!(field.name.node.as_str(), "__schema" | "__type"),
        })
    }

    /// Items that `first` or `last` asks for. A number that is not allowed counts as the largest that is: the resolver
    /// refuses it with a sentence of its own.
    fn asked(&self, field: &'a Field, default: u64) -> u64 {
        let number = |name| self.argument(field, name).as_ref().and_then(count);
        number("first").or_else(|| number("last")).unwrap_or(default).min(MAX_PAGE_SIZE as u64)
    }

    fn ids(&self, field: &'a Field) -> u64 {
        match self.argument(field, "ids") {
            Some(Value::List(ids)) => ids.len() as u64,
            _ => 1,
        }
    }

    fn argument(&self, field: &'a Field, name: &str) -> Option<Value> {
        let variable = |variable: Name| -> Result<Value, Infallible> {
            let given = self.measures.variables.get(&variable).cloned();
            let defined = || self.definitions.iter().find(|each| each.node.name.node == variable);
            let default = || Some(defined()?.node.default_value.as_ref()?.node.clone());
            Ok(given.or_else(default).unwrap_or_default())
        };
        field.get_argument(name)?.node.clone().into_const_with(variable).ok()
    }
}

/// A fragment where it is spread: its fields are those of the selection around it.
fn spread(measure: Measure) -> Measure {
    Measure { selections: measure.selections.saturating_add(1), ..measure }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::parser::parse_query;

    fn measure(query: &str, variables: serde_json::Value) -> Result<Measure, String> {
        let sizes = FieldSizes::of(&crate::graphql::sdl());
        let (document, variables) = (parse_query(query).unwrap(), Variables::from_json(variables));
        let allowed = crate::config::Config::default().limits;
        let mut measures = Measures::new(&document, &sizes, &variables, &allowed);
        let (_, operation) = document.operations.iter().next().unwrap();
        measures.of_operation(&operation.node).map_err(|error| error.message)
    }

    fn cost(query: &str) -> u64 {
        measure(query, serde_json::json!({})).unwrap().cost
    }

    #[test]
    fn a_list_costs_as_many_values_as_it_may_have() {
        let table = [
            ("{ viewer { id name } }", 3),
            ("{ datasets { totalCount } }", 2),
            ("{ datasets(first: 10) { nodes { id } totalCount } }", 22),
            ("{ datasets(last: 10) { edges { cursor node { id } } } }", 1 + 10 * 4),
            ("{ datasets { nodes { id } } }", 1 + 50 * 2),
            ("query($n: Int = 7) { datasets(first: $n) { nodes { id } } }", 1 + 7 * 2),
            ("{ datasets(first: 10) { nodes { previewImages { id } } } }", 1 + 10 * (1 + 1 + 3)),
            ("{ datasets(first: 10) { nodes { previewImages(first: 5) { id } } } }", 1 + 10 * (1 + 1 + 5)),
            ("{ datasets(first: 9999) { nodes { id } } }", 1 + 500 * 2),
            ("{ nodes(ids: [\"a\", \"b\"]) { id ... on Dataset { name digest } } }", 1 + 2 * 1002),
            ("{ a: viewer { id } b: viewer { id } }", 4),
            (
                "{ viewer { id } ...F } fragment F on Query { datasets(first: 2) { ...G } } fragment G on DatasetConnection \
              { totalCount nodes { id } }",
                2 + 1 + 1 + 2 * 2,
            ),
            ("{ __schema { types { fields { name } } } }", 4),
        ];
        for (query, expected) in table {
            assert_eq!(cost(query), expected, "{query}");
        }
        let query = "query($n: Int, $ids: [ID!]!) { datasets(first: $n) { nodes { id } } nodes(ids: $ids) { id } }";
        let measured = measure(query, serde_json::json!({"n": 4, "ids": ["a", "b", "c"]})).unwrap();
        assert_eq!(measured.cost, 1 + 4 * 2 + 1 + 3);
    }

    #[test]
    fn lists_inside_lists_multiply_and_never_overflow() {
        let nested = |levels: usize| {
            let images = "images(first: 500) { nodes { dataset { ".repeat(levels);
            format!("{{ dataset(id: \"x\") {{ {images} id {} }} }}", "} } }".repeat(levels))
        };
        assert_eq!(cost(&nested(1)), 1 + 1 + 500 * 3);
        assert!(cost(&nested(3)) > 500 * 500 * 500);
        assert_eq!(cost(&nested(12)), u64::MAX);
    }

    #[test]
    fn fragments_that_double_each_other_are_counted_without_being_walked() {
        let doubling = |index: usize| format!("fragment F{index} on User {{ ...F{0} ...F{0} }} ", index + 1);
        let fragments: String = (0..40).map(doubling).collect();
        // The fragment at the end need not be there: what walks through the document does not know yet.
        for last in ["fragment F40 on User { id }", ""] {
            let query = format!("{{ viewer {{ ...F0 }} }} {fragments} {last}");
            let measured = measure(&query, serde_json::json!({})).unwrap();
            assert!(measured.selections > 1 << 40, "{measured:?}");
        }
        let fragments: String = (0..400).map(doubling).collect();
        let error = measure(&format!("{{ viewer {{ ...F0 }} }} {fragments}"), serde_json::json!({})).unwrap_err();
        assert!(error.contains("limits.graphql_nesting"), "{error}");
    }

    #[test]
    fn a_fragment_costs_what_the_variables_of_its_operation_say() {
        let query = "query A($n: Int = 1) { ...F } query B($n: Int = 100) { ...F }
            fragment F on Query { datasets(first: $n) { nodes { id } } }";
        let (document, variables) = (parse_query(query).unwrap(), Variables::default());
        let (sizes, allowed) = (FieldSizes::of(&crate::graphql::sdl()), crate::config::Config::default().limits);
        let mut measures = Measures::new(&document, &sizes, &variables, &allowed);
        let mut costs: Vec<u64> = document
            .operations
            .iter()
            .map(|(_, operation)| measures.of_operation(&operation.node).unwrap().cost)
            .collect();
        costs.sort_unstable();
        assert_eq!(costs, [3, 201]);
    }

    #[test]
    fn a_fragment_that_leads_back_to_itself_is_refused() {
        let query = "{ viewer { ...A } } fragment A on User { id ...B } fragment B on User { name ...A ...A }";
        let error = measure(query, serde_json::json!({})).unwrap_err();
        assert!(error.contains("\"A\" leads back to itself"), "{error}");
    }

    #[test]
    fn lists_of_types_inside_one_another_are_counted() {
        let query = "{ __schema { types { fields { type { fields { type { possibleTypes { name } } } } } } } }";
        let measured = measure(query, serde_json::json!({})).unwrap();
        assert_eq!((measured.type_lists, measured.introspects), (3, true));
    }
}
