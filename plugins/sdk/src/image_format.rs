//! The capability to read, and perhaps write, one kind of image file.

use crate::{Call, Error, Finding, PixelOut, Pixels, Result};
use serde::{Deserialize, Serialize};

/// What a format says of itself, once, when it is loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageFormatDescriptor {
    /// Lower case and stable, such as `png`.
    pub id: String,
    /// For people, such as `PNG`.
    pub name: String,
    /// Lower case, without the dot; the first one is used for new files.
    pub extensions: Vec<String>,
    /// Such as `image/png`.
    pub media_type: String,
    /// [`ImageFormat::encode`] works.
    #[serde(default)]
    pub encodes: bool,
}

/// One kind of image file.
pub trait ImageFormat: Send + Sync + 'static {
    fn descriptor(&self) -> ImageFormatDescriptor;

    /// How sure this format is that the file is its own: 0 (not at all) to 100.
    /// `head`: the first bytes of the file, 4,096 at most; `name`: its path in the archive, '/' separated.
    fn probe(&self, head: &[u8], total_bytes: u64, name: &str) -> u8;

    /// Reads the structure of a file, not its pixels. The reader may keep `bytes`.
    fn open<'a>(&'a self, bytes: &'a [u8], call: &Call<'_>) -> Result<Box<dyn ImageReader + 'a>>;

    /// One picture to a file. Only called when the descriptor says that the format encodes.
    fn encode(&self, pixels: Pixels<'_>, options: &EncodeOptions, call: &Call<'_>) -> Result<Vec<u8>> {
        let _ = (pixels, options, call);
        Err(Error::Unsupported("this format is read only".to_owned()))
    }
}

/// How to write a picture.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncodeOptions {
    /// 1 to 100, for formats that lose something; left out: the format's own choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<u8>,
    /// true: written once and read often, so spend time on size.
    #[serde(default)]
    pub small: bool,
}

/// One open image file.
pub trait ImageReader: Send {
    fn metadata(&mut self, call: &Call<'_>) -> Result<ImageMetadata>;

    /// The data elements without pixel data, as DICOM JSON (PS3.18 F); `None` for formats that have none.
    fn elements(&mut self, call: &Call<'_>) -> Result<Option<String>> {
        let _ = call;
        Ok(None)
    }

    /// Puts one frame into memory that `out` gives. A reader keeps the frame that it decoded last, so that the same
    /// frame in another mode costs no second decoding.
    fn decode(&mut self, request: &DecodeRequest, out: PixelOut<'_>, call: &Call<'_>) -> Result<()>;
}

/// What the picture is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum DecodeMode {
    /// 8 bits a sample, as shown on screen: modality LUT, VOI (the window asked for, else the file's own), inversion.
    Display = 0,
    /// Grey: 16 bits after the modality LUT, its whole range, larger is brighter. Colour: as `Display`, or 16 bits
    /// a sample where the file has more than 8.
    Modality16 = 1,
    /// The samples as stored, before any LUT, for identity: two files with equal pixels give equal bytes.
    Stored = 2,
}

impl DecodeMode {
    pub fn from_code(code: u32) -> Option<Self> {
        [Self::Display, Self::Modality16, Self::Stored].into_iter().find(|mode| *mode as u32 == code)
    }
}

/// A window in modality units (CT: Hounsfield), PS3.3 C.11.2.1.2 `LINEAR` unless the file names another function.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    pub center: f64,
    /// Above 0.
    pub width: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DecodeRequest {
    /// Zero-based.
    pub frame: u32,
    pub mode: DecodeMode,
    /// Only for [`DecodeMode::Display`] of grey images.
    pub window: Option<Window>,
}

/// What a file says of its pictures.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ImageMetadata {
    /// Pixels of one frame.
    pub width: u32,
    pub height: u32,
    /// 1 or more.
    pub frame_count: u32,
    /// Bits that carry the value: DICOM's BitsStored, PNG's bit depth.
    pub bits_per_sample: u32,
    /// 1 for grey and palette, 3 or 4 for colour.
    pub samples_per_pixel: u32,
    /// Stored values are two's complement.
    #[serde(default)]
    pub signed: bool,
    /// EXIF orientation 2 to 8; left out when upright. Decoding never turns a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exif_orientation: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dicom: Option<DicomIdentity>,
    /// What is odd about the file and was lived with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
}

/// The identifiers that group DICOM files; empty values count as absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DicomIdentity {
    pub study_instance_uid: Option<String>,
    pub series_instance_uid: Option<String>,
    pub sop_instance_uid: Option<String>,
    pub patient_id: Option<String>,
    pub issuer_of_patient_id: Option<String>,
    pub modality: Option<String>,
    pub study_description: Option<String>,
    pub instance_number: Option<i64>,
}
