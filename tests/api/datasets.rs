//! The list of datasets: search, filters, every order both ways, and keyset pages that show each row exactly once.

use crate::support::archives::{labelled, pictures};
use crate::support::client::{Client, string};
use crate::support::shared;
use serde_json::{Value, json};
use std::sync::OnceLock;

const NAMES: [&str; 9] = ["Thorax", "chest A", "Chest B", "CHEST c", "Äpfel", "100%", "1_0", "100x", "zebra"];

/// A user with datasets of 1 to 3 images, every second of them labelled, and one that failed.
fn client() -> &'static Client {
    static CLIENT: OnceLock<Client> = OnceLock::new();
    CLIENT.get_or_init(|| {
        let client = shared().user("datasets");
        for (number, name) in NAMES.iter().enumerate() {
            let count = number as u32 % 3 + 1;
            let seed = 600 + number as u32;
            let rows = "image/0.png,a\n";
            let archive = if number % 2 == 0 { labelled(count, seed, rows) } else { pictures(count, seed) };
            client.dataset(name, &archive);
        }
        client.import("broken", b"no zip");
        client
    })
}

fn names(arguments: Value) -> (Vec<String>, i64) {
    let query = "query($filter: DatasetFilter, $orderBy: DatasetOrder) {
        datasets(first: 500, filter: $filter, orderBy: $orderBy) { nodes { name } totalCount } }";
    let page = client().data(query, arguments)["datasets"].take();
    let names = page["nodes"].as_array().unwrap().iter().map(|node| string(&node["name"])).collect();
    (names, page["totalCount"].as_i64().unwrap())
}

#[test]
fn the_newest_comes_first_unless_ordered_otherwise() {
    let mut expected: Vec<&str> = NAMES.to_vec();
    expected.push("broken");
    expected.reverse();
    let (found, total) = names(json!({}));
    assert_eq!((found, total), (expected.iter().map(|name| name.to_string()).collect(), 10));
}

#[test]
fn a_search_finds_parts_of_names_whatever_their_case_and_takes_no_wildcards() {
    let table: [(&str, &[&str]); 7] = [
        ("chest", &["CHEST c", "Chest B", "chest A"]),
        ("ÄPF", &["Äpfel"]),
        ("A\u{308}pf", &["Äpfel"]),
        ("0%", &["100%"]),
        ("1_0", &["1_0"]),
        ("nowhere", &[]),
        ("' OR 1=1 --", &[]),
    ];
    for (search, expected) in table {
        let (found, total) = names(json!({ "filter": { "search": search } }));
        assert_eq!(found, expected, "{search}");
        assert_eq!(total, expected.len() as i64, "{search}");
    }
}

#[test]
fn datasets_without_annotations_can_be_hidden_and_so_can_others() {
    let (with, count) = names(json!({ "filter": { "hasAnnotations": true } }));
    assert_eq!((with.len(), count), (5, 5));
    let (without, _) = names(json!({ "filter": { "hasAnnotations": false } }));
    assert_eq!(without.len(), 5);
    assert!(with.iter().all(|name| !without.contains(name)));
    assert_eq!(names(json!({ "filter": { "status": ["FAILED"] } })).0, ["broken"]);
    assert_eq!(names(json!({ "filter": { "status": ["AVAILABLE", "FAILED"] } })).1, 10);
    assert_eq!(names(json!({ "filter": { "status": [] } })).1, 0);
    let both = json!({ "filter": { "search": "chest", "hasAnnotations": true, "status": ["AVAILABLE"] } });
    assert_eq!(names(both).0, ["Chest B"]);
}

#[test]
fn every_order_is_kept_both_ways() {
    for field in ["CREATED_AT", "NAME", "STUDY_COUNT", "ANNOTATION_SET_COUNT"] {
        let in_order = |direction: &str| names(json!({ "orderBy": { "field": field, "direction": direction } })).0;
        let (up, mut down) = (in_order("ASC"), in_order("DESC"));
        down.reverse();
        assert_eq!(up, down, "{field}");
        assert_eq!(up.len(), 10);
    }
    let query = "{ datasets(first: 500, orderBy: { field: STUDY_COUNT, direction: ASC }) { nodes { studyCount } } }";
    let data = client().data(query, Value::Null);
    let counts: Vec<i64> =
        data["datasets"]["nodes"].as_array().unwrap().iter().map(|node| node["studyCount"].as_i64().unwrap()).collect();
    assert!(counts.is_sorted(), "{counts:?}");
    let by_name = names(json!({ "orderBy": { "field": "NAME", "direction": "ASC" } })).0;
    // Lower case, code point by code point.
    let mut expected: Vec<String> = by_name.clone();
    expected.sort_by_key(|name| name.to_lowercase());
    assert_eq!(by_name, expected);
}

#[test]
fn pages_walk_every_row_exactly_once_in_both_directions() {
    let all = names(json!({})).0.len();
    for field in ["CREATED_AT", "NAME", "STUDY_COUNT", "ANNOTATION_SET_COUNT"] {
        for direction in ["ASC", "DESC"] {
            let order = json!({ "field": field, "direction": direction });
            let whole = names(json!({ "orderBy": order })).0;
            for size in [1, 3, 4, 10] {
                assert_eq!(walk(&order, size, false), whole, "{field} {direction} by {size}");
                assert_eq!(walk(&order, size, true), whole, "{field} {direction} by {size}, backward");
            }
            assert_eq!(whole.len(), all);
        }
    }
}

/// All names, page by page, in the list's own order.
fn walk(order: &Value, size: usize, backward: bool) -> Vec<String> {
    let query = "query($first: Int, $after: String, $last: Int, $before: String, $orderBy: DatasetOrder) {
        datasets(first: $first, after: $after, last: $last, before: $before, orderBy: $orderBy) {
            edges { cursor node { name } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount } }";
    let (mut seen, mut cursor): (Vec<String>, Value) = (Vec::new(), Value::Null);
    loop {
        let arguments = match backward {
            false => json!({ "first": size, "after": cursor, "orderBy": order }),
            true => json!({ "last": size, "before": cursor, "orderBy": order }),
        };
        let page = client().data(query, arguments)["datasets"].take();
        let edges = page["edges"].as_array().unwrap();
        let names = edges.iter().map(|edge| string(&edge["node"]["name"]));
        let info = &page["pageInfo"];
        assert_eq!(page["totalCount"], 10);
        assert_eq!(info["startCursor"], edges[0]["cursor"]);
        assert_eq!(info["endCursor"], edges[edges.len() - 1]["cursor"]);
        let (more, next) = match backward {
            false => {
                assert_eq!(info["hasPreviousPage"], !cursor.is_null());
                seen.extend(names);
                (&info["hasNextPage"], &info["endCursor"])
            }
            true => {
                seen.splice(0..0, names);
                (&info["hasPreviousPage"], &info["startCursor"])
            }
        };
        if *more == false {
            return seen;
        }
        cursor = next.clone();
    }
}

#[test]
fn pages_that_cannot_be_are_refused() {
    for arguments in [
        "first: -1",
        "first: 501",
        "last: 501",
        "first: 1, last: 1",
        "after: \"nonsense\"",
        "before: \"e30\"",
        "after: \"WyJ4Iiw1XQ\"",
    ] {
        let response = client().graphql(&format!("{{ datasets({arguments}) {{ totalCount }} }}"), Value::Null);
        assert_eq!(response["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{arguments}: {response}");
    }
    let empty = client()
        .data("{ datasets(first: 0) { nodes { id } pageInfo { hasNextPage endCursor } totalCount } }", Value::Null);
    assert_eq!(empty["datasets"]["nodes"], json!([]));
    assert_eq!(empty["datasets"]["totalCount"], 10);
}

#[test]
fn a_dataset_is_renamed_unless_the_name_is_taken_or_none() {
    let client = shared().user("datasets-rename");
    let one = client.dataset("one", &pictures(1, 640));
    client.dataset("two", &pictures(1, 641));
    let rename = |dataset: &str, name: &str| {
        client.mutate("renameDataset", json!({ "dataset": dataset, "name": name }), "dataset { id name }")
    };
    for (dataset, name, code, field) in [
        (one.as_str(), "TWO", "NAME_TAKEN", "name"),
        (&one, " ", "INVALID", "name"),
        (&one, "a\u{0}b", "INVALID", "name"),
        ("dataset-1", "three", "NOT_FOUND", "dataset"),
    ] {
        let refused = rename(dataset, name);
        assert_eq!(refused["dataset"], Value::Null);
        assert_eq!(refused["userErrors"][0]["code"], code);
        assert_eq!(refused["userErrors"][0]["path"], json!(["input", field]));
    }
    assert_eq!(rename(&one, "ONE")["dataset"], json!({ "id": one, "name": "ONE" }));
    assert_eq!(rename(&one, "  three ")["dataset"]["name"], "three");
    client.dataset("one", &pictures(1, 642));
}

#[test]
fn a_dataset_that_failed_holds_no_name_even_when_it_is_renamed() {
    let client = shared().user("datasets-failed");
    client.dataset("good", &pictures(1, 650));
    let failed = client.import("bad", b"no zip").dataset;
    for name in ["good", "later"] {
        let renamed = client.mutate("renameDataset", json!({ "dataset": failed, "name": name }), "dataset { name }");
        assert_eq!(renamed["dataset"]["name"], name, "{renamed}");
    }
    client.dataset("later", &pictures(1, 651));
}
