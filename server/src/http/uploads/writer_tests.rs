//! The writer over real files.

use super::*;
use crate::domain::ids::UploadId;
use actix_web::http::header::{HeaderMap, HeaderValue};
use std::path::Path;
use tempfile::TempDir;

const SHA1_OF_WORLD: &str = "sha1 fCEUM/AgcVl3Qeb/Wo6jR4mrv0M=";

struct Upload {
    folder: TempDir,
    leases: std::sync::Arc<crate::services::uploads::UploadFolder>,
}

impl Upload {
    /// A file that holds "hello ".
    fn begun() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let leases = crate::services::uploads::UploadFolder::open(folder.path().to_owned()).unwrap();
        let upload = Self { folder, leases: std::sync::Arc::new(leases) };
        std::fs::write(upload.path(), "hello ").unwrap();
        upload
    }

    fn path(&self) -> std::path::PathBuf {
        Path::new(self.folder.path()).join("upload-1")
    }

    async fn writer(&self, checksum: Option<&str>) -> Writer {
        let lease = self.leases.lease(UploadId(1)).expect("nobody else writes");
        let file = std::fs::OpenOptions::new().append(true).open(self.path()).unwrap();
        let checksum = checksum.and_then(|text| {
            let mut headers = HeaderMap::new();
            headers.insert(super::super::headers::UPLOAD_CHECKSUM, HeaderValue::from_str(text).unwrap());
            Checksum::read(&headers).unwrap()
        });
        Writer::start(file, lease, 6, checksum)
    }

    fn content(&self) -> String {
        std::fs::read_to_string(self.path()).unwrap()
    }
}

async fn write(upload: &Upload, checksum: Option<&str>, pieces: Vec<Piece>) -> Outcome {
    let writer = upload.writer(checksum).await;
    for piece in pieces {
        assert!(writer.send(piece).await);
    }
    writer.finish().await.unwrap()
}

fn bytes(text: &'static str) -> Piece {
    Piece::Bytes(Bytes::from_static(text.as_bytes()))
}

#[tokio::test]
async fn whole_bodies_and_broken_ones_keep_what_arrived() {
    let upload = Upload::begun();
    assert_eq!(write(&upload, None, vec![bytes("wo"), bytes("rld"), Piece::End]).await, Outcome::Written(11));
    assert_eq!(upload.content(), "hello world");
    let upload = Upload::begun();
    assert_eq!(write(&upload, None, vec![bytes("wo")]).await, Outcome::Written(8));
    assert_eq!(upload.content(), "hello wo");
}

#[tokio::test]
async fn bytes_with_a_checksum_count_only_when_all_came_and_agree() {
    let table = [
        (vec![bytes("world"), Piece::End], Outcome::Written(11), "hello world"),
        (vec![bytes("worlt"), Piece::End], Outcome::ChecksumDiffers, "hello "),
        (vec![bytes("world")], Outcome::Discarded, "hello "),
    ];
    for (pieces, outcome, content) in table {
        let upload = Upload::begun();
        assert_eq!(write(&upload, Some(SHA1_OF_WORLD), pieces).await, outcome);
        assert_eq!(upload.content(), content);
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_leaves_the_file_as_it_was() {
    let upload = Upload::begun();
    assert_eq!(write(&upload, None, vec![bytes("world"), Piece::Discard]).await, Outcome::Discarded);
    assert_eq!(upload.content(), "hello ");
}

#[tokio::test]
async fn a_request_that_is_dropped_holds_the_file_until_its_bytes_are_written() {
    let upload = Upload::begun();
    let writer = upload.writer(None).await;
    assert!(writer.send(bytes("world")).await);
    assert!(upload.leases.lease(UploadId(1)).is_none(), "another request must wait");
    drop(writer);
    while upload.leases.lease(UploadId(1)).is_none() {
        tokio::task::yield_now().await;
    }
    assert_eq!(upload.content(), "hello world");
}
