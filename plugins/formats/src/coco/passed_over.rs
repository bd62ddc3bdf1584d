//! What of a document's annotations is not read, counted: one finding a kind.

use super::content::Content;
use crate::code;
use lightbox_sdk::Finding;

#[derive(Debug, Default)]
pub(super) struct PassedOver {
    /// Annotations without the box or the mask that is read.
    pub(super) without_own: u64,
    /// Annotations that are read, but not that they are marked `iscrowd`.
    pub(super) crowds: u64,
}

impl PassedOver {
    pub(super) fn findings(&self, content: Content, classes_are_named: bool) -> Vec<Finding> {
        let mut findings = Vec::new();
        let without = |code, what| {
            let message = format!("annotations without a {what} are left out here: {}", self.without_own);
            Finding::info(code, message)
        };
        if self.without_own > 0 {
            findings.push(match content {
                Content::Masks => without(code::NO_MASK, "segmentation"),
                _ => without(code::NO_BOX, "bbox"),
            });
        }
        if self.crowds > 0 {
            let message = format!("annotations marked iscrowd are kept without the mark: {}", self.crowds);
            findings.push(Finding::info(code::CROWD, message));
        }
        if !classes_are_named {
            let message = "the file names no categories; classes are called by the ids that its annotations give";
            findings.push(Finding::info(code::UNNAMED_CLASSES, message));
        }
        findings
    }
}
