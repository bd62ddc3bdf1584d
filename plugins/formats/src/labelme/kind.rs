//! Kinds of shapes.

/// What a shape is drawn as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Rectangle,
    Polygon,
    /// A small picture that is laid over the image.
    Mask,
    /// Circle, line, points and whatever else: neither a box nor a mask is made of it.
    Other(String),
}

impl Kind {
    pub(super) fn of_name(name: &str) -> Self {
        match name {
            "rectangle" => Self::Rectangle,
            "polygon" | "" => Self::Polygon,
            "mask" => Self::Mask,
            other => Self::Other(other.chars().take(40).collect()),
        }
    }

    pub(super) fn name(&self) -> &str {
        match self {
            Self::Rectangle => "rectangle",
            Self::Polygon => "polygon",
            Self::Mask => "mask",
            Self::Other(name) => name,
        }
    }

    pub(super) fn is_region(&self) -> bool {
        matches!(self, Self::Polygon | Self::Mask)
    }
}
