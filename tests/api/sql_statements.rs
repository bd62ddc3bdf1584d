//! A list costs the same number of SQL statements for 1 row and for 100, whatever is nested in it.

use crate::derivatives::register;
use crate::support::Server;
use crate::support::archives::{labelled, numbered, zip};
use crate::support::client::{Client, string};
use serde_json::{Value, json};

const ROWS: usize = 100;

struct Scene {
    _server: Server,
    client: Client,
}

/// 100 small datasets, and one of 100 images, all of them labelled.
fn scene() -> Scene {
    let server = Server::with_settings(&[("LIGHTBOX_JOBS__PARALLEL", "4")]);
    let client = server.admin();
    let started: Vec<String> = (0..ROWS as u32)
        .map(|number| client.start_import(&format!("{number}"), &labelled(2, 900 + number, "image/0.png,a\nx,b\n")).1)
        .collect();
    started.iter().for_each(|job| assert_eq!(client.wait_for(job)["state"], "SUCCEEDED"));
    register_derivatives(&client);
    Scene { _server: server, client }
}

/// Three derivatives of each dataset, two of them of its annotation set.
fn register_derivatives(client: &Client) {
    let query = "{ datasets(first: 100) { nodes { id annotationSets { nodes { id } } } } }";
    let datasets = client.data(query, Value::Null)["datasets"]["nodes"].take();
    for dataset in datasets.as_array().unwrap() {
        for (kind, set) in [
            ("INFERENCE", &dataset["annotationSets"]["nodes"][0]["id"]),
            ("ANNOTATION_JOB", &dataset["annotationSets"]["nodes"][0]["id"]),
            ("TRAINING_TASK", &Value::Null),
        ] {
            register(client, json!({ "kind": kind, "name": "x", "dataset": dataset["id"], "annotationSet": set }));
        }
    }
}

/// What the server has counted so far.
fn counted(client: &Client) -> u64 {
    let text = client.get("/metrics").text();
    let line = text.lines().find(|line| line.starts_with("lightbox_sql_statements_total ")).unwrap();
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

/// Statements of a query. The server also looks for work now and then, so that the least of several is taken.
fn statements(client: &Client, query: &str, variables: &Value) -> u64 {
    let once = || {
        let before = counted(client);
        client.data(query, variables.clone());
        counted(client) - before
    };
    (0..8).map(|_| once()).min().unwrap()
}

fn hold(client: &Client, what: &str, query: &str, few: Value, many: Value) {
    let (few, many) = (statements(client, query, &few), statements(client, query, &many));
    assert!(few > 0);
    assert_eq!(few, many, "{what}: statements for 1 row and for {ROWS}");
}

const DATASETS: &str = "query($n: Int) { datasets(first: $n) { totalCount nodes {
    id name owner { name } imageFormats { id } previewImages { id path thumbnailUrl study { name } }
    studies(first: 2) { totalCount nodes { name images(first: 2) { nodes { path dataset { name } } } dataset { id } } }
    images(first: 2) { nodes { path study { name imageCount } origin { id } } }
    annotationSets { totalCount nodes { name type { id } dataset { id } labels { name annotationSet { id } }
        labelDistribution { labels { label { name } imageCount } }
        images(first: 2) { edges { annotations { id label { name } } node { path study { id } } } } } }
    ofType: annotationSets(type: \"single-label-classification\") { totalCount nodes { id } }
    sources { dataset { name } annotationSet { name } }
    creationJob { state findings(first: 3) { totalCount nodes { code } } dataset { id } } } } }";

const DERIVATIVES: &str = "query($n: Int) { datasets(first: $n) { nodes {
    usage { projects jobs trainingTasks inferences }
    derivatives(first: 2) { totalCount nodes { kind dataset { name } annotationSet { name } } }
    annotationSets { nodes { usage { jobs } derivatives(first: 1) { totalCount nodes { name } } } } } } }";

#[test]
fn lists_cost_the_same_number_of_statements_for_one_row_and_for_a_hundred() {
    let Scene { client, .. } = &scene();
    hold(client, "datasets", DATASETS, json!({ "n": 1 }), json!({ "n": ROWS }));
    // Computed once for each dataset, and kept.
    let digests = "query($n: Int) { datasets(first: $n) { nodes { digest } } }";
    hold(client, "digests", digests, json!({ "n": 1 }), json!({ "n": ROWS }));
    hold(client, "derivatives", DERIVATIVES, json!({ "n": 1 }), json!({ "n": ROWS }));
    let jobs = "query($n: Int) { jobs(first: $n) { totalCount nodes { state findings(first: 2) { nodes { message } }
        dataset { name creationJob { id } } } } }";
    hold(client, "jobs", jobs, json!({ "n": 1 }), json!({ "n": ROWS }));
    let data = client.data("{ datasets(first: 100) { nodes { id } } }", Value::Null);
    let ids: Vec<&Value> = data["datasets"]["nodes"].as_array().unwrap().iter().map(|node| &node["id"]).collect();
    let nodes = "query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Dataset { name owner { id } images(first: 1) {
        nodes { id } } } } }";
    hold(client, "nodes", nodes, json!({ "ids": ids[..1] }), json!({ "ids": ids }));
    hold_one_dataset(client);
    hold_combination(client, &ids);
}

fn hold_one_dataset(client: &Client) {
    let mut entries = numbered(ROWS as u32, 1100);
    let rows: String = (0..ROWS).map(|number| format!("image/{number}.png,label {}\n", number % 40)).collect();
    entries.push(("label.csv".to_owned(), rows.into_bytes()));
    let dataset = client.dataset("large", &zip(&entries));
    let set = string(&client.annotation_sets(&dataset)[0]["id"]);
    let variables = |n: usize| json!({ "id": dataset, "set": set, "n": n });
    let images = "query($id: ID!, $set: ID!, $n: Int) { dataset(id: $id) { images(first: $n) { nodes { path
        format { id plugin { name } } study { name dataset { name } } dataset { name } origin { id }
        annotations(annotationSet: $set) { id label { name color annotationSet { name } } } } } } }";
    hold(client, "images", images, variables(1), variables(ROWS));
    let studies = "query($id: ID!, $n: Int) { dataset(id: $id) { studies(first: $n) { nodes { name dataset { id }
        images(first: 3) { totalCount nodes { path dataset { id } } } } } } }";
    hold(client, "studies", studies, variables(1), variables(ROWS));
    let of_set = "query($set: ID!, $n: Int) { annotationSet(id: $set) { images(first: $n) { totalCount edges {
        node { path study { name } } annotations { label { name annotationSet { id } } } } } } }";
    hold(client, "images of a set", of_set, variables(1), variables(ROWS));
}

/// The origins of a combination's images, and the sources of several combinations.
fn hold_combination(client: &Client, ids: &[&Value]) {
    let sources: Vec<Value> = ids[..50].iter().map(|id| json!({ "dataset": id })).collect();
    let (_, dataset) = client.combine(json!({ "name": "combined", "sources": sources }));
    let images = "query($id: ID!, $n: Int) { dataset(id: $id) { images(first: $n) { nodes {
        origin { path dataset { name } study { name } } } } } }";
    hold(client, "origins", images, json!({ "id": dataset, "n": 1 }), json!({ "id": dataset, "n": ROWS }));
}

#[test]
fn people_groups_and_shares_cost_the_same_number_of_statements_for_one_and_for_many() {
    let server = Server::start();
    let client = server.admin();
    for number in 0..20 {
        let user = json!({ "name": format!("user {number}") });
        let user = client.mutate("createUser", user, "user { id }")["user"]["id"].take();
        let group = json!({ "name": format!("group {number}") });
        let group = client.mutate("createGroup", group, "group { id }")["group"]["id"].take();
        client.mutate("addGroupMember", json!({ "group": group, "user": user }), "");
        let dataset = client.dataset(&format!("{number}"), &labelled(1, 1900 + number, "image/0.png,a\n"));
        let share = |with: Value| {
            let mut input = json!({ "dataset": dataset, "role": "VIEWER" });
            input.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
            assert_eq!(client.mutate("shareDataset", input, "")["userErrors"], json!([]));
        };
        share(json!({ "user": user }));
        share(json!({ "group": group }));
    }
    let users = "query($n: Int) { users(first: $n) { nodes { name apiTokens { name } quota { usedBytes } } } }";
    hold(&client, "users", users, json!({ "n": 1 }), json!({ "n": 20 }));
    let shares = "query($n: Int) { datasets(first: $n) { nodes { viewerRole
        shares { role user { name } group { name members { name } } } } } }";
    hold(&client, "shares", shares, json!({ "n": 1 }), json!({ "n": 20 }));
}
