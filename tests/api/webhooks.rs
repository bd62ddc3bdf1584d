//! Systems outside are told of what ends and what is registered: signed, in order, again until they take it.

#[path = "webhooks/receiver.rs"]
mod receiver;

use crate::delete::delete;
use crate::derivatives::{annotated, register, remove};
use crate::support::Server;
use crate::support::archives::pictures;
use crate::support::client::{Client, string};
use crate::support::server::{lightbox, text};
use receiver::{Message, Receiver, SECRET, url};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::net::TcpListener;
use std::time::{Duration, Instant};

/// A server that tells these addresses, and tries again soon.
fn start(urls: &[String], settings: &[(&str, &str)]) -> Server {
    let endpoints: Vec<String> = urls.iter().map(|url| format!("{{url=\"{url}\", secret=\"{SECRET}\"}}")).collect();
    let endpoints = format!("[{}]", endpoints.join(","));
    let mut all =
        vec![("LIGHTBOX_WEBHOOKS__ENDPOINTS", endpoints.as_str()), ("LIGHTBOX_WEBHOOKS__FIRST_RETRY_MS", "20")];
    all.extend(settings);
    Server::with_settings(&all)
}

fn inference(client: &Client, dataset: &str, name: &str) -> String {
    register(client, json!({ "kind": "INFERENCE", "name": name, "dataset": dataset }))
}

const DELIVERIES: &str = "query($filter: WebhookDeliveryFilter, $first: Int, $after: String) {
    webhookDeliveries(filter: $filter, first: $first, after: $after) { totalCount pageInfo { endCursor hasNextPage }
        nodes { id eventId event data url state attempts status error createdAt lastAttemptAt nextAttemptAt } } }";

fn deliveries(client: &Client, variables: Value) -> Value {
    client.data(DELIVERIES, variables)["webhookDeliveries"].take()
}

/// The log, newest first, once it is as wanted.
fn wait_for_log(client: &Client, wanted: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let given_up = Instant::now() + Duration::from_secs(120);
    loop {
        let log = deliveries(client, json!({}))["nodes"].as_array().unwrap().clone();
        if wanted(&log) {
            return log;
        }
        assert!(Instant::now() < given_up, "{log:?}");
        std::thread::sleep(Duration::from_millis(15));
    }
}

fn all_in_state(state: &'static str, count: usize) -> impl Fn(&[Value]) -> bool {
    move |log| log.len() == count && log.iter().all(|delivery| delivery["state"] == state)
}

#[test]
fn what_is_registered_removed_and_deleted_is_told_in_order_and_signed() {
    let receiver = Receiver::start(|_| 204);
    let mut server = start(&[receiver.url()], &[]);
    let client = server.user("webhooks");
    let (dataset, set) = annotated(&client, "told", 2100);
    let project = json!({ "kind": "ANNOTATION_PROJECT", "name": "project", "url": "https://tool.example/7",
        "dataset": dataset, "annotationSet": set });
    let project = register(&client, project);
    let refused = json!({ "kind": "INFERENCE", "name": "", "dataset": dataset });
    client.mutate("registerDerivative", refused, "derivative { id }");
    let task = inference(&client, &dataset, "task");
    remove(&client, &task);
    let job = delete(&client, &dataset, "DELETE")["job"]["id"].take();
    assert_eq!(client.wait_for(job.as_str().unwrap())["state"], "SUCCEEDED");

    let dataset = json!({ "id": dataset, "name": "told" });
    let set = json!({ "id": set, "name": "label.csv", "type": "single-label-classification" });
    let messages: Vec<Message> = (0..6).map(|_| receiver.next()).collect();
    let mut told = messages.iter().map(|message| (message.kind(), without_times(&message.body["data"])));
    let of = |id: &str, kind: &str, name: &str, url: Value| json!({ "id": id, "kind": kind, "name": name, "url": url });
    let project = of(&project, "ANNOTATION_PROJECT", "project", json!("https://tool.example/7"));
    let task = of(&task, "INFERENCE", "task", Value::Null);
    for (kind, expected) in [
        ("derivative.registered", json!({ "derivative": project, "dataset": dataset, "annotationSet": set })),
        ("derivative.registered", json!({ "derivative": task, "dataset": dataset, "annotationSet": null })),
        ("derivative.removed", json!({ "derivative": task, "dataset": dataset, "annotationSet": null })),
        (
            "derivative.ended",
            json!({ "derivative": project, "dataset": dataset, "annotationSet": set, "reason": "dataset.deleted" }),
        ),
        ("annotation_set.deleted", json!({ "annotationSet": set, "dataset": dataset })),
        ("dataset.deleted", json!({ "dataset": dataset })),
    ] {
        assert_eq!(told.next().unwrap(), (kind, expected));
    }
    for message in &messages {
        assert_eq!((message.path.as_str(), &message.body["attempt"]), ("/hook?tenant=7", &json!(1)));
        assert!(message.text("createdAt") <= message.text("sentAt"), "{}", message.body);
    }
    assert_eq!(messages.iter().map(|message| message.text("id")).collect::<HashSet<_>>().len(), 6);
    let log = wait_for_log(&server.admin(), all_in_state("DELIVERED", 6));
    let ids: Vec<&str> = log.iter().rev().map(|delivery| delivery["eventId"].as_str().unwrap()).collect();
    assert_eq!(ids, messages.iter().map(|message| message.text("id")).collect::<Vec<_>>());
    assert!(receiver.rest().is_empty());
    server.end_and_check();
}

#[test]
fn the_end_of_an_annotation_set_is_told_after_that_of_what_was_made_from_it() {
    let receiver = Receiver::start(|_| 204);
    let server = start(&[receiver.url()], &[]);
    let client = server.user("webhooks");
    let (dataset, set) = annotated(&client, "kept", 2110);
    inference(&client, &dataset, "of the dataset");
    let job = json!({ "kind": "ANNOTATION_JOB", "name": "of the set", "dataset": dataset, "annotationSet": set });
    register(&client, job);
    for (confirmation, told) in [("no", 0), ("DELETE", 2)] {
        let input = json!({ "annotationSet": set, "confirmation": confirmation });
        client.mutate("deleteAnnotationSet", input, "deletedId");
        wait_for_log(&server.admin(), all_in_state("DELIVERED", 2 + told));
    }
    let messages: Vec<Message> = (0..4).map(|_| receiver.next()).collect();
    let told: Vec<&str> = messages.iter().map(Message::kind).collect();
    let registered = "derivative.registered";
    assert_eq!(told, [registered, registered, "derivative.ended", "annotation_set.deleted"]);
    assert_eq!(messages[2].derivative(), "of the set");
    assert_eq!(messages[2].body["data"]["reason"], "annotation_set.deleted");
    assert_eq!(messages[3].body["data"]["annotationSet"]["id"], set.as_str());
    assert!(receiver.rest().is_empty());
}

/// The data of a message, whose derivative was made at some time.
fn without_times(data: &Value) -> Value {
    let mut data = data.clone();
    if let Some(derivative) = data.get_mut("derivative").and_then(Value::as_object_mut) {
        let time = derivative.remove("createdAt").unwrap();
        assert!(time.as_str().unwrap().ends_with('Z'), "{time}");
    }
    data
}

#[test]
fn what_is_not_taken_comes_again_and_holds_back_its_own_dataset_alone() {
    let mut has_other_come = false;
    let receiver = Receiver::start(move |message| {
        has_other_come |= message.derivative() == "other";
        if message.derivative() == "first" && !has_other_come { 500 } else { 200 }
    });
    let server = start(&[receiver.url()], &[]);
    let client = server.admin();
    let (held, free) = (client.dataset("held", &pictures(1, 2101)), client.dataset("free", &pictures(1, 2102)));
    inference(&client, &held, "first");
    inference(&client, &held, "second");
    inference(&client, &free, "other");
    let mut messages = Vec::new();
    while messages.last().is_none_or(|message: &Message| message.derivative() != "second") {
        messages.push(receiver.next());
    }
    let names: Vec<&str> = messages.iter().map(|message| message.derivative()).collect();
    assert_eq!(names.iter().filter(|name| **name == "other").count(), 1, "{names:?}");
    let tries: Vec<&Message> = messages.iter().filter(|message| message.derivative() == "first").collect();
    assert!(tries.len() >= 2, "{names:?}");
    for (message, attempt) in tries.iter().zip(1..) {
        assert_eq!(message.body["attempt"], attempt);
        for same in ["id", "createdAt", "type"] {
            assert_eq!(message.text(same), tries[0].text(same));
        }
    }
    assert_ne!(tries[0].text("sentAt"), tries[1].text("sentAt"));
    assert_ne!(tries[0].signature, tries[1].signature, "an old message cannot pass for a new one");
    let log = wait_for_log(&client, all_in_state("DELIVERED", 3));
    let first = log.iter().find(|delivery| delivery["data"]["derivative"]["name"] == "first").unwrap();
    assert_eq!((&first["attempts"], &first["status"]), (&json!(tries.len()), &json!(200)));
    assert_eq!((&first["error"], &first["nextAttemptAt"]), (&Value::Null, &Value::Null));
}

#[test]
fn every_receiver_is_told_for_itself() {
    let (good, bad) = (Receiver::start(|_| 200), Receiver::start(|_| 503));
    let server = start(&[bad.url(), good.url()], &[]);
    let client = server.admin();
    let dataset = client.dataset("told", &pictures(1, 2103));
    inference(&client, &dataset, "a");
    inference(&client, &dataset, "b");
    let (first, second) = (good.next(), good.next());
    assert_eq!((first.derivative(), second.derivative()), ("a", "b"));
    let tried = bad.next();
    assert_eq!((tried.text("id"), tried.text("createdAt")), (first.text("id"), first.text("createdAt")));
    // What a receiver took is written down after it answered.
    wait_for_log(&client, |log| log.iter().filter(|delivery| delivery["state"] == "DELIVERED").count() == 2);
    let waiting = deliveries(&client, json!({ "filter": { "state": ["PENDING"] } }));
    assert_eq!(waiting["totalCount"], 2);
    assert!(waiting["nodes"].as_array().unwrap().iter().all(|delivery| delivery["url"] == bad.url()), "{waiting}");
}

#[test]
fn a_receiver_that_was_away_is_told_when_it_is_back_even_by_another_process() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let mut server = start(&[url(address)], &[]);
    let client = server.admin();
    let dataset = client.dataset("told", &pictures(1, 2104));
    inference(&client, &dataset, "a");
    inference(&client, &dataset, "b");
    let log = wait_for_log(&client, |log| log.iter().any(|delivery| delivery["attempts"].as_i64().unwrap() > 0));
    let tried = log.last().unwrap();
    assert_eq!((&tried["state"], &tried["status"]), (&json!("PENDING"), &Value::Null));
    assert!(string(&tried["error"]).contains("did not answer") && tried["nextAttemptAt"].is_string(), "{tried}");
    server.kill();
    let receiver = Receiver::start_at(TcpListener::bind(address).unwrap(), |_| 200);
    let mut server = server.restart();
    assert_eq!((receiver.next().derivative(), receiver.next().derivative()), ("a", "b"));
    wait_for_log(&server.admin(), all_in_state("DELIVERED", 2));
    server.end_and_check();
}

#[test]
fn what_is_not_taken_in_time_is_given_up_and_what_comes_later_is_told() {
    let receiver = Receiver::start(|message| if message.derivative() == "lost" { 500 } else { 200 });
    let server = start(&[receiver.url()], &[("LIGHTBOX_WEBHOOKS__GIVE_UP_AFTER_SECONDS", "0")]);
    let client = server.admin();
    let dataset = client.dataset("told", &pictures(1, 2105));
    inference(&client, &dataset, "lost");
    assert_eq!(receiver.next().derivative(), "lost");
    inference(&client, &dataset, "told");
    assert_eq!(receiver.next().derivative(), "told");
    let log = wait_for_log(&client, |log| log.iter().all(|delivery| delivery["state"] != "PENDING"));
    let [told, lost] = log.as_slice() else { panic!("{log:?}") };
    assert_eq!((&told["state"], &told["event"]), (&json!("DELIVERED"), &json!("derivative.registered")));
    assert_eq!((&lost["state"], &lost["attempts"], &lost["status"]), (&json!("FAILED"), &json!(1), &json!(500)));
    assert!(string(&lost["error"]).contains("500") && lost["nextAttemptAt"].is_null(), "{lost}");
}

#[test]
fn the_log_is_paged_narrowed_and_for_administrators_alone() {
    let receiver = Receiver::start(|_| 200);
    let server = start(&[receiver.url()], &[]);
    let (admin, owner) = (server.admin(), server.user("owner"));
    let dataset = owner.dataset("told", &pictures(1, 2106));
    for name in ["a", "b", "c", "d", "e"] {
        inference(&owner, &dataset, name);
    }
    let log = wait_for_log(&admin, all_in_state("DELIVERED", 5));
    let names: Vec<&Value> = log.iter().map(|delivery| &delivery["data"]["derivative"]["name"]).collect();
    assert_eq!(names, ["e", "d", "c", "b", "a"], "newest first");
    let (mut paged, mut after) = (Vec::new(), Value::Null);
    loop {
        let page = deliveries(&admin, json!({ "first": 2, "after": after }));
        assert_eq!(page["totalCount"], 5);
        paged.extend(page["nodes"].as_array().unwrap().clone());
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] != true {
            break;
        }
    }
    assert_eq!(paged, log);
    let none = deliveries(&admin, json!({ "filter": { "state": ["FAILED", "PENDING"] } }));
    assert_eq!((&none["totalCount"], &none["nodes"]), (&json!(0), &json!([])));
    let unseen = deliveries(&owner, json!({}));
    assert_eq!((&unseen["totalCount"], &unseen["nodes"]), (&json!(0), &json!([])), "even of his own datasets");
    let node = |client: &Client| {
        let query = "query($id: ID!) { node(id: $id) { ... on WebhookDelivery { state } } }";
        client.data(query, json!({ "id": log[0]["id"] }))["node"].take()
    };
    assert_eq!((node(&admin), node(&owner)), (json!({ "state": "DELIVERED" }), Value::Null));
}

#[test]
fn a_redirect_is_not_followed() {
    let receiver = Receiver::start(|message| if message.body["attempt"] == 1 { 302 } else { 200 });
    let server = start(&[receiver.url()], &[]);
    let client = server.admin();
    let dataset = client.dataset("told", &pictures(1, 2107));
    inference(&client, &dataset, "a");
    for attempt in [1, 2] {
        let message = receiver.next();
        assert_eq!((message.path.as_str(), &message.body["attempt"]), ("/hook?tenant=7", &json!(attempt)));
    }
    wait_for_log(&client, all_in_state("DELIVERED", 1));
    assert!(receiver.rest().is_empty());
}

#[test]
fn addresses_that_the_configuration_drops_are_given_up_and_old_deliveries_forgotten() {
    let receiver = Receiver::start(|_| 500);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lightbox.toml");
    let endpoint = format!("[[webhooks.endpoints]]\nurl = \"{}\"\nsecret = \"{SECRET}\"\n", receiver.url());
    std::fs::write(&file, &endpoint).unwrap();
    let server = Server::with_settings(&[("LIGHTBOX_CONFIG", file.to_str().unwrap())]);
    let client = server.admin();
    let dataset = client.dataset("told", &pictures(1, 2108));
    inference(&client, &dataset, "a");
    receiver.next();
    std::fs::write(&file, "").unwrap();
    let server = server.restart();
    let log = wait_for_log(&server.admin(), all_in_state("FAILED", 1));
    assert!(string(&log[0]["error"]).contains("does not name this address"), "{log:?}");
    inference(&server.admin(), &dataset, "told to nobody");
    assert_eq!(deliveries(&server.admin(), json!({}))["totalCount"], 1);
    std::fs::write(&file, "[webhooks]\nlog_lifetime_seconds = 0\n").unwrap();
    let server = server.restart();
    wait_for_log(&server.admin(), <[Value]>::is_empty);
}

#[test]
fn a_server_with_a_secret_that_is_none_does_not_start_and_does_not_show_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = lightbox();
    command.env("LIGHTBOX_WEBHOOKS__ENDPOINTS", "[{url=\"https://tool.example/hook\",secret=\"hunter2\"}]");
    let output = command.arg("serve").arg("--data-dir").arg(folder.path().join("data")).output().unwrap();
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains("webhooks.endpoints[0].secret has 7 bytes") && !error.contains("hunter2"), "{error}");
}
