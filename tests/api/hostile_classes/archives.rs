//! CVE-2026-5439: archives that unpack to more than they say, or say more than they unpack to. Sizes are counted
//! here, never believed.

use super::{assert_no_worker_died, assert_takes_little_memory};
use crate::support::Server;
use crate::support::archives::{decode_png, grey_png, png, zip};
use crate::support::client::string;

/// 8 MiB.
const LITTLE: (&str, &str) = ("LIGHTBOX_LIMITS__ARCHIVE_UNPACKED_BYTES", "8388608");

/// The same archive whose directory and entries claim that `name` has this many bytes unpacked (APPNOTE 4.4.9).
fn claiming(mut zip: Vec<u8>, name: &str, size_bytes: u32) -> Vec<u8> {
    let headers: [(&[u8], usize, usize); 2] = [(b"PK\x03\x04", 30, 22), (b"PK\x01\x02", 46, 24)];
    for (signature, to_name, to_size) in headers {
        let is_header =
            |at: &usize| zip[*at..].starts_with(signature) && zip[at + to_name..].starts_with(name.as_bytes());
        let at = (0..zip.len() - to_name).find(is_header).unwrap();
        zip[at + to_size..at + to_size + 4].copy_from_slice(&size_bytes.to_le_bytes());
    }
    zip
}

/// A PNG with a chunk of nothing that makes it this large.
fn bomb(size_bytes: usize) -> Vec<u8> {
    let mut bytes = png(8, 6, 1);
    bytes.resize(size_bytes, 0);
    bytes
}

/// As many entries as `names`, all of which are the one that is in `zip` (its directory begins behind its only entry).
fn overlapping(zip: &[u8], names: impl Iterator<Item = String>) -> Vec<u8> {
    let directory = zip.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
    let (entry, header) = (&zip[..directory], &zip[directory..directory + 46]);
    let (mut out, mut count) = (entry.to_vec(), 0u16);
    for name in names {
        let mut header = header.to_vec();
        header[28..30].copy_from_slice(&(name.len() as u16).to_le_bytes());
        header[30..34].fill(0);
        out.extend(header);
        out.extend(name.as_bytes());
        count += 1;
    }
    let size = (out.len() - directory) as u32;
    out.extend(*b"PK\x05\x06\0\0\0\0");
    out.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    out.extend([size.to_le_bytes(), (directory as u32).to_le_bytes()].concat());
    out.extend([0, 0]);
    out
}

#[test]
fn an_archive_that_unpacks_to_more_than_is_allowed_fails_whatever_it_says_of_itself() {
    let mut server = Server::with_settings(&[LITTLE]);
    let client = server.admin();
    let honest = zip(&[("bomb.png", bomb(16 << 20)), ("last.png", png(8, 6, 2))]);
    let table = [
        ("honest", honest.clone()),
        ("says 4 GB", claiming(honest, "bomb.png", u32::MAX - 1)),
        (
            "one entry under many names",
            overlapping(&zip(&[("a", bomb(64 << 10))]), (0..400).map(|n| format!("{n}.png"))),
        ),
    ];
    assert_takes_little_memory(&server, || {
        for (name, bytes) in &table {
            assert!(bytes.len() < 100_000, "{name} has {} bytes", bytes.len());
            let imported = client.import(name, bytes);
            assert_eq!(imported.state(), "FAILED", "{name}: {} {:?}", imported.job, imported.findings);
            let error = string(&imported.job["error"]);
            assert!(error.contains("ARCHIVE_LIMIT") && error.contains("more than 8388608 bytes"), "{name}: {error}");
        }
    });
    assert_no_worker_died(&server);
    server.end_and_check();
}

#[test]
fn an_entry_that_claims_gigabytes_is_read_and_takes_no_memory_for_them() {
    let mut server = Server::start();
    let client = server.admin();
    let pixels = [7; 48];
    let archive = zip(&[("liar.png", grey_png(8, 6, &pixels)), ("last.png", png(8, 6, 2))]);
    for (name, size_bytes) in [("4 GB", u32::MAX - 1), ("2 GB", 1 << 31)] {
        assert_takes_little_memory(&server, || {
            let imported = client.import(name, &claiming(archive.clone(), "liar.png", size_bytes));
            assert_eq!(imported.state(), "SUCCEEDED", "{name}: {}", imported.job);
            assert_eq!(imported.codes(), [""; 0], "{name}: {:?}", imported.findings);
            let images = client.images(&imported.dataset, "path renderedUrl");
            assert_eq!(images.len(), 2, "{name}");
            let liar = images.iter().find(|image| image["path"] == "liar.png").unwrap();
            let (_, _, _, samples) = decode_png(&client.get(liar["renderedUrl"].as_str().unwrap()).body);
            assert_eq!(samples, pixels.map(u16::from), "{name}");
        });
    }
    assert_no_worker_died(&server);
    server.end_and_check();
}

#[test]
fn an_entry_that_claims_less_than_it_unpacks_to_is_refused_by_name_and_the_others_stay() {
    let mut server = Server::start();
    let client = server.admin();
    let archive = zip(&[("liar.png", bomb(256 << 20)), ("last.png", png(8, 6, 2))]);
    for size_bytes in [0, 1, 100] {
        assert_takes_little_memory(&server, || {
            let imported =
                client.import(&format!("{size_bytes} bytes"), &claiming(archive.clone(), "liar.png", size_bytes));
            assert_eq!(imported.state(), "SUCCEEDED", "{size_bytes}: {}", imported.job);
            assert_eq!(imported.codes(), ["IMAGE_UNREADABLE"], "{size_bytes}");
            let message = string(&imported.findings[0]["message"]);
            assert!(message.contains("larger than its declared uncompressed size"), "{size_bytes}: {message}");
            let images = client.images(&imported.dataset, "path");
            assert_eq!(images, [serde_json::json!({ "path": "last.png" })], "{size_bytes}");
        });
    }
    assert_no_worker_died(&server);
    server.end_and_check();
}
