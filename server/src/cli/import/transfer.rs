//! Sending one file by tus: a connection that breaks is taken up where the server says it broke.

use super::answers::Upload;
use super::api::Api;
use super::packing::Packed;
use anyhow::{Context, bail};
use futures_util::StreamExt;
use indicatif::{ProgressBar, ProgressStyle};
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::{Body, Response, StatusCode, Url};
use std::io::SeekFrom;
use std::path::Path;
use std::time::Duration;
use tokio::fs::File;
use tokio::io::AsyncSeekExt;
use tokio_util::io::ReaderStream;

const CHUNK_BYTES: usize = 256 * 1024;
/// Attempts that bring nothing further, one after another, before giving up.
const MAX_VAIN_ATTEMPTS: u32 = 8;
const LONGEST_PAUSE: Duration = Duration::from_secs(20);
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// Id of the upload, all of which the server has.
pub async fn send(api: &Api, packed: &Packed) -> anyhow::Result<String> {
    let metadata = std::fs::metadata(&packed.path).with_context(|| format!("cannot read {}", packed.path.display()))?;
    let size_bytes = metadata.len();
    let Upload { id, url } = api.create_upload(&packed.filename, size_bytes).await?;
    let transfer =
        Transfer { api, address: api.0.address(&url)?, path: &packed.path, size_bytes, progress: bar(size_bytes)? };
    transfer.run().await?;
    transfer.progress.finish_and_clear();
    Ok(id)
}

fn bar(size_bytes: u64) -> anyhow::Result<ProgressBar> {
    let style = "Uploading {bar:40} {binary_bytes}/{binary_total_bytes}  {binary_bytes_per_sec}  {eta}";
    Ok(ProgressBar::new(size_bytes).with_style(ProgressStyle::with_template(style)?))
}

struct Transfer<'a> {
    api: &'a Api,
    address: Url,
    path: &'a Path,
    size_bytes: u64,
    progress: ProgressBar,
}

/// Why an attempt ended before the whole file was there.
enum Stop {
    /// Another attempt may bring more.
    Broken(anyhow::Error),
    /// None will.
    Refused(anyhow::Error),
}

impl Transfer<'_> {
    async fn run(&self) -> anyhow::Result<()> {
        let (mut offset, mut vain_attempts) = (0, 0);
        loop {
            match self.attempt(offset).await {
                Ok(reached) if reached == self.size_bytes => return Ok(()),
                Ok(_) => {}
                Err(Stop::Refused(error)) => return Err(error),
                Err(Stop::Broken(error)) if vain_attempts >= MAX_VAIN_ATTEMPTS => {
                    return Err(
                        error.context(format!("the upload broke off {MAX_VAIN_ATTEMPTS} times at byte {offset}"))
                    );
                }
                Err(Stop::Broken(error)) => {
                    self.progress.suspend(|| eprintln!("The upload broke off: {error:#}. Trying again."))
                }
            }
            tokio::time::sleep(pause(vain_attempts)).await;
            // A server that cannot be asked has brought nothing further either.
            let reached = self.ask_offset().await.unwrap_or(offset);
            vain_attempts = if reached > offset { 0 } else { vain_attempts + 1 };
            offset = reached;
        }
    }

    /// Sends everything from `offset` on; returns how far the server then is.
    async fn attempt(&self, offset: u64) -> Result<u64, Stop> {
        self.progress.set_position(offset);
        if offset == self.size_bytes {
            return Ok(offset);
        }
        let body = self.body_from(offset).await.map_err(Stop::Refused)?;
        let request = self.api.0.client().patch(self.address.clone());
        let request = request
            .header("Tus-Resumable", "1.0.0")
            .header("Upload-Offset", offset)
            .header(CONTENT_TYPE, "application/offset+octet-stream")
            .header(CONTENT_LENGTH, self.size_bytes - offset);
        let response = request.body(body).send().await.map_err(|error| Stop::Broken(error.into()))?;
        let status = response.status();
        match status {
            StatusCode::NO_CONTENT => offset_of(&response).map_err(Stop::Broken),
            StatusCode::CONFLICT | StatusCode::LOCKED | StatusCode::REQUEST_TIMEOUT => {
                Err(Stop::Broken(told(response).await))
            }
            _ if status.is_server_error() && status != StatusCode::INSUFFICIENT_STORAGE => {
                Err(Stop::Broken(told(response).await))
            }
            _ => Err(Stop::Refused(told(response).await)),
        }
    }

    async fn body_from(&self, offset: u64) -> anyhow::Result<Body> {
        let cannot = || format!("cannot read {}", self.path.display());
        let mut file = File::open(self.path).await.with_context(cannot)?;
        file.seek(SeekFrom::Start(offset)).await.with_context(cannot)?;
        let progress = self.progress.clone();
        let count = move |bytes: &std::io::Result<bytes::Bytes>| {
            progress.inc(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64));
        };
        Ok(Body::wrap_stream(ReaderStream::with_capacity(file, CHUNK_BYTES).inspect(count)))
    }

    async fn ask_offset(&self) -> anyhow::Result<u64> {
        let request = self.api.0.client().head(self.address.clone()).header("Tus-Resumable", "1.0.0");
        let response = request.timeout(HEAD_TIMEOUT).send().await?;
        if response.status() != StatusCode::OK {
            bail!("the server answered with status {}", response.status());
        }
        offset_of(&response)
    }
}

fn offset_of(response: &Response) -> anyhow::Result<u64> {
    let value = response.headers().get("Upload-Offset").context("the server did not say how far the upload got")?;
    Ok(value.to_str()?.parse()?)
}

/// What the server said to a refused attempt.
async fn told(response: Response) -> anyhow::Error {
    let status = response.status();
    let text = response.text().await.unwrap_or_default();
    let sentence = serde_json::from_str::<serde_json::Value>(&text).ok();
    let sentence = sentence.and_then(|body| body.get("error")?.as_str().map(str::to_owned));
    anyhow::anyhow!("the server answered with status {status}: {}", sentence.unwrap_or(text))
}

/// Longer after each attempt in vain.
fn pause(vain_attempts: u32) -> Duration {
    Duration::from_millis(250).saturating_mul(1 << vain_attempts.min(10)).min(LONGEST_PAUSE)
}
