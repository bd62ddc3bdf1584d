//! Any bytes as one message, read as every head that there is.

use crate::plugin_host::wire::{self, Hello, INLINE_BYTES, Ready, Received, Reply, Request};
use crate::script::Script;
use rustix::net::{
    AddressFamily, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketFlags, SocketType, sendmsg, socketpair,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use std::io::IoSlice;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// More than a message may have.
const MOST_FILES: usize = 20;

thread_local! {
    static SOCKETS: (OwnedFd, OwnedFd) = pair();
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Two ends of a socket such as server and worker have.
pub fn pair() -> (OwnedFd, OwnedFd) {
    socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None).expect("a pair of sockets")
}

pub fn run(script: &mut Script) {
    let file_count = if script.oddity(1) > 0 { usize::from(script.byte()) % (MOST_FILES + 1) } else { 0 };
    let bytes = match script.oddity(3) {
        1 => script.rest(),
        2 => vec![b' '; 4 + (64 << 10) + INLINE_BYTES + usize::from(script.byte() % 3)],
        _ => framed(script),
    };
    let came = SOCKETS.with(|(here, there)| {
        send(here, &bytes, file_count);
        wire::receive(there, BUFFER.take())
    });
    let Ok(Some(received)) = came else { return };
    assert_eq!(received.files.len(), file_count, "no file is lost on a message that is taken");
    assert!(received.body().len() + 4 <= bytes.len());
    check::<Reply>(&received);
    check::<Request>(&received);
    check::<Ready>(&received);
    check::<Hello>(&received);
    check::<String>(&received);
    BUFFER.set(received.into_buffer());
}

/// A head as long as the message says, or not, and a body.
pub fn framed(script: &mut Script) -> Vec<u8> {
    let said = (script.oddity(1) > 0).then(|| script.number() as u32);
    let body = script.bytes(256);
    let head = script.rest();
    frame(said.unwrap_or(head.len() as u32), &head, &body)
}

pub fn frame(said: u32, head: &[u8], body: &[u8]) -> Vec<u8> {
    [&said.to_le_bytes()[..], head, body].concat()
}

/// Sends the bytes as they are.
pub fn send(socket: &OwnedFd, bytes: &[u8], file_count: usize) {
    let file = wire::new_scratch().expect("a memory file");
    let files: Vec<BorrowedFd<'_>> = vec![file.as_fd(); file_count];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_FILES))];
    let mut beside = SendAncillaryBuffer::new(&mut space);
    if file_count > 0 {
        assert!(beside.push(SendAncillaryMessage::ScmRights(&files)));
    }
    sendmsg(socket, &[IoSlice::new(bytes)], &mut beside, SendFlags::NOSIGNAL).expect("room in the socket");
}

/// What can be read can be written, and read again.
fn check<T: Serialize + DeserializeOwned>(received: &Received) {
    let Ok(head) = received.head::<T>() else { return };
    let written = serde_json::to_vec(&head).expect("what was read is written");
    let again: T = serde_json::from_slice(&written).expect("what was written is read");
    assert_eq!(serde_json::to_vec(&again).expect("what was read is written"), written);
}
