//! How many values each field of the schema may bring, read from the schema's text, so that no field is forgotten.

use crate::domain::page::DEFAULT_PAGE_SIZE;
use async_graphql::Value;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, FieldDefinition, Type, TypeKind, TypeSystemDefinition};
use std::collections::HashMap;

/// Items that a list counts as when the query does not say how many it wants, such as labels.
const ASSUMED_ITEMS: u64 = 10;

/// Fields that take more work than one value: type, field, values that they count as.
const WEIGHTS: [(&str, &str, u64); 5] = [
    ("Query", "combinePreview", 1_000),
    ("Mutation", "combineDatasets", 1_000),
    // Reads a whole dataset, when it has changed.
    ("Dataset", "digest", 1_000),
    ("Query", "deletionPreview", 100),
    // Reads a file.
    ("Image", "metadata", 100),
];

/// By type and field.
pub struct FieldSizes(HashMap<String, HashMap<String, FieldSize>>);

pub struct FieldSize {
    /// Of the field's value, or of each item.
    pub type_name: String,
    pub items: Items,
    /// Values that the field itself counts as, lists and selections below it not counted.
    pub weight: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Items {
    /// No list.
    One,
    /// As many as stand in the argument `first` or `last`, or this many; for a connection, of `nodes` and `edges` below it.
    Asked {
        default: u64,
    },
    /// As many as the argument `ids` has.
    Ids,
    /// Rows of the page that the connection around it was asked for.
    OfPage,
    Assumed(u64),
}

impl FieldSizes {
    /// Of the schema's text. Nothing of a text that is none: the schema wrote it.
    pub fn of(sdl: &str) -> Self {
        let mut types = HashMap::new();
        let definitions = parse_schema(sdl).map(|document| document.definitions).unwrap_or_default();
        for definition in definitions {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let fields = match definition.node.kind {
                TypeKind::Object(object) => object.fields,
                TypeKind::Interface(interface) => interface.fields,
                _ => continue,
            };
            let name = definition.node.name.node.to_string();
            let is_connection = fields.iter().any(|field| field.node.name.node == "pageInfo");
            let sizes = fields
                .iter()
                .map(|field| (field.node.name.node.to_string(), FieldSize::of(&name, is_connection, &field.node)));
            types.insert(name.clone(), sizes.collect());
        }
        Self(types)
    }

    /// `None` for what the schema does not have, introspection among it.
    pub fn find(&self, type_name: &str, field: &str) -> Option<&FieldSize> {
        self.0.get(type_name)?.get(field)
    }
}

impl FieldSize {
    fn of(type_name: &str, is_connection: bool, field: &FieldDefinition) -> Self {
        let has = |name: &str| field.arguments.iter().find(|argument| argument.node.name.node == name);
        let (value_type, is_list) = innermost(&field.ty.node);
        let items = match (has("first"), is_list) {
            (Some(first), _) => {
                let default = first.node.default_value.as_ref().and_then(|value| count(&value.node));
                Items::Asked { default: default.unwrap_or(DEFAULT_PAGE_SIZE as u64) }
            }
            (None, true) if has("ids").is_some() => Items::Ids,
            (None, true) if is_connection => Items::OfPage,
            (None, true) => Items::Assumed(ASSUMED_ITEMS),
            (None, false) => Items::One,
        };
        let weight = WEIGHTS.iter().find(|(of_type, name, _)| *of_type == type_name && field.name.node == *name);
        Self { type_name: value_type.to_owned(), items, weight: weight.map_or(1, |(_, _, weight)| *weight) }
    }
}

/// A number of items as an argument says it.
pub fn count(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64(),
        _ => None,
    }
}

/// The type inside all lists, and whether there is a list.
fn innermost(of: &Type) -> (&str, bool) {
    match &of.base {
        BaseType::Named(name) => (name, false),
        BaseType::List(inside) => (innermost(inside).0, true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_has_the_size_that_the_schema_says() {
        let sizes = FieldSizes::of(&crate::graphql::sdl());
        let table = [
            ("Query", "datasets", "DatasetConnection", Items::Asked { default: 50 }),
            ("Query", "nodes", "Node", Items::Ids),
            ("Query", "viewer", "User", Items::One),
            ("DatasetConnection", "nodes", "Dataset", Items::OfPage),
            ("DatasetConnection", "edges", "DatasetEdge", Items::OfPage),
            ("DatasetConnection", "pageInfo", "PageInfo", Items::One),
            ("AnnotatedImageEdge", "annotations", "Annotation", Items::Assumed(10)),
            ("Dataset", "previewImages", "Image", Items::Asked { default: 3 }),
            ("Dataset", "sources", "CombinedSource", Items::Assumed(10)),
            ("Annotation", "label", "Label", Items::One),
        ];
        for (type_name, field, value_type, items) in table {
            let size = sizes.find(type_name, field).unwrap();
            assert_eq!((size.type_name.as_str(), size.items), (value_type, items), "{type_name}.{field}");
        }
        for (type_name, field, weight) in WEIGHTS {
            assert_eq!(sizes.find(type_name, field).map(|size| size.weight), Some(weight), "{type_name}.{field}");
        }
    }
}
