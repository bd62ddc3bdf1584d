//! Finds out what a document holds: its column layout, and with two columns, whether an image has two classes.

use super::encoding;
use super::header::{corner_name, is_header};
use super::layout::Layout;
use super::recognise::has_image_extension;
use super::rows::{Row, Rows};
use super::second_class::SecondClass;
use lightbox_sdk::{Call, Result};

/// Rows between two looks at the clock.
const ROWS_BETWEEN_CHECKS: usize = 4096;

/// What the rows say of the whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    /// Of the first readable row with more than a path; [`Layout::Path`] when there are only paths; `None` when no row
    /// has a known number of columns.
    pub layout: Option<Layout>,
    /// Columns of the first row whose number of columns no layout has.
    pub unknown_columns: Option<usize>,
    /// With two columns: the line that gives an image a second class.
    pub second_class_line: Option<u32>,
    /// The first path ends like an image file.
    pub names_images: bool,
    /// A header calls two columns of boxes a corner, not width and height.
    pub names_corners: bool,
}

/// The annotation type that a document shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    OneClass,
    ManyClasses,
    Boxes,
    Masks,
}

impl Survey {
    /// `None` when nothing but paths, or nothing readable, is there.
    pub fn content(&self) -> Option<Content> {
        match self.layout? {
            Layout::Path => None,
            Layout::Class if self.second_class_line.is_some() => Some(Content::ManyClasses),
            Layout::Class => Some(Content::OneClass),
            Layout::ClassValue => Some(Content::ManyClasses),
            Layout::Box => Some(Content::Boxes),
            Layout::Mask => Some(Content::Masks),
        }
    }
}

/// Reads as far as it takes: to the first row that decides, or, with two columns, to the first image with two classes.
///
/// # Errors
/// [`lightbox_sdk::Error::Cancelled`] only; unreadable rows are passed over, [`super::import`] reports them.
pub fn survey(bytes: &[u8], call: &Call<'_>) -> Result<Survey> {
    let (text, _) = encoding::decode(bytes);
    let mut found = Survey { names_corners: names_corners(&text), ..Survey::default() };
    let mut second_class = SecondClass::default();
    for (index, row) in data_rows(&text).enumerate() {
        if index % ROWS_BETWEEN_CHECKS == 0 {
            call.check()?;
            found.names_images |= index == 0 && has_image_extension(row.path());
        }
        note_layout(&mut found, &row);
        match found.layout {
            None | Some(Layout::Path) => {}
            Some(Layout::Class) if second_class.is_found(&row, || data_rows(&text)) => {
                found.second_class_line = Some(row.line);
                break;
            }
            Some(Layout::Class) => {}
            Some(_) => break,
        }
    }
    Ok(found)
}

fn names_corners(text: &[u8]) -> bool {
    let first = Rows::new(text).next().and_then(Result::ok);
    first.is_some_and(|row| is_header(&row) && corner_name(&row).is_some())
}

/// The readable rows without a header.
fn data_rows(text: &[u8]) -> impl Iterator<Item = Row<'_>> {
    Rows::new(text).enumerate().filter_map(|(index, row)| row.ok().filter(|row| index > 0 || !is_header(row)))
}

fn note_layout(found: &mut Survey, row: &Row<'_>) {
    match Layout::of_columns(row.columns) {
        None => found.unknown_columns = found.unknown_columns.or(Some(row.columns)),
        Some(layout) if matches!(found.layout, None | Some(Layout::Path)) => found.layout = Some(layout),
        Some(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(text: &str) -> Survey {
        survey(text.as_bytes(), &Call::unlimited()).unwrap()
    }

    #[test]
    fn the_first_row_with_more_than_a_path_decides() {
        use Content::*;
        let table = [
            ("a.png,x\nb.png,x,1", Some(OneClass)),
            ("filename,class\na.png\na.png,x,1\nb.png,y", Some(ManyClasses)),
            ("a.png\nb.png,c,d,e\nb.png,x,1,2,3,4", Some(Boxes)),
            ("a.png,x,1,1,eJxj", Some(Masks)),
            ("a.png\nb.png", None),
            ("", None),
        ];
        for (text, content) in table {
            assert_eq!(look(text).content(), content, "{text}");
        }
    }

    #[test]
    fn an_image_with_two_classes_makes_two_columns_multi_label() {
        assert_eq!(look("a.png,x\nb.png,y\na.png,x\na.png,\na.png,y").second_class_line, Some(5));
        assert_eq!(look("a.png,x\nb.png,y\na.png,x").second_class_line, None);
    }

    #[test]
    fn unknown_numbers_of_columns_are_remembered() {
        let found = look("a,b,c,d\ne,f,g,h");
        assert_eq!((found.layout, found.unknown_columns), (None, Some(4)));
    }
}
