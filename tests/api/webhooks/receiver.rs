//! A tiny HTTP server as a system outside has it: keeps what arrives, in order, and answers as the test says.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::time::Duration;

/// How long a message may take before a test gives it up for lost.
const PATIENCE: Duration = Duration::from_secs(120);

pub const SECRET: &str = "a secret of the tests, not of anybody";

pub struct Receiver {
    address: SocketAddr,
    arrived: mpsc::Receiver<Message>,
}

#[derive(Debug, Clone)]
pub struct Message {
    pub path: String,
    pub content_type: String,
    pub signature: String,
    pub bytes: Vec<u8>,
    pub body: Value,
}

impl Message {
    pub fn text(&self, key: &str) -> &str {
        self.body[key].as_str().unwrap_or_else(|| panic!("no text {key}: {}", self.body))
    }

    pub fn kind(&self) -> &str {
        self.text("type")
    }

    /// Name of the derivative that it tells of.
    pub fn derivative(&self) -> &str {
        self.body["data"]["derivative"]["name"].as_str().unwrap_or_default()
    }

    pub fn assert_is_signed(&self) {
        let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
        mac.update(&self.bytes);
        let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(self.signature, format!("sha256={hex}"));
        assert_eq!(self.content_type, "application/json");
    }
}

impl Receiver {
    /// On a free port; `answer`: the status for each message.
    pub fn start(answer: impl FnMut(&Message) -> u16 + Send + 'static) -> Self {
        Self::start_at(TcpListener::bind("127.0.0.1:0").unwrap(), answer)
    }

    pub fn start_at(listener: TcpListener, mut answer: impl FnMut(&Message) -> u16 + Send + 'static) -> Self {
        let address = listener.local_addr().unwrap();
        let (sender, arrived) = mpsc::channel();
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let mut connection = connection.unwrap();
                let message = read(&connection);
                let status = answer(&message);
                // The test has ended already.
                if sender.send(message).is_err() {
                    return;
                }
                let head =
                    format!("HTTP/1.1 {status} x\r\nlocation: /elsewhere\r\ncontent-length: 0\r\nconnection: close");
                connection.write_all(format!("{head}\r\n\r\n").as_bytes()).unwrap();
            }
        });
        Self { address, arrived }
    }

    pub fn url(&self) -> String {
        url(self.address)
    }

    /// The next message, whose signature is right.
    pub fn next(&self) -> Message {
        let message = self.arrived.recv_timeout(PATIENCE).expect("a message should have come");
        message.assert_is_signed();
        message
    }

    /// What has arrived and nobody has looked at.
    pub fn rest(&self) -> Vec<Message> {
        self.arrived.try_iter().collect()
    }
}

pub fn url(address: SocketAddr) -> String {
    format!("http://{address}/hook?tenant=7")
}

fn read(connection: &TcpStream) -> Message {
    let mut reader = BufReader::new(connection);
    let mut line = || {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    };
    let first = line();
    let headers: Vec<(String, String)> = std::iter::from_fn(|| Some(line()).filter(|line| !line.is_empty()))
        .map(|line| line.split_once(':').map(|(name, value)| (name.to_lowercase(), value.trim().to_owned())).unwrap())
        .collect();
    let header = |name: &str| headers.iter().find(|(each, _)| each == name).map_or("", |(_, value)| value.as_str());
    let mut bytes = vec![0; header("content-length").parse().unwrap()];
    reader.read_exact(&mut bytes).unwrap();
    Message {
        path: first.split(' ').nth(1).unwrap().to_owned(),
        content_type: header("content-type").to_owned(),
        signature: header("x-lightbox-signature").to_owned(),
        body: serde_json::from_slice(&bytes).unwrap(),
        bytes,
    }
}
