//! Writes a batch as `label.csv` and `labels.txt`.

use super::columns;
use super::line::Line;
use crate::by_image::ByImage;
use crate::code;
use crate::label_csv::Layout;
use lightbox_sdk::{Batch, Call, Error, Exported, Finding, Result};

/// Lines between two looks at whether the call should stop or has written too much.
const BETWEEN_CHECKS: u64 = 1024;

/// Writes rows of `layout`, image by image; an image with nothing to label is a row with its path alone.
///
/// # Errors
/// `Invalid` for a batch without the boxes or masks of its layout, `Limit` for a table larger than the call may return,
/// `Cancelled`.
pub fn export(batch: &Batch, layout: Layout, call: &Call<'_>) -> Result<Exported> {
    batch.check()?;
    let by_image = ByImage::of(batch);
    let mut table = Table { out: Vec::new(), line: Line::default(), lines: 0, call };
    for (image, named) in batch.images.iter().enumerate() {
        let rows = by_image.rows(image);
        if rows.is_empty() {
            table.write(&named.path, |_| Ok(()), layout)?;
        }
        for row in rows {
            table.write(&named.path, |line| columns::push(line, batch, *row, layout), layout)?;
        }
    }
    table.check()?;
    let labels = labels(batch);
    let files = vec![("label.csv".to_owned(), table.out), ("labels.txt".to_owned(), labels)];
    Ok(Exported { files, findings: findings(batch) })
}

struct Table<'a> {
    out: Vec<u8>,
    line: Line,
    lines: u64,
    call: &'a Call<'a>,
}

impl Table<'_> {
    fn write(&mut self, path: &str, columns: impl FnOnce(&mut Line) -> Result<()>, layout: Layout) -> Result<()> {
        self.line.push(path);
        columns(&mut self.line)?;
        self.line.end_into(&mut self.out);
        self.lines += 1;
        // One mask may take as long as thousands of other rows.
        if layout == Layout::Mask || self.lines.is_multiple_of(BETWEEN_CHECKS) { self.check() } else { Ok(()) }
    }

    fn check(&self) -> Result<()> {
        self.call.check()?;
        let (bytes, allowed) = (self.out.len() as u64, self.call.max_output_bytes());
        if bytes > allowed {
            return Err(Error::Limit(format!("label.csv takes more than the allowed {allowed} bytes")));
        }
        Ok(())
    }
}

/// Every label of the set in its order, one a line.
fn labels(batch: &Batch) -> Vec<u8> {
    let mut out = Vec::new();
    for label in &batch.labels {
        out.extend_from_slice(label.as_bytes());
        out.push(b'\n');
    }
    out
}

fn findings(batch: &Batch) -> Vec<Finding> {
    let mut findings = Vec::new();
    if batch.is_empty() && !batch.images.is_empty() {
        let message = "nothing is labelled, and paths alone do not say which annotation type the table is of";
        findings.push(Finding::warning(code::EXPORT_LEFT_OUT, message));
    }
    let broken = batch.labels.iter().filter(|label| label.contains(['\n', '\r'])).count();
    if broken > 0 {
        let message = format!("{broken} labels have line ends, which labels.txt cannot keep; label.csv has them whole");
        findings.push(Finding::warning(code::EXPORT_LEFT_OUT, message));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightbox_sdk::ImageRef;

    fn sample() -> Batch {
        let image = |path: &str| ImageRef { path: path.to_owned(), width: 4, height: 3, line: 0 };
        Batch {
            labels: vec!["001".into(), "a, b".into(), "unused".into()],
            images: ["x/1.png", "empty.png", "2.png"].map(image).to_vec(),
            image: vec![2, 0, 2],
            label: vec![1, 0, 0],
            line: vec![0; 3],
            value: vec![1, 1, 0],
            boxes: vec![[0.0, 1.0, 1.5, 2.0], [0.1, 0.2, 3.0, 1e-7], [0.0, 0.0, 1.0, 1.0]],
            ..Batch::default()
        }
    }

    fn table(batch: &Batch, layout: Layout) -> String {
        let mut files = export(batch, layout, &Call::unlimited()).unwrap().files;
        assert_eq!(files[1], ("labels.txt".to_owned(), b"001\na, b\nunused\n".to_vec()));
        String::from_utf8(files.swap_remove(0).1).unwrap()
    }

    #[test]
    fn every_image_has_a_line_and_every_annotation_its_own() {
        let boxes = "x/1.png,\"001\",0.1,0.2,3,0.0000001\nempty.png\n2.png,\"a, b\",0,1,1.5,2\n2.png,\"001\",0,0,1,1\n";
        assert_eq!(table(&sample(), Layout::Box), boxes);
        let values = "x/1.png,\"001\",1\nempty.png\n2.png,\"a, b\",1\n2.png,\"001\",0\n";
        assert_eq!(table(&sample(), Layout::ClassValue), values);
        assert_eq!(table(&sample(), Layout::Class).lines().next(), Some("x/1.png,\"001\""));
    }

    #[test]
    fn a_table_of_paths_says_that_it_shows_no_type() {
        let exported = export(&sample().without_annotations(), Layout::Box, &Call::unlimited()).unwrap();
        assert_eq!(exported.files[0].1, b"x/1.png\nempty.png\n2.png\n");
        assert_eq!(exported.findings[0].code, code::EXPORT_LEFT_OUT);
    }

    #[test]
    fn a_batch_without_boxes_and_a_table_larger_than_allowed_are_errors() {
        let without = Batch { boxes: vec![], ..sample() };
        assert!(matches!(export(&without, Layout::Box, &Call::unlimited()), Err(Error::Invalid(_))));
        let small = Call::new(None, 9, &|| false);
        assert!(matches!(export(&sample(), Layout::Box, &small), Err(Error::Limit(_))));
    }
}
