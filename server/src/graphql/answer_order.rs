//! The order of an answer's fields: that of the query (GraphQL, section 7.2.2 "Serialized Map Ordering"). The library
//! answers them in the order in which they became ready, which differs from one run to the next. Nothing is executed here.

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, FragmentDefinition, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Name, Positioned, Response, Value};
use std::collections::HashMap;

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// Brings the fields of `response` into the order of the operation that it answers.
pub fn arrange(response: &mut Response, document: &ExecutableDocument, operation_name: Option<&str>) {
    // What was refused has no data, and its fragments may go round in circles.
    if matches!(response.data, Value::Null) {
        return;
    }
    if let Some(operation) = find_operation(document, operation_name) {
        let mut order = Order::default();
        order.add(&operation.selection_set.node, &document.fragments, &mut Vec::new());
        order.apply(&mut response.data);
    }
}

/// The operation of that name, or the only one, named or not; `None` when the document says nothing clear.
pub fn find_operation<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Option<&'a OperationDefinition> {
    let found = match (&document.operations, name) {
        (DocumentOperations::Single(only), _) => Some(only),
        (DocumentOperations::Multiple(each), Some(name)) => each.get(name),
        (DocumentOperations::Multiple(each), None) if each.len() == 1 => each.values().next(),
        (DocumentOperations::Multiple(_), None) => None,
    };
    found.map(|found| &found.node)
}

/// The names of one object's fields as they first appear, with the same for what is below each.
#[derive(Default)]
struct Order(IndexMap<Name, Order>);

impl Order {
    fn add<'a>(&mut self, selections: &'a SelectionSet, fragments: &'a Fragments, seen: &mut Vec<&'a Name>) {
        for selection in &selections.items {
            match &selection.node {
                Selection::Field(field) => {
                    let below = self.0.entry(field.node.response_key().node.clone()).or_default();
                    below.add(&field.node.selection_set.node, fragments, &mut Vec::new());
                }
                Selection::InlineFragment(inline) => self.add(&inline.node.selection_set.node, fragments, seen),
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = fragments.get(name).filter(|_| !seen.contains(&name)) {
                        seen.push(name);
                        self.add(&fragment.node.selection_set.node, fragments, seen);
                    }
                }
            }
        }
    }

    fn apply(&self, value: &mut Value) {
        match value {
            Value::List(items) => items.iter_mut().for_each(|item| self.apply(item)),
            Value::Object(fields) => {
                let place = |name: &Name| self.0.get_index_of(name).unwrap_or(usize::MAX);
                if !fields.keys().map(place).is_sorted() {
                    fields.sort_by_cached_key(|name, _| place(name));
                }
                for (name, value) in fields {
                    if let Some(below) = self.0.get(name) {
                        below.apply(value);
                    }
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::parser::parse_query;
    use async_graphql::parser::types::OperationType;

    #[test]
    fn the_operation_is_the_one_that_is_named() {
        let both = "query A { a } mutation B { b }";
        let (query, mutation) = (Some(OperationType::Query), Some(OperationType::Mutation));
        let table = [
            (both, Some("A"), query),
            (both, Some("B"), mutation),
            (both, Some("C"), None),
            (both, None, None),
            ("mutation B { b }", None, mutation),
            ("query A { a }", None, query),
            ("{ a }", None, query),
        ];
        for (text, name, expected) in table {
            let document = parse_query(text).unwrap();
            assert_eq!(find_operation(&document, name).map(|operation| operation.ty), expected, "{text} {name:?}");
        }
    }

    #[test]
    fn fields_come_in_the_order_of_the_query() {
        let cases = [
            ("{ a b }", r#"{"b":1,"a":2}"#, r#"{"a":2,"b":1}"#),
            ("{ a b }", r#"{"a":1,"b":2}"#, r#"{"a":1,"b":2}"#),
            ("{ x: a b }", r#"{"b":1,"x":2}"#, r#"{"x":2,"b":1}"#),
            (
                "{ l { a b } }",
                r#"{"l":[{"b":1,"a":2},null,{"a":3,"b":4}]}"#,
                r#"{"l":[{"a":2,"b":1},null,{"a":3,"b":4}]}"#,
            ),
            ("{ o { a } b o { c } }", r#"{"b":0,"o":{"c":1,"a":2}}"#, r#"{"o":{"a":2,"c":1},"b":0}"#),
            ("{ ...F b } fragment F on Q { a c }", r#"{"b":1,"c":2,"a":3}"#, r#"{"a":3,"c":2,"b":1}"#),
            ("{ ... on Q { ...F } b } fragment F on Q { a }", r#"{"b":1,"a":3}"#, r#"{"a":3,"b":1}"#),
            ("{ payload }", r#"{"payload":{"z":1,"a":2}}"#, r#"{"payload":{"z":1,"a":2}}"#),
            ("query A { a b } query B { b a }", r#"{"a":1,"b":2}"#, r#"{"b":2,"a":1}"#),
            ("query A { b a }", r#"{"a":1,"b":2}"#, r#"{"b":2,"a":1}"#),
        ];
        for (query, answer, expected) in cases {
            let document = parse_query(query).unwrap();
            let mut response = Response::new(serde_json::from_str::<Value>(answer).unwrap());
            arrange(&mut response, &document, query.contains("query B").then_some("B"));
            assert_eq!(serde_json::to_string(&response.data).unwrap(), expected, "{query}");
        }
    }
}
