//! `labelmap.txt`, as Datumaro and CVAT write it: a class a line, `name:r,g,b:parts:actions`, the class number being the
//! line's. Number 0, black, is the background.

use crate::code;
use lightbox_sdk::Finding;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// File name.
pub(crate) const LABEL_MAP: &str = "labelmap.txt";
/// The same for Datumaro's reader of pictures of classes.
pub(crate) const META: &str = "dataset_meta.json";
const HEADER: &str = "# label:color_rgb:parts:actions\n";
const BACKGROUND: &str = "background";

/// One class of a map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Class {
    pub(crate) name: String,
    /// `None` when the map gives none.
    pub(crate) color: Option<[u8; 3]>,
}

impl Class {
    /// Whether pixels of it are of no class.
    pub(crate) fn is_background(&self) -> bool {
        self.color == Some([0; 3]) || (self.color.is_none() && self.name == BACKGROUND)
    }
}

/// The color of a class number in Pascal VOC's palette: three bits of the number at a time, from the highest bit of red,
/// green and blue down. Numbers below 2²⁴ have different ones.
pub(crate) fn color(number: u32) -> [u8; 3] {
    let mut color = [0u8; 3];
    for (level, shift) in (0..8).zip((0..8).rev()) {
        for (channel, value) in color.iter_mut().enumerate() {
            let bit = number >> (3 * level + channel) & 1;
            *value |= (bit as u8) << shift;
        }
    }
    color
}

/// The map of these labels, numbered from 1, and a WARNING when names had to be changed.
pub(crate) fn write(labels: &[String]) -> (String, Option<Finding>) {
    let kept = labels.iter().filter(|label| plain_name(label) == **label).cloned();
    let mut names = Names { taken: kept.collect(), next: HashMap::new() };
    let mut changed = Vec::new();
    let mut lines = String::new();
    for (label, number) in labels.iter().zip(1..) {
        let plain = plain_name(label);
        let name = if plain == *label { plain } else { names.free(plain) };
        if name != *label {
            changed.push(label.as_str());
        }
        let [red, green, blue] = color(number);
        lines.push_str(&format!("{name}:{red},{green},{blue}::\n"));
    }
    let background = names.free(BACKGROUND.to_owned());
    (format!("{HEADER}{background}:0,0,0::\n{lines}"), renamed(&changed))
}

/// Names given, each once.
struct Names {
    taken: HashSet<String>,
    /// For a name that was wanted again, the number to try next.
    next: HashMap<String, u64>,
}

impl Names {
    /// `name`, or `name 2` and so on when it is taken.
    fn free(&mut self, name: String) -> String {
        let mut free = name.clone();
        while self.taken.contains(&free) {
            let next = self.next.entry(name.clone()).or_insert(2);
            free = format!("{name} {next}");
            *next += 1;
        }
        self.taken.insert(free.clone());
        free
    }
}

/// The same as JSON, for Datumaro's reader of pictures of classes, with every name as it is.
pub(crate) fn write_meta(labels: &[String]) -> String {
    let mut names = Names { taken: labels.iter().cloned().collect(), next: HashMap::new() };
    let background = names.free(BACKGROUND.to_owned());
    let all = std::iter::once(&background).chain(labels).zip(0u32..);
    let classes: Vec<String> =
        all.clone().map(|(name, number)| format!("\"{number}\":{}", Value::from(name.as_str()))).collect();
    let colors: Vec<String> = all.map(|(_, number)| Value::from(color(number).to_vec()).to_string()).collect();
    format!(
        "{{\"label_map\":{{{}}},\"background_label\":\"0\",\"segmentation_colors\":[{}]}}\n",
        classes.join(","),
        colors.join(",")
    )
}

fn renamed(changed: &[&str]) -> Option<Finding> {
    let first = changed.first()?;
    let count = changed.len();
    let message = format!("{count} labels cannot be written into {LABEL_MAP} as they are, {first:?} among them");
    Some(Finding::warning(code::EXPORT_RENAMED, message))
}

/// On one line, without the colon that ends a name and the sign that begins a comment.
fn plain_name(label: &str) -> String {
    let plain: String = label.chars().map(|c| if c.is_control() || c == ':' { '_' } else { c }).collect();
    if plain.starts_with('#') { format!("_{plain}") } else { plain }
}

/// The classes of a map in their order; `None` for a text that is no map. A map without any
/// color means the palette's. A byte-order mark is gone already.
pub(crate) fn read(text: &str) -> Option<Vec<Class>> {
    let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let mut classes: Vec<Class> = lines.map(read_line).collect::<Option<_>>()?;
    if classes.iter().all(|class| class.color.is_none()) {
        classes.iter_mut().zip(0..).for_each(|(class, number)| class.color = Some(color(number)));
    }
    (!classes.is_empty()).then_some(classes)
}

fn read_line(line: &str) -> Option<Class> {
    let mut parts = line.rsplitn(4, ':');
    let (_actions, _parts, color) = (parts.next()?, parts.next()?, parts.next()?.trim());
    let name = parts.next().filter(|name| !name.trim().is_empty())?.to_owned();
    if color.is_empty() {
        return Some(Class { name, color: None });
    }
    let mut numbers = color.split(',').map(|number| number.trim().parse::<u8>().ok());
    let color = [numbers.next()??, numbers.next()??, numbers.next()??];
    numbers.next().is_none().then_some(Class { name, color: Some(color) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_palette_is_that_of_pascal_voc() {
        let table = [
            (0, [0, 0, 0]),
            (1, [128, 0, 0]),
            (8, [64, 0, 0]),
            (15, [192, 128, 128]),
            (21, [128, 64, 128]),
            (255, [224, 224, 192]),
        ];
        for (number, expected) in table {
            assert_eq!(color(number), expected);
        }
        let distinct: HashSet<[u8; 3]> = (0..70_000).map(color).collect();
        assert_eq!(distinct.len(), 70_000);
    }

    #[test]
    fn names_that_a_map_cannot_hold_are_changed_and_told() {
        let labels = ["a:b", "a_b", "background", "#c", "d\ne"].map(str::to_owned);
        let (text, finding) = write(&labels);
        let names: Vec<String> = read(&text).unwrap().into_iter().map(|class| class.name).collect();
        assert_eq!(names, ["background 2", "a_b 2", "a_b", "background", "_#c", "d_e"]);
        assert!(finding.is_some_and(|finding| finding.message.starts_with("3 labels")));
    }

    #[test]
    fn a_text_that_is_no_map_is_none() {
        for text in ["", "# only a comment", "cat", "cat:1,2::", "cat:1,2,256::", "cat:1,2,3,4::", "a:1,2,3::\nb"] {
            assert_eq!(read(text), None, "{text}");
        }
        let colors = |text| read(text).map(|classes| classes.iter().map(|class| class.color).collect::<Vec<_>>());
        assert_eq!(colors("background:::\ncat:::\n"), Some(vec![Some([0, 0, 0]), Some([128, 0, 0])]));
        assert_eq!(colors("background:::\ncat:1,2,3::\n"), Some(vec![None, Some([1, 2, 3])]));
    }

    #[test]
    fn the_json_has_every_name_as_it_is() {
        let labels = ["a:\"b\"\n", "background"].map(str::to_owned);
        let meta: Value = serde_json::from_str(&write_meta(&labels)).unwrap();
        let expected = serde_json::json!({
            "label_map": { "0": "background 2", "1": labels[0], "2": labels[1] },
            "background_label": "0",
            "segmentation_colors": [[0, 0, 0], [128, 0, 0], [0, 128, 0]],
        });
        assert_eq!(meta, expected);
    }

    proptest! {
        #[test]
        fn plain_labels_come_back_with_their_numbers(names in prop::collection::btree_set("[a-z0-9 肺,/.-]{0,5}[a-z肺]", 0..20)) {
            let labels: Vec<String> = names.into_iter().collect();
            let (text, finding) = write(&labels);
            prop_assert_eq!(finding, None);
            let classes = read(&text).unwrap();
            prop_assert!(classes[0].is_background());
            let back: Vec<String> = classes.into_iter().skip(1).map(|class| class.name).collect();
            prop_assert_eq!(back, labels);
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,60}") {
            read(&text);
            write(&[text]);
        }
    }
}
