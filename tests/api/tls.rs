//! TLS by the server itself: with the certificate that is configured, read again at SIGHUP.

use crate::support::Server;
use crate::support::server::{lightbox, text};
use rcgen::CertifiedKey;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A new certificate for `localhost` in these files.
fn certify(folder: &Path) -> CertificateDer<'static> {
    let CertifiedKey { cert, signing_key } = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(folder.join("key.pem"), signing_key.serialize_pem()).unwrap();
    std::fs::write(folder.join("certificate.pem"), cert.pem()).unwrap();
    cert.der().clone()
}

fn settings(folder: &Path) -> [(&'static str, String); 2] {
    let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    [("LIGHTBOX_TLS__CERTIFICATE", file("certificate.pem")), ("LIGHTBOX_TLS__KEY", file("key.pem"))]
}

/// The response to a request over TLS, to a client that believes that certificate alone.
fn ask(server: &Server, trusted: &CertificateDer<'static>, head: &str) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut tls = StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), stream);
    write!(tls, "{head}\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut response = Vec::new();
    // Whether the end is announced is not the matter here.
    let end = tls.read_to_end(&mut response);
    if response.is_empty() { end.map(|_| String::new()) } else { Ok(text(&response)) }
}

#[test]
fn the_server_speaks_tls_with_its_certificate_and_takes_a_new_one_at_sighup() {
    let folder = TempDir::new().unwrap();
    let first = certify(folder.path());
    let settings = settings(folder.path());
    let server = Server::with_settings(&settings.each_ref().map(|(name, value)| (*name, value.as_str())));
    assert!(server.introduction().starts_with("Listening on https://"), "{}", server.introduction());
    let health = "GET /health/live HTTP/1.1";
    assert!(ask(&server, &first, health).unwrap().starts_with("HTTP/1.1 200"));
    let viewer =
        format!("GET /graphql?query=%7Bviewer%7Bname%7D%7D HTTP/1.1\r\nAuthorization: Bearer {}", server.admin_token());
    assert!(ask(&server, &first, &viewer).unwrap().contains("{\"data\":{\"viewer\""));
    // Nothing is told without TLS.
    let mut plain = TcpStream::connect(server.address()).unwrap();
    plain.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    write!(plain, "{health}\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer);
    assert!(!text(&answer).contains("HTTP/1.1 200"), "{}", text(&answer));

    let hang_up = || {
        let process = rustix::process::Pid::from_raw(server.process_id() as i32).unwrap();
        rustix::process::kill_process(process, rustix::process::Signal::HUP).unwrap();
    };
    // One that cannot be used changes nothing.
    std::fs::write(folder.path().join("certificate.pem"), "nonsense").unwrap();
    hang_up();
    let given_up = Instant::now() + Duration::from_secs(20);
    while !server.log().contains("the certificate stays as it was") {
        assert!(Instant::now() < given_up, "{}", server.log());
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(ask(&server, &first, health).unwrap().starts_with("HTTP/1.1 200"));
    let second = certify(folder.path());
    hang_up();
    while !ask(&server, &second, health).is_ok_and(|response| response.starts_with("HTTP/1.1 200")) {
        assert!(Instant::now() < given_up, "{}", server.log());
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(ask(&server, &first, health).is_err());
}

#[test]
fn a_certificate_that_cannot_be_used_ends_the_start_with_the_key_of_the_setting() {
    let folder = TempDir::new().unwrap();
    certify(folder.path());
    let refused = |settings: &[(&str, String)], expected: &str| {
        let mut command = lightbox();
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(folder.path().join("data"));
        let output = command.envs(settings.iter().cloned()).output().unwrap();
        assert!(!output.status.success() && text(&output.stderr).contains(expected), "{}", text(&output.stderr));
    };
    refused(&settings(folder.path())[..1], "tls.certificate and tls.key belong together");
    let of_another = TempDir::new().unwrap();
    certify(of_another.path());
    std::fs::copy(of_another.path().join("key.pem"), folder.path().join("key.pem")).unwrap();
    refused(&settings(folder.path()), "cannot be used together");
    std::fs::write(folder.path().join("certificate.pem"), "nonsense").unwrap();
    refused(&settings(folder.path()), "holds no certificate");
    std::fs::remove_file(folder.path().join("key.pem")).unwrap();
    certify(of_another.path());
    std::fs::copy(of_another.path().join("certificate.pem"), folder.path().join("certificate.pem")).unwrap();
    refused(&settings(folder.path()), "cannot read tls.key");
}
