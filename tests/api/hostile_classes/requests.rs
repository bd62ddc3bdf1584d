//! CVE-2026-5438 and 5440: request bodies that are packed, and lengths that promise more than comes. No body is
//! unpacked, and no memory is taken for what has not arrived.

use super::assert_takes_little_memory;
use crate::support::Server;
use crate::support::client::{Client, Reply};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

const JSON: (&str, &str) = ("content-type", "application/json");
const QUERY: &[u8] = b"{\"query\": \"{ viewer { id } }\"}";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Bombs by what they are, and by what their last four bytes say that they are (RFC 1952, ISIZE).
fn packed() -> [Vec<u8>; 3] {
    let mut liar = gzip(QUERY);
    let end = liar.len() - 4;
    liar[end..].fill(0xff);
    [gzip(QUERY), gzip(&vec![b' '; 64 << 20]), liar]
}

fn offset(client: &Client, url: &str) -> String {
    client.request("HEAD", url, &[("tus-resumable", "1.0.0")], b"").header("upload-offset").to_owned()
}

#[test]
fn a_packed_body_is_refused_by_name_and_not_unpacked() {
    let server = Server::start();
    let client = server.admin();
    let (_, url) = client.create_upload("a.zip", 100_000);
    let tus = [("tus-resumable", "1.0.0"), ("upload-offset", "0"), ("content-type", "application/offset+octet-stream")];
    let assert_refused = |reply: &Reply, coding: &str| {
        assert_eq!(reply.status, 415, "{coding}: {}", reply.text());
        assert!(reply.text().contains(coding), "{}", reply.text());
    };
    assert_takes_little_memory(&server, || {
        for body in packed() {
            assert!(body.len() < 100_000);
            for coding in ["gzip", "deflate", "br", "zstd", "identity, gzip"] {
                let coded = ("content-encoding", coding);
                assert_refused(&client.request("POST", "/graphql", &[JSON, coded], &body), coding);
                assert_refused(&client.request("PATCH", &url, &[&tus[..], &[coded]].concat(), &body), coding);
            }
            // Without a word of it, packed bytes are no JSON.
            assert_eq!(client.request("POST", "/graphql", &[JSON], &body).status, 400);
        }
    });
    assert_eq!(offset(&client, &url), "0");
    let plain = client.request("POST", "/graphql", &[JSON, ("content-encoding", "identity")], QUERY);
    assert_eq!(plain.status, 200, "{}", plain.text());
    assert_eq!(
        client.request("PATCH", &url, &[&tus[..], &[("content-encoding", "identity")]].concat(), b"x").status,
        204
    );
}

/// The status of what comes back for these lines behind the request's first ones, and these bytes; 0 when the
/// connection is closed without a word.
fn status(client: &Client, request: &str, headers: &[&str], body: &[u8], is_over: bool) -> u16 {
    let mut stream = TcpStream::connect(client.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
    let token = client.token.as_deref().unwrap();
    let head =
        format!("{request} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n{}\r\n\r\n", headers.join("\r\n"));
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    if is_over {
        stream.shutdown(Shutdown::Write).unwrap();
    }
    let mut head = [0; 12];
    match stream.read_exact(&mut head) {
        Ok(()) => std::str::from_utf8(&head[9..]).unwrap().parse().unwrap(),
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => 0,
        Err(error) => panic!("{request} {headers:?}: {error}"),
    }
}

#[test]
fn a_length_that_promises_more_than_is_allowed_is_refused_before_anything_comes() {
    let server = Server::start();
    let client = server.admin();
    let (_, url) = client.create_upload("a.zip", 1000);
    let graphql = |length: &str| {
        status(
            &client,
            "POST /graphql",
            &["Content-Type: application/json", &format!("Content-Length: {length}")],
            QUERY,
            false,
        )
    };
    let patch = |length: &str| {
        let headers = ["Tus-Resumable: 1.0.0", "Upload-Offset: 0", "Content-Type: application/offset+octet-stream"];
        let length = format!("Content-Length: {length}");
        status(&client, &format!("PATCH {url}"), &[&headers[..], &[&length]].concat(), QUERY, false)
    };
    assert_takes_little_memory(&server, || {
        // The first is 1 byte more than limits.graphql_body_bytes allows.
        for length in ["16777217", "4294967295", "4294967296", "9223372036854775808", "18446744073709551615"] {
            assert_eq!(graphql(length), 413, "{length}");
            assert_eq!(patch(length), 413, "{length}");
        }
        for length in ["18446744073709551616", "-1", "+30", "3e1", "30, 31", "30\r\nContent-Length: 31", "0x1e"] {
            assert_eq!(graphql(length), 400, "{length}");
            assert_eq!(patch(length), 400, "{length}");
        }
    });
    assert_eq!(offset(&client, &url), "0");
    for length in ["9223372036854775807", "18446744073709551615"] {
        let reply = client.request("POST", "/uploads", &[("tus-resumable", "1.0.0"), ("upload-length", length)], b"");
        assert_eq!(reply.status, 413, "{length}: {}", reply.text());
    }
    assert_eq!(client.data("{ viewer { id } }", Value::Null)["viewer"]["id"].as_str().map(str::is_empty), Some(false));
}

#[test]
fn a_body_that_ends_before_its_length_is_refused_and_what_came_of_an_upload_stays() {
    let server = Server::start();
    let client = server.admin();
    let (_, url) = client.create_upload("a.zip", 1000);
    let json = ["Content-Type: application/json", "Content-Length: 16777216"];
    assert_takes_little_memory(&server, || {
        for _ in 0..20 {
            assert!(matches!(status(&client, "POST /graphql", &json, QUERY, true), 0 | 400));
        }
    });
    let tus = ["Tus-Resumable: 1.0.0", "Upload-Offset: 0", "Content-Type: application/offset+octet-stream"];
    let cut = [&tus[..], &["Content-Length: 1000"]].concat();
    assert!(matches!(status(&client, &format!("PATCH {url}"), &cut, QUERY, true), 0 | 400));
    assert_eq!(offset(&client, &url), QUERY.len().to_string());
    assert_eq!(client.patch(&url, QUERY.len(), &vec![0; 1000 - QUERY.len()]).status, 204);
}
