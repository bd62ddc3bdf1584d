//! Reads a COCO document into a batch, for one type: categories, images, then annotations, each list row by row wherever
//! it stands.

use super::annotation::{Annotation, name_of};
use super::categories::Categories;
use super::content::Content;
use super::document::Coco;
use super::id::Id;
use super::images::{Image, ImageRow, Images};
use super::lines::Lines;
use super::numbers::read_bounds;
use super::passed_over::PassedOver;
use super::refusal::{Refusal, RowResult};
use super::segmentation::draw;
use crate::code;
use crate::mask::write_payload;
use crate::table::Table;
use lightbox_sdk::{Call, Document, Finding, Imported, Result};
use std::collections::HashSet;

/// Reads what `content` takes of a document; every row that cannot be used is a finding.
///
/// # Errors
/// `Corrupt` for a document that is no COCO, `Limit` when the annotations take more than the call may return, `Cancelled`.
pub fn import(document: Document<'_>, content: Content, call: &Call<'_>) -> Result<Imported> {
    let coco = Coco::read(document.bytes, call)?;
    let mut table = Table::default();
    let categories = Categories::read(document.bytes, coco.categories, &mut table, call)?;
    let images = Images::read(document.bytes, coco.images, &mut table, call, |row, number, line, table| {
        if content == Content::ManyClasses { push_absent(row, number, line, &categories, table, call) } else { Ok(()) }
    })?;
    let mut import =
        Import { content, images, categories, table, passed_over: PassedOver::default(), seen: HashSet::new() };
    let mut lines = Lines::of(document.bytes, coco.annotations);
    for (index, row) in coco.annotations.items(call).enumerate() {
        import.table.check(call)?;
        let row = row?;
        let line = lines.line_of(row);
        let mut id = None;
        let read = Annotation::read(row, call).and_then(|annotation| {
            id.clone_from(&annotation.id);
            import.push(&annotation, line, index, call)
        });
        match read {
            Ok(()) => {}
            Err(Refusal::Stop(error)) => return Err(error),
            Err(Refusal::Row(code, what)) => {
                let message = format!("{}: {what}", name_of(id.as_ref(), index));
                import.table.add_finding(Finding::error(code, message), line);
            }
        }
    }
    import.finish(call)
}

/// Classes that an image was looked through for in vain.
fn push_absent(
    row: &ImageRow<'_>,
    number: u32,
    line: u32,
    categories: &Categories,
    table: &mut Table,
    call: &Call<'_>,
) -> Result<()> {
    let Some(absent) = row.absent else { return Ok(()) };
    for item in absent.items(call) {
        match item.map_err(Refusal::from).and_then(|item| categories.require(Id::read(item).as_ref(), table)) {
            Ok(label) => table.push_numbered(number, label, line, 0),
            Err(Refusal::Stop(error)) => return Err(error),
            Err(Refusal::Row(code, what)) => {
                let message = format!("image {}: neg_category_ids: {what}", row.id);
                table.add_finding(Finding::error(code, message), line);
            }
        }
    }
    Ok(())
}

struct Import {
    content: Content,
    images: Images,
    categories: Categories,
    table: Table,
    passed_over: PassedOver,
    /// Image and label of annotations that are drawn, where only classes are read: a class of several boxes counts once.
    seen: HashSet<(u32, u32)>,
}

impl Import {
    fn push(&mut self, annotation: &Annotation<'_>, line: u32, index: usize, call: &Call<'_>) -> RowResult<()> {
        let has_own = match self.content {
            Content::Boxes => annotation.bounds.is_some(),
            Content::Masks => annotation.segmentation.is_some(),
            _ => true,
        };
        let image = self.images.require(annotation.image.as_ref(), line, &mut self.table)?;
        if !has_own {
            self.passed_over.without_own += 1;
            return Ok(());
        }
        let label = self.categories.require(annotation.category.as_ref(), &mut self.table)?;
        match self.content {
            Content::Boxes => self.push_box(annotation, image, label, line, call)?,
            Content::Masks => self.push_mask(annotation, image, label, line, index, call)?,
            _ if annotation.is_drawn() && !self.seen.insert((image.number, label)) => {}
            _ => self.table.push_numbered(image.number, label, line, 1),
        }
        self.passed_over.crowds += u64::from(annotation.is_crowd && !self.content.is_classes());
        Ok(())
    }

    fn push_box(
        &mut self,
        annotation: &Annotation<'_>,
        image: Image,
        label: u32,
        line: u32,
        call: &Call<'_>,
    ) -> RowResult<()> {
        let Some(bounds) = annotation.bounds else { return Ok(()) };
        let bounds = read_bounds(bounds, call)?;
        self.table.push_numbered(image.number, label, line, 1);
        self.table.add_box(bounds);
        Ok(())
    }

    fn push_mask(
        &mut self,
        annotation: &Annotation<'_>,
        image: Image,
        label: u32,
        line: u32,
        index: usize,
        call: &Call<'_>,
    ) -> RowResult<()> {
        // One mask may take as long as thousands of boxes.
        self.table.check_now(call)?;
        let drawn = match annotation.segmentation {
            Some(segmentation) => draw(segmentation, image.size, call)?,
            None => None,
        };
        let Some(drawn) = drawn else {
            self.passed_over.without_own += 1;
            return Ok(());
        };
        if drawn.left_out > 0 {
            let name = name_of(annotation.id.as_ref(), index);
            let message = format!("{name}: polygons of fewer than three points are left out: {}", drawn.left_out);
            self.table.add_finding(Finding::warning(code::BAD_SHAPE, message), line);
        }
        self.table.push_numbered(image.number, label, line, 1);
        self.table.add_box(drawn.mask.bounding_box());
        self.table.add_payload(&write_payload(&drawn.mask));
        Ok(())
    }

    fn finish(mut self, call: &Call<'_>) -> Result<Imported> {
        if self.table.is_empty() && self.table.findings.is_empty() {
            self.table.findings.push(Finding::warning(code::EMPTY_DOCUMENT, "the file lists no image"));
        }
        self.table.findings.extend(self.passed_over.findings(self.content, self.categories.are_named()));
        self.table.into_imported(call)
    }
}
