//! Which class each code of a picture stands for.

use super::codes::{Codes, Coding};
use crate::label_map::{self, Class};
use std::collections::{BTreeMap, HashMap};

/// VOC's number and colour of pixels between objects, which are of no class.
const VOID_NUMBER: u32 = 255;
const VOID_COLOR: [u8; 3] = [224, 224, 192];

/// What a code stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    Background,
    /// Between objects.
    Void,
    Class(String),
    /// Neither a number nor a colour of the index.
    Unknown,
}

/// What the codes of one picture stand for. With an index, by colour if it has all colours used, else by number; without
/// one, numbers are their own names, and colours are named `#rrggbb`.
pub(super) fn meanings(codes: &Codes, used: &[u32], index: Option<&[Class]>) -> BTreeMap<u32, Meaning> {
    let Some(classes) = index else { return used.iter().map(|code| (*code, unnamed(codes, *code))).collect() };
    let by_color: HashMap<[u8; 3], &Class> =
        classes.iter().rev().filter_map(|class| class.color.map(|color| (color, class))).collect();
    let of_color = |code: u32| codes.color(code).and_then(|color| by_color.get(&color).copied());
    let is_void = |code: u32| is_void(codes, code);
    let all_colors = used.iter().all(|code| of_color(*code).is_some() || is_void(*code));
    let numbers = codes.coding != Coding::Color && !all_colors;
    let meaning = |code: u32| match if numbers { classes.get(code as usize) } else { of_color(code) } {
        Some(class) if class.is_background() => Meaning::Background,
        Some(class) => Meaning::Class(class.name.clone()),
        None if is_void(code) => Meaning::Void,
        None if code == 0 => Meaning::Background,
        None => Meaning::Unknown,
    };
    used.iter().map(|code| (*code, meaning(*code))).collect()
}

fn unnamed(codes: &Codes, code: u32) -> Meaning {
    let has_palette = matches!(codes.coding, Coding::Number(Some(_)));
    match codes.coding {
        _ if code == 0 => Meaning::Background,
        _ if is_void(codes, code) && (has_palette || codes.coding == Coding::Color) => Meaning::Void,
        Coding::Number(_) => Meaning::Class(code.to_string()),
        Coding::Color => Meaning::Class(format!("#{code:06x}")),
    }
}

fn is_void(codes: &Codes, code: u32) -> bool {
    let is_number = codes.coding != Coding::Color && code == VOID_NUMBER;
    is_number || codes.color(code) == Some(VOID_COLOR)
}

/// For pictures without an index whose colours are all VOC's: the numbers that those stand for.
pub(super) fn number_of_color(color: [u8; 3]) -> Option<u32> {
    (0..256).find(|number| label_map::color(*number) == color)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(palette: Option<Vec<[u8; 3]>>) -> Codes {
        Codes { width: 0, height: 0, pixels: Vec::new(), coding: Coding::Number(palette) }
    }

    fn class(name: &str, color: [u8; 3]) -> Class {
        Class { name: name.to_owned(), color: Some(color) }
    }

    fn list(codes: &Codes, used: &[u32], index: Option<&[Class]>) -> Vec<Meaning> {
        meanings(codes, used, index).into_values().collect()
    }

    #[test]
    fn colours_of_the_index_count_before_numbers() {
        use Meaning::*;
        let index = [class("background", [0; 3]), class("cat", [128, 0, 0]), class("dog", [0, 128, 0])];
        let (cat, dog) = (Class("cat".to_owned()), Class("dog".to_owned()));
        let own = Some(index.as_slice());
        let turned = numbers(Some(vec![[0; 3], [0, 128, 0], [128, 0, 0]]));
        assert_eq!(list(&turned, &[0, 1, 2], own), [Background, dog.clone(), cat.clone()]);
        assert_eq!(list(&numbers(None), &[0, 1, 2, 9, 255], own), [Background, cat.clone(), dog, Unknown, Void]);
        let colors = Codes { coding: Coding::Color, ..numbers(None) };
        assert_eq!(list(&colors, &[0, 0x80_00_00, 0x01_02_03], own), [Background, Unknown, cat]);
    }

    #[test]
    fn without_an_index_numbers_and_colours_are_names() {
        use Meaning::*;
        assert_eq!(list(&numbers(None), &[0, 255], None), [Background, Class("255".to_owned())]);
        assert_eq!(list(&numbers(Some(vec![])), &[7, 255], None), [Class("7".to_owned()), Void]);
        let colors = Codes { coding: Coding::Color, ..numbers(None) };
        assert_eq!(list(&colors, &[0xff_00_00, 0xe0_e0_c0], None), [Void, Class("#ff0000".to_owned())]);
        assert_eq!(number_of_color([64, 0, 0]), Some(8));
    }
}
