//! `label.csv`: rows of path, class and what the type adds; the number of columns shows the type. No header.
//!
//! From bytes to columns: [`encoding`] makes it UTF-8, [`rows`] cuts it into rows (with `record` for one row's
//! columns), [`survey`] finds what the document holds, [`import`] reads it.

mod cells;
mod encoding;
mod header;
mod import;
mod layout;
pub(crate) mod number;
mod recognise;
mod record;
mod rows;
mod second_class;
mod survey;

pub use import::import;
pub use layout::Layout;
pub use recognise::recognise;
pub use rows::{Row, Rows, Separator};
pub use survey::{Content, Survey, survey};

/// Id of the document format.
pub const FORMAT: &str = "deepq-csv";
