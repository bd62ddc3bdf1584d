//! A file of the disk as a response, whole or in part, without holding it in memory. Who may have it is decided before.

use super::byte_range::{Part, requested_part};
use super::conditional::range_holds;
use super::failure::Failure;
use super::responses::{Caching, attachment, not_modified, tagged};
use actix_web::body::SizedStream;
use actix_web::http::header::{ACCEPT_RANGES, CONTENT_RANGE, EntityTag, RANGE};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse};
use std::io::SeekFrom;
use std::path::PathBuf;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio_util::io::ReaderStream;

/// Bytes that are read from the disk at once.
const CHUNK_BYTES: usize = 256 * 1024;

/// A file and how a client sees it.
pub struct StoredFile {
    pub path: PathBuf,
    /// Strong: other bytes have another one.
    pub tag: EntityTag,
    pub caching: Caching,
    pub media_type: String,
    /// Saved under the last part of it.
    pub name: String,
}

impl StoredFile {
    /// The whole, or the range that is asked for.
    pub async fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, Failure> {
        if let Some(response) = not_modified(request, &self.tag, self.caching) {
            return Ok(response);
        }
        let file = File::open(&self.path).await.map_err(|error| self.missing(error))?;
        let size_bytes = file.metadata().await?.len();
        match self.part(request, size_bytes) {
            Part::Whole => self.send(file, (0, size_bytes), StatusCode::OK, None).await,
            Part::Range { first, last } => {
                let range = format!("bytes {first}-{last}/{size_bytes}");
                self.send(file, (first, last - first + 1), StatusCode::PARTIAL_CONTENT, Some(range)).await
            }
            Part::Unsatisfiable => Ok(self.unsatisfiable(size_bytes)),
        }
    }

    fn missing(&self, error: std::io::Error) -> Failure {
        std::io::Error::new(error.kind(), format!("the stored file {}: {error}", self.path.display())).into()
    }

    fn part(&self, request: &HttpRequest, size_bytes: u64) -> Part {
        let header = request.headers().get(RANGE).and_then(|value| value.to_str().ok());
        let holds = request.method() == Method::GET && range_holds(request, &self.tag);
        requested_part(header.filter(|_| holds), size_bytes)
    }

    async fn send(
        &self,
        mut file: File,
        (first, count): (u64, u64),
        status: StatusCode,
        range: Option<String>,
    ) -> Result<HttpResponse, Failure> {
        if first > 0 {
            file.seek(SeekFrom::Start(first)).await?;
        }
        let mut response = tagged(status, &self.tag, self.caching);
        response
            .content_type(self.media_type.as_str())
            .insert_header(attachment(&self.name))
            .insert_header((ACCEPT_RANGES, "bytes"));
        if let Some(range) = range {
            response.insert_header((CONTENT_RANGE, range));
        }
        let stream = ReaderStream::with_capacity(file.take(count), CHUNK_BYTES.min(count as usize).max(1));
        Ok(response.body(SizedStream::new(count, stream)))
    }

    fn unsatisfiable(&self, size_bytes: u64) -> HttpResponse {
        let mut response = tagged(StatusCode::RANGE_NOT_SATISFIABLE, &self.tag, Caching::Revalidate);
        response.insert_header((CONTENT_RANGE, format!("bytes */{size_bytes}")));
        let message = format!("The file has {size_bytes} bytes: ask for a range that begins among them.");
        response.json(serde_json::json!({"error": message}))
    }
}
