//! Transfer syntaxes: what a UID says of the data set's encoding and of the codec (PS3.5, section 10 and annex A).

use crate::walk::Encoding;
use dicom_transfer_syntax_registry::{TransferSyntaxIndex, TransferSyntaxRegistry};
use lightbox_sdk::{Error, Result};

/// How pixel data is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    Native,
    /// Fragments that hold native little endian frames.
    EncapsulatedNative,
    DeflatedFrame,
    Rle,
    Jpeg,
    JpegLs,
    Jpeg2000,
    JpegXl,
}

/// One transfer syntax that this plugin reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Syntax {
    pub uid: &'static str,
    pub name: &'static str,
    pub encoding: Encoding,
    /// The whole data set is deflated.
    pub is_deflated: bool,
    pub codec: Codec,
    /// The codec may change values: overshoot is clamped to BitsStored instead of masked.
    pub is_lossy: bool,
}

const fn native(uid: &'static str, name: &'static str, encoding: Encoding) -> Syntax {
    Syntax { uid, name, encoding, is_deflated: false, codec: Codec::Native, is_lossy: false }
}

const fn lossless(uid: &'static str, name: &'static str, codec: Codec) -> Syntax {
    Syntax { uid, name, encoding: Encoding::EXPLICIT_LITTLE, is_deflated: false, codec, is_lossy: false }
}

const fn lossy(uid: &'static str, name: &'static str, codec: Codec) -> Syntax {
    Syntax { is_lossy: true, ..lossless(uid, name, codec) }
}

/// What a file without file meta information is written in, once its encoding is known.
pub const fn of_encoding(encoding: Encoding) -> Syntax {
    match (encoding.explicit, encoding.big_endian) {
        (false, _) => native("1.2.840.10008.1.2", "Implicit VR Little Endian", Encoding::IMPLICIT_LITTLE),
        (true, false) => native("1.2.840.10008.1.2.1", "Explicit VR Little Endian", Encoding::EXPLICIT_LITTLE),
        (true, true) => native("1.2.840.10008.1.2.2", "Explicit VR Big Endian", Encoding::EXPLICIT_BIG),
    }
}

/// Every transfer syntax that this plugin reads.
const SUPPORTED: &[Syntax] = &[
    of_encoding(Encoding::IMPLICIT_LITTLE),
    of_encoding(Encoding::EXPLICIT_LITTLE),
    of_encoding(Encoding::EXPLICIT_BIG),
    Syntax {
        is_deflated: true,
        ..native("1.2.840.10008.1.2.1.99", "Deflated Explicit VR Little Endian", Encoding::EXPLICIT_LITTLE)
    },
    lossless(
        "1.2.840.10008.1.2.1.98",
        "Encapsulated Uncompressed Explicit VR Little Endian",
        Codec::EncapsulatedNative,
    ),
    lossless("1.2.840.10008.1.2.8.1", "Deflated Image Frame Compression", Codec::DeflatedFrame),
    lossless("1.2.840.10008.1.2.5", "RLE Lossless", Codec::Rle),
    lossy("1.2.840.10008.1.2.4.50", "JPEG Baseline (Process 1)", Codec::Jpeg),
    lossy("1.2.840.10008.1.2.4.51", "JPEG Extended (Process 2 & 4)", Codec::Jpeg),
    lossy("1.2.840.10008.1.2.4.53", "JPEG Spectral Selection, Non-Hierarchical (Process 6 & 8)", Codec::Jpeg),
    lossy("1.2.840.10008.1.2.4.55", "JPEG Full Progression, Non-Hierarchical (Process 10 & 12)", Codec::Jpeg),
    lossless("1.2.840.10008.1.2.4.57", "JPEG Lossless, Non-Hierarchical (Process 14)", Codec::Jpeg),
    lossless(
        "1.2.840.10008.1.2.4.70",
        "JPEG Lossless, Non-Hierarchical, First-Order Prediction (Process 14 [Selection Value 1])",
        Codec::Jpeg,
    ),
    lossless("1.2.840.10008.1.2.4.80", "JPEG-LS Lossless Image Compression", Codec::JpegLs),
    lossy("1.2.840.10008.1.2.4.81", "JPEG-LS Lossy (Near-Lossless) Image Compression", Codec::JpegLs),
    lossless("1.2.840.10008.1.2.4.90", "JPEG 2000 Image Compression (Lossless Only)", Codec::Jpeg2000),
    lossy("1.2.840.10008.1.2.4.91", "JPEG 2000 Image Compression", Codec::Jpeg2000),
    lossless("1.2.840.10008.1.2.4.110", "JPEG XL Lossless", Codec::JpegXl),
    lossy("1.2.840.10008.1.2.4.111", "JPEG XL JPEG Recompression", Codec::JpegXl),
    lossy("1.2.840.10008.1.2.4.112", "JPEG XL", Codec::JpegXl),
    lossless("1.2.840.10008.1.2.4.201", "High-Throughput JPEG 2000 (Lossless Only)", Codec::Jpeg2000),
    lossless("1.2.840.10008.1.2.4.202", "High-Throughput JPEG 2000 with RPCL Options (Lossless Only)", Codec::Jpeg2000),
    lossy("1.2.840.10008.1.2.4.203", "High-Throughput JPEG 2000", Codec::Jpeg2000),
];

/// Retired syntaxes of arithmetic and hierarchical JPEG, which no library reads and the registry does not name.
const RETIRED: &[(&str, &str)] = &[
    ("1.2.840.10008.1.2.4.52", "JPEG Extended (Process 3 & 5)"),
    ("1.2.840.10008.1.2.4.54", "JPEG Spectral Selection, Non-Hierarchical (Process 7 & 9)"),
    ("1.2.840.10008.1.2.4.56", "JPEG Full Progression, Non-Hierarchical (Process 11 & 13)"),
    ("1.2.840.10008.1.2.4.58", "JPEG Lossless, Non-Hierarchical (Process 15)"),
    ("1.2.840.10008.1.2.4.59", "JPEG Extended, Hierarchical (Process 16 & 18)"),
    ("1.2.840.10008.1.2.4.60", "JPEG Extended, Hierarchical (Process 17 & 19)"),
    ("1.2.840.10008.1.2.4.61", "JPEG Spectral Selection, Hierarchical (Process 20 & 22)"),
    ("1.2.840.10008.1.2.4.62", "JPEG Spectral Selection, Hierarchical (Process 21 & 23)"),
    ("1.2.840.10008.1.2.4.63", "JPEG Full Progression, Hierarchical (Process 24 & 26)"),
    ("1.2.840.10008.1.2.4.64", "JPEG Full Progression, Hierarchical (Process 25 & 27)"),
    ("1.2.840.10008.1.2.4.65", "JPEG Lossless, Hierarchical (Process 28)"),
    ("1.2.840.10008.1.2.4.66", "JPEG Lossless, Hierarchical (Process 29)"),
];

fn name_of(uid: &str) -> &'static str {
    let retired = || RETIRED.iter().find(|(retired, _)| *retired == uid).map(|(_, name)| *name);
    let known = TransferSyntaxRegistry.get(uid).map(|known| known.name()).or_else(retired);
    known.unwrap_or("not a registered one")
}

/// The transfer syntax of a UID.
///
/// # Errors
/// [`Error::Unsupported`] with the UID and its name for every other one.
pub fn require(uid: &str) -> Result<Syntax> {
    SUPPORTED.iter().find(|syntax| syntax.uid == uid).copied().ok_or_else(|| {
        Error::Unsupported(format!(
            "the transfer syntax {} ({}) cannot be read: convert the file to one of the syntaxes that can",
            crate::printable(uid),
            name_of(uid)
        ))
    })
}
