//! XML read as a stream, element by element with its line, from documents that nobody vouches for. What the elements
//! mean is not known here.
//!
//! No entity but the five that XML itself has is ever replaced, and a document type is refused: so text is never longer
//! than its bytes. Depth is bounded. Documents may have a gigabyte: nothing is kept but the names of open elements.

mod decode;

pub(crate) use decode::decode;

use crate::lines::Lines;
use lightbox_sdk::{Call, Document, Error};
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use std::borrow::Cow;

/// Elements inside each other.
const MAX_DEPTH: usize = 64;
/// Events between two looks at the clock.
const BETWEEN_CHECKS: u64 = 4096;

/// By its name; a document without one by its first character.
pub(crate) fn is_xml(document: Document<'_>) -> bool {
    let starts_like_xml = || {
        let bytes = document.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(document.bytes);
        bytes.trim_ascii_start().first() == Some(&b'<')
    };
    crate::stem::extension(document.name) == "xml" || (document.name.is_empty() && starts_like_xml())
}

/// Why reading ended before the end.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fault {
    /// The sentence names the line.
    Broken(String),
    /// What the call ends with: cancelled, a limit.
    Call(Error),
}

impl Fault {
    /// The call's error: a broken document is corrupt.
    pub(crate) fn into_error(self) -> Error {
        match self {
            Self::Broken(sentence) => Error::Corrupt(sentence),
            Self::Call(error) => error,
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Call(error)
    }
}

pub(crate) type Result<T> = std::result::Result<T, Fault>;

/// An element that has just begun.
pub(crate) struct Element<'a> {
    start: BytesStart<'a>,
    /// 1-based, of its first character.
    pub(crate) line: u32,
}

impl Element<'_> {
    pub(crate) fn name(&self) -> &str {
        self.start.name().into_inner()
    }

    /// The attribute's text; `None` when it is missing.
    ///
    /// # Errors
    /// A sentence for attributes that break the grammar, and for entities.
    pub(crate) fn find(&self, name: &str) -> std::result::Result<Option<String>, String> {
        let broken = |error: String| format!("the attributes of <{}> cannot be read: {error}", self.name());
        for attribute in self.start.attributes() {
            let attribute = attribute.map_err(|error| broken(error.to_string()))?;
            if attribute.key.into_inner() == name {
                let value = attribute.normalized_value(XmlVersion::Implicit1_0);
                return value.map(|text| Some(text.into_owned())).map_err(|error| broken(error.to_string()));
            }
        }
        Ok(None)
    }
}

/// A document on its way.
pub(crate) struct Xml<'a, 'c> {
    reader: Reader<&'a [u8]>,
    lines: Lines<'a>,
    depth: usize,
    events: u64,
    call: &'a Call<'c>,
}

impl<'a, 'c> Xml<'a, 'c> {
    pub(crate) fn new(text: &'a str, call: &'a Call<'c>) -> Self {
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        Self { reader, lines: Lines::of(text.as_bytes()), depth: 0, events: 0, call }
    }

    /// The outermost element. Only what stands before it has been read then.
    pub(crate) fn root(&mut self) -> Result<Element<'a>> {
        loop {
            match self.next()? {
                Event::Start(start) => return Ok(self.opened(start)),
                Event::Text(text) if !text.trim().is_empty() => return Err(self.broken("text before any element")),
                Event::Eof => return Err(self.broken("no element")),
                _ => {}
            }
        }
    }

    /// Hands the children of the element that begun last to `read`, one after the other. Of each, `read` looks at what
    /// it wants; the rest is passed over.
    pub(crate) fn each_child(&mut self, mut read: impl FnMut(&mut Self, Element<'a>) -> Result<()>) -> Result<()> {
        let own = self.depth;
        loop {
            match self.next()? {
                Event::Start(start) => {
                    let child = self.opened(start);
                    read(self, child)?;
                    self.leave(own)?;
                }
                Event::End(_) => return Ok(()),
                Event::Eof => return Err(self.cut()),
                _ => {}
            }
        }
    }

    /// The text of the element that begun last; of elements inside it too.
    pub(crate) fn text(&mut self) -> Result<String> {
        let own = self.depth;
        let mut text = String::new();
        while self.depth >= own {
            match self.next()? {
                Event::Start(_) => self.check_depth()?,
                Event::Text(piece) => text.push_str(&piece.xml10_content()),
                Event::CData(piece) => text.push_str(&piece.xml10_content()),
                Event::GeneralRef(reference) => text.push_str(&self.resolve(&reference)?),
                Event::Eof => return Err(self.cut()),
                _ => {}
            }
        }
        Ok(text)
    }

    /// Passes over what is left of elements deeper than `depth`.
    fn leave(&mut self, depth: usize) -> Result<()> {
        while self.depth > depth {
            match self.next()? {
                Event::Start(_) => self.check_depth()?,
                Event::Eof => return Err(self.cut()),
                _ => {}
            }
        }
        Ok(())
    }

    /// The next event; depth has been counted.
    fn next(&mut self) -> Result<Event<'a>> {
        self.events += 1;
        if self.events.is_multiple_of(BETWEEN_CHECKS) {
            self.call.check()?;
        }
        let event = match self.reader.read_event() {
            Ok(event) => event,
            Err(error) => {
                let line = self.line_at(self.reader.error_position());
                return Err(Fault::Broken(format!("not valid XML: line {line}: {error}")));
            }
        };
        match event {
            Event::Start(_) => self.depth += 1,
            Event::End(_) => self.depth = self.depth.saturating_sub(1),
            Event::DocType(_) => {
                let what = "a document type, which can define entities without end; remove <!DOCTYPE …>";
                return Err(self.broken(what));
            }
            _ => {}
        }
        Ok(event)
    }

    fn opened(&mut self, start: BytesStart<'a>) -> Element<'a> {
        // The position is behind the element: its name and attributes may span lines.
        let behind = self.reader.buffer_position();
        let line = self.line_at(behind.saturating_sub(start.len() as u64 + 2));
        Element { start, line }
    }

    fn check_depth(&mut self) -> Result<()> {
        if self.depth > MAX_DEPTH {
            Err(self.broken(&format!("more than {MAX_DEPTH} elements inside each other")))
        } else {
            Ok(())
        }
    }

    fn resolve(&mut self, reference: &quick_xml::events::BytesRef<'_>) -> Result<Cow<'static, str>> {
        let character = reference.resolve_char_ref().map_err(|error| self.broken(&error.to_string()))?;
        if let Some(character) = character {
            return Ok(Cow::Owned(character.to_string()));
        }
        let predefined = quick_xml::escape::resolve_predefined_entity(reference);
        predefined.map(Cow::Borrowed).ok_or_else(|| {
            let line = self.line_at(self.reader.buffer_position());
            Fault::Broken(format!("not valid XML: line {line}: the entity '{}' is not defined", &**reference))
        })
    }

    fn line_at(&mut self, position: u64) -> u32 {
        self.lines.at(usize::try_from(position).unwrap_or(usize::MAX))
    }

    fn cut(&mut self) -> Fault {
        self.broken("the document ends in the middle of an element; it is cut")
    }

    fn broken(&mut self, what: &str) -> Fault {
        let line = self.line_at(self.reader.buffer_position());
        Fault::Broken(format!("not valid XML: line {line}: {what}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Name, line and text of the root's children.
    fn children(text: &str) -> Result<Vec<(String, u32, String)>> {
        let call = Call::unlimited();
        let mut xml = Xml::new(text, &call);
        let mut found = Vec::new();
        xml.root()?;
        xml.each_child(|xml, child| {
            let (name, line) = (child.name().to_owned(), child.line);
            let text = xml.text()?;
            found.push((name, line, text));
            Ok(())
        })?;
        Ok(found)
    }

    #[test]
    fn elements_come_with_their_lines_and_texts() {
        let text =
            "<?xml version='1.0'?>\n<!-- <x> -->\n<r>\n <a/>\n <b\n k='1'>x &lt;&#65;<c>y</c><![CDATA[<z>]]></b></r>";
        let expected = [("a", 4, ""), ("b", 5, "x <Ay<z>")];
        let expected = expected.map(|(name, line, text)| (name.to_owned(), line, text.to_owned()));
        assert_eq!(children(text).unwrap(), expected);
    }

    #[test]
    fn what_a_reader_leaves_is_passed_over() {
        let call = Call::unlimited();
        let mut xml = Xml::new("<r><a><b><c/></b>t</a><d/></r>", &call);
        let mut names = Vec::new();
        xml.root().unwrap();
        let read = xml.each_child(|xml, child| {
            names.push(child.name().to_owned());
            if child.name() == "a" { xml.each_child(|_, _| Ok(())) } else { Ok(()) }
        });
        assert_eq!((read, names), (Ok(()), vec!["a".to_owned(), "d".to_owned()]));
    }

    #[test]
    fn documents_that_break_the_rules_are_refused_with_their_line() {
        let deep = format!("<r>{}", "<a>".repeat(100));
        let table = [
            ("<!DOCTYPE r [<!ENTITY a 'aaa'>]>\n<r>&a;</r>", "document type"),
            ("<r>\n<a>&lol;</a></r>", "line 2: the entity 'lol'"),
            ("<r>\n<a>", "line 2: the document ends"),
            ("<r>\n<a></b></r>", "line 2"),
            ("", "no element"),
            ("just text", "text before"),
            (&deep, "more than 64"),
        ];
        for (text, part) in table {
            let Err(Fault::Broken(sentence)) = children(text) else { panic!("{text} was read") };
            assert!(sentence.starts_with("not valid XML: line") && sentence.contains(part), "{sentence}");
        }
    }

    #[test]
    fn attributes_are_found_by_name_and_unescaped() {
        let call = Call::unlimited();
        let mut xml = Xml::new("<r a='1' b='x &amp; y' c='&lol;'/>", &call);
        let root = xml.root().unwrap();
        assert_eq!(root.find("b"), Ok(Some("x & y".to_owned())));
        assert_eq!(root.find("d"), Ok(None));
        assert!(root.find("c").is_err());
    }
}
