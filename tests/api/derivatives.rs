//! What systems outside made from datasets and annotation sets: registered, counted, listed, removed, and ended with
//! what it was made from.

use crate::support::archives::{labelled, pictures};
use crate::support::client::{Client, string};
use crate::support::{Server, shared};
use serde_json::{Value, json};

pub const KINDS: [&str; 4] = ["ANNOTATION_PROJECT", "ANNOTATION_JOB", "TRAINING_TASK", "INFERENCE"];

/// A dataset with one annotation set: both ids.
pub fn annotated(client: &Client, name: &str, seed: u32) -> (String, String) {
    let dataset = client.dataset(name, &labelled(2, seed, "image/0.png,a\n"));
    let set = string(&client.annotation_sets(&dataset)[0]["id"]);
    (dataset, set)
}

/// The id of a derivative that must be taken.
pub fn register(client: &Client, input: Value) -> String {
    let made = client.mutate("registerDerivative", input, "derivative { id }");
    assert_eq!(made["userErrors"], json!([]));
    string(&made["derivative"]["id"])
}

pub fn remove(client: &Client, derivative: &str) -> Value {
    client.mutate("removeDerivative", json!({ "derivative": derivative }), "removedId")
}

fn refused(client: &Client, input: Value) -> (String, String) {
    let made = client.mutate("registerDerivative", input, "derivative { id }");
    assert_eq!(made["derivative"], Value::Null);
    let errors = made["userErrors"].as_array().unwrap();
    assert_eq!(errors.len(), 1, "{made}");
    let path: Vec<&str> = errors[0]["path"].as_array().unwrap().iter().map(|part| part.as_str().unwrap()).collect();
    (string(&errors[0]["code"]), path.join("."))
}

fn usage(client: &Client, dataset: &str, set: &str) -> (Value, Value) {
    let query = "query($dataset: ID!, $set: ID!) {
        dataset(id: $dataset) { usage { projects jobs trainingTasks inferences } derivatives { totalCount } }
        annotationSet(id: $set) { usage { projects jobs trainingTasks inferences } derivatives { totalCount } } }";
    let mut seen = client.data(query, json!({ "dataset": dataset, "set": set }));
    (seen["dataset"].take(), seen["annotationSet"].take())
}

fn used(projects: i64, jobs: i64, training_tasks: i64, inferences: i64) -> Value {
    let total = projects + jobs + training_tasks + inferences;
    json!({
        "usage": { "projects": projects, "jobs": jobs, "trainingTasks": training_tasks, "inferences": inferences },
        "derivatives": { "totalCount": total }
    })
}

#[test]
fn a_derivative_is_registered_found_by_its_id_and_removed() {
    let client = shared().user("derivatives-basic");
    let (dataset, set) = annotated(&client, "used", 2000);
    let input = json!({ "kind": "ANNOTATION_PROJECT", "name": "  Boxes ", "url": "https://tool.example/projects/7",
        "dataset": dataset, "annotationSet": set });
    let fields = "id kind name url createdAt dataset { id } annotationSet { id }";
    let made = client.mutate("registerDerivative", input, &format!("derivative {{ {fields} }}"));
    assert_eq!(made["userErrors"], json!([]));
    let made = &made["derivative"];
    assert!(made["createdAt"].is_string());
    assert_eq!(
        (&made["kind"], &made["name"], &made["url"]),
        (&json!("ANNOTATION_PROJECT"), &json!("Boxes"), &json!("https://tool.example/projects/7"))
    );
    assert_eq!((&made["dataset"]["id"], &made["annotationSet"]["id"]), (&json!(dataset), &json!(set)));
    let found = client.data(
        &format!("query($id: ID!) {{ node(id: $id) {{ ... on Derivative {{ {fields} }} }} }}"),
        json!({ "id": made["id"] }),
    );
    assert_eq!(&found["node"], made);
    let plain = register(&client, json!({ "kind": "INFERENCE", "name": "x", "dataset": dataset }));
    let found = client.data(
        "query($id: ID!) { node(id: $id) { ... on Derivative { url annotationSet { id } } } }",
        json!({ "id": plain }),
    );
    assert_eq!(found["node"], json!({ "url": null, "annotationSet": null }));

    let id = made["id"].as_str().unwrap();
    assert_eq!(remove(&client, id), json!({ "removedId": id, "userErrors": [] }));
    assert_eq!(client.data("query($id: ID!) { node(id: $id) { id } }", json!({ "id": id }))["node"], Value::Null);
    let again = remove(&client, id);
    assert_eq!((&again["removedId"], &again["userErrors"][0]["code"]), (&Value::Null, &json!("NOT_FOUND")));
    assert_eq!(again["userErrors"][0]["path"], json!(["input", "derivative"]));
}

#[test]
fn usage_counts_by_kind_what_the_dataset_has_and_what_each_of_its_sets_has() {
    let client = shared().user("derivatives-usage");
    let (dataset, set) = annotated(&client, "counted", 2001);
    assert_eq!(usage(&client, &dataset, &set), (used(0, 0, 0, 0), used(0, 0, 0, 0)));
    let mut last = String::new();
    for (kind, count) in KINDS.into_iter().zip(1..) {
        for number in 0..count {
            let name = format!("{kind} {number}");
            last = register(&client, json!({ "kind": kind, "name": name, "dataset": dataset, "annotationSet": set }));
            register(&client, json!({ "kind": kind, "name": name, "dataset": dataset }));
        }
    }
    assert_eq!(usage(&client, &dataset, &set), (used(2, 4, 6, 8), used(1, 2, 3, 4)));
    remove(&client, &last);
    assert_eq!(usage(&client, &dataset, &set), (used(2, 4, 6, 7), used(1, 2, 3, 3)));
}

#[test]
fn derivatives_are_paged_in_the_order_in_which_they_were_registered() {
    let client = shared().user("derivatives-pages");
    let (dataset, set) = annotated(&client, "paged", 2002);
    let ids: Vec<String> = (0..7)
        .map(|number| {
            let set = if number % 2 == 0 { json!(set) } else { Value::Null };
            let name = format!("task {number}");
            register(
                &client,
                json!({ "kind": "TRAINING_TASK", "name": name, "dataset": dataset, "annotationSet": set }),
            )
        })
        .collect();
    let of_set: Vec<String> = ids.iter().step_by(2).cloned().collect();
    for (parent, id, expected) in [("dataset", &dataset, &ids), ("annotationSet", &set, &of_set)] {
        let query = format!(
            "query($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {{ {parent}(id: $id) {{
                derivatives(first: $first, after: $after, last: $last, before: $before) {{ totalCount nodes {{ id }}
                    pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }} }}"
        );
        let page = |variables: Value| {
            let mut all = json!({ "id": id });
            all.as_object_mut().unwrap().extend(variables.as_object().unwrap().clone());
            client.data(&query, all)[parent]["derivatives"].take()
        };
        let ids_of =
            |page: &Value| page["nodes"].as_array().unwrap().iter().map(|node| string(&node["id"])).collect::<Vec<_>>();
        let (mut forward, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = page(json!({ "first": 2, "after": after }));
            assert_eq!(page["totalCount"], expected.len());
            forward.extend(ids_of(&page));
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] != true {
                break;
            }
        }
        assert_eq!(&forward, expected);
        let back = page(json!({ "last": 2 }));
        assert_eq!(ids_of(&back), expected[expected.len() - 2..]);
        let before = page(json!({ "last": 2, "before": back["pageInfo"]["startCursor"] }));
        assert_eq!(ids_of(&before), expected[expected.len() - 4..expected.len() - 2]);
    }
}

#[test]
fn what_cannot_be_registered_is_refused_with_the_place() {
    let client = shared().user("derivatives-refused");
    let (dataset, set) = annotated(&client, "first", 2003);
    let (other, foreign) = annotated(&client, "second", 2004);
    let failed = client.import("failed", b"no zip").dataset;
    let base = |extra: Value| {
        let mut input = json!({ "kind": "INFERENCE", "name": "x", "dataset": dataset, "annotationSet": set });
        input.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        input
    };
    let long = "x".repeat(256);
    for (input, code, path) in [
        (json!({ "name": " " }), "INVALID", "input.name"),
        (json!({ "name": "a\nb" }), "INVALID", "input.name"),
        (json!({ "name": long }), "INVALID", "input.name"),
        (json!({ "url": "projects/7" }), "INVALID", "input.url"),
        (json!({ "url": "javascript:alert(1)" }), "INVALID", "input.url"),
        (json!({ "url": format!("https://x/{}", "y".repeat(2048)) }), "INVALID", "input.url"),
        (json!({ "dataset": "dataset-1" }), "NOT_FOUND", "input.dataset"),
        (json!({ "dataset": "nonsense" }), "NOT_FOUND", "input.dataset"),
        (json!({ "annotationSet": "annotationset-1" }), "NOT_FOUND", "input.annotationSet"),
        (json!({ "annotationSet": dataset }), "NOT_FOUND", "input.annotationSet"),
        (json!({ "annotationSet": foreign }), "ANNOTATION_SET_NOT_IN_DATASET", "input.annotationSet"),
        (json!({ "dataset": other }), "ANNOTATION_SET_NOT_IN_DATASET", "input.annotationSet"),
        (json!({ "dataset": failed, "annotationSet": null }), "NOT_AVAILABLE", "input.dataset"),
    ] {
        assert_eq!(refused(&client, base(input.clone())), (code.to_owned(), path.to_owned()), "{input}");
    }
    assert_eq!(usage(&client, &dataset, &set), (used(0, 0, 0, 0), used(0, 0, 0, 0)));
}

#[test]
fn a_dataset_takes_as_many_derivatives_as_the_limit_says() {
    let server = Server::with_settings(&[("LIGHTBOX_LIMITS__DATASET_DERIVATIVES", "2")]);
    let client = server.admin();
    let (dataset, other) = (client.dataset("full", &pictures(1, 2005)), client.dataset("free", &pictures(1, 2006)));
    let input = |dataset: &str| json!({ "kind": "INFERENCE", "name": "x", "dataset": dataset });
    let first = register(&client, input(&dataset));
    register(&client, input(&dataset));
    assert_eq!(refused(&client, input(&dataset)), ("QUOTA_EXCEEDED".to_owned(), "input.dataset".to_owned()));
    register(&client, input(&other));
    remove(&client, &first);
    register(&client, input(&dataset));
}

#[test]
fn deleting_a_dataset_shows_its_derivatives_first_and_ends_them() {
    let mut server = Server::start();
    let client = server.admin();
    let (dataset, set) = annotated(&client, "doomed", 2007);
    let (kept, _) = annotated(&client, "kept", 2008);
    let of_kept = register(&client, json!({ "kind": "INFERENCE", "name": "kept", "dataset": kept }));
    let first = register(&client, json!({ "kind": "INFERENCE", "name": "a", "dataset": dataset }));
    let second =
        register(&client, json!({ "kind": "TRAINING_TASK", "name": "b", "dataset": dataset, "annotationSet": set }));
    let preview = client.data(
        "query($id: ID!) { deletionPreview(dataset: $id) { derivatives { id kind name annotationSet { id } } } }",
        json!({ "id": dataset }),
    );
    assert_eq!(
        preview["deletionPreview"]["derivatives"],
        json!([{ "id": first, "kind": "INFERENCE", "name": "a", "annotationSet": null },
            { "id": second, "kind": "TRAINING_TASK", "name": "b", "annotationSet": { "id": set } }])
    );
    let input = json!({ "dataset": dataset, "confirmation": "DELETE" });
    let job = client.mutate("deleteDataset", input, "job { id }")["job"]["id"].take();
    let seen = || {
        let query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
        client.data(query, json!({ "ids": [first, second, of_kept] }))["nodes"].take()
    };
    assert_eq!(seen(), json!([null, null, { "id": of_kept }]), "at once out of sight");
    assert_eq!(remove(&client, &first)["userErrors"][0]["code"], "NOT_FOUND");
    let late = json!({ "kind": "INFERENCE", "name": "late", "dataset": dataset });
    assert_eq!(refused(&client, late), ("NOT_FOUND".to_owned(), "input.dataset".to_owned()));
    assert_eq!(client.wait_for(job.as_str().unwrap())["state"], "SUCCEEDED");
    assert_eq!(seen(), json!([null, null, { "id": of_kept }]));
    server.end_and_check();
}
