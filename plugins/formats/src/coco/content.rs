//! What an annotation type takes of a COCO document.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Every annotation's `bbox`.
    Boxes,
    /// Every annotation's `segmentation`, whatever it is written as.
    Masks,
    /// Annotations with a category and nothing drawn, one an image.
    OneClass,
    /// The same, any number an image; and `neg_category_ids` of images as classes that are not there.
    ManyClasses,
}

impl Content {
    const ALL: [Self; 4] = [Self::Boxes, Self::Masks, Self::OneClass, Self::ManyClasses];

    /// Id of the annotation type that takes it; our own documents name it.
    pub(super) fn annotation_type(self) -> &'static str {
        match self {
            Self::Boxes => "detection",
            Self::Masks => "segmentation",
            Self::OneClass => "single-label-classification",
            Self::ManyClasses => "multi-label-classification",
        }
    }

    /// The content that a document says it was written as.
    pub(super) fn of_annotation_type(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|content| content.annotation_type() == id)
    }

    pub(super) fn is_classes(self) -> bool {
        matches!(self, Self::OneClass | Self::ManyClasses)
    }
}
