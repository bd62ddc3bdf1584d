//! DICOM: reads every kind of picture that its transfer syntaxes can hold, and writes none.
//!
//! The rule is: correct pixels or a named error, never wrong pixels. Parsing values is dicom-object's work and
//! decoding streams is the codec libraries'; which bytes they get to see is decided here, after checks.

mod attribute;
mod codec;
mod colour;
mod data_set;
mod elements;
mod encoding_guess;
mod file;
mod format;
mod fragments;
mod frame;
mod grey;
mod header;
mod identity;
mod lut;
mod modality;
mod native;
mod palette;
mod pixel_element;
mod reader;
mod refusal;
mod selection;
mod settle;
mod stored;
mod syntax;
mod transform;
mod voi;
mod walk;

pub use format::Dicom;

lightbox_sdk::export_plugin! {
    id: "lightbox.dicom",
    name: "DICOM",
    vendor: "Lightbox",
    image_formats: [Dicom],
    annotation_types: [],
}

/// A value from a file, fit for a sentence: short, and without control characters.
fn printable(text: &str) -> String {
    const MAX_CHARS: usize = 64;
    let plain = text.chars().map(|letter| if letter.is_control() { '?' } else { letter });
    plain.take(MAX_CHARS).collect()
}
