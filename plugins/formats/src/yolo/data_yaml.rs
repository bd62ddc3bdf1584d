//! `data.yaml`: the names of the classes. Read event by event, so that an alias costs nothing, however often it is used.

use saphyr_parser::{Event, Parser, StrInput};
use std::collections::BTreeMap;

/// No list of names is longer; what is, is not read.
const MAX_BYTES: usize = 4 << 20;

/// What a file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DataYaml {
    pub(super) names: BTreeMap<u32, String>,
    /// Rows go on behind the box with key points.
    pub(super) has_keypoints: bool,
}

struct Events<'a>(Parser<'a, StrInput<'a>>);

/// Reads a file; `None` for one without a list or table `names` at its top.
pub(super) fn read(text: &str) -> Option<DataYaml> {
    if text.len() > MAX_BYTES {
        return None;
    }
    let mut events = Events(Parser::new_from_str(text));
    while !matches!(events.next()?, Event::MappingStart(..)) {}
    let (mut names, mut has_keypoints) = (None, false);
    loop {
        let key = match events.next()? {
            Event::Scalar(key, ..) => key,
            Event::MappingEnd => break,
            other => {
                events.skip(&other)?;
                "".into()
            }
        };
        let value = events.next()?;
        match &*key {
            "names" => names = events.read_names(&value)?,
            "kpt_shape" => {
                has_keypoints = true;
                events.skip(&value)?;
            }
            _ => events.skip(&value)?,
        }
    }
    names.filter(|names| !names.is_empty()).map(|names| DataYaml { names, has_keypoints })
}

impl<'a> Events<'a> {
    /// `None` at the end and where the grammar is broken.
    fn next(&mut self) -> Option<Event<'a>> {
        self.0.next_event()?.ok().map(|(event, _)| event)
    }

    /// Passes over what is left of the value that begins so.
    fn skip(&mut self, begin: &Event<'a>) -> Option<()> {
        let mut depth = u32::from(opens(begin));
        while depth > 0 {
            let event = self.next()?;
            if opens(&event) {
                depth += 1;
            } else if matches!(event, Event::MappingEnd | Event::SequenceEnd) {
                depth -= 1;
            }
        }
        Some(())
    }

    /// A list, or a table by number; anything else is passed over and holds no names.
    fn read_names(&mut self, begin: &Event<'a>) -> Option<Option<BTreeMap<u32, String>>> {
        match begin {
            Event::SequenceStart(..) => self.read_list().map(Some),
            Event::MappingStart(..) => self.read_table().map(Some),
            other => self.skip(other).map(|()| None),
        }
    }

    fn read_list(&mut self) -> Option<BTreeMap<u32, String>> {
        let mut names = BTreeMap::new();
        for number in 0.. {
            match self.next()? {
                Event::Scalar(name, ..) => {
                    names.insert(number, name.into_owned());
                }
                Event::SequenceEnd => break,
                other => self.skip(&other)?,
            }
        }
        Some(names)
    }

    fn read_table(&mut self) -> Option<BTreeMap<u32, String>> {
        let mut names = BTreeMap::new();
        loop {
            let number = match self.next()? {
                Event::Scalar(number, ..) => number.trim().parse::<u32>().ok(),
                Event::MappingEnd => return Some(names),
                other => {
                    self.skip(&other)?;
                    None
                }
            };
            match (number, self.next()?) {
                (Some(number), Event::Scalar(name, ..)) => {
                    names.insert(number, name.into_owned());
                }
                (_, other) => self.skip(&other)?,
            }
        }
    }
}

fn opens(event: &Event<'_>) -> bool {
    matches!(event, Event::MappingStart(..) | Event::SequenceStart(..))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn names(text: &str) -> Option<Vec<(u32, String)>> {
        read(text).map(|yaml| yaml.names.into_iter().collect())
    }

    #[test]
    fn names_are_read_as_a_list_or_a_table() {
        let expected = [(0, "cat".to_owned()), (1, "00 1".to_owned())].to_vec();
        let table = [
            "train: ../a\nnc: 2\nnames: ['cat', \"00 1\"]\n",
            "names:\n- cat\n- 00 1\nroboflow:\n  a: {b: [c]}\n",
            "path: .\nnames:\n  0: cat\n  1: '00 1'\n",
            "# x\n---\nnames: {1: 00 1, 0: cat}\n",
        ];
        for text in table {
            assert_eq!(names(text).as_ref(), Some(&expected), "{text}");
        }
        assert_eq!(names("names: {0: \"a\\u80ba\"}"), Some(vec![(0, "a\u{80ba}".to_owned())]));
    }

    #[test]
    fn what_names_no_class_is_none() {
        for text in ["", "a: b", "- names", "names: 7", "names: []", "x: {names: [a]}", "names: [a", "names: *a"] {
            assert_eq!(names(text), None, "{text}");
        }
    }

    #[test]
    fn key_points_are_told() {
        let text = |rest: &str| format!("names: [a]\n{rest}");
        assert!(read(&text("kpt_shape: [17, 3]")).is_some_and(|yaml| yaml.has_keypoints));
        assert!(read(&text("flip_idx: [0]")).is_some_and(|yaml| !yaml.has_keypoints));
    }

    #[test]
    fn aliases_of_aliases_cost_nothing() {
        let mut text = "a0: &a0 [x, x]\n".to_owned();
        for level in 1..60 {
            text.push_str(&format!("a{level}: &a{level} [*a{0}, *a{0}]\n", level - 1));
        }
        assert_eq!(names(&format!("{text}names: [*a59, b]")), Some(vec![(1, "b".to_owned())]));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(names:|[a-c: {}\\[\\],&*#|>'\"\n-]|[0-9]){0,40}") {
            read(&text);
        }
    }
}
