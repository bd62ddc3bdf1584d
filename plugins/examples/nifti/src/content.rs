//! The bytes of a file: as they are, or out of gzip, as far as they were asked for.

use flate2::bufread::MultiGzDecoder;
use lightbox_sdk::{Call, Error, Result};
use std::io::{ErrorKind, Read};

const GZIP: &[u8] = &[0x1f, 0x8b];
/// Deflate makes 258 bytes of two bits at most.
const MOST_INFLATION: u64 = 1032;
/// Bytes that are inflated between two questions whether to go on.
const STEP: usize = 1 << 20;

/// What stands in a file.
pub enum Content<'a> {
    Plain(&'a [u8]),
    Gzip(Box<Inflated<'a>>),
}

impl<'a> Content<'a> {
    pub fn new(file: &'a [u8]) -> Self {
        if file.starts_with(GZIP) { Self::Gzip(Box::new(Inflated::new(file))) } else { Self::Plain(file) }
    }

    /// The most bytes that the content can have.
    pub fn bound_bytes(&self) -> u64 {
        match self {
            Self::Plain(bytes) => bytes.len() as u64,
            Self::Gzip(inflated) => inflated.file_bytes.saturating_mul(MOST_INFLATION),
        }
    }

    /// Whether the bytes have to be kept in memory beside the file.
    pub fn is_compressed(&self) -> bool {
        matches!(self, Self::Gzip(_))
    }

    /// The first `length` bytes, or all if there are fewer.
    pub fn start(&mut self, length: usize, call: &Call<'_>) -> Result<&[u8]> {
        let all = match self {
            Self::Plain(bytes) => bytes,
            Self::Gzip(inflated) => inflated.inflate_to(length, call)?,
        };
        Ok(all.get(..length).unwrap_or(all))
    }

    /// `length` bytes from `start` on.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when the file ends before or gzip is damaged, [`Error::Limit`] when the call may not have that
    /// many.
    pub fn range(&mut self, start: u64, length: u64, call: &Call<'_>) -> Result<&[u8]> {
        let end = start.checked_add(length).and_then(|end| usize::try_from(end).ok());
        let (Some(end), Ok(start)) = (end, usize::try_from(start)) else {
            return Err(Error::Limit(format!("{length} bytes from {start} on do not fit into memory's numbers")));
        };
        let found = self.start(end, call)?;
        let found_bytes = found.len();
        found.get(start..end).ok_or_else(|| {
            Error::Corrupt(format!("the file ends after {found_bytes} bytes, the slice asked for ends at {end}"))
        })
    }
}

/// What gzip has given so far; it is asked once for each byte.
pub struct Inflated<'a> {
    decoder: MultiGzDecoder<&'a [u8]>,
    file_bytes: u64,
    bytes: Vec<u8>,
}

impl<'a> Inflated<'a> {
    fn new(file: &'a [u8]) -> Self {
        Self { decoder: MultiGzDecoder::new(file), file_bytes: file.len() as u64, bytes: Vec::new() }
    }

    /// All bytes so far: at least `end`, unless the stream has fewer. Memory grows with what was found, never by what
    /// a header promises.
    fn inflate_to(&mut self, end: usize, call: &Call<'_>) -> Result<&[u8]> {
        let allowed = call.max_output_bytes();
        if end as u64 > allowed {
            return Err(Error::Limit(format!("{end} bytes of the gzip stream are needed, {allowed} are allowed")));
        }
        while self.bytes.len() < end {
            call.check()?;
            let step = (end - self.bytes.len()).min(STEP);
            self.make_room(step, end)?;
            let taken = self.decoder.by_ref().take(step as u64).read_to_end(&mut self.bytes).map_err(damaged)?;
            if taken == 0 {
                break;
            }
        }
        Ok(&self.bytes)
    }

    /// Doubles, as vectors do, but not beyond what is needed.
    fn make_room(&mut self, step: usize, end: usize) -> Result<()> {
        let left = end - self.bytes.len();
        if self.bytes.capacity() - self.bytes.len() >= step {
            return Ok(());
        }
        self.bytes
            .try_reserve_exact(self.bytes.len().max(step).min(left))
            .map_err(|_| Error::Limit(format!("there is no memory for {end} bytes of the gzip stream")))
    }

    /// Inflates to the last byte that is needed and one more, which is when the stream's checksum is held against it.
    pub fn finish(&mut self, end: usize, call: &Call<'_>) -> Result<()> {
        self.inflate_to(end, call)?;
        self.decoder.read(&mut [0]).map(|_| ()).map_err(damaged)
    }
}

fn damaged(error: std::io::Error) -> Error {
    match error.kind() {
        ErrorKind::UnexpectedEof => Error::Corrupt("the gzip stream is cut".to_owned()),
        _ => Error::Corrupt(format!("the gzip stream is damaged: {error}")),
    }
}
