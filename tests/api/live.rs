//! Live updates over a plain WebSocket by graphql-transport-ws, and polling, which tells the same.

use crate::derivatives::{register, remove};
use crate::support::archives::pictures;
use crate::support::client::Client;
use crate::support::{Server, shared};
use serde_json::{Value, json};
use std::net::TcpStream;
use tungstenite::client::IntoClientRequest;
use tungstenite::http::HeaderValue;
use tungstenite::{Message, WebSocket};

/// A connection that has been opened, but not signed in.
pub struct Socket(WebSocket<TcpStream>);

impl Socket {
    pub fn open(client: &Client) -> Self {
        let mut request = format!("ws://{}/graphql/ws", client.address()).into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("graphql-transport-ws"));
        let stream = TcpStream::connect(client.address()).unwrap();
        stream.set_read_timeout(Some(std::time::Duration::from_secs(120))).unwrap();
        let (socket, response) = tungstenite::client(request, stream).unwrap();
        assert_eq!(response.headers()["sec-websocket-protocol"], "graphql-transport-ws");
        Self(socket)
    }

    pub fn send(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).unwrap();
    }

    /// The next message, or the code that the server closes with.
    pub fn next(&mut self) -> Result<Value, u16> {
        loop {
            match self.0.read().unwrap() {
                Message::Text(text) => return Ok(serde_json::from_str(&text).unwrap()),
                Message::Close(frame) => return Err(frame.map_or(0, |frame| frame.code.into())),
                _ => {}
            }
        }
    }

    pub fn sign_in(client: &Client) -> Self {
        let mut socket = Self::open(client);
        let token = format!("Bearer {}", client.token.as_deref().unwrap());
        socket.send(json!({ "type": "connection_init", "payload": { "Authorization": token } }));
        assert_eq!(socket.next().unwrap()["type"], "connection_ack");
        socket
    }

    fn watch(&mut self, job: &str) {
        let query = "subscription($id: ID!) { jobUpdated(id: $id) { id state progress { done total unit }
            dataset { id status } } }";
        let payload = json!({ "query": query, "variables": { "id": job } });
        self.send(json!({ "type": "subscribe", "id": "1", "payload": payload }));
    }

    /// Every job that comes, until the stream completes.
    fn jobs(&mut self) -> Vec<Value> {
        let mut jobs = Vec::new();
        loop {
            let mut message = self.next().unwrap();
            match message["type"].as_str().unwrap() {
                "next" => jobs.push(message["payload"]["data"]["jobUpdated"].take()),
                "complete" => return jobs,
                _ => panic!("{message}"),
            }
        }
    }
}

#[test]
fn a_job_is_told_as_it_is_then_at_every_change_until_it_ends() {
    let client = shared().user("live");
    let mut socket = Socket::sign_in(&client);
    let (dataset, job) = client.start_import("live", &pictures(60, 700));
    socket.watch(&job);
    let jobs = socket.jobs();
    let last = jobs.last().unwrap();
    assert_eq!(last["state"], "SUCCEEDED", "{jobs:?}");
    assert_eq!(last["progress"], json!({ "done": 60, "total": 60, "unit": "images" }));
    assert_eq!(last["dataset"], json!({ "id": dataset, "status": "AVAILABLE" }));
    let done: Vec<i64> = jobs.iter().map(|job| job["progress"]["done"].as_i64().unwrap()).collect();
    assert!(done.is_sorted(), "{done:?}");
    let ended = jobs.iter().filter(|job| job["state"] == "SUCCEEDED").count();
    assert_eq!(ended, 1);
    // Polling tells the same.
    assert_eq!(client.wait_for(&job)["state"], "SUCCEEDED");
}

#[test]
fn a_job_that_has_ended_is_told_once_and_the_stream_completes() {
    let client = shared().user("live-ended");
    let imported = client.import("ended", &pictures(1, 701));
    let mut socket = Socket::sign_in(&client);
    socket.watch(imported.job["id"].as_str().unwrap());
    assert_eq!(socket.jobs().len(), 1);
    // The connection serves more than one operation.
    socket.send(json!({ "type": "ping" }));
    assert_eq!(socket.next().unwrap()["type"], "pong");
    let query = json!({ "query": "{ viewer { name } }" });
    socket.send(json!({ "type": "subscribe", "id": "2", "payload": query }));
    assert_eq!(socket.next().unwrap()["payload"]["data"]["viewer"]["name"], "live-ended");
    assert_eq!(socket.next().unwrap(), json!({ "type": "complete", "id": "2" }));
}

#[test]
fn another_users_job_is_as_unknown_as_none() {
    let owner = shared().user("live-owner");
    let job = owner.import("secret", &pictures(1, 702)).job;
    let mut answers = Vec::new();
    for id in [job["id"].as_str().unwrap(), "job-1", "nonsense"] {
        let mut socket = Socket::sign_in(&shared().user(&format!("live-other-{id}")));
        socket.watch(id);
        answers.push(socket.next().unwrap().to_string());
    }
    assert!(answers[0].contains("NOT_FOUND"), "{}", answers[0]);
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
}

#[test]
fn nobody_subscribes_without_a_token() {
    let client = shared().anonymous();
    for payload in [json!({}), json!({ "Authorization": "Bearer lbx_wrong" })] {
        let mut socket = Socket::open(&client);
        socket.send(json!({ "type": "connection_init", "payload": payload }));
        assert_eq!(socket.next(), Err(4403));
    }
    let mut socket = Socket::open(&client);
    socket.watch("job-1");
    assert_eq!(socket.next(), Err(4401));
    let mut socket = Socket::open(&client);
    socket.send(json!({ "type": "greeting" }));
    assert_eq!(socket.next(), Err(4400));
    let reply = client.get("/graphql/ws");
    assert_eq!(reply.status, 400, "{}", reply.text());
}

/// Asks for changes of datasets; returns when none can be missed any more.
fn watch_datasets(socket: &mut Socket, fields: &str) {
    let query = json!({ "query": format!("subscription {{ datasetsChanged {{ {fields} }} }}") });
    socket.send(json!({ "type": "subscribe", "id": "1", "payload": query }));
    // Answered after the subscription began: the connection takes one message after another.
    socket.send(json!({ "type": "subscribe", "id": "2", "payload": { "query": "{ viewer { id } }" } }));
    while socket.next().unwrap() != json!({ "type": "complete", "id": "2" }) {}
}

#[test]
fn a_dataset_is_told_of_when_something_that_was_made_from_it_comes_or_goes() {
    let client = shared().user("live-derivatives");
    let dataset = client.dataset("used", &pictures(1, 704));
    let mut socket = Socket::sign_in(&client);
    watch_datasets(&mut socket, "kind datasetId dataset { usage { inferences } }");
    // The job's own change may be told as late as this.
    let mut wait_for = |inferences: i64| loop {
        let change = socket.next().unwrap()["payload"]["data"]["datasetsChanged"].take();
        assert_eq!((&change["kind"], &change["datasetId"]), (&json!("UPDATED"), &json!(dataset)), "{change}");
        if change["dataset"]["usage"]["inferences"] == inferences {
            break;
        }
    };
    let derivative = register(&client, json!({ "kind": "INFERENCE", "name": "x", "dataset": dataset }));
    wait_for(1);
    remove(&client, &derivative);
    wait_for(0);
}

#[test]
fn datasets_are_told_as_they_appear_and_go() {
    let client = shared().user("live-datasets");
    let mut socket = Socket::sign_in(&client);
    watch_datasets(&mut socket, "kind datasetId dataset { name status }");
    let dataset = client.dataset("seen", &pictures(1, 703));
    client.mutate("deleteDataset", json!({ "dataset": dataset, "confirmation": "DELETE" }), "job { id }");
    let mut kinds = Vec::new();
    while kinds.last().is_none_or(|kind| kind != "DELETED") {
        let message = socket.next().unwrap();
        let change = &message["payload"]["data"]["datasetsChanged"];
        assert_eq!(change["datasetId"], dataset, "{message}");
        kinds.push(change["kind"].as_str().unwrap().to_owned());
    }
    assert_eq!(kinds[0], "CREATED");
    assert!(kinds.contains(&"UPDATED".to_owned()), "{kinds:?}");
}

#[test]
fn a_connection_ends_when_its_token_is_revoked() {
    let server = Server::with_settings(&[("LIGHTBOX_SIGN_IN__CREDENTIAL_CHECK_SECONDS", "1")]);
    let client = server.user("ann");
    let made = client.mutate("createApiToken", json!({ "name": "x", "scope": "READ" }), "apiToken { id } secret");
    let reader = client.with_token(made["secret"].as_str());
    let mut socket = Socket::sign_in(&reader);
    watch_datasets(&mut socket, "kind");
    let revoke = json!({ "token": made["apiToken"]["id"] });
    let watching = std::thread::spawn(move || {
        let query = json!({ "query": "subscription { datasetsChanged { kind } }" }).to_string();
        let headers = [("content-type", "application/json"), ("accept", "text/event-stream")];
        reader.request("POST", "/graphql", &headers, query.as_bytes())
    });
    std::thread::sleep(std::time::Duration::from_millis(500));
    client.mutate("revokeApiToken", revoke, "");
    assert_eq!(socket.next(), Err(4403));
    let reply = watching.join().unwrap();
    assert!(!reply.text().contains("event: complete"), "there is more to hear of: {}", reply.text());
}

#[test]
fn whom_a_dataset_is_shared_with_hears_of_it_and_nobody_else() {
    let owner = shared().user("live-sharer");
    let (reader, stranger) = (shared().user("live-reader"), shared().user("live-stranger"));
    let dataset = owner.dataset("told", &pictures(1, 705));
    let mut sockets = [&reader, &stranger].map(Socket::sign_in);
    for socket in &mut sockets {
        watch_datasets(socket, "kind datasetId dataset { name }");
    }
    owner.mutate("shareDataset", json!({ "dataset": dataset, "user": "live-reader", "role": "VIEWER" }), "");
    owner.mutate("renameDataset", json!({ "dataset": dataset, "name": "renamed" }), "");
    // What a stranger is told first is his own, which came after.
    let own = stranger.dataset("own", &pictures(1, 706));
    let [reader_told, stranger_told] = &mut sockets;
    let change = |socket: &mut Socket| socket.next().unwrap()["payload"]["data"]["datasetsChanged"].take();
    assert_eq!(change(stranger_told)["datasetId"], json!(own));
    while change(reader_told)["dataset"]["name"] != "renamed" {}
}
