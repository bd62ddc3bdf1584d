//! One message: length of its head, head, body, and file descriptors beside it.

use super::INLINE_BYTES;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, recvmsg, sendmsg,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::{Error, ErrorKind, IoSlice, IoSliceMut, Result};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// Heads carry paths and sentences, each of them bounded elsewhere; this is what a socket's buffer has room for.
const HEAD_BYTES: usize = 64 << 10;
const LENGTH_BYTES: usize = 4;
const MESSAGE_BYTES: usize = LENGTH_BYTES + HEAD_BYTES + INLINE_BYTES;
/// More come with no message: a plugin, and the libraries of others that write pictures.
const MOST_FILES: usize = 16;

/// Sends one message, whole or not at all.
///
/// # Errors
/// When the other side is gone, and for a head or body that is too long.
pub fn send(socket: impl AsFd, head: &impl Serialize, body: &[u8], files: &[BorrowedFd<'_>]) -> Result<()> {
    let head = serde_json::to_vec(head)?;
    if head.len() > HEAD_BYTES || body.len() > INLINE_BYTES || files.len() > MOST_FILES {
        let message =
            format!("a message of {} + {} bytes and {} files is too long", head.len(), body.len(), files.len());
        return Err(Error::new(ErrorKind::InvalidInput, message));
    }
    let length = u32::try_from(head.len()).map_err(Error::other)?.to_le_bytes();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_FILES))];
    let mut beside = SendAncillaryBuffer::new(&mut space);
    if !files.is_empty() && !beside.push(SendAncillaryMessage::ScmRights(files)) {
        return Err(Error::new(ErrorKind::InvalidInput, "there is no room for the files of a message"));
    }
    let parts = [IoSlice::new(&length), IoSlice::new(&head), IoSlice::new(body)];
    loop {
        match sendmsg(&socket, &parts, &mut beside, SendFlags::NOSIGNAL) {
            Ok(_) => return Ok(()),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// A message that came, in a buffer that the next one may use again.
pub struct Received {
    bytes: Vec<u8>,
    head_bytes: usize,
    pub files: Vec<OwnedFd>,
}

impl Received {
    pub fn head<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.bytes[LENGTH_BYTES..LENGTH_BYTES + self.head_bytes]).map_err(Error::from)
    }

    pub fn body(&self) -> &[u8] {
        &self.bytes[LENGTH_BYTES + self.head_bytes..]
    }

    /// The buffer, for the next message.
    pub fn into_buffer(self) -> Vec<u8> {
        self.bytes
    }
}

/// Waits for the next message; `None` when the other side has gone.
///
/// # Errors
/// [`ErrorKind::InvalidData`] for what is no message of ours.
pub fn receive(socket: impl AsFd, mut buffer: Vec<u8>) -> Result<Option<Received>> {
    buffer.resize(MESSAGE_BYTES, 0);
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_FILES))];
    let mut beside = RecvAncillaryBuffer::new(&mut space);
    let came = loop {
        match recvmsg(&socket, &mut [IoSliceMut::new(&mut buffer)], &mut beside, RecvFlags::CMSG_CLOEXEC) {
            Ok(came) => break came,
            Err(rustix::io::Errno::INTR) => {}
            Err(rustix::io::Errno::CONNRESET) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
    };
    let mut files = Vec::new();
    for message in beside.drain() {
        if let RecvAncillaryMessage::ScmRights(came) = message {
            files.extend(came);
        }
    }
    if came.bytes == 0 {
        return Ok(None);
    }
    if came.flags.intersects(ReturnFlags::TRUNC | ReturnFlags::CTRUNC) {
        return Err(invalid("a message was longer than any of ours"));
    }
    buffer.truncate(came.bytes);
    let length = buffer.first_chunk::<LENGTH_BYTES>().map(|length| u32::from_le_bytes(*length) as usize);
    match length {
        Some(head_bytes) if head_bytes <= HEAD_BYTES && buffer.len() - LENGTH_BYTES >= head_bytes => {
            Ok(Some(Received { bytes: buffer, head_bytes, files }))
        }
        _ => Err(invalid("a message was shorter than it says")),
    }
}

fn invalid(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};

    fn pair() -> (OwnedFd, OwnedFd) {
        socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None).unwrap()
    }

    #[test]
    fn a_message_arrives_with_its_head_its_body_and_its_files() {
        let (here, there) = pair();
        let file = rustix::fs::memfd_create("file", rustix::fs::MemfdFlags::CLOEXEC).unwrap();
        send(&here, &"head", &[7; INLINE_BYTES], &[file.as_fd()]).unwrap();
        let came = receive(&there, Vec::new()).unwrap().unwrap();
        assert_eq!(came.head::<String>().unwrap(), "head");
        assert_eq!((came.body().len(), came.files.len()), (INLINE_BYTES, 1));
        drop(here);
        assert!(receive(&there, came.into_buffer()).unwrap().is_none());
    }

    #[test]
    fn a_body_that_is_too_long_is_not_sent() {
        assert!(send(pair().0, &(), &[0; INLINE_BYTES + 1], &[]).is_err());
    }

    proptest! {
        #[test]
        fn whatever_comes_is_a_message_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 1..300)) {
            let (here, there) = pair();
            rustix::net::send(&here, &bytes, SendFlags::empty()).unwrap();
            if let Ok(Some(came)) = receive(&there, Vec::new()) {
                prop_assert!(came.body().len() + LENGTH_BYTES <= bytes.len());
            }
        }
    }
}
