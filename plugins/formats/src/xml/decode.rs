//! The text of an XML document, in whatever encoding it says that it has.

use encoding_rs::Encoding;
use std::borrow::Cow;

/// Bytes in which a document says its encoding, if it does.
const DECLARATION_BYTES: usize = 256;

/// The text. UTF-8 is not copied.
///
/// # Errors
/// A sentence, for bytes that are not in the encoding that the document says, or UTF-8 when it says none.
pub(crate) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, String> {
    if let Some((encoding, mark_bytes)) = Encoding::for_bom(bytes) {
        return decode_as(encoding, bytes.get(mark_bytes..).unwrap_or_default());
    }
    decode_as(declared(bytes).unwrap_or(encoding_rs::UTF_8), bytes)
}

fn decode_as<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> Result<Cow<'a, str>, String> {
    if encoding == encoding_rs::UTF_8 {
        let text = str::from_utf8(bytes).map_err(|error| {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = memchr::memchr_iter(b'\n', before).count() + 1;
            format!(
                "not valid XML: line {line}: bytes that are not UTF-8; save the file as UTF-8, or declare its encoding"
            )
        })?;
        return Ok(Cow::Borrowed(text));
    }
    encoding.decode_without_bom_handling_and_without_replacement(bytes).ok_or_else(|| {
        format!("not valid XML: line 1 declares the encoding {}, but the bytes are not in it", encoding.name())
    })
}

/// The encoding of the declaration; an unknown one counts as none.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..DECLARATION_BYTES).unwrap_or(bytes);
    let head = head.strip_prefix(b"<?xml")?;
    let end = memchr::memmem::find(head, b"?>")?;
    let declaration = str::from_utf8(head.get(..end)?).ok()?;
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let name = value.get(1..)?.split(quote).next()?;
    // A declaration that can be read byte by byte is not UTF-16, whatever it says.
    Encoding::for_label(name.as_bytes()).map(|encoding| encoding.output_encoding())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_in_the_encoding_that_it_says() {
        let table: [(&[u8], &str); 5] = [
            ("<r>\u{80ba}</r>".as_bytes(), "<r>\u{80ba}</r>"),
            (b"\xef\xbb\xbf<r/>", "<r/>"),
            (b"\xff\xfe<\0r\0/\0>\0", "<r/>"),
            (
                b"<?xml version='1.0' encoding='ISO-8859-1'?><r>\xe9</r>",
                "<?xml version='1.0' encoding='ISO-8859-1'?><r>\u{e9}</r>",
            ),
            (b"<?xml encoding=\"GBK\"?>\xb7\xce", "<?xml encoding=\"GBK\"?>\u{80ba}"),
        ];
        for (bytes, text) in table {
            assert_eq!(decode(bytes).as_deref(), Ok(text));
        }
    }

    #[test]
    fn bytes_that_are_not_in_it_are_refused_with_their_line() {
        assert!(decode(b"<r>\n\xb7\xce</r>").is_err_and(|error| error.contains("line 2")));
        assert!(decode(b"<?xml encoding='utf-8'?>\xff").is_err());
        assert!(decode(b"<?xml encoding='gbk'?>\xff\xff").is_err_and(|error| error.contains("GBK")));
    }
}
