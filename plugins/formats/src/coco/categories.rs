//! The list `categories`: labels by the ids that annotations name them with.

use super::id::Id;
use super::lines::Lines;
use super::refusal::{Refusal, RowResult, refuse};
use super::scan::Value;
use crate::code;
use crate::table::Table;
use hashbrown::HashMap;
use lightbox_sdk::{Call, Finding, Result};
use std::borrow::Cow;

/// Which label an id means.
pub(super) struct Categories {
    /// `None` for one without a name. `None` as a whole when there is no list: classes are called by their ids.
    labels: Option<HashMap<Id, Option<u32>>>,
}

impl Categories {
    /// Reads the list into the table's labels, in its order.
    ///
    /// # Errors
    /// A list that is no JSON, and what ends the call.
    pub(super) fn read(document: &[u8], list: Option<Value<'_>>, table: &mut Table, call: &Call<'_>) -> Result<Self> {
        let Some(list) = list else { return Ok(Self { labels: None }) };
        let mut lines = Lines::of(document, list);
        let mut labels = HashMap::new();
        for (index, row) in list.items(call).enumerate() {
            table.check(call)?;
            let row = row?;
            let line = lines.line_of(row);
            match read_row(row, call) {
                Ok((id, _)) if labels.contains_key(&id) => {
                    let message =
                        format!("categories[{index}]: the id {id} is there already; the first category keeps it");
                    table.add_finding(Finding::warning(code::DUPLICATE_ID, message), line);
                }
                Ok((id, name)) => {
                    let label = Some(name).filter(|name| !name.trim().is_empty()).map(|name| table.label(&name));
                    labels.insert(id, label);
                }
                Err(Refusal::Stop(error)) => return Err(error),
                Err(Refusal::Row(code, what)) => {
                    table.add_finding(Finding::error(code, format!("categories[{index}]: {what}")), line);
                }
            }
        }
        Ok(Self { labels: Some(labels) })
    }

    /// Whether classes have names.
    pub(super) fn are_named(&self) -> bool {
        self.labels.is_some()
    }

    /// Number of the label that an annotation means.
    pub(super) fn require(&self, id: Option<&Id>, table: &mut Table) -> RowResult<u32> {
        let Some(id) = id else {
            return refuse(code::EMPTY_CLASS, "it has no category_id, so that its class is unknown");
        };
        let Some(labels) = &self.labels else { return Ok(table.label(&id.to_string())) };
        match labels.get(id) {
            Some(Some(label)) => Ok(*label),
            Some(None) => refuse(code::EMPTY_CLASS, format!("its category {id} has no name")),
            None => refuse(code::MISSING_CATEGORY, format!("no category has the id {id}")),
        }
    }
}

fn read_row<'a>(row: Value<'a>, call: &Call<'_>) -> RowResult<(Id, Cow<'a, str>)> {
    if !row.is_object() {
        return refuse(code::BAD_SHAPE, "the row is no object");
    }
    let (mut id, mut name) = (None, Cow::Borrowed(""));
    for member in row.members(call) {
        let (key, value) = member?;
        match key.as_ref() {
            b"id" => id = Id::read(value),
            b"name" => name = value.text().unwrap_or_default(),
            _ => {}
        }
    }
    match id {
        Some(id) => Ok((id, name)),
        None => refuse(code::BAD_SHAPE, "it has no id"),
    }
}
