//! Where the members of a JSON object and the items of a JSON list begin and end, without reading what is inside them.
//!
//! A document of a gigabyte is walked through row by row, and each row's parts are then read by serde_json. A row that
//! breaks JSON inside (`NaN`, which Python writes) costs itself only: its end is found by brackets and quotes alone.

use lightbox_sdk::{Call, Error, Result};
use memchr::memchr2;
use serde::Deserialize;
use std::borrow::Cow;

/// Bytes passed over between two looks at whether the call should stop. Blanks, words and texts without escapes are passed
/// over at the speed of memory: it is asked behind them.
const BETWEEN_CHECKS: usize = 1 << 22;

/// A value's bytes, and where they begin in the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Value<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) start: usize,
}

impl<'a> Value<'a> {
    /// The value that a document consists of.
    pub(super) fn of_document(document: &'a [u8]) -> Self {
        let start = if document.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        let rest = document.get(start..).unwrap_or_default();
        let blank = rest.len() - rest.trim_ascii_start().len();
        Value { bytes: rest.trim_ascii(), start: start + blank }
    }

    pub(super) fn is_object(&self) -> bool {
        self.bytes.first() == Some(&b'{')
    }

    pub(super) fn is_list(&self) -> bool {
        self.bytes.first() == Some(&b'[')
    }

    /// Null, or a list or object without content.
    pub(super) fn is_empty(&self) -> bool {
        let inner = self.bytes.get(1..self.bytes.len().saturating_sub(1)).unwrap_or_default();
        self.bytes == b"null" || ((self.is_object() || self.is_list()) && inner.trim_ascii().is_empty())
    }

    /// A text, or a number as it is written; `None` for null, a list, an object and a broken text.
    pub(super) fn text(&self) -> Option<Cow<'a, str>> {
        match self.bytes.first()? {
            b'"' => serde_json::from_slice::<Text<'a>>(self.bytes).ok().map(|text| text.0),
            b'{' | b'[' => None,
            _ => str::from_utf8(self.bytes).ok().filter(|word| *word != "null").map(Cow::Borrowed),
        }
    }

    /// The members of an object.
    pub(super) fn members<'c>(self, call: &'c Call<'c>) -> Members<'a, 'c> {
        Members(Cursor::inside(self, b'{', b'}', call))
    }

    /// The items of a list.
    pub(super) fn items<'c>(self, call: &'c Call<'c>) -> Items<'a, 'c> {
        Items(Cursor::inside(self, b'[', b']', call))
    }
}

/// Borrowed where the JSON has no escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// Name and value of each member. Ends after the first error.
pub(super) struct Members<'a, 'c>(Cursor<'a, 'c>);

impl<'a> Iterator for Members<'a, '_> {
    type Item = Result<(Cow<'a, [u8]>, Value<'a>)>;

    fn next(&mut self) -> Option<Self::Item> {
        let Self(cursor) = self;
        let member = cursor.go_to_next()?.and_then(|()| {
            let key = cursor.take_key()?;
            Ok((key, cursor.take_value()?))
        });
        Some(cursor.ended_by(member))
    }
}

/// Each item. Ends after the first error.
pub(super) struct Items<'a, 'c>(Cursor<'a, 'c>);

impl<'a> Iterator for Items<'a, '_> {
    type Item = Result<Value<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        let Self(cursor) = self;
        let item = cursor.go_to_next()?.and_then(|()| cursor.take_value());
        Some(cursor.ended_by(item))
    }
}

struct Cursor<'a, 'c> {
    bytes: &'a [u8],
    /// Of `bytes` in the document.
    start: usize,
    at: usize,
    close: u8,
    is_first: bool,
    has_ended: bool,
    check_at: usize,
    call: &'c Call<'c>,
}

impl<'a, 'c> Cursor<'a, 'c> {
    fn inside(value: Value<'a>, open: u8, close: u8, call: &'c Call<'c>) -> Self {
        let is_one = value.bytes.first() == Some(&open);
        Self {
            bytes: value.bytes,
            start: value.start,
            at: 1,
            close,
            is_first: true,
            has_ended: !is_one,
            check_at: BETWEEN_CHECKS,
            call,
        }
    }

    fn ended_by<T>(&mut self, result: Result<T>) -> Result<T> {
        self.has_ended |= result.is_err();
        result
    }

    fn peek(&mut self) -> Option<u8> {
        let rest = self.bytes.get(self.at..)?;
        let blank = rest.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(rest.len());
        self.at += blank;
        self.bytes.get(self.at).copied()
    }

    /// Past the comma before the next part; `None` after the last one.
    fn go_to_next(&mut self) -> Option<Result<()>> {
        if self.has_ended {
            return None;
        }
        if let Err(error) = self.check() {
            return Some(Err(error));
        }
        let is_first = std::mem::replace(&mut self.is_first, false);
        match self.peek() {
            Some(byte) if byte == self.close => {
                self.has_ended = true;
                self.at += 1;
                self.peek().map(|_| Err(self.expected("the end")))
            }
            Some(b',') if !is_first => {
                self.at += 1;
                Some(Ok(()))
            }
            Some(_) if is_first => Some(Ok(())),
            _ => Some(Err(self.expected("a comma or the closing bracket"))),
        }
    }

    fn take_key(&mut self) -> Result<Cow<'a, [u8]>> {
        if self.peek() != Some(b'"') {
            return Err(self.expected("a name in quotes"));
        }
        let key = self.take_value()?.bytes;
        if self.peek() != Some(b':') {
            return Err(self.expected("a colon"));
        }
        self.at += 1;
        Ok(unquoted(key))
    }

    fn take_value(&mut self) -> Result<Value<'a>> {
        let first = self.peek();
        let from = self.at;
        match first {
            Some(b'"') => self.pass_text()?,
            Some(b'{' | b'[') => self.pass_nested()?,
            _ => self.pass_word()?,
        }
        Ok(Value { bytes: self.bytes.get(from..self.at).unwrap_or_default(), start: self.start + from })
    }

    fn pass_text(&mut self) -> Result<()> {
        let opens = self.at;
        self.at += 1;
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let Some(found) = memchr2(b'"', b'\\', rest) else {
                self.at = opens;
                return Err(self.expected("a closing quote after this one"));
            };
            let is_quote = rest.get(found) == Some(&b'"');
            self.at += found + if is_quote { 1 } else { 2 };
            if is_quote {
                return Ok(());
            }
            self.check()?;
        }
    }

    /// Which kind of bracket closes is left to whoever reads the value.
    fn pass_nested(&mut self) -> Result<()> {
        let opens = self.at;
        let mut depth = 0usize;
        while let Some(byte) = self.bytes.get(self.at) {
            self.check()?;
            match byte {
                b'"' => {
                    self.pass_text()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Ok(());
            }
        }
        self.at = opens;
        Err(self.expected("a closing bracket after this one"))
    }

    /// A number, `true`, `null`, or what stands in their place.
    fn pass_word(&mut self) -> Result<()> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let ends =
            |byte: &u8| matches!(byte, b',' | b'}' | b']' | b':' | b'"' | b'{' | b'[') || byte.is_ascii_whitespace();
        let length = rest.iter().position(ends).unwrap_or(rest.len());
        if length == 0 {
            return Err(self.expected("a value"));
        }
        self.at += length;
        Ok(())
    }

    fn check(&mut self) -> Result<()> {
        if self.at < self.check_at {
            return Ok(());
        }
        self.check_at = self.at + BETWEEN_CHECKS;
        self.call.check()
    }

    fn expected(&self, what: &str) -> Error {
        let found = self.bytes.get(self.at..).unwrap_or_default();
        let shown: String = String::from_utf8_lossy(found.get(..12).unwrap_or(found)).chars().take(8).collect();
        let place = self.start + self.at;
        Error::Corrupt(match found {
            [] => format!("not valid JSON: it ends at byte {place}, where {what} is expected"),
            _ => format!("not valid JSON: '{shown}' at byte {place}, where {what} is expected"),
        })
    }
}

/// A name that is written with escapes is read; one that cannot be read stays as it is written.
fn unquoted(key: &[u8]) -> Cow<'_, [u8]> {
    if key.contains(&b'\\')
        && let Ok(text) = serde_json::from_slice::<String>(key)
    {
        return Cow::Owned(text.into_bytes());
    }
    Cow::Borrowed(key.get(1..key.len().saturating_sub(1)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn items(text: &str) -> Result<Vec<String>> {
        let call = Call::unlimited();
        let items = Value::of_document(text.as_bytes()).items(&call);
        items.map(|item| item.map(|item| String::from_utf8_lossy(item.bytes).into_owned())).collect()
    }

    fn members(text: &str) -> Result<Vec<(String, String, usize)>> {
        let call = Call::unlimited();
        let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let members = Value::of_document(text.as_bytes()).members(&call);
        members.map(|each| each.map(|(key, value)| (shown(&key), shown(value.bytes), value.start))).collect()
    }

    #[test]
    fn parts_are_found_whatever_is_inside_them() {
        assert_eq!(items(" [ ] ").unwrap(), [""; 0]);
        let parts = ["1", "NaN", "\"],\\\"\"", "{\"a\":[1,{}]}", "[[\"[\"], 2]", "null"];
        assert_eq!(items(&format!("\u{feff}[{}]", parts.join(" ,\n"))).unwrap(), parts);
        let expected = [("a", "{}", 7), ("b\"", "-1e5", 16)];
        let expected = expected.map(|(key, value, start)| (key.to_owned(), value.to_owned(), start));
        assert_eq!(members("{\"a\" : {},\"b\\\"\":-1e5}").unwrap(), expected);
        assert_eq!(items("{}").unwrap(), [""; 0], "an object has no items");
    }

    #[test]
    fn what_is_no_json_says_where() {
        for (text, part) in [
            ("[1 2]", "'2]' at byte 3, where a comma"),
            ("[1,", "ends at byte 3, where a value"),
            ("[1", "ends at byte 2, where a comma"),
            ("[[1]", "ends at byte 4, where a comma"),
            ("[{\"a\":[1]", "at byte 1, where a closing bracket"),
            ("[\"a]", "'\"a]' at byte 1, where a closing quote"),
            ("[1]]", "']' at byte 3, where the end"),
            ("[,1]", "',1]' at byte 1, where a value"),
        ] {
            let error = items(text).unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
        assert!(members("{a:1}").is_err() && members("{\"a\",1}").is_err() && members("{\"a\":}").is_err());
    }

    #[test]
    fn whatever_a_document_is_long_by_it_is_given_up_when_the_call_ends() {
        let long = |piece: &str| piece.repeat(BETWEEN_CHECKS / piece.len() + 9);
        let ended = Call::new(None, 0, &|| true);
        for text in [
            format!("[{}1]", long("1,")),
            format!("[[{}1]]", long("1,")),
            format!("[\"{}\"]", long("\\n")),
            format!("[\"{}\",1]", long("a")),
            format!("[{},1]", long("1")),
        ] {
            let last = Value::of_document(text.as_bytes()).items(&ended).last();
            assert_eq!(last, Some(Err(Error::Cancelled)), "{}", &text[..9]);
        }
    }

    proptest! {
        #[test]
        fn lists_have_the_items_that_serde_json_finds(
            texts in prop::collection::vec("[a-c\\\\\"\\]\\[{},: ]{0,5}", 0..6), numbers in prop::collection::vec(any::<f64>(), 0..4),
        ) {
            let mut values: Vec<serde_json::Value> = texts.iter().map(|text| serde_json::json!({ text: [text, null] })).collect();
            values.extend(numbers.iter().map(|number| serde_json::json!(number)));
            let text = serde_json::to_string_pretty(&values).unwrap();
            let own: Vec<serde_json::Value> =
                items(&text).unwrap().iter().map(|item| serde_json::from_str(item).unwrap()).collect();
            prop_assert_eq!(own, values);
        }

        #[test]
        fn no_bytes_make_it_panic_or_go_on_for_ever(bytes in prop::collection::vec(prop::sample::select(b"[]{}\",:\\1 n\xff".to_vec()), 0..40)) {
            let call = Call::unlimited();
            let value = Value::of_document(&bytes);
            prop_assert!(value.items(&call).count() <= bytes.len() + 1);
            prop_assert!(value.members(&call).count() <= bytes.len() + 1);
        }
    }
}
