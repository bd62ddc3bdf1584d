//! `/graphql` as a plain HTTP client meets it: media types, statuses, and results as server-sent events.

use crate::support::archives::pictures;
use crate::support::client::{Client, Reply};
use crate::support::{Server, shared};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

const RESPONSE_JSON: &str = "application/graphql-response+json";
const EVENTS: &str = "text/event-stream";

fn post(client: &Client, accept: &str, query: &str) -> Reply {
    let headers = [("content-type", "application/json; charset=utf-8"), ("accept", accept)];
    client.request("POST", "/graphql", &headers, json!({ "query": query }).to_string().as_bytes())
}

/// `/graphql` with that query, percent-encoded.
fn address(query: &str) -> String {
    let encoded = query.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    });
    format!("/graphql?query={}", encoded.collect::<String>())
}

/// Names and data of all events of a stream that has ended.
fn events(text: &str) -> Vec<(String, Value)> {
    let blocks = text.split("\n\n").filter(|block| !block.is_empty() && *block != ":");
    blocks
        .map(|block| {
            let (name, data) = block.split_once('\n').unwrap();
            let data = data.strip_prefix("data:").unwrap().trim_start();
            let data = if data.is_empty() { Value::Null } else { serde_json::from_str(data).unwrap() };
            (name.strip_prefix("event: ").unwrap().to_owned(), data)
        })
        .collect()
}

#[test]
fn the_status_says_what_became_of_a_request_in_the_newer_media_type_and_200_in_the_older() {
    let client = shared().user("http-status");
    let good = "{ viewer { name } }";
    for accept in ["*/*", "application/json", "application/json, text/html;q=0.5"] {
        let reply = post(&client, accept, good);
        assert_eq!((reply.status, reply.header("content-type")), (200, "application/json"), "{accept}");
        let reply = post(&client, accept, "{ nothing }");
        assert_eq!(reply.status, 200);
    }
    let reply = post(&client, RESPONSE_JSON, good);
    assert_eq!((reply.status, reply.header("content-type")), (200, RESPONSE_JSON));
    for wrong in ["{", "{ nothing }", "subscription { datasetsChanged { kind } }", "query($a: Int!) { viewer { id } }"]
    {
        let reply = post(&client, RESPONSE_JSON, wrong);
        assert_eq!((reply.status, reply.header("content-type")), (400, RESPONSE_JSON), "{wrong}");
        // What was not executed has no data, not even null.
        assert_eq!(reply.json().get("data"), None, "{wrong}");
    }
    // What was executed has, with its errors beside it.
    let reply = post(&client, RESPONSE_JSON, "{ deletionPreview(dataset: \"dataset-1\") { imageCount } }");
    assert_eq!((reply.status, reply.json().get("data")), (200, Some(&Value::Null)), "{}", reply.text());
    // Nothing that the client takes: nothing is executed.
    let made = "mutation { createUpload(input: {filename: \"x\", byteSize: 1}) { upload { id } } }";
    let reply = post(&client, "text/html, application/xml", made);
    assert_eq!(reply.status, 406);
    assert!(reply.text().contains(RESPONSE_JSON) && reply.json().get("data").is_none(), "{}", reply.text());
}

#[test]
fn an_operation_of_any_kind_is_answered_as_events() {
    let client = shared().user("http-events");
    let imported = client.import("events", &pictures(1, 730));
    let job = imported.job["id"].as_str().unwrap();
    let reply = post(&client, EVENTS, "{ viewer { name } }");
    assert_eq!((reply.status, reply.header("content-type")), (200, "text/event-stream; charset=utf-8"));
    assert_eq!((reply.header("cache-control"), reply.header("x-accel-buffering")), ("no-store", "no"));
    let found = events(&reply.text());
    assert_eq!(found.len(), 2, "{}", reply.text());
    assert_eq!(found[0].0, "next");
    assert_eq!(found[0].1["data"]["viewer"]["name"], "http-events");
    assert_eq!(found[1], ("complete".to_owned(), Value::Null));

    let rename = format!(
        "mutation {{ renameDataset(input: {{dataset: \"{}\", name: \"two words\"}}) {{ dataset {{ name }} }} }}",
        imported.dataset
    );
    let found = events(&post(&client, EVENTS, &rename).text());
    assert_eq!(found[0].1["data"]["renameDataset"]["dataset"]["name"], "two words", "{found:?}");

    let watch = format!("subscription {{ jobUpdated(id: \"{job}\") {{ id state }} }}");
    let subscribed = [post(&client, EVENTS, &watch), client.get_with(&address(&watch), &[("accept", EVENTS)])];
    for reply in subscribed {
        let found = events(&reply.text());
        assert_eq!(found.len(), 2, "{}", reply.text());
        assert_eq!(found[0].1["data"]["jobUpdated"], json!({ "id": job, "state": "SUCCEEDED" }));
        assert_eq!(found[1].0, "complete");
    }
    // What is refused is told the same way, by the same limits.
    for wrong in ["{", "{ nothing }", "{ viewer { id id id id id id id id id id id } }", "subscription { nothing }"] {
        let reply = post(&client, EVENTS, wrong);
        let found = events(&reply.text());
        assert_eq!((reply.status, found.len()), (200, 2), "{wrong}: {}", reply.text());
        assert!(found[0].1["errors"][0]["extensions"]["code"].is_string() && found[0].1.get("data").is_none());
    }
    // But what is no request, or from nobody, is refused as HTTP does it.
    let get = |query: &str| client.get_with(&address(query), &[("accept", EVENTS)]);
    assert_eq!(get(&rename).status, 405);
    assert_eq!(client.get(&address(&watch)).status, 405);
    assert_eq!(get("{ viewer { id } }").status, 200);
    assert_eq!(post(&shared().anonymous(), EVENTS, "{ viewer { id } }").status, 401);
    let another = shared().user("http-events-other");
    let found = events(&post(&another, EVENTS, &watch).text());
    assert_eq!(found[0].1["errors"][0]["extensions"]["code"], "NOT_FOUND", "{found:?}");
}

#[test]
fn variables_may_nest_as_deep_as_json_and_no_deeper() {
    let client = shared().user("http-variables");
    let query = "query($x: JSON) { viewer { id } node(id: $x) { id } }";
    let send = |levels: usize| {
        let value = format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
        let body = format!("{{\"query\": {}, \"variables\": {{\"x\": {value}}}}}", json!(query));
        client.request("POST", "/graphql", &[("content-type", "application/json")], body.as_bytes())
    };
    assert_eq!(send(100).status, 200);
    for levels in [200, 1_000_000] {
        let reply = send(levels);
        assert_eq!((reply.status, &reply.json()["errors"][0]["extensions"]["code"]), (400, &json!("BAD_USER_INPUT")));
        assert!(reply.body.len() < 400, "{}", reply.text());
    }
}

#[test]
fn a_client_that_takes_nothing_of_its_answer_is_given_up() {
    let server = Server::with_settings(&[("LIGHTBOX_HTTP__WRITE_TIMEOUT_MS", "2000")]);
    let client = server.admin();
    let schema = "{__schema{types{name description fields{name description args{name description}}}}}";
    let answer = client.get(&address(schema)).body.len();
    let request = format!(
        "GET {} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\r\n",
        address(schema),
        client.token.as_deref().unwrap()
    );
    let mut greedy = TcpStream::connect(client.address()).unwrap();
    greedy.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    // More than the system keeps for a connection.
    let count = (64 << 20) / answer;
    let mut writer = greedy.try_clone().unwrap();
    let asking = std::thread::spawn(move || (0..count).all(|_| writer.write_all(request.as_bytes()).is_ok()));
    std::thread::sleep(Duration::from_secs(12));
    let mut got = 0;
    let mut buffer = vec![0; 1 << 20];
    let end = loop {
        match greedy.read(&mut buffer) {
            Ok(0) => break "closed".to_owned(),
            Ok(read) => got += read,
            Err(error) => break error.to_string(),
        }
    };
    assert!(got < count * answer, "everything came: {got} bytes, then {end}");
    drop(greedy);
    asking.join().unwrap();
    assert_eq!(client.get("/health/live").status, 200);
}

/// A stream of a subscription that does not end by itself, read by hand.
struct Stream {
    lines: BufReader<TcpStream>,
}

impl Stream {
    fn open(client: &Client) -> Self {
        let mut stream = TcpStream::connect(client.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let body = json!({ "query": "subscription { datasetsChanged { kind } }" }).to_string();
        let head = format!(
            "POST /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nAccept: {EVENTS}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            client.token.as_deref().unwrap(),
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
        let mut opened = Self { lines: BufReader::new(stream) };
        assert_eq!(opened.line_with("HTTP/1.1"), "HTTP/1.1 200 OK");
        // Comes at once, so that the client knows that it listens.
        assert_eq!(opened.line_with(":"), ":");
        opened
    }

    /// The next line that begins with that, alone on its line if it is one character.
    fn line_with(&mut self, start: &str) -> String {
        loop {
            let mut line = String::new();
            assert_ne!(self.lines.read_line(&mut line).unwrap(), 0, "the stream ended before {start:?}");
            let line = line.trim_end();
            if line == start || (start.len() > 1 && line.starts_with(start)) {
                return line.to_owned();
            }
        }
    }
}

fn open_streams(client: &Client) -> u32 {
    let text = client.get("/metrics").text();
    let line = text.lines().find(|line| line.starts_with("lightbox_graphql_event_streams "));
    line.map_or(0, |line| line.rsplit(' ').next().unwrap().parse().unwrap())
}

#[test]
fn a_stream_lives_until_its_client_goes_or_the_server_drains() {
    let mut server = Server::start();
    let client = server.admin();
    let mut stream = Stream::open(&client);
    let other = Stream::open(&client);
    assert_eq!(open_streams(&client), 2);
    client.dataset("seen", &pictures(1, 731));
    assert!(stream.line_with("data: ").contains("CREATED"));
    // A sign of life when nothing happens.
    let quiet = Instant::now();
    stream.line_with(":");
    assert!(quiet.elapsed() < Duration::from_secs(20), "{:?}", quiet.elapsed());
    drop(other);
    let given_up = Instant::now() + Duration::from_secs(40);
    while open_streams(&client) != 1 {
        assert!(Instant::now() < given_up, "the stream of a client that is gone stays open");
        std::thread::sleep(Duration::from_millis(100));
    }
    let stopping = Instant::now();
    assert!(server.terminate().success());
    assert!(stopping.elapsed() < Duration::from_secs(20), "{:?}", stopping.elapsed());
    let mut rest = String::new();
    // However the connection ended, it did not say that the operation is complete.
    let _ = stream.lines.read_to_string(&mut rest);
    assert!(!rest.contains("complete"), "{rest}");
}
