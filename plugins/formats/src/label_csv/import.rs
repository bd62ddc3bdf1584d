//! Reads a whole document into a batch, row by row.

use super::layout::Layout;
use super::rows::{Row, Rows, Separator};
use super::{cells, encoding, header};
use crate::table::Table;
use crate::{class_counts, code};
use lightbox_sdk::{Call, Finding, Imported, Result};
use std::collections::HashMap;

/// Reads rows of `layout` and of a path alone; every other row is a finding.
///
/// # Errors
/// `Cancelled`, and `Limit` when the annotations take more than the call may return.
pub fn import(bytes: &[u8], layout: Layout, call: &Call<'_>) -> Result<Imported> {
    let (text, finding) = encoding::decode(bytes);
    let mut table = Table::default();
    table.findings.extend(finding);
    let mut paths_alone = HashMap::new();
    for (index, row) in Rows::new(&text).enumerate() {
        table.check(call)?;
        if layout == Layout::Mask {
            // One mask may take as long as thousands of other rows.
            call.check()?;
        }
        match row {
            Err(finding) => table.findings.push(finding),
            Ok(row) if index == 0 && header::is_header(&row) => table.add_finding(header_finding(&row), row.line),
            Ok(row) => read_row(&row, layout, &mut table, &mut paths_alone, call),
        }
    }
    finish(table, call)
}

fn read_row(row: &Row<'_>, layout: Layout, table: &mut Table, paths_alone: &mut HashMap<u32, u32>, call: &Call<'_>) {
    match cells::read(row, layout, table, call) {
        Err(finding) => table.add_finding(finding, row.line),
        Ok(()) if row.columns == 1 => report_repeated_path(row, table, paths_alone),
        Ok(()) => {}
    }
    if let Some(finding) = separator_finding(row.separator) {
        table.add_finding(finding, row.line);
    }
}

fn report_repeated_path(row: &Row<'_>, table: &mut Table, paths_alone: &mut HashMap<u32, u32>) {
    let (image, _) = table.image(row.path(), row.line);
    let first = *paths_alone.entry(image).or_insert(row.line);
    if first != row.line {
        table.add_finding(Finding::warning(code::DUPLICATE_ROW, format!("the row repeats line {first}")), row.line);
    }
}

fn header_finding(row: &Row<'_>) -> Finding {
    let corner = header::corner_name(row).map(|name| {
        format!(" It calls a column '{name}': the last two columns are read as width and height, not as a corner.")
    });
    let message = format!("the row looks like a header and was skipped.{}", corner.unwrap_or_default());
    Finding::warning(code::HEADER_ROW, message)
}

fn separator_finding(separator: Separator) -> Option<Finding> {
    let (code, what) = match separator {
        Separator::Comma => return None,
        Separator::Semicolon => (code::SEMICOLONS, "semicolons"),
        Separator::Tab => (code::TABS, "tabs"),
    };
    Some(Finding::warning(code, format!("the columns are separated by {what}, read as such; commas are expected")))
}

fn finish(mut table: Table, call: &Call<'_>) -> Result<Imported> {
    if table.is_empty() && table.findings.is_empty() {
        table.findings.push(Finding::warning(code::EMPTY_DOCUMENT, "the file has no rows"));
    }
    let mut imported = table.into_imported(call)?;
    imported.findings.extend(class_counts::below_minimum(&imported.batch));
    Ok(imported)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, layout: Layout) -> Imported {
        import(text.as_bytes(), layout, &Call::unlimited()).unwrap()
    }

    fn codes(imported: &Imported) -> Vec<(&str, u32)> {
        let placed = imported.findings.iter().filter(|finding| finding.line.is_some());
        placed.map(|finding| (finding.code.as_str(), finding.line.unwrap_or(0))).collect()
    }

    #[test]
    fn a_row_with_too_few_columns_is_refused_and_the_others_stay() {
        let imported = read("a.png,x,1,2,3,4\nb.png,x,1\nc.png,x,1,2,3,4\n", Layout::Box);
        assert_eq!(codes(&imported), [(code::COLUMN_COUNT, 2)]);
        assert_eq!(imported.batch.line, [1, 3]);
        assert_eq!(imported.batch.images.len(), 2);
    }

    #[test]
    fn a_refused_row_adds_neither_image_nor_label() {
        let imported = read("a.png,x,1\nb.png,y,2\n", Layout::ClassValue);
        assert_eq!((imported.batch.images.len(), imported.batch.labels), (1, vec!["x".to_owned()]));
    }

    #[test]
    fn a_class_of_digits_stays_the_text_that_it_is() {
        let imported = read("a.png,001\nb.png,\"001\"\nc.png, 001\n", Layout::Class);
        assert_eq!(imported.batch.labels, ["001", " 001"]);
    }

    #[test]
    fn a_path_alone_is_an_image_with_nothing_to_label() {
        let imported = read("a.png\nb.png,x\na.png\n", Layout::Class);
        assert_eq!(imported.batch.images.iter().map(|image| image.line).collect::<Vec<_>>(), [1, 2]);
        assert_eq!((imported.batch.len(), codes(&imported)), (1, vec![(code::DUPLICATE_ROW, 3)]));
    }

    #[test]
    fn an_empty_document_says_so() {
        assert_eq!(read("\n \n", Layout::Class).findings[0].code, code::EMPTY_DOCUMENT);
    }

    #[test]
    fn annotations_past_the_limit_of_the_call_are_refused() {
        let call = Call::new(None, 50, &|| false);
        let result = import(b"a.png,x\nb.png,x", Layout::Class, &call);
        assert!(matches!(result, Err(lightbox_sdk::Error::Limit(_))));
    }
}
