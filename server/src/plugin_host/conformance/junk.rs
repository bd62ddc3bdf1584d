//! Bytes that are no file of any kind, or say that they are far larger than they are.

use super::capability::Capability;
use bytes::Bytes;
use lightbox_sdk::Batch;

/// What the inputs are called and what they are.
pub type Named = (&'static str, Bytes);

/// The same numbers on every run and machine (xorshift64).
pub struct Numbers(u64);

impl Numbers {
    pub fn new() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Below `bound`; 0 when that is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % bound).unwrap_or(0)
    }

    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next().to_le_bytes()[0]).collect()
    }
}

/// For every capability.
pub fn plain() -> Vec<Named> {
    vec![
        ("no bytes", Bytes::new()),
        ("one byte", Bytes::from_static(b"\x00")),
        ("4,096 zeroes", vec![0; 4096].into()),
        ("4,096 bytes of all ones", vec![0xff; 4096].into()),
        ("4,096 random bytes", Numbers::new().bytes(4096).into()),
        ("text", Bytes::from_static(b"The quick brown fox jumps over the lazy dog.\n")),
    ]
}

/// What else this capability is given.
pub fn of(capability: &Capability) -> Vec<Named> {
    match capability {
        Capability::Image(_) => huge_pictures(),
        Capability::Annotations(_) => broken_documents(),
    }
}

/// Headers of common formats that announce more than anyone has; no pixels follow.
fn huge_pictures() -> Vec<Named> {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0d".to_vec();
    let header = b"IHDR\x7f\xff\xff\xff\x7f\xff\xff\xff\x10\x06\0\0\0";
    let mut checksum = flate2::Crc::new();
    checksum.update(header);
    png.extend_from_slice(header);
    png.extend_from_slice(&checksum.sum().to_be_bytes());
    let jpeg = b"\xff\xd8\xff\xc0\0\x11\x08\xff\xff\xff\xff\x03\x01\x22\0\x02\x11\x01\x03\x11\x01";
    let mut dicom = vec![0; 128];
    dicom.extend_from_slice(b"DICM\x02\0\x10\0UI\xff\xfe\xe0\x7f\x10\0OW\0\0\xf0\xff\xff\xff");
    let mut nifti = vec![0; 352];
    nifti[..4].copy_from_slice(&348u32.to_le_bytes());
    for (index, number) in [7i16, 32767, 32767, 32767, 32767, 1, 1, 1].into_iter().enumerate() {
        nifti[40 + index * 2..42 + index * 2].copy_from_slice(&number.to_le_bytes());
    }
    nifti[70..74].copy_from_slice(&[16, 0, 32, 0]);
    nifti[108..112].copy_from_slice(&352f32.to_le_bytes());
    nifti[344..348].copy_from_slice(b"n+1\0");
    vec![
        ("a PNG of 2,147,483,647 × 2,147,483,647 pixels without any", png.into()),
        ("a JPEG of 65,535 × 65,535 pixels without any", Bytes::from_static(jpeg)),
        ("a DICOM file whose pixels announce 4 GiB", dicom.into()),
        ("a NIfTI of 32,767^4 voxels without any", nifti.into()),
        (
            "a PGM of 4,294,967,295 × 4,294,967,295 pixels without any",
            (&b"P5\n4294967295 4294967295\n65535\n"[..]).into(),
        ),
    ]
}

fn broken_documents() -> Vec<Named> {
    vec![
        ("JSON that is cut", Bytes::from_static(b"{\"images\": [{\"id\": 1, \"file_name\": \"a.png\"")),
        ("JSON of another shape", Bytes::from_static(b"{\"images\": 1, \"annotations\": {}, \"shapes\": \"x\"}")),
        ("JSON nested 100,000 deep", vec![b'['; 100_000].into()),
        ("an empty list", Bytes::from_static(b"[]")),
        ("text that is not UTF-8", Bytes::from_static(b"path,class\n\xff\xfe\xfd.png,\x80\n")),
        ("a table with cells missing", Bytes::from_static(b"path,class,xLeft,yTop,width,height\na.png\n,,,,,\n\"")),
        (
            "numbers that no picture has",
            Bytes::from_static(b"path,class,xLeft,yTop,width,height\na.png,a,1e999,-1,NaN,-0\n"),
        ),
    ]
}

/// Batches that break the contract; each has to be refused.
pub fn broken_batches(sound: &Batch) -> Vec<(String, Bytes)> {
    let bytes = sound.encode();
    let step = (bytes.len() / 48).max(1);
    let mut broken: Vec<(String, Bytes)> = (0..bytes.len())
        .step_by(step)
        .map(|length| (format!("a batch cut after {length} bytes"), bytes[..length].to_vec().into()))
        .collect();
    let mut change = |what: &str, change: &dyn Fn(&mut Batch)| {
        let mut batch = sound.clone();
        change(&mut batch);
        broken.push((what.to_owned(), batch.encode().into()));
    };
    change("a batch with an annotation of an image that it does not list", &|batch| batch.image[0] = u32::MAX);
    change("a batch with an annotation of a label that it does not list", &|batch| batch.label[0] = u32::MAX);
    change("a batch with a column that is too short", &|batch| batch.line.truncate(1));
    change("a batch with a column that is too long", &|batch| batch.value.push(1));
    change("a batch with a payload that ends outside", &|batch| batch.payload_ends = vec![u64::MAX; batch.len()]);
    let mut long = bytes;
    long[8..16].fill(0xff);
    broken.push(("a batch whose first section has 2^64 - 1 bytes".to_owned(), long.into()));
    broken
}
