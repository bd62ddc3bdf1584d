//! Uploads by tus 1.0.0, as any client of that protocol would send them.

use crate::support::archives::pictures;
use crate::support::client::{Client, Reply, string};
use crate::support::{Server, shared};
use serde_json::{Value, json};
use std::io::Write;
use std::net::TcpStream;

const TUS: (&str, &str) = ("tus-resumable", "1.0.0");

fn head(client: &Client, url: &str) -> Reply {
    client.request("HEAD", url, &[TUS], b"")
}

#[test]
fn a_file_sent_in_parts_is_whole_in_the_end() {
    let client = shared().user("uploads-parts");
    let archive = pictures(4, 1300);
    let (id, url) = client.create_upload("parts.zip", archive.len());
    let mut offset = 0;
    for part in archive.chunks(archive.len() / 3) {
        assert_eq!(head(&client, &url).header("upload-offset"), offset.to_string());
        let reply = client.patch(&url, offset, part);
        offset += part.len();
        assert_eq!((reply.status, reply.header("upload-offset")), (204, offset.to_string().as_str()));
        assert_eq!(reply.header("tus-resumable"), "1.0.0");
        assert!(!reply.header("upload-expires").is_empty() || offset == archive.len());
    }
    let whole = head(&client, &url);
    assert_eq!(whole.header("upload-length"), archive.len().to_string());
    assert_eq!(whole.header("cache-control"), "no-store");
    let query = "query($id: ID!) { node(id: $id) { ... on Upload { filename byteSize receivedBytes url expiresAt } } }";
    let node = client.data(query, json!({ "id": id }))["node"].take();
    assert_eq!(node["receivedBytes"], archive.len());
    assert_eq!((&node["filename"], &node["url"]), (&json!("parts.zip"), &json!(url)));
    let started = client.mutate("importDataset", json!({ "upload": id }), "job { id } dataset { name }");
    assert_eq!(started["dataset"]["name"], "parts");
    assert_eq!(client.wait_for(started["job"]["id"].as_str().unwrap())["state"], "SUCCEEDED");
}

#[test]
fn an_upload_can_be_created_and_ended_by_tus_alone() {
    let client = shared().user("uploads-tus");
    let options = shared().anonymous().request("OPTIONS", "/uploads", &[], b"");
    assert_eq!((options.status, options.header("tus-version")), (204, "1.0.0"));
    for extension in ["creation", "termination", "expiration"] {
        assert!(options.header("tus-extension").split(',').any(|each| each == extension), "{extension}");
    }
    // "chest x.zip" in base64.
    let headers = [TUS, ("upload-length", "5"), ("upload-metadata", "filename Y2hlc3QgeC56aXA=")];
    let created = client.request("POST", "/uploads", &headers, b"");
    assert_eq!(created.status, 201, "{}", created.text());
    let url = created.header("location").to_owned();
    assert!(url.starts_with("/uploads/upload-"));
    assert_eq!(head(&client, &url).header("upload-metadata"), "filename Y2hlc3QgeC56aXA=");
    assert_eq!(client.patch(&url, 0, b"12345").status, 204);
    assert_eq!(client.request("DELETE", &url, &[TUS], b"").status, 204);
    assert_eq!(head(&client, &url).status, 404);
}

#[test]
fn a_connection_that_breaks_loses_nothing_that_arrived() {
    let client = shared().user("uploads-broken");
    let archive = pictures(30, 1301);
    let (id, url) = client.create_upload("broken.zip", archive.len());
    let half = archive.len() / 2;
    let mut stream = TcpStream::connect(client.address()).unwrap();
    let request = format!(
        "PATCH {url} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n\
         Content-Type: application/offset+octet-stream\r\nContent-Length: {}\r\n\r\n",
        client.token.as_deref().unwrap(),
        archive.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    stream.write_all(&archive[..half]).unwrap();
    drop(stream);
    // What is still on its way to the disk arrives, then the offset stands.
    let mut offset: usize = 0;
    while offset < half {
        offset = head(&client, &url).header("upload-offset").parse().unwrap();
    }
    assert_eq!(offset, half);
    let mut reply = client.patch(&url, offset, &archive[offset..]);
    while reply.status == 423 {
        reply = client.patch(&url, offset, &archive[offset..]);
    }
    assert_eq!(reply.status, 204, "{}", reply.text());
    let started = client.mutate("importDataset", json!({ "upload": id }), "job { id }");
    assert_eq!(client.wait_for(started["job"]["id"].as_str().unwrap())["state"], "SUCCEEDED");
}

#[test]
fn what_does_not_fit_the_protocol_is_refused_and_changes_nothing() {
    let client = shared().user("uploads-refused");
    let (_, url) = client.create_upload("a.zip", 10);
    assert_eq!(client.patch(&url, 0, b"1234").status, 204);
    let type_of = ("content-type", "application/offset+octet-stream");
    let at = |offset| ("upload-offset", offset);
    let table = [
        ("PATCH", url.as_str(), vec![TUS, type_of, at("3")], "x", 409),
        ("PATCH", &url, vec![TUS, type_of, at("5")], "x", 409),
        ("PATCH", &url, vec![TUS, type_of, at("-1")], "x", 400),
        ("PATCH", &url, vec![TUS, type_of], "x", 400),
        ("PATCH", &url, vec![TUS, ("content-type", "text/plain"), at("4")], "x", 415),
        ("PATCH", &url, vec![("tus-resumable", "0.2.2"), type_of, at("4")], "x", 412),
        ("HEAD", &url, vec![], "", 412),
        ("PATCH", "/uploads/upload-1", vec![TUS, type_of, at("0")], "x", 404),
    ];
    for (method, url, headers, body, status) in table {
        let reply = client.request(method, url, &headers, body.as_bytes());
        assert_eq!(reply.status, status, "{method} {url} {headers:?}: {}", reply.text());
    }
    let too_much = client.patch(&url, 4, b"1234567");
    assert!(matches!(too_much.status, 400 | 413), "{}", too_much.status);
    assert_eq!(head(&client, &url).header("upload-offset"), "4");
}

#[test]
fn a_part_whose_checksum_is_wrong_is_dropped() {
    let client = shared().user("uploads-checksum");
    let (_, url) = client.create_upload("a.zip", 5);
    let send = |checksum: &str| {
        let headers = [
            TUS,
            ("upload-offset", "0"),
            ("content-type", "application/offset+octet-stream"),
            ("upload-checksum", checksum),
        ];
        client.request("PATCH", &url, &headers, b"hello").status
    };
    assert_eq!(send("sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA="), 460);
    assert_eq!(head(&client, &url).header("upload-offset"), "0");
    assert_eq!(send("md5 xyz="), 400);
    assert_eq!(send("sha1 qvTGHdzF6KLavt4PO0gs2a6pQ00="), 204);
    assert_eq!(head(&client, &url).header("upload-offset"), "5");
}

#[test]
fn an_upload_whose_last_part_is_not_settled_cannot_be_imported() {
    let client = shared().user("uploads-unsettled");
    let archive = pictures(3, 1303);
    let (id, url) = client.create_upload("unsettled.zip", archive.len());
    let mut stream = TcpStream::connect(client.address()).unwrap();
    // All bytes come, but not the end of the body: until then nobody knows whether the checksum agrees.
    let request = format!(
        "PATCH {url} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n\
         Content-Type: application/offset+octet-stream\r\nUpload-Checksum: sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\
         Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n",
        client.token.as_deref().unwrap(),
        archive.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    stream.write_all(&archive).unwrap();
    stream.write_all(b"\r\n").unwrap();
    while head(&client, &url).header("upload-offset") != archive.len().to_string() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let payload = client.mutate("importDataset", json!({ "upload": id }), "dataset { id } job { id }");
    let error = &payload["userErrors"][0];
    assert_eq!((&error["code"], &payload["job"]), (&json!("UPLOAD_INCOMPLETE"), &Value::Null));
    assert!(string(&error["message"]).contains("still being written"), "{error}");
    stream.write_all(b"0\r\n\r\n").unwrap();
    let mut answer = String::new();
    std::io::Read::read_to_string(&mut stream, &mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 460"), "{answer}");
    assert_eq!(head(&client, &url).header("upload-offset"), "0");
    assert_eq!(client.patch(&url, 0, &archive).status, 204);
    let started = client.mutate("importDataset", json!({ "upload": id }), "job { id }");
    assert_eq!(client.wait_for(started["job"]["id"].as_str().unwrap())["state"], "SUCCEEDED");
}

#[test]
fn a_file_over_the_limit_is_refused_when_it_is_announced() {
    let server = Server::with_settings(&[("LIGHTBOX_LIMITS__UPLOAD_BYTES", "1000")]);
    let client = server.admin();
    for (size, made) in [(0, false), (1, true), (1000, true), (1001, false), (-5, false)] {
        let payload = client.mutate("createUpload", json!({ "filename": "a.zip", "byteSize": size }), "upload { id }");
        assert_eq!(payload["upload"].is_object(), made, "{size}");
        if !made {
            assert_eq!(payload["userErrors"][0]["code"], "INVALID");
            assert_eq!(payload["userErrors"][0]["path"], json!(["input", "byteSize"]));
        }
    }
    let reply = client.request("POST", "/uploads", &[TUS, ("upload-length", "1001")], b"");
    assert_eq!((reply.status, reply.header("tus-max-size")), (413, "1000"));
}

#[test]
fn an_upload_outlives_a_restart_of_the_server() {
    let mut server = Server::start();
    let client = server.admin();
    let archive = pictures(3, 1302);
    let (id, url) = client.create_upload("late.zip", archive.len());
    client.patch(&url, 0, &archive[..100]);
    server.kill();
    let server = server.restart();
    let client = server.admin();
    let offset: usize = head(&client, &url).header("upload-offset").parse().unwrap();
    assert!(offset <= 100);
    assert_eq!(client.patch(&url, offset, &archive[offset..]).status, 204);
    let started = client.mutate("importDataset", json!({ "upload": id }), "job { id }");
    assert_eq!(client.wait_for(started["job"]["id"].as_str().unwrap())["state"], "SUCCEEDED");
}

#[test]
fn an_upload_that_nobody_used_in_time_is_gone() {
    let server = Server::with_settings(&[("LIGHTBOX_LIMITS__UPLOAD_LIFETIME_SECONDS", "0")]);
    let client = server.admin();
    let (id, url) = client.create_upload("a.zip", 10);
    assert_eq!(head(&client, &url).status, 404);
    let node = client.data("query($id: ID!) { node(id: $id) { id } }", json!({ "id": id }));
    assert_eq!(node["node"], Value::Null);
    let payload = client.mutate("importDataset", json!({ "upload": id }), "job { id }");
    assert_eq!(string(&payload["userErrors"][0]["code"]), "NOT_FOUND");
}
