//! What a capability says of itself is fit to be shown and used. Ids were checked when the plugin was loaded.

use crate::plugin_host::conformance::capability::Capability;
use crate::plugin_host::conformance::report::Verdict;
use crate::plugin_host::conformance::subject::Subject;
use lightbox_sdk::{AnnotationTypeDescriptor, ImageFormatDescriptor};

pub fn check(_subject: &Subject, capability: &Capability) -> Option<Verdict> {
    Some(match capability {
        Capability::Image(descriptor) => image(descriptor),
        Capability::Annotations(descriptor) => annotations(descriptor),
    })
}

fn image(descriptor: &ImageFormatDescriptor) -> Verdict {
    let ImageFormatDescriptor { name, extensions, media_type, encodes, .. } = descriptor;
    let mut faults = name_fault(name);
    if extensions.is_empty() {
        faults.push("it names no extension, and new files need one".to_owned());
    }
    for extension in extensions.iter().filter(|extension| !is_extension(extension)) {
        faults.push(format!("its extension {extension:?} is not lower case letters and digits without a dot before"));
    }
    if !is_media_type(media_type) {
        faults.push(format!("its media type {media_type:?} is not of the form image/png"));
    }
    let ways = if *encodes { "read and written" } else { "read" };
    Verdict::of(&faults, || Verdict::pass(format!("{name}: {media_type}, .{}, {ways}", extensions.join(", ."))))
}

fn annotations(descriptor: &AnnotationTypeDescriptor) -> Verdict {
    let AnnotationTypeDescriptor { name, description, shape, formats, .. } = descriptor;
    let mut faults = name_fault(name);
    if description.trim().is_empty() {
        faults.push("its description is empty".to_owned());
    }
    for format in formats.iter().filter(|format| !is_token(format)) {
        faults.push(format!("its document format {format:?} is not of a-z, 0-9, '.', '_' and '-'"));
    }
    if faults.is_empty() && formats.is_empty() {
        return Verdict::warn(format!("{name} imports no document format, so that nothing can be uploaded for it"));
    }
    Verdict::of(&faults, || Verdict::pass(format!("{name}: {shape:?} from {}", formats.join(", "))))
}

fn name_fault(name: &str) -> Vec<String> {
    if name.trim().is_empty() { vec!["its name is empty".to_owned()] } else { Vec::new() }
}

fn is_extension(text: &str) -> bool {
    is_token(text) && !text.starts_with('.') && !text.ends_with('.')
}

fn is_token(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'-');
    !text.is_empty() && text.bytes().all(allowed)
}

/// RFC 6838, section 4.2, in lower case.
fn is_media_type(text: &str) -> bool {
    let is_part = |part: &str| {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"!#$&-^_.+".contains(&byte);
        !part.is_empty() && part.bytes().all(allowed)
    };
    text.split_once('/').is_some_and(|(kind, subtype)| is_part(kind) && is_part(subtype))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_and_media_types_are_held_against_their_rules() {
        for (text, expected) in
            [("png", true), ("nii.gz", true), (".png", false), ("PNG", false), ("", false), ("p/g", false)]
        {
            assert_eq!(is_extension(text), expected, "{text:?}");
        }
        for (text, expected) in
            [("image/png", true), ("image/svg+xml", true), ("png", false), ("image/", false), ("Image/PNG", false)]
        {
            assert_eq!(is_media_type(text), expected, "{text:?}");
        }
    }
}
