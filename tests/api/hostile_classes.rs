//! The classes of CVE-2026-5437 to 5445, nine holes of a popular DICOM server, rebuilt as small files and requests.
//! What each was is from its advisory (CERT/CC VU#536588); the files are made here. Each is refused by name or read
//! right, no process dies of one, and what is shown holds no memory of others.

mod archives;
mod cases;
mod requests;

use crate::support::Server;
use crate::support::archives::{decode_png, grey_png, jpeg, png, zip};
use crate::support::client::{Client, Imported, string};
use crate::support::dicom::Dicom;
use crate::support::dicom_elements::Elements;
use cases::{Case, Expected, cases};
use serde_json::Value;
use std::collections::HashMap;

/// 64 MiB: more than every honest picture here, and less than what the others claim.
const SMALL_FRAMES: (&str, &str) = ("LIGHTBOX_LIMITS__FRAME_BYTES", "67108864");

/// Pictures of nothing but one value, as large as the one that a codec leaves empty: memory of theirs would be seen.
fn good() -> Vec<(String, Vec<u8>)> {
    let plain = (0xa0..0xa8).map(|value| (value, [value; 64 * 64]));
    let mut good: Vec<(String, Vec<u8>)> =
        plain.clone().map(|(value, pixels)| (format!("good/{value}.png"), grey_png(64, 64, &pixels))).collect();
    good.extend(plain.map(|(value, pixels)| (format!("good/{value}.dcm"), Elements::grey(64, 64, &pixels).file())));
    good.push(("good/a.jpg".to_owned(), jpeg(16, 16, 1)));
    good.push(("good/a.dcm".to_owned(), Dicom::new(1).bytes()));
    good
}

/// Good pictures before and behind.
fn archive(cases: &[Case]) -> Vec<u8> {
    let mut files = good();
    files.extend(cases.iter().map(|case| (case.path.clone(), case.bytes.clone())));
    files.push(("last.png".to_owned(), png(8, 6, 2)));
    zip(&files)
}

#[test]
fn every_file_is_refused_by_name_or_read_right_and_the_good_ones_beside_it_are_there() {
    let mut server = Server::with_settings(&[SMALL_FRAMES]);
    let client = server.admin();
    let cases = cases();
    let imported = client.import("hostile classes", &archive(&cases));
    assert_eq!(imported.state(), "SUCCEEDED", "{}", imported.job);
    let mut breaches = breaches(&client, &imported, &cases);
    let findings = imported.findings.iter();
    breaches.extend(findings.filter(|finding| is_unexpected(finding, &cases)).map(Value::to_string));
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
    assert_no_worker_died(&server);
    server.end_and_check();
}

/// Every finding is one of a case that is refused or passed over.
fn is_unexpected(finding: &Value, cases: &[Case]) -> bool {
    let case = cases.iter().find(|case| finding["path"] == case.path);
    case.is_none_or(|case| matches!(case.expected, Expected::Shown(_)))
}

fn breaches(client: &Client, imported: &Imported, cases: &[Case]) -> Vec<String> {
    let images = client.images(&imported.dataset, "path renderedUrl");
    let shown: HashMap<String, String> =
        images.iter().map(|image| (string(&image["path"]), string(&image["renderedUrl"]))).collect();
    let mut breaches: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let findings: Vec<&Value> = imported.findings.iter().filter(|each| each["path"] == case.path).collect();
            let breach = breach(client, case, shown.get(&case.path).map(String::as_str), &findings);
            breach.err().map(|breach| format!("{}: {breach}", case.path))
        })
        .collect();
    for (path, _) in good() {
        let status = shown.get(&path).map(|url| client.get(url).status);
        if status != Some(200) {
            breaches.push(format!("{path}: {status:?}"));
        }
    }
    breaches
}

fn breach(client: &Client, case: &Case, url: Option<&str>, findings: &[&Value]) -> Result<(), String> {
    let told = || format!("shown: {}, findings: {findings:?}", url.is_some());
    match (&case.expected, url, findings) {
        (Expected::Shown(expected), Some(url), []) => {
            let reply = client.get(url);
            if reply.status != 200 {
                return Err(format!("its rendition answers {}: {}", reply.status, reply.text()));
            }
            let (_, _, _, samples) = decode_png(&reply.body);
            if samples == *expected { Ok(()) } else { Err(format!("{samples:?} instead of {expected:?}")) }
        }
        (Expected::Refused(code, why), None, [finding]) => {
            let message = finding["message"].as_str().unwrap();
            let is_told = finding["code"] == *code && finding["severity"] == "ERROR" && message.contains(why);
            if is_told { Ok(()) } else { Err(format!("{code} {why:?} is expected; {}", told())) }
        }
        (Expected::Ignored, None, [finding]) if finding["code"] == "IGNORED_FILE" => Ok(()),
        _ => Err(told()),
    }
}

fn assert_no_worker_died(server: &Server) {
    let plugins = server.admin().data("{ plugins { name state } }", Value::Null)["plugins"].take();
    let plugins = plugins.as_array().unwrap();
    assert!(!plugins.is_empty());
    for plugin in plugins {
        assert_eq!(plugin["state"], "READY", "{plugin}");
    }
    let log = server.log();
    assert!(!log.contains("a plugin's process was given up"), "{log}");
}

/// The most memory that the server's process had at any time, in bytes; `None` where the system does not tell.
fn peak_memory(server: &Server) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.process_id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()? * 1024)
}

/// That `work` took no memory to speak of. What is hostile here claims gigabytes.
fn assert_takes_little_memory(server: &Server, work: impl FnOnce()) {
    const LITTLE: u64 = 128 << 20;
    let before = peak_memory(server);
    work();
    match before.zip(peak_memory(server)) {
        Some((before, after)) => assert!(after - before < LITTLE, "{} bytes more", after - before),
        None => eprintln!("SKIPPED: how much memory the server took: the system does not tell"),
    }
}
