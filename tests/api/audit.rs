//! The audit log: who did what to which dataset, added and never changed, for administrators alone.

use crate::exports::export;
use crate::support::Server;
use crate::support::archives::pictures;
use crate::support::client::{Client, string};
use serde_json::{Value, json};

/// Actions of the log, oldest first, with who did them and what they say.
fn events(admin: &Client, filter: Value) -> Vec<Value> {
    let query = "query($filter: AuditEventFilter) { auditEvents(first: 500, filter: $filter) { totalCount nodes {
        id happenedAt action userId userName credential address datasetId datasetName details } } }";
    let mut found = admin.data(query, json!({ "filter": filter }))["auditEvents"].take();
    let nodes = found["nodes"].take();
    let mut nodes = nodes.as_array().unwrap().clone();
    assert_eq!(found["totalCount"], nodes.len());
    nodes.reverse();
    nodes
}

fn actions(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["action"].as_str().unwrap()).collect()
}

#[test]
fn what_is_done_with_a_dataset_is_told_in_order_and_outlives_it() {
    let server = Server::start();
    let (admin, ann) = (server.admin(), server.user("ann"));
    let dataset = ann.dataset("films", &pictures(1, 2400));
    ann.mutate("renameDataset", json!({ "dataset": dataset, "name": "slides" }), "");
    let new = json!({ "dataset": dataset, "name": "boxes", "annotationType": "detection", "labels": ["a"] });
    let set = ann.mutate("createAnnotationSet", new, "annotationSet { id }")["annotationSet"]["id"].take();
    let image = ann.images(&dataset, "id")[0]["id"].clone();
    let empty = json!({ "annotationSet": set, "images": [{ "image": image, "annotations": [] }] });
    ann.mutate("annotateImages", empty, "");
    ann.mutate("shareDataset", json!({ "dataset": dataset, "user": "admin", "role": "VIEWER" }), "");
    let url = string(&export(&ann, &dataset, Value::Null, "images")["downloadUrl"]);
    assert_eq!(ann.get(&url).status, 200);
    ann.mutate("renameDataset", json!({ "dataset": dataset, "name": "" }), "");
    let job = ann.mutate("deleteDataset", json!({ "dataset": dataset, "confirmation": "DELETE" }), "job { id }");
    ann.wait_for(job["job"]["id"].as_str().unwrap());

    let told = events(&admin, json!({ "dataset": dataset }));
    let expected = [
        "DATASET_IMPORTED",
        "DATASET_RENAMED",
        "ANNOTATION_SET_CREATED",
        "IMAGES_ANNOTATED",
        "DATASET_SHARED",
        "DATASET_EXPORTED",
        "EXPORT_DOWNLOADED",
        "DATASET_DELETED",
    ];
    assert_eq!(actions(&told), expected, "what is refused is not done");
    for event in &told {
        assert_eq!(event["userName"], "ann");
        assert_eq!(event["address"], "127.0.0.1");
        assert!(string(&event["credential"]).starts_with("apitoken-"), "{event}");
    }
    assert_eq!((&told[1]["datasetName"], &told[1]["details"]["name"]), (&json!("films"), &json!("slides")));
    let only = events(&admin, json!({ "dataset": dataset, "action": ["DATASET_SHARED"] }));
    assert_eq!(only.len(), 1);
    assert_eq!(events(&admin, json!({ "dataset": dataset, "until": told[0]["happenedAt"] })), Vec::<Value>::new());

    let refused = ann.graphql("{ auditEvents { totalCount } }", Value::Null);
    assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN");
}

#[test]
fn the_database_itself_refuses_to_change_or_remove_an_event() {
    let server = Server::start();
    server.user("ann");
    let before = events(&server.admin(), Value::Null);
    assert_eq!(actions(&before), ["USER_CREATED", "TOKEN_CREATED", "USER_CREATED", "TOKEN_CREATED"]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let file = server.data_dir().join("lightbox.db");
    runtime.block_on(async {
        use sea_orm::ConnectionTrait;
        let database = sea_orm::Database::connect(format!("sqlite://{}", file.display())).await.unwrap();
        for statement in ["UPDATE audit_events SET user_name = 'eve'", "DELETE FROM audit_events"] {
            let error = database.execute_unprepared(statement).await.unwrap_err().to_string();
            assert!(error.contains("audit events are never"), "{error}");
        }
    });
    assert_eq!(events(&server.admin(), Value::Null), before);
}
