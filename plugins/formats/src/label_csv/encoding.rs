//! Makes a document UTF-8 as far as it says itself what it is, and guesses what a row that is not UTF-8 may be.

use crate::code;
use encoding_rs::{BIG5, EUC_KR, Encoding, GB18030, SHIFT_JIS, UTF_16BE, UTF_16LE};
use lightbox_sdk::Finding;
use std::borrow::Cow;

/// UTF-8 without byte-order mark, as far as it could be made so, and what was guessed.
pub(super) fn decode(bytes: &[u8]) -> (Cow<'_, [u8]>, Option<Finding>) {
    let (encoding, text) = match bytes {
        [0xef, 0xbb, 0xbf, text @ ..] => return (Cow::Borrowed(text), None),
        [0xff, 0xfe, text @ ..] => (UTF_16LE, text),
        [0xfe, 0xff, text @ ..] => (UTF_16BE, text),
        _ => return (Cow::Borrowed(bytes), None),
    };
    let (text, _) = encoding.decode_without_bom_handling(text);
    let message = format!("the file is {}, read as such; UTF-8 is expected", encoding.name());
    let finding = Finding::info(code::ENCODING_GUESSED, message).at_line(1);
    (Cow::Owned(text.into_owned().into_bytes()), Some(finding))
}

/// The sentence for a row that is not UTF-8.
pub(super) fn complaint(row: &[u8]) -> String {
    let guess = guess(row).map(|name| format!(" (it may be {name})")).unwrap_or_default();
    format!("the row is not UTF-8{guess}; save the file as UTF-8")
}

/// The first encoding, of those that people's spreadsheets write, in which the row makes sense.
fn guess(row: &[u8]) -> Option<&'static str> {
    if has_lone_high_bytes(row) {
        return Some("windows-1252");
    }
    let multi_byte: [&'static Encoding; 4] = [GB18030, BIG5, SHIFT_JIS, EUC_KR];
    let name = |encoding: &'static Encoding| if encoding == GB18030 { "GBK" } else { encoding.name() };
    multi_byte
        .into_iter()
        .find(|encoding| encoding.decode_without_bom_handling_and_without_replacement(row).is_some())
        .map(name)
}

/// East Asian text has its high bytes in groups; accented Latin letters mostly stand alone.
fn has_lone_high_bytes(row: &[u8]) -> bool {
    let mut groups = row.split(u8::is_ascii).filter(|group| !group.is_empty()).peekable();
    groups.peek().is_some() && groups.all(|group| group.len() == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn byte_order_marks_are_no_part_of_the_text() {
        assert_eq!(decode(b"\xef\xbb\xbfa,b").0.as_ref(), b"a,b");
        for bytes in [&b"\xff\xfea\0,\0\xe4\0"[..], b"\xfe\xff\0a\0,\0\xe4"] {
            let (text, finding) = decode(bytes);
            assert_eq!(text.as_ref(), "a,ä".as_bytes());
            assert_eq!(
                finding.map(|finding| (finding.code, finding.line)),
                Some((code::ENCODING_GUESSED.into(), Some(1)))
            );
        }
    }

    #[test]
    fn the_guess_names_a_likely_encoding() {
        let (gbk, _, _) = encoding_rs::GBK.encode("image.png,红细胞");
        let (latin, _, _) = encoding_rs::WINDOWS_1252.encode("image.png,Müller");
        assert_eq!((guess(&gbk), guess(&latin)), (Some("GBK"), Some("windows-1252")));
        assert!(complaint(&gbk).contains("GBK"));
    }
}
